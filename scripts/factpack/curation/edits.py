"""Put other entries into the evidence of an annotation file, without a touch on anything else."""

import json
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from factpack.curation.entries import Replacement
from factpack.formats.json_lines.locations import json_nodes
from factpack.formats.locations import Path
from factpack.formats.yaml_nodes import Node, yaml_nodes, yaml_scalar
from factpack.formats.yaml_parser import read_yaml
from factpack.project.written_out import SAME_FACT

MAX_LINE = 120  # columns that a reference on one line may take
_OF_PASSAGE = {"article", "quote", "prefix", "suffix", "start", "claim"}


class Edit(NamedTuple):
    """Replace a part of a text.

    Attributes:
        start: The offset of its first character, in Unicode code points.
        end: The offset after the last one.
        text: What comes in its place.
    """

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with some parts replaced, none of which overlap."""
    parts, at = [], 0
    for edit in sorted(edits):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join((*parts, text[at:]))


class Editor(ABC):
    """Change the evidence of claims in a text.

    Attributes:
        text: The text.
        nodes: The place of every value, by its path.
    """

    def __init__(self, text: str, nodes: Mapping[Path, Node]) -> None:
        self.text = text
        self.nodes = nodes

    def edit(self, evidence: Path, new: Replacement) -> Edit | None:
        """Return what changes; ``None`` where it cannot be said in another way without losing something.

        Args:
            evidence: The path of the evidence of a claim.
            new: What comes in the place of some of its entries.
        """
        entries = self.count(evidence)
        if not entries:  # a word stands for all
            return self.spread(evidence, [self.keys_of(each) for each in new.entries if isinstance(each, dict)])
        if new.entries == (SAME_FACT,) and entries == new.last - new.first + 1:
            whole = self.whole(evidence)
            if whole:
                return whole
        start, end = self.nodes[*evidence, new.first].start, self.nodes[*evidence, new.last].end
        if not self.is_bare(start, end) or not new.entries:
            return None
        made = [self.entry((*evidence, new.first), each) for each in new.entries]
        return None if None in made else Edit(start, end, self.joined((*evidence, new.first), filter(None, made)))

    def count(self, path: Path) -> int:
        """Count the entries of a list."""
        number = 0
        while (*path, number) in self.nodes:
            number += 1
        return number

    def kept(self, path: Path) -> dict[str, str] | None:
        """Return the keys of an entry that a reference keeps, as they are written; ``None`` if one needs many lines."""
        found: dict[str, str] = {}
        for key, node in self.nodes.items():
            if key[:-1] == path and key[-1] not in _OF_PASSAGE:
                found[str(key[-1])] = self.text[node.start : node.end]
        return None if any("\n" in value for value in found.values()) else found

    def keys_of(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Return the keys of an entry, as they are written."""
        return {key: self.scalar(value) for key, value in entry.items()}

    def entry(self, path: Path, new: dict[str, Any] | str) -> str | None:
        """Return the text of an entry."""
        if isinstance(new, str):
            return self.scalar(new)
        kept = self.kept(path) if self.count(path) == 0 and self.is_mapping(path) else {}
        return None if kept is None else self.mapping(path, self.keys_of(new) | kept, new)

    def is_mapping(self, path: Path) -> bool:
        """Tell whether an entry has keys."""
        return (*path, "stance") in self.nodes

    @abstractmethod
    def scalar(self, value: str | int) -> str:
        """Return a value as it is written."""

    @abstractmethod
    def is_bare(self, start: int, end: int) -> bool:
        """Tell whether a part has nothing but values, and no comment."""

    @abstractmethod
    def mapping(self, path: Path, keys: Mapping[str, str], new: Mapping[str, Any]) -> str | None:
        """Return the text of an entry with some keys."""

    @abstractmethod
    def joined(self, path: Path, entries: Iterable[str]) -> str:
        """Return entries, one after another, from the place of one on."""

    @abstractmethod
    def whole(self, evidence: Path) -> Edit | None:
        """Return the edit that puts ``same-fact`` in the place of all entries."""

    @abstractmethod
    def spread(self, evidence: Path, entries: list[dict[str, str]]) -> Edit:
        """Return the edit that puts entries in the place of ``same-fact``."""


class JsonEditor(Editor):
    """Change a line of JSON."""

    def __init__(self, line: str) -> None:
        super().__init__(line, json_nodes(line))
        spaced = '": ' in line
        self.comma, self.colon = (", ", ": ") if spaced else (",", ":")

    def scalar(self, value: str | int) -> str:
        """Return a value as it is written."""
        return json.dumps(value, ensure_ascii=False)

    def is_bare(self, start: int, end: int) -> bool:
        """Tell that JSON has no comments."""
        return start <= end

    def _object(self, keys: Mapping[str, str]) -> str:
        return "{" + self.comma.join(f'"{key}"{self.colon}{value}' for key, value in keys.items()) + "}"

    def mapping(self, path: Path, keys: Mapping[str, str], new: Mapping[str, Any]) -> str | None:
        """Return the text of an entry with some keys."""
        del path, new
        return self._object(keys)

    def joined(self, path: Path, entries: Iterable[str]) -> str:
        """Return entries, one after another."""
        del path
        return self.comma.join(entries)

    def whole(self, evidence: Path) -> Edit | None:
        """Return the edit that puts ``same-fact`` in the place of all entries."""
        node = self.nodes[evidence]
        return Edit(node.start, node.end, self.scalar(SAME_FACT))

    def spread(self, evidence: Path, entries: list[dict[str, str]]) -> Edit:
        """Return the edit that puts entries in the place of ``same-fact``."""
        node = self.nodes[evidence]
        return Edit(node.start, node.end, f"[{self.comma.join(map(self._object, entries))}]")


class YamlEditor(Editor):
    """Change a YAML file, whose text has no byte order mark."""

    def __init__(self, text: str) -> None:
        super().__init__(text, yaml_nodes(text))
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        starts = {each[:length] for each in self.nodes for length in range(1, len(each))}
        self.leaves = sorted(node for path, node in self.nodes.items() if path not in starts)

    def scalar(self, value: str | int) -> str:
        """Return a value as it is written."""
        return str(value) if isinstance(value, int) else yaml_scalar(value)

    def is_bare(self, start: int, end: int) -> bool:
        """Tell whether a part has nothing but keys and values, and no comment."""
        at = start
        for leaf in self.leaves_in(start, end):
            if "#" in self.text[at : leaf.start]:
                return False
            at = leaf.end
        return "#" not in self.text[at:end]

    def leaves_in(self, start: int, end: int) -> list[Node]:
        """Return the scalars in a part."""
        first, last = (bisect_left(self.leaves, offset, key=attrgetter("start")) for offset in (start, end))
        return self.leaves[first:last]

    def column(self, at: int) -> int:
        """Return how many characters are before an offset in its line."""
        return at - (self.text.rfind("\n", 0, at) + 1)

    def mapping(self, path: Path, keys: Mapping[str, str], new: Mapping[str, Any]) -> str | None:
        """Return the text of an entry with some keys: a reference on one line, a passage on a line for each key."""
        node = self.nodes[path]
        short = "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
        column = self.column(node.start)
        if node.flow or ("claim" in new and column + len(short) <= MAX_LINE):
            plain, errors = read_yaml(short)
            intended = {key: read_yaml(value)[0] for key, value in keys.items()}
            return short if not errors and plain == intended else None
        return self._lines(keys, column)

    def _lines(self, keys: Mapping[str, str], column: int) -> str:
        return (self.line_end + " " * column).join(f"{key}: {value}" for key, value in keys.items())

    def joined(self, path: Path, entries: Iterable[str]) -> str:
        """Return entries, one after another, from the place of one on."""
        node = self.nodes[path]
        if node.flow:
            return ", ".join(entries)
        dash = self.text.rindex("-", 0, node.start)
        between = self.text[dash : node.start]
        return (self.line_end + " " * self.column(dash) + between).join(entries)

    def _colon(self, evidence: Path) -> int:
        """Return the offset after the colon of the key of the evidence."""
        return self.text.rindex(":", 0, self.nodes[evidence].start) + 1

    def whole(self, evidence: Path) -> Edit | None:
        """Return the edit that puts ``same-fact`` in the place of all entries."""
        start, end = self._colon(evidence), self.nodes[evidence].end
        return Edit(start, end, f" {SAME_FACT}") if self.is_bare(start, end) else None

    def spread(self, evidence: Path, entries: list[dict[str, str]]) -> Edit:
        """Return the edit that puts entries in the place of ``same-fact``."""
        node = self.nodes[evidence]
        if node.flow or not entries:
            pairs = (", ".join(f"{key}: {value}" for key, value in each.items()) for each in entries)
            return Edit(node.start, node.end, "[" + ", ".join(f"{{{each}}}" for each in pairs) + "]")
        key = self.text.rindex("evidence", 0, node.start)
        column = self.column(key) + 4
        dash = self.line_end + " " * (column - 2) + "- "
        return Edit(self._colon(evidence), node.end, "".join(dash + self._lines(each, column) for each in entries))
