"""Find line and column of a value in a line of JSON, and keys that occur twice."""

import json
from collections.abc import Iterator
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing in the type stubs

from factpack.formats.locations import Path
from factpack.formats.yaml_nodes import Node


def json_position(line: str, path: Path) -> tuple[int, int]:
    """Return the columns, from 1, of the key and the value at ``path`` in a line, or of the nearest container."""
    containers = _containers(line)
    at = _skip(line, 0)
    key_at = at
    for step in path:
        if at not in containers:
            containers[at] = {}
            for name, name_at, value_at in _members(line, at):
                containers[at].setdefault(name, (name_at, value_at))
        if step not in containers[at]:
            break
        key_at, at = containers[at][step]
    return key_at + 1, at + 1


@lru_cache(maxsize=1)
def _containers(line: str) -> dict[int, dict[str | int, tuple[int, int]]]:  # noqa: ARG001 - the cache goes by it
    """Keep the places of the members of objects and arrays in which something was looked for, by their own place.

    It is kept for one line: a line with many errors would be walked through for each of them.
    """
    return {}


def json_duplicates(line: str, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """Yield every repeated key in a line of well-formed JSON: the key, its column and the first one's, both from 1."""
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
    """Yield name or index of each member of the object or array at ``at``, and where name and value begin."""
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


def json_nodes(line: str, at: int = 0, path: Path = ()) -> dict[Path, Node]:
    """Return the place of every value in a line of well-formed JSON, by its path."""
    start = _skip(line, at)
    nodes = {path: Node(start, _DECODER.raw_decode(line, start)[1], flow=True)}
    for name, _, value_at in _members(line, start):
        nodes |= json_nodes(line, value_at, (*path, name))
    return nodes
