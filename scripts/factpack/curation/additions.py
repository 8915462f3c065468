"""Add an entry to an annotation file or a register, without a touch on what is there."""

import json
import re
from collections.abc import Mapping
from typing import Any

from factpack.curation.edits import Edit, apply
from factpack.errors import CurationError
from factpack.formats.locations import Path
from factpack.formats.yaml_nodes import Node, yaml_nodes, yaml_scalar
from factpack.formats.yaml_parser import read_yaml


def yaml_entry(entry: Mapping[str, Any], column: int, line_end: str = "\n") -> str:
    """Return an entry of a list in YAML, a key on each line, from its dash on.

    Args:
        entry: Text, whole numbers, and lists of entries.
        column: The column of the dash, from 0.
        line_end: What ends a line.
    """
    lines: list[str] = []
    for key, value in entry.items():
        if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            inner = [
                yaml_entry(each, column + 4, line_end) if isinstance(each, Mapping) else f"- {yaml_scalar(each)}"
                for each in value
            ]
            lines.append(f"{key}:" + "".join(f"{line_end}{' ' * (column + 4)}{each}" for each in inner))
        elif isinstance(value, list):
            lines.append(f"{key}: [{', '.join(map(yaml_scalar, value))}]")
        else:
            lines.append(f"{key}: {yaml_scalar(value) if isinstance(value, str) else value}")
    return "- " + (line_end + " " * (column + 2)).join(lines)


def with_entry(text: str, name: str, entry: Mapping[str, Any]) -> str:
    """Return the text of a YAML file with an entry at the end of a list.

    Args:
        text: The text, without a byte order mark; it may have nothing but comments.
        name: The key of the list, which need not be there.
        entry: The entry, as :func:`yaml_entry` takes it.

    Raises:
        CurationError: The list is written in a way in which nothing can be added.
    """
    plain, errors = read_yaml(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    if errors or not isinstance(plain, dict | None):
        message = f"the file is not a mapping with `{name}`; correct what `factpack check` reports first"
        raise CurationError(message)
    added = _added(text, name, plain, entry, line_end)
    made, errors = read_yaml(added)
    wanted = {**(plain or {}), name: [*((plain or {}).get(name) or []), _as_text(entry)]}
    if errors or made != wanted:
        message = f"an entry cannot be added to `{name}`; write its list with each entry on its own line, after a dash"
        raise CurationError(message)
    return added


def _added(text: str, name: str, plain: Any, entry: Mapping[str, Any], line_end: str) -> str:
    nodes = yaml_nodes(text) if plain else {}
    there = (plain or {}).get(name)
    if name not in (plain or {}):
        return _ended(text, line_end) + f"{name}:{line_end}  {yaml_entry(entry, 2, line_end)}{line_end}"
    if not there:  # a key without a value, or with []
        key = re.search(rf"^{name}\s*:", text, re.MULTILINE)
        if not key:
            return text
        item = f"{line_end}  {yaml_entry(entry, 2, line_end)}"
        return apply(text, [Edit(key.end(), max(key.end(), nodes[name,].end), item)])
    last = nodes[name, len(there) - 1]
    if last.flow:
        flow = json.dumps(entry, ensure_ascii=False)
        return apply(text, [Edit(last.end, last.end, f", {flow}")])
    column = _dash(text, nodes[name, 0])
    end = text.find("\n", last.end)
    end = len(text) if end < 0 else end + 1
    before = text[:end]
    blank = line_end if _has_blank_lines(text, nodes, name, len(there)) else ""
    return _ended(before, line_end) + blank + " " * column + yaml_entry(entry, column, line_end) + line_end + text[end:]


def _ended(text: str, line_end: str) -> str:
    return text if not text or text.endswith("\n") else text + line_end


def _dash(text: str, first: Node) -> int:
    """Return the column of the dash of an entry, from 0."""
    dash = text.rindex("-", 0, first.start)
    return dash - (text.rfind("\n", 0, dash) + 1)


def _has_blank_lines(text: str, nodes: Mapping[Path, Node], name: str, count: int) -> bool:
    """Tell whether entries are set apart by blank lines."""
    if count == 1:
        return False
    between = text[nodes[name, count - 2].end : nodes[name, count - 1].start]
    return any(not line.strip() for line in between.split("\n")[1:-1])


def _as_text(value: Any) -> Any:
    """Return an entry as it is read again: every scalar is text."""
    if isinstance(value, Mapping):
        return {key: _as_text(each) for key, each in value.items()}
    return [_as_text(each) for each in value] if isinstance(value, list) else str(value)
