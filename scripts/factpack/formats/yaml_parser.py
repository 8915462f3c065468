"""Parse YAML to plain data, and find from a path within that data back to its line and column.

Reading is the fast path and keeps no positions. When a problem has to be shown, :func:`yaml_positions` reads the text
once more and finds the place.

Every YAML scalar is the text that the author wrote; none is resolved to a number, a date or a boolean. A key without a
value is ``None``, and so is one with ``null`` or ``~`` that no quotation marks make a text. Anchors, aliases, tags and
several documents in one file are refused: they have no use here, and an alias can blow a small file up to any size.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from factpack.formats.format import Kind, ReadError
from factpack.formats.locations import Location, Path, Plain, Position

#: What is no text without quotation marks: https://yaml.org/spec/1.2.2/#10321-tag-resolution.
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
MAX_DEPTH = 20  # the records are 5 deep; libyaml itself would follow a file of brackets until the stack overflows


#: A comment behind something else. What begins one like this, and not with ``# ``, is more often a part of a text.
_CUT_OFF = re.compile(r"#(?<=[ \t]#)(?=\S)")
MAX_COMMENT = 200  # code points of one that are kept

#: What YAML does not allow in a file; and two line ends that it would drop together with the spaces beside them.
_FOREIGN = re.compile(f"{yaml.reader.Reader.NON_PRINTABLE.pattern}|[\u2028\u2029]")

MAX_ERRORS = 20  # a file full of aliases has thousands


class Positions(NamedTuple):
    """Say where a value is, and where the key that names it is (the value itself for list items)."""

    key: Position
    value: Position


def read_yaml(
    text: str,
    name: str = "",
    *,
    positions: dict[Path, Positions] | None = None,
    comments: list[ReadError] | None = None,
) -> tuple[Plain, list[ReadError]]:
    """Return plain data and every error in a text; the data is ``None`` unless all errors are keys that come again.

    Args:
        text: The text.
        name: The file, as the errors show it.
        positions: Is filled with the place of every key and value, if given.
        comments: Is filled with the comments that may have been meant as text, if given.
    """
    tree = _Tree(name, positions)
    if comments is not None:
        tree.comments, tree.text, tree.doubtful = comments, text, dict(_comments(text))
    if foreign := _FOREIGN.search(text):
        at = Position(text.count("\n", 0, foreign.start()) + 1, foreign.start() - text.rfind("\n", 0, foreign.start()))
        return None, [tree.error("malformed-yaml", at, f"the character U+{ord(foreign[0]):04X} is not allowed here")]
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if not tree.add(event) or len(tree.errors) >= MAX_ERRORS:
                break
    except yaml.MarkedYAMLError as error:
        tree.errors.append(tree.error("malformed-yaml", *_malformed(error, text, tree.last)))
    except yaml.YAMLError as error:
        tree.errors.append(tree.error("malformed-yaml", Position(1, 1), " ".join(str(error).split())))
    tree.close(len(tree.containers))
    readable = all(error.kind in ("duplicate-key", "missing-dash") for error in tree.errors)
    return tree.root if readable else None, tree.errors


_WORD = re.compile(r"\s*(?:- +)?[\w-]+")


def _malformed(error: yaml.MarkedYAMLError, text: str, last: Any) -> tuple[Position, str]:
    """Return where to mend the text, and what is wrong: the parser may stumble over it only some lines later.

    ``last`` is the event of the last scalar before that, if there is one.
    """
    mark, context, detail = (
        error.problem_mark or error.context_mark,
        error.context or "",
        error.problem or "it cannot be parsed",
    )
    if detail.startswith("did not find expected"):
        return _unexpected(error, text, last)
    at, before = _at(mark), _before(mark, text)
    if context == "while scanning a simple key":
        at = _at(error.context_mark)
        if error.context_mark and text.startswith("<<<<<<<", error.context_mark.index):
            detail = "unresolved merge conflict"
    elif context == "while scanning a quoted scalar":
        at, detail = _at(error.context_mark), "this quotation mark is never closed"
    elif detail.startswith("mapping values") and at.line > 1 and _WORD.fullmatch(before):
        at = Position(at.line, at.column - len(before.strip()))
        detail = "this key is read as part of the text on the line above"
    return at, detail


def _unexpected(error: Any, text: str, last: Any) -> tuple[Position, str]:
    """Return the same where a list, a mapping or a bracket does not go on as it should."""
    at, begin = _at(error.problem_mark), _at(error.context_mark)
    context, detail = error.context or "", error.problem
    quoted = last is not None and last.style in ("'", '"')
    closed = quoted and not text[last.end_mark.index : error.problem_mark.index].strip(" \t")  # right before it
    if closed and _at(last.start_mark).line < at.line:
        at, detail = _at(last.start_mark), f"the text after this quotation mark ends only in line {at.line}"
    elif "flow" in context and begin.line < at.line:
        at, detail = begin, f"this bracket is not closed, or a comma is missing before line {at.line}"
    elif "block" in context and closed:
        detail = "text follows the closing quotation mark"
    elif "block" in context and not _before(error.problem_mark, text).strip():
        kind = "a key of the mapping" if "mapping" in context else "an entry of the list"
        detail = f"this line is not {kind} that begins in line {begin.line}, column {begin.column}"
    return at, detail


def _before(mark: Any, text: str) -> str:
    """Return the text before a place in its line."""
    return text[mark.index - mark.column : mark.index] if mark else ""


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield what may be comments that cut off words: where the text before each would end, and where it begins."""
    for found in _CUT_OFF.finditer(text):
        end = found.start()
        while end and text[end - 1] in " \t":
            end -= 1
        yield end, found.start()


def _at(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


@dataclass(slots=True)
class _Container:
    """Fill a list or mapping; ``key`` waits for its value, ``keys`` had one, ``again`` came after they had one."""

    value: dict[str, Plain] | list[Plain]
    path: Path
    keys: dict[str, Position]
    key: str | None = None
    again: list[tuple[str, Position]] = field(default_factory=list)


class _Tree:
    """Make plain data of YAML events with a stack of its own: yaml.compose() recurses in C, and can crash."""

    def __init__(self, name: str, positions: dict[Path, Positions] | None) -> None:
        self.name = name
        self.root: Plain = None
        self.last: yaml.ScalarEvent | None = None
        self.errors: list[ReadError] = []
        self.comments: list[ReadError] = []
        self.text = ""
        self.doubtful: dict[int, int] = {}  # comments in the text, as _comments finds them
        self.positions = positions
        self.containers: list[_Container] = []
        self.documents = 0

    def error(self, kind: Kind, at: Position, value: str, detail: Any = None) -> ReadError:
        """Return an error in this file."""
        return ReadError(kind, Location(self.name, *at), value, detail)

    def close(self, count: int) -> None:
        """Close the innermost lists and mappings, and note which keys of each came again.

        Several keys that come again are those of another entry of a list, whose dash is missing.
        """
        for _ in range(count):
            container = self.containers.pop()
            again, keys = container.again, {key for key, _ in container.again}
            from_first = bool(again) and again[0][0] == next(iter(container.keys))
            is_entry = container.path and len(keys) > 1 and (from_first or 2 * len(keys) > len(container.keys))
            for key, at in again:
                if not is_entry:
                    self.errors.append(self.error("duplicate-key", at, key, container.keys[key]))
                elif key == again[0][0]:
                    self.errors.append(self.error("missing-dash", at, key, container.path))

    def refuse(self, at: Position, feature: str) -> None:
        """Note a feature that is not allowed."""
        self.errors.append(self.error("refused", at, feature))

    def add(self, event: yaml.Event) -> bool:
        """Take the next event; return false if there is no sense in going on."""
        match event:
            case yaml.ScalarEvent():
                self.last = event
                if self.doubtful and self.containers and not event.style:
                    self.look_behind(event.end_mark)
                return self.place(None if self.is_null(event) else event.value, event)
            case yaml.MappingStartEvent():
                return self.place({}, event)
            case yaml.SequenceStartEvent():
                return self.place([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.close(1)
            case yaml.AliasEvent():
                self.refuse(_at(event.start_mark), f"the alias *{event.anchor}")
                return self.place(None, event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.refuse(_at(event.start_mark), "a second document")
                    return False
        return True

    def is_null(self, event: yaml.ScalarEvent) -> bool:
        """Tell whether a scalar is no text; with quotation marks it is one, and so is a key that is not empty."""
        if event.style or event.value not in NULLS:
            return False
        holder = self.containers[-1] if self.containers else None
        return not (event.value and holder and isinstance(holder.value, dict) and holder.key is None)

    def look_behind(self, end: Any) -> None:
        """Note the comment behind a plain scalar, if there is one."""
        if begin := self.doubtful.get(end.index):
            words = self.text[begin : begin + MAX_COMMENT].splitlines()[0]
            at = Position(end.line + 1, end.column + begin - end.index + 1)
            self.comments.append(self.error("comment", at, words))

    def place(self, value: Plain, event: yaml.NodeEvent) -> bool:
        """Put a value where it belongs: on top, at the end of a list, or under the key that waits for it."""
        at = _at(event.start_mark)
        if not isinstance(event, yaml.AliasEvent):
            if event.anchor:
                self.refuse(at, f"the anchor &{event.anchor}")
            if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
                self.refuse(at, f"the tag {event.tag}")
        path: Path = ()
        key_at = at
        if not self.containers:
            self.root = value
        else:
            container = self.containers[-1]
            if isinstance(container.value, list):
                path = (*container.path, len(container.value))
                container.value.append(value)
            elif container.key is None:
                return self.take_key(container, value, at)
            else:
                # A second value of the same key is dropped; its path is one that nothing looks up.
                path = (*container.path, container.key, *((-1,) if container.key in container.value else ()))
                key_at = container.keys[container.key]
                container.value.setdefault(container.key, value)
                container.key = None
        if self.positions is not None:
            self.positions[path] = Positions(key_at, at)
        if isinstance(value, dict | list):
            if len(self.containers) == MAX_DEPTH:
                self.errors.append(self.error("malformed-yaml", at, f"nested more than {MAX_DEPTH} levels deep"))
                return False
            self.containers.append(_Container(value, path, {}))
        return True

    def take_key(self, container: _Container, value: Plain, at: Position) -> bool:
        """Remember a key until its value comes."""
        if not isinstance(value, str):
            self.refuse(at, "a key that is not a word")
            return False
        if value in container.keys:
            container.again.append((value, at))
        container.keys.setdefault(value, at)
        container.key = value
        return True


def yaml_positions(text: str) -> dict[Path, Positions]:
    """Return the place of every key and value of a YAML text, by its path."""
    positions: dict[Path, Positions] = {}
    read_yaml(text, positions=positions)
    return positions
