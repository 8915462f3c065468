"""Insert, change and delete one line of a JSON Lines file; all other bytes stay."""

import json
from collections.abc import Mapping
from typing import Any

from factpack.curation.workbench.yaml_records import as_text


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
    keys = [key for key in before if key in record or key in _OF_LINE]
    new = {key: _same(before.get(key), record.get(key)) for key in dict.fromkeys((*keys, *record))}
    end = line[len(line.rstrip("\r\n")) :]
    escaped = line.isascii() and "\\u" in line
    lines[number] = _written(new, compact='": ' not in line, escaped=escaped) + end
    return "".join(lines)


def _same(before: Any, value: Any) -> Any:
    """Return what was there if the value says the same: a form gives numbers as text."""
    return before if value is None or (before is not None and as_text(before) == as_text(value)) else value


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
