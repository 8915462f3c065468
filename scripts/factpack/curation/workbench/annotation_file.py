"""Find the entries of an article in its annotation file, and make the file with one more, another, or one less."""

import json
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from factpack.curation.workbench import json_records, yaml_records
from factpack.errors import CurationError
from factpack.formats.yaml_parser import read_yaml
from factpack.limits import MAX_YAML_BYTES, read_within
from factpack.project.layout import ProjectFiles
from factpack.text.locate import locate
from factpack.text.sentences import Span

Listed = Literal["claims", "unverified", "not_checkable"]
KINDS: dict[str, Listed] = {"claim": "claims", "unverified": "unverified", "not_checkable": "not_checkable"}
_HEAD = "# yaml-language-server: $schema=schemas/article.schema.json\n"
MAX_BYTES = 4 * MAX_YAML_BYTES  # of JSON Lines; a file that is larger is for an editor of large files


@dataclass(frozen=True, slots=True)
class Entry:
    """Carry a record as it is written.

    Attributes:
        listed: The list that it is in.
        number: Its number there or, in JSON Lines, that of its line, from 0.
        plain: Its keys and values, without those that only a line has.
    """

    listed: Listed
    number: int
    plain: dict[str, Any]

    @property
    def digest(self) -> str:
        """Tell its content from others."""
        return sha256(json.dumps(self.plain, sort_keys=True).encode()).hexdigest()

    def span(self, text: str) -> Span | None:
        """Return where its words are in its article, if they are there once."""
        words = (str(self.plain.get(key) or "") for key in ("quote", "prefix", "suffix"))
        quote, prefix, suffix = (unicodedata.normalize("NFC", each) for each in words)  # as annotations are read
        start = str(self.plain.get("start", ""))
        at = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else None  # noqa: PLR2004 - of 2**30
        found = locate(text, quote, prefix, suffix, start=at) if quote else None
        return found if isinstance(found, Span) else None


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """Carry the file of an article.

    Attributes:
        path: The file.
        article: The id of the article.
        data: What is in the file; ``None`` if it is not there yet.
        text: What will be in it.
    """

    path: Path
    article: str
    data: bytes | None
    text: str

    @property
    def in_lines(self) -> bool:
        """Tell whether it is JSON Lines."""
        return self.path.suffix == ".jsonl"

    @property
    def new_data(self) -> bytes:
        """Return the bytes that the text makes."""
        mark = BOM_UTF8 if self.data and self.data.startswith(BOM_UTF8) else b""
        return mark + self.text.encode()

    def entries(self) -> list[Entry]:
        """Return the records of the article, in the order of the file."""
        return list(_in_lines(self.text, self.article) if self.in_lines else _in_lists(self.text))

    def insert(self, listed: Listed, record: Mapping[str, Any], text: str) -> "AnnotationFile":
        """Return the file with one more record, in the order of the text of the article.

        Args:
            listed: The list that it belongs to.
            record: Its keys and values.
            text: The text of the article.
        """
        entries = [entry for entry in self.entries() if entry.listed == listed]
        own = Entry(listed, 0, dict(record)).span(text)
        number = _number(entries, own, text) if own else (entries[-1].number + 1 if entries else -1)
        if not self.in_lines:
            return replace(self, text=yaml_records.inserted(self.text, listed, max(number, 0), record))
        if number < 0:  # the first of its kind
            others = self.entries()
            number = others[-1].number + 1 if others else len(self.text.split("\n"))
        kind = next(kind for kind, name in KINDS.items() if name == listed)
        line = {"kind": kind, "article": self.article, **record}
        return replace(self, text=json_records.inserted_line(self.text, number, line))

    def change(self, entry: Entry, record: Mapping[str, Any]) -> "AnnotationFile":
        """Return the file with other values in a record."""
        if self.in_lines:
            return replace(self, text=json_records.changed_line(self.text, entry.number, record))
        return replace(self, text=yaml_records.changed(self.text, entry.listed, entry.number, record))

    def delete(self, entry: Entry) -> "AnnotationFile":
        """Return the file without a record."""
        if self.in_lines:
            return replace(self, text=json_records.deleted_line(self.text, entry.number))
        return replace(self, text=yaml_records.deleted(self.text, entry.listed, entry.number))


def annotation_file(project: ProjectFiles, article: str, articles: list[str]) -> AnnotationFile:
    """Return the file with the annotations of an article, or a new one.

    Raises:
        CurationError: It is in a format that cannot be changed here, or cannot be read.
    """
    for path in project.annotations:
        if path.suffix in (".yaml", ".jsonl"):
            found = _read(path, article, project.name(path))
            if found:
                return found
    path = project.root / project.annotations_of(article, articles)
    if path.suffix not in (".yaml", ".jsonl"):
        message = f"{project.name(path)} is in a format that this page cannot write; copy the record into it"
        raise CurationError(message)
    data = read_within(path, MAX_BYTES) if path.exists() else None
    if path.suffix == ".jsonl":
        return AnnotationFile(path, article, data, (data or b"").decode())
    if data and data.strip():
        message = f"{project.name(path)} exists but is not about article {article}; move it away"
        raise CurationError(message)
    return AnnotationFile(path, article, data, _head(article))


def _read(path: Path, article: str, name: str) -> AnnotationFile | None:
    """Return a file if it has annotations of an article."""
    data = read_within(path, MAX_BYTES)
    try:
        text = data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        return None
    if path.suffix == ".jsonl":
        is_its = next(_in_lines(text, article), None) is not None
    else:
        plain, errors = read_yaml(text) if article in text else (None, [])
        if path.stem == article and errors:
            message = f"{name} has errors; correct what `factpack check` reports first"
            raise CurationError(message)
        is_its = isinstance(plain, dict) and plain.get("article") == article and not errors
    return AnnotationFile(path, article, data, text) if is_its else None


def _head(article: str) -> str:
    return f'{_HEAD}article: "{article}"\n'


def _number(entries: list[Entry], own: Span, text: str) -> int:
    """Return the number before which a record belongs; that of the end of the list if nothing comes after it."""
    after = -1
    for entry in entries:
        span = entry.span(text)
        if span and (span.start, -span.end) <= (own.start, -own.end):
            after = entry.number
    return after + 1 if after >= 0 else (entries[0].number if entries else -1)


def _in_lists(text: str) -> Iterator[Entry]:
    plain, _ = read_yaml(text)
    for listed in KINDS.values():
        entries = plain.get(listed) if isinstance(plain, dict) else None
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield Entry(listed, number, entry)


def _in_lines(text: str, article: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n")):
        if article not in line:
            continue
        try:
            plain = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(plain, dict) and plain.get("article") == article and plain.get("kind") in KINDS:
            listed = KINDS[plain["kind"]]
            yield Entry(listed, number, {key: value for key, value in plain.items() if key not in ("kind", "article")})
