"""YAML and JSON text to plain data, and from a path within that data back to its line and column.

Reading is the fast path and keeps no positions. When a problem has to be shown, :func:`yaml_positions` or
:func:`json_position` reads the text once more and finds the place.

Every YAML scalar is the text that the author wrote; none is resolved to a number, a date or a boolean. A key without a value is
``None``. Anchors, aliases, tags and several documents in one file are refused: they have no use here, and an alias can blow a
small file up to any size.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring
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


Fault = Malformed | DuplicateKey | Refused

_DEFAULT_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}


def _at(mark: yaml.Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def read_yaml(text: str, positions: dict[Path, Positions] | None = None) -> tuple[Plain, list[Fault]]:
    """Plain data and every fault in ``text``; the data is ``None`` unless the only faults are duplicate keys.

    ``positions``, if given, is filled with the place of every key and value.
    """
    faults: list[Fault] = []
    try:
        data = _compose(text, faults, positions)
        return (data if all(isinstance(f, DuplicateKey) for f in faults) else None), faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Malformed(_at(mark) if mark else Position(1, 1), "YAML", error.problem or "cannot be read"))
    except yaml.YAMLError as error:
        faults.append(Malformed(Position(1, 1), "YAML", " ".join(str(error).split())))
    return None, faults


def _compose(text: str, faults: list[Fault], positions: dict[Path, Positions] | None) -> Plain:
    # A loop with a stack of its own instead of yaml.compose(): that recurses in C, and crashes on deep input.
    root: Plain = None
    stack: list[tuple[Plain, Path, dict[str, Position]]] = []
    key: str | None = None
    key_at = Position(1, 1)
    documents = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        kind = type(event)
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            stack.pop()
            key = None
            continue
        if kind is yaml.DocumentStartEvent:
            documents += 1
            if documents == 2:  # noqa: PLR2004 - the second is the first too many
                faults.append(Refused(_at(event.start_mark), "a second document"))
                return root
            continue
        if kind is yaml.AliasEvent:
            faults.append(Refused(_at(event.start_mark), f"the alias *{event.anchor}"))
            value: Plain = None
        elif kind is yaml.ScalarEvent:
            value = event.value if event.value or event.style else None
        elif kind is yaml.MappingStartEvent:
            value = {}
        elif kind is yaml.SequenceStartEvent:
            value = []
        else:
            continue
        if kind is not yaml.AliasEvent:
            if event.anchor:
                faults.append(Refused(_at(event.start_mark), f"the anchor &{event.anchor}"))
            if event.tag not in _DEFAULT_TAGS:
                faults.append(Refused(_at(event.start_mark), f"the tag {event.tag}"))

        where: Path = ()
        if not stack:
            root = value
        else:
            holder, holder_path, keys = stack[-1]
            if isinstance(holder, list):
                where = (*holder_path, len(holder))
                key_at = _at(event.start_mark)
                holder.append(value)
            elif key is None:
                key_at = _at(event.start_mark)
                if not isinstance(value, str):
                    faults.append(Refused(key_at, "a key that is not a word"))
                    return None
                key = value
                if key in keys:
                    faults.append(DuplicateKey(key_at, key, keys[key]))
                keys.setdefault(key, key_at)
                continue
            elif key in holder:  # a duplicate: the first value stands, and this one gets a path that nothing looks up
                where = (*holder_path, key, -1)
            else:
                where = (*holder_path, key)
                holder[key] = value
        if positions is not None:
            at = _at(event.start_mark)
            positions[where] = Positions(key_at if stack else at, at)
        if isinstance(value, dict | list):
            if len(stack) == MAX_DEPTH:
                faults.append(Malformed(_at(event.start_mark), "YAML", f"nested more than {MAX_DEPTH} deep"))
                return None
            stack.append((value, where, {}))
        key = None
    return root


def yaml_positions(text: str) -> dict[Path, Positions]:
    """The place of every key and value of a YAML text, by its path."""
    positions: dict[Path, Positions] = {}
    read_yaml(text, positions)
    return positions


def json_position(line: str, path: Path) -> tuple[int, int]:
    """The columns, from 1, of the key and the value at ``path`` in one line of JSON; of the nearest holder if there is none."""
    at = _skip(line, 0)
    key_at = at
    for step in path:
        for name, name_at, value_at in _members(line, at):
            if name == step:
                key_at, at = name_at, value_at
                break
        else:
            break
    return key_at + 1, at + 1


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
    """Name or index of each member of the object or array at ``at``, where the name stands and where the value stands."""
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
