"""YAML and JSON text to plain data, and from a path within that data back to its line and column.

Reading is the fast path and keeps no positions. When a problem has to be shown, :func:`yaml_positions` or
:func:`json_position` reads the text once more and finds the place.

Every YAML scalar is the text that the author wrote; none is resolved to a number, a date or a boolean. A key without a
value is ``None``. Anchors, aliases, tags and several documents in one file are refused: they have no use here, and an
alias can blow a small file up to any size.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing in the type stubs
from typing import Any, NamedTuple

import yaml

#: Keys and list indices from the top of a file (or of a JSON line) to a value.
Path = tuple[str | int, ...]
Plain = Any  # str, None, list of Plain or dict of str to Plain; from JSON also numbers and booleans

MAX_DEPTH = 20  # the records are 5 deep; libyaml itself would follow a file of brackets until the stack overflows


class Position(NamedTuple):
    """Line and column, from 1; the column in code points."""

    line: int
    column: int


class Positions(NamedTuple):
    """Where a value stands, and where the key that names it stands (the value itself for list items)."""

    key: Position
    value: Position


@dataclass(frozen=True, slots=True)
class Malformed:
    """Text that is not YAML, or not JSON."""

    position: Position
    language: str
    detail: str


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """A key that stands twice in one mapping."""

    position: Position
    key: str
    first: Position


@dataclass(frozen=True, slots=True)
class Refused:
    """A YAML feature that is refused here."""

    position: Position
    feature: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """A comment behind a plain scalar that may have been meant to belong to it; ``words`` are what it begins with."""

    position: Position
    words: str


Fault = Malformed | DuplicateKey | Refused | CutOff

#: A comment behind something else. What begins one like this, and not with ``# ``, is more often a part of a text.
_CUT_OFF = re.compile(r"#(?<=[ \t]#)(?=\S)")
MAX_COMMENT = 200  # code points of one that are kept

#: What YAML does not allow in a file; and two line ends that it would drop together with the spaces beside them.
_FOREIGN = re.compile(f"{yaml.reader.Reader.NON_PRINTABLE.pattern}|[\u2028\u2029]")

MAX_FAULTS = 20  # a file full of aliases has thousands


def read_yaml(
    text: str, positions: dict[Path, Positions] | None = None, cut_off: list[CutOff] | None = None
) -> tuple[Plain, list[Fault]]:
    """Plain data and every fault in ``text``; the data is ``None`` unless the only faults are duplicate keys.

    ``positions``, if given, is filled with the place of every key and value, ``cut_off`` with what is cut off.
    """
    tree = _Tree(positions)
    if cut_off is not None:
        tree.cut_off, tree.text, tree.comments = cut_off, text, dict(_comments(text))
    if foreign := _FOREIGN.search(text):
        at = Position(text.count("\n", 0, foreign.start()) + 1, foreign.start() - text.rfind("\n", 0, foreign.start()))
        return None, [Malformed(at, "YAML", f"the character U+{ord(foreign[0]):04X} may not stand here")]
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if not tree.add(event) or len(tree.faults) >= MAX_FAULTS:
                break
    except yaml.MarkedYAMLError as error:
        tree.faults.append(_malformed(error, text, tree.last))
    except yaml.YAMLError as error:
        tree.faults.append(Malformed(Position(1, 1), "YAML", " ".join(str(error).split())))
    readable = all(isinstance(fault, DuplicateKey) for fault in tree.faults)
    return tree.root if readable else None, tree.faults


_WORD = re.compile(r"\s*(?:- +)?[\w-]+")


def _malformed(error: yaml.MarkedYAMLError, text: str, last: Any) -> Malformed:
    """What is wrong, where it is to be mended: the parser may stumble over it only some lines later.

    ``last`` is the event of the last scalar before that, if there is one.
    """
    mark, context, detail = error.problem_mark or error.context_mark, error.context or "", error.problem or "no YAML"
    if detail.startswith("did not find expected"):
        return _unexpected(error, text, last)
    at, before = _at(mark), _before(mark, text)
    if context == "while scanning a simple key":
        at = _at(error.context_mark)
        if error.context_mark and text.startswith("<<<<<<<", error.context_mark.index):
            detail = "a merge that git could not finish begins here"
    elif context == "while scanning a quoted scalar":
        at, detail = _at(error.context_mark), "nothing closes the quotation mark here"
    elif detail.startswith("mapping values") and at.line > 1 and _WORD.fullmatch(before):
        at = Position(at.line, at.column - len(before.strip()))
        detail = "the key is read as more text of the line above"
    return Malformed(at, "YAML", detail)


def _unexpected(error: Any, text: str, last: Any) -> Malformed:
    """The same where a list, a mapping or a bracket does not go on as it should."""
    at, begin = _at(error.problem_mark), _at(error.context_mark)
    context, detail = error.context or "", error.problem
    quoted = last is not None and last.style in ("'", '"')
    closed = quoted and not text[last.end_mark.index : error.problem_mark.index].strip(" \t")  # right before it
    if closed and _at(last.start_mark).line < at.line:
        at, detail = _at(last.start_mark), f"what the quotation mark here opens ends only in line {at.line}"
    elif "flow" in context and begin.line < at.line:
        at, detail = begin, f"the bracket here is not closed, or a comma is missing before line {at.line}"
    elif "block" in context and closed:
        detail = "text follows the quotation mark that closes"
    elif "block" in context and not _before(error.problem_mark, text).strip():
        kind = "key of the mapping" if "mapping" in context else "entry of the list"
        detail = f"the line is no {kind} that begins in line {begin.line}, column {begin.column}"
    return Malformed(at, "YAML", detail)


def _before(mark: Any, text: str) -> str:
    """What stands before a place in its line."""
    return text[mark.index - mark.column : mark.index] if mark else ""


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """What may be comments that cut off words: where the text before each would end, and where it begins."""
    for found in _CUT_OFF.finditer(text):
        end = found.start()
        while end and text[end - 1] in " \t":
            end -= 1
        yield end, found.start()


def _at(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


@dataclass(slots=True)
class _Holder:
    """A list or mapping that is being filled; ``key`` waits for its value, ``keys`` are those that had one."""

    value: dict[str, Plain] | list[Plain]
    path: Path
    keys: dict[str, Position]
    key: str | None = None


class _Tree:
    """Plain data made from YAML events with a stack of its own: yaml.compose() recurses in C, and can crash."""

    def __init__(self, positions: dict[Path, Positions] | None) -> None:
        self.root: Plain = None
        self.last: yaml.ScalarEvent | None = None
        self.faults: list[Fault] = []
        self.cut_off: list[CutOff] = []
        self.text = ""
        self.comments: dict[int, int] = {}  # in the text, as _comments finds them
        self.positions = positions
        self.holders: list[_Holder] = []
        self.documents = 0

    def add(self, event: yaml.Event) -> bool:
        """Takes the next event; false if there is no sense in going on."""
        match event:
            case yaml.ScalarEvent():
                self.last = event
                if self.comments and self.holders and not event.style:
                    self.look_behind(event.end_mark)
                # An empty plain scalar is a key without a value; "" is empty text.
                return self.place(event.value if event.value or event.style else None, event)
            case yaml.MappingStartEvent():
                return self.place({}, event)
            case yaml.SequenceStartEvent():
                return self.place([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.holders.pop()
            case yaml.AliasEvent():
                self.faults.append(Refused(_at(event.start_mark), f"the alias *{event.anchor}"))
                return self.place(None, event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.faults.append(Refused(_at(event.start_mark), "a second document"))
                    return False
        return True

    def look_behind(self, end: Any) -> None:
        """Takes down the comment behind a plain scalar, if there is one."""
        if begin := self.comments.get(end.index):
            words = self.text[begin : begin + MAX_COMMENT].splitlines()[0]
            self.cut_off.append(CutOff(Position(end.line + 1, end.column + begin - end.index + 1), words))

    def place(self, value: Plain, event: yaml.NodeEvent) -> bool:
        """Puts a value where it belongs: on top, at the end of a list, or under the key that waits for it."""
        at = _at(event.start_mark)
        if not isinstance(event, yaml.AliasEvent):
            if event.anchor:
                self.faults.append(Refused(at, f"the anchor &{event.anchor}"))
            if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
                self.faults.append(Refused(at, f"the tag {event.tag}"))
        path: Path = ()
        key_at = at
        if not self.holders:
            self.root = value
        else:
            holder = self.holders[-1]
            if isinstance(holder.value, list):
                path = (*holder.path, len(holder.value))
                holder.value.append(value)
            elif holder.key is None:
                return self.take_key(holder, value, at)
            else:
                # A second value of the same key is dropped; its path is one that nothing looks up.
                path = (*holder.path, holder.key, *((-1,) if holder.key in holder.value else ()))
                key_at = holder.keys[holder.key]
                holder.value.setdefault(holder.key, value)
                holder.key = None
        if self.positions is not None:
            self.positions[path] = Positions(key_at, at)
        if isinstance(value, dict | list):
            if len(self.holders) == MAX_DEPTH:
                self.faults.append(Malformed(at, "YAML", f"nested more than {MAX_DEPTH} deep"))
                return False
            self.holders.append(_Holder(value, path, {}))
        return True

    def take_key(self, holder: _Holder, value: Plain, at: Position) -> bool:
        """Remembers a key until its value comes."""
        if not isinstance(value, str):
            self.faults.append(Refused(at, "a key that is not a word"))
            return False
        if value in holder.keys:
            self.faults.append(DuplicateKey(at, value, holder.keys[value]))
        holder.keys.setdefault(value, at)
        holder.key = value
        return True


def yaml_positions(text: str) -> dict[Path, Positions]:
    """The place of every key and value of a YAML text, by its path."""
    positions: dict[Path, Positions] = {}
    read_yaml(text, positions)
    return positions


def json_position(line: str, path: Path) -> tuple[int, int]:
    """The columns, from 1, of the key and the value at ``path`` in a line of JSON, or of the nearest holder."""
    holders = _holders(line)
    at = _skip(line, 0)
    key_at = at
    for step in path:
        if at not in holders:
            holders[at] = {}
            for name, name_at, value_at in _members(line, at):
                holders[at].setdefault(name, (name_at, value_at))
        if step not in holders[at]:
            break
        key_at, at = holders[at][step]
    return key_at + 1, at + 1


@lru_cache(maxsize=1)
def _holders(line: str) -> dict[int, dict[str | int, tuple[int, int]]]:  # noqa: ARG001 - the cache goes by it
    """Of each object and array of a line in which something was looked for, where its members stand, by its own place.

    It is kept for one line: a line with many faults would be walked through for each of them.
    """
    return {}


def json_duplicates(line: str, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """Every repeated key in one line of well-formed JSON: the key, its column and that of the first, both from 1."""
    seen: dict[str, int] = {}
    for name, name_at, value_at in _members(line, _skip(line, at)):
        if isinstance(name, str) and name in seen:
            yield name, name_at + 1, seen[name] + 1
        if isinstance(name, str):
            seen.setdefault(name, name_at)
        yield from json_duplicates(line, value_at)


_DECODER = json.JSONDecoder()


def _skip(line: str, at: int) -> int:
    while at < len(line) and line[at] in " \t\r\n":
        at += 1
    return at


def _members(line: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """Name or index of each member of the object or array at ``at``, and where name and value stand."""
    if line[at : at + 1] not in ("{", "["):
        return
    is_object = line[at] == "{"
    at = _skip(line, at + 1)
    index = 0
    while line[at] not in "}]":
        name: str | int = index
        name_at = at
        if is_object:
            name, at = scanstring(line, at + 1)
            at = _skip(line, _skip(line, at) + 1)
        yield name, name_at, at
        at = _skip(line, _DECODER.raw_decode(line, at)[1])
        if line[at] == ",":
            at = _skip(line, at + 1)
        index += 1
