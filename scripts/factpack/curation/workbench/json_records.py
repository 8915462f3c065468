"""Insert, change and delete one line of a JSON Lines file; all other bytes stay."""

import json
from collections.abc import Mapping
from typing import Any


def inserted_line(text: str, number: int, record: Mapping[str, Any]) -> str:
    """Return a text with a record before the line that has the number, from 0."""
    lines = _lines(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    if number >= len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += line_end
    compact = any(line.startswith('{"') and '": ' not in line for line in lines)
    lines.insert(number, _written(record, compact=compact) + line_end)
    return "".join(lines)


def changed_line(text: str, number: int, record: Mapping[str, Any]) -> str:
    """Return a text in which a line has other values, under the keys in the order that they have there."""
    lines = _lines(text)
    line = lines[number]
    before = json.loads(line)
    keys = [key for key in before if key in record or key in _OF_LINE or before[key] is None]
    new = {key: _same(before.get(key), record.get(key)) for key in dict.fromkeys((*keys, *record))}
    end = line[len(line.rstrip("\r\n")) :]
    escaped = line.isascii() and "\\u" in line
    lines[number] = _written(new, compact='": ' not in line, escaped=escaped) + end
    return "".join(lines)


def numbers_as_text(value: Any) -> Any:
    """Return a value with its numbers as text, because a browser would round large ones, and without null."""
    if isinstance(value, Mapping):
        return {key: numbers_as_text(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [numbers_as_text(each) for each in value]
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _same(before: Any, value: Any) -> Any:
    """Return what was there, as far as the value says the same: a form gives numbers as text."""
    if value is None or (before is not None and numbers_as_text(before) == numbers_as_text(value)):
        return before
    if isinstance(before, dict) and isinstance(value, dict):
        return {key: _same(before.get(key), each) for key, each in value.items()}
    if isinstance(before, list) and isinstance(value, list):
        there = {json.dumps(numbers_as_text(each), sort_keys=True): each for each in before}
        nearest = [*before, *[None] * len(value)]
        found = [there.get(json.dumps(numbers_as_text(each), sort_keys=True)) for each in value]
        return [_same(own or near, each) for own, near, each in zip(found, nearest, value, strict=False)]
    return value


def deleted_line(text: str, number: int) -> str:
    """Return a text without a line."""
    lines = _lines(text)
    del lines[number]
    return "".join(lines)


_OF_LINE = ("kind", "article")


def _lines(text: str) -> list[str]:
    """Return the lines, each with its end; only a line feed ends one."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


def _written(record: Mapping[str, Any], *, compact: bool, escaped: bool = False) -> str:
    return json.dumps(record, ensure_ascii=escaped, separators=(",", ":") if compact else (", ", ": "))
