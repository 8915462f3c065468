"""Find where each value of a YAML text begins and ends, to change it without a touch on anything else."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from factpack.formats.locations import Path
from factpack.formats.yaml_parser import read_yaml


class Node(NamedTuple):
    """Say where a value is.

    Attributes:
        start: The offset of its first character, in Unicode code points.
        end: The offset after the last one; what comes after it, blanks and comments too, is not part of it.
        flow: Whether it is within brackets.
    """

    start: int
    end: int
    flow: bool


@dataclass(slots=True)
class _Open:
    """Keep a list or a mapping that has not ended."""

    path: Path
    start: int
    flow: bool
    is_list: bool
    count: int = 0
    key: str | None = None
    end: int = 0  # of the last value in it


def yaml_nodes(text: str) -> dict[Path, Node]:
    """Return the place of every value, by its path.

    Args:
        text: Well-formed YAML without a byte order mark, as :func:`~factpack.formats.yaml_parser.read_yaml` reads it.
    """
    nodes: dict[Path, Node] = {}
    stack: list[_Open] = []
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        match event:
            case yaml.ScalarEvent():
                start, end = _index(event.start_mark), _index(event.end_mark)  # of a block with the line ends behind it
                _place(event, stack, nodes, start + len(text[start:end].rstrip(" \t\r\n")))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                path = _next(stack)
                flow = bool(event.flow_style)
                stack.append(_Open(path, _index(event.start_mark), flow, isinstance(event, yaml.SequenceStartEvent)))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                ended = stack.pop()
                end = _index(event.end_mark) if ended.flow else ended.end
                nodes[ended.path] = Node(ended.start, end, bool(stack) and stack[-1].flow)
                if stack:
                    stack[-1].end = end
    return nodes


def _index(mark: Any) -> int:
    return int(mark.index)


def _next(stack: list[_Open]) -> Path:
    """Return the path of the value that comes now."""
    if not stack:
        return ()
    holder = stack[-1]
    if holder.is_list:
        holder.count += 1
        return (*holder.path, holder.count - 1)
    path = (*holder.path, str(holder.key))
    holder.key = None
    return path


def _place(event: Any, stack: list[_Open], nodes: dict[Path, Node], end: int) -> None:
    if stack and not stack[-1].is_list and stack[-1].key is None:
        stack[-1].key = event.value
    else:
        nodes[_next(stack)] = Node(_index(event.start_mark), end, bool(stack) and stack[-1].flow)
    if stack:
        stack[-1].end = max(stack[-1].end, end)


def yaml_scalar(text: str) -> str:
    """Return text as YAML has it on one line, within brackets or not.

    It has quotation marks if it needs them, or if another reader would take it for a number, a date or a boolean.
    """
    if text and not set(text) & _MARKS and text[0] not in " -?:'" and isinstance(_resolved(text), str):
        plain, errors = read_yaml(f"{{k: {text}}}")
        if not errors and plain == {"k": text}:
            return text
    if text.isprintable() and ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return '"' + "".join(map(_escape, text)) + '"'


#: What begins something else than plain text, somewhere in it.
_MARKS = set(',[]{}#&*!|>%@`"\n\r\t\\')


def _resolved(text: str) -> Any:
    """Return what a reader makes of a text that has no quotation marks."""
    with suppress(ValueError):
        return float(text)
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):  # such as a date that is none
        return None


_JOINERS = "\u200c\u200d"  # in words of Persian, and in emoji of several people


def _escape(c: str) -> str:
    if c in '"\\':
        return f"\\{c}"
    if c == "\n":
        return "\\n"
    return c if c.isprintable() or c in _JOINERS else f"\\U{ord(c):08x}"
