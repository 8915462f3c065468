"""Insert, change and delete one entry of a list in a YAML file, without a touch on what else is there."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from json import dumps
from typing import Any

from factpack.curation.additions import with_entry, yaml_entry
from factpack.curation.edits import Edit, apply
from factpack.errors import CurationError
from factpack.formats.locations import Path, Plain
from factpack.formats.yaml_nodes import Node, yaml_nodes, yaml_scalar
from factpack.formats.yaml_parser import read_yaml, yaml_positions

_BY_HAND = "change it in the file by hand: this page cannot change the way it is written without losing something"


def inserted(text: str, name: str, number: int, record: Mapping[str, Any]) -> str:
    """Return a text with a record in a list, before the one that has the number.

    Args:
        text: Well-formed YAML without a byte order mark.
        name: The key of the list.
        number: From 0; as many as there are, to put it at the end.
        record: Text, whole numbers, and lists of entries.

    Raises:
        CurationError: The list is written in a way in which nothing can be added.
    """
    plain = _plain(text)
    there = plain.get(name) or []
    if number >= len(there):
        return with_entry(text, name, record)
    nodes, line_end = yaml_nodes(text), _line_end(text)
    first = nodes[name, number]
    if first.flow:
        made = apply(text, [Edit(first.start, first.start, f"{dumps(record, ensure_ascii=False)}, ")])
    else:
        column = _dash(text, first.start) - _line_start(text, first.start)
        entry = " " * column + yaml_entry(record, column, line_end) + line_end
        blank = line_end if _apart(text, nodes, name, len(there)) else ""
        at = _line_after(text, nodes[name, number - 1].end) if number else _line_start(text, first.start)
        made = apply(text, [Edit(at, at, blank + entry if number else entry + blank)])
    return _confirmed(made, {**plain, name: [*there[:number], as_text(record), *there[number:]]})


def deleted(text: str, name: str, number: int) -> str:
    """Return a text without a record; comments right above it, which may be on what comes before, stay.

    Raises:
        CurationError: It cannot be taken out.
    """
    plain = _plain(text)
    nodes, there = yaml_nodes(text), plain[name]
    entry = nodes[name, number]
    rest = [*there[:number], *there[number + 1 :]]
    if not rest:
        whole = nodes[name,]
        colon = text.rindex(":", 0, whole.start) + 1
        made = apply(text, [Edit(colon, whole.end, " []")])
    elif entry.flow:
        start, end = entry.start, entry.end
        start, end = (nodes[name, number - 1].end, end) if number else (start, nodes[name, 1].start)
        made = apply(text, [Edit(start, end, "")])
    else:
        start, end = _line_start(text, entry.start), _line_after(text, entry.end)
        if _apart(text, nodes, name, len(there)):  # the blank line goes with it
            while text[end : (after := _line_after(text, end))].isspace():
                end = after
        made = apply(text, [Edit(start, end, "")])
    return _confirmed(made, {**plain, name: rest})


def changed(text: str, name: str, number: int, record: Mapping[str, Any]) -> str:
    """Return a text in which a record has other values; the keys that do not change stay as they are written.

    Raises:
        CurationError: It cannot be changed.
    """
    plain = _plain(text)
    there = plain[name]
    before, wanted = there[number], as_text(record)
    result = {**plain, name: [*there[:number], wanted, *there[number + 1 :]]}
    edits = _Edits(text, (name, number), before)
    try:
        return _confirmed(apply(text, edits.of(record)), result)
    except (CurationError, KeyError, ValueError):
        entry = edits.nodes[name, number]
        if "#" in text[entry.start : entry.end]:
            raise CurationError(_BY_HAND) from None
        column = _dash(text, entry.start) - _line_start(text, entry.start) if not entry.flow else 0
        new = dumps(record, ensure_ascii=False) if entry.flow else yaml_entry(record, column, _line_end(text))[2:]
        return _confirmed(apply(text, [Edit(entry.start, entry.end, new)]), result)


class _Edits:
    """Find what has to change in a record for it to have other values."""

    def __init__(self, text: str, path: Path, before: Mapping[str, Plain]) -> None:
        self.text = text
        self.path = path
        self.before = before
        self.nodes = yaml_nodes(text)
        self.line_end = _line_end(text)
        keys = {key: yaml_positions(text)[*path, key].key for key in before}
        self.column = next(iter(keys.values())).column - 1
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        self.key_starts = {key: starts[at.line - 1] + at.column - 1 for key, at in keys.items()}
        self.flow = text[self.nodes[path].start] == "{"

    def of(self, record: Mapping[str, Any]) -> Iterator[Edit]:
        """Yield the edits, in the order of the record."""
        last = ""
        for key, value in record.items():
            if key not in self.before:
                yield self._add(last, key, value)
                continue
            last = key
            if self.before[key] != as_text(value):
                yield self._replace(key, value)
        for key in self.before:
            if key not in record:
                yield self._remove(key)

    def _pair(self, key: str, value: Any) -> str:
        lines = yaml_entry({key: value}, self.column - 2, self.line_end)[2:]
        return f"{key}: {dumps(value, ensure_ascii=False)}" if self.flow else lines

    def _add(self, after: str, key: str, value: Any) -> Edit:
        end = self.nodes[*self.path, after].end
        if self.flow:
            return Edit(end, end, f", {self._pair(key, value)}")
        at = _line_after(self.text, end)
        indent = " " * self.column
        if at and self.text[at - 1] != "\n":  # the last line of a file, which has no end
            return Edit(at, at, f"{self.line_end}{indent}{self._pair(key, value)}")
        return Edit(at, at, f"{indent}{self._pair(key, value)}{self.line_end}")

    def _replace(self, key: str, value: Any) -> Edit:
        node = self.nodes[*self.path, key]
        if isinstance(value, str | int):
            return Edit(node.start, node.end, yaml_scalar(value) if isinstance(value, str) else str(value))
        if not self.flow and isinstance(self.before[key], list) and self.before[key] and self.text[node.start] == "-":
            return self._items(key, value)
        return Edit(self.key_starts[key], node.end, self._pair(key, value))

    def _items(self, key: str, value: list[Any]) -> Edit:
        """Replace entries of a list; those that stay keep their text, with the comments below them."""
        old, new = self.before[key], as_text(value)
        entries = [self.nodes[*self.path, key, number] for number in range(len(old))]
        starts = [_line_start(self.text, entry.start) for entry in entries]
        ends = [*starts[1:], _line_after(self.text, entries[-1].end)]
        column = _dash(self.text, entries[0].start) - starts[0]
        parts = []
        matcher = SequenceMatcher(None, [dumps(each) for each in old], [dumps(each) for each in new], autojunk=False)
        for what, first, last, from_new, to_new in matcher.get_opcodes():
            if what == "equal":
                parts += [self.text[starts[number] : ends[number]] for number in range(first, last)]
            else:
                if last > first and "#" in self.text[starts[first] : ends[last - 1]]:
                    raise CurationError(_BY_HAND)
                parts += [self._item(value[number], column) for number in range(from_new, to_new)]
        if not new:
            return Edit(self.key_starts[key], entries[-1].end, f"{key}: []")
        end = ends[-1]
        joined = "".join(part if part.endswith("\n") else part + self.line_end for part in parts)
        return Edit(starts[0], end, joined)

    def _item(self, value: Any, column: int) -> str:
        entry = yaml_entry(value, column, self.line_end) if isinstance(value, Mapping) else f"- {yaml_scalar(value)}"
        return " " * column + entry + self.line_end

    def _remove(self, key: str) -> Edit:
        start, end = self.key_starts[key], self.nodes[*self.path, key].end
        if self.flow:
            keys = list(self.before)
            where = keys.index(key)
            before = self.nodes[*self.path, keys[where - 1]].end if where else start
            return Edit(before, end, "")
        return Edit(_line_start(self.text, start), _line_after(self.text, end), "")


def with_item(text: str, key: str, value: str) -> str:
    """Return a text with another word at the end of a list of words, which need not be there.

    Raises:
        CurationError: The list is written in a way in which nothing can be added.
    """
    plain, nodes, line_end = _plain(text), yaml_nodes(text), _line_end(text)
    there = plain.get(key) or []
    written = yaml_scalar(value)
    if key not in plain:
        made = (text if text.endswith("\n") else text + line_end) + f"{key}: [{written}]{line_end}"
    elif not there:
        made = apply(text, [Edit(nodes[key,].start, nodes[key,].end, f"[{written}]")])
    else:
        last = nodes[key, len(there) - 1]
        start = _line_start(text, last.start)
        new = f", {written}" if last.flow else f"{line_end}{' ' * (_dash(text, last.start) - start)}- {written}"
        made = apply(text, [Edit(last.end, last.end, new)])
    return _confirmed(made, {**plain, key: [*there, value]})


def as_text(value: Any) -> Any:
    """Return a value as it is read from YAML: every scalar is text."""
    if isinstance(value, Mapping):
        return {key: as_text(each) for key, each in value.items()}
    return [as_text(each) for each in value] if isinstance(value, list) else str(value)


def _plain(text: str) -> dict[str, Plain]:
    plain, errors = read_yaml(text)
    if errors or not isinstance(plain, dict):
        message = "the file cannot be read; correct what `factpack check` reports first"
        raise CurationError(message)
    return plain


def _confirmed(text: str, wanted: Plain) -> str:
    """Return a text if it says what it has to; nothing else is ever written."""
    plain, errors = read_yaml(text)
    if errors or plain != wanted:
        raise CurationError(_BY_HAND)
    return text


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_after(text: str, at: int) -> int:
    """Return where the line after the one of an offset begins."""
    return text.find("\n", at) + 1 or len(text)


def _dash(text: str, start: int) -> int:
    return text.rindex("-", 0, start)


def _apart(text: str, nodes: Mapping[Path, Node], name: str, count: int) -> bool:
    """Tell whether the entries of a list are set apart by blank lines."""
    pairs = ((nodes[name, number].end, nodes[name, number + 1].start) for number in range(count - 1))
    return any(not line.strip() for end, start in pairs for line in text[end:start].split("\n")[1:-1])
