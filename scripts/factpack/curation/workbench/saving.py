"""Carry out what the page asks for: insert, change or delete a record, with the fact and the speaker that it names."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from factpack.corpus.types import RegisteredText
from factpack.curation.additions import with_entry
from factpack.curation.workbench.annotation_file import AnnotationFile, Entry, Listed, annotation_file
from factpack.curation.workbench.yaml_records import with_item
from factpack.errors import CurationError
from factpack.limits import MAX_YAML_BYTES, read_within
from factpack.project.layout import ProjectFiles
from factpack.text.word_edges import cut_in

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """Name a record that is there, by its id or its offsets, with the digest of what the page knows of it."""

    listed: Listed
    id: str = ""
    start: int = -1
    end: int = -1
    digest: str = ""


class NewFact(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a fact that the project does not have yet."""

    id: str
    question: str


class SaveRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Say what the page wants.

    Attributes:
        action: What to do.
        article: The id of the article.
        listed: The list that the record belongs to.
        record: Its keys and values.
        target: The record that is changed or deleted.
        fact: A fact to add.
        speaker: A speaker to add.
    """

    action: Literal["insert", "change", "delete"]
    article: str
    listed: Listed = "claims"
    record: dict[str, Any] = {}
    target: Target | None = None
    fact: NewFact | None = None
    speaker: str = ""


Changes = dict[Path, tuple[bytes | None, bytes]]  # of each file, what is there (nothing if it is new) and what will be


def changes_of(request: SaveRequest, project: ProjectFiles, articles: Mapping[str, RegisteredText]) -> Changes:
    """Return what a request changes in the files of a project.

    Args:
        request: The request.
        project: The project as it is now.
        articles: The articles that could be read, by their ids.

    Raises:
        CurationError: It cannot be done; the message says why.
    """
    file = file_of(request.article, project, articles)
    if request.action != "delete":
        _refuse_malformed(request.record)
        _refuse_unplaced(request, articles[request.article].text.text)
    made = _made(request, file, articles[request.article].text.text)
    changes: Changes = {file.path: (file.data, made.new_data)}
    if request.fact and request.action != "delete":
        changes |= _with_fact(project, request.fact)
    if request.speaker and request.action != "delete":
        data = read_within(project.dataset, MAX_YAML_BYTES)
        text = with_item(data.removeprefix(BOM_UTF8).decode(), "speakers", request.speaker)
        changes[project.dataset] = data, (BOM_UTF8 if data.startswith(BOM_UTF8) else b"") + text.encode()
    return changes


def file_of(article: str, project: ProjectFiles, articles: Mapping[str, RegisteredText]) -> AnnotationFile:
    """Return the annotation file of a registered article.

    Raises:
        CurationError: There is no such article, or its file cannot be changed.
    """
    if article not in articles:
        message = f"article {article[:80]} does not exist or cannot be read"
        raise CurationError(message)
    return annotation_file(project, article, list(articles))


def target_of(target: Target, file: AnnotationFile, text: str) -> Entry:
    """Return the record that is meant.

    Raises:
        CurationError: It is not there any more, or not once.
    """
    entries = [entry for entry in file.entries() if entry.listed == target.listed]
    if target.id:
        found = [entry for entry in entries if entry.plain.get("id") == target.id]
    else:
        found = [entry for entry in entries if entry.span(text) == (target.start, target.end)]
    if len(found) != 1:
        what = "is no longer in the file" if not found else "occurs twice in the file; change it there"
        message = f"the record {target.id or 'at these words'} {what}"
        raise CurationError(message)
    return found[0]


def _made(request: SaveRequest, file: AnnotationFile, text: str) -> AnnotationFile:
    """Return the annotation file as it will be."""
    name = request.record.get("id")
    taken = [entry.plain.get("id") for entry in file.entries()]
    own = request.target.id if request.target else ""
    if name and request.action != "delete" and name != own and name in taken:
        message = f"record `{name}` already exists; give this one another id"
        raise CurationError(message)
    if request.action == "insert":
        return file.insert(request.listed, request.record, text)
    if request.target is None:
        message = "the request does not say which record is meant"
        raise CurationError(message)
    entry = target_of(request.target, file, text)
    if entry.digest != request.target.digest:
        message = (
            "the record was changed in the file in the meantime, and was not overwritten; open it again to change it"
        )
        raise CurationError(message)
    if request.action == "delete":
        return file.delete(entry)
    if entry.listed == request.listed:
        return file.change(entry, request.record)
    return file.delete(entry).insert(request.listed, request.record, text)


def _refuse_malformed(record: Any) -> None:
    """Refuse what is no record: other values than text, numbers and lists of records, or keys that are no words."""
    if not isinstance(record, dict) or not record:
        message = "the request has no record"
        raise CurationError(message)
    for key, value in record.items():
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, dict) and isinstance(value, list):
                _refuse_malformed(part)
            elif not isinstance(part, str | int | float):
                message = f"the value of `{key[:80]}` is neither text nor a list"
                raise CurationError(message)
        if not _KEY.fullmatch(key):
            message = f"`{key[:80]}` is not a key of a record"
            raise CurationError(message)


def _refuse_unplaced(request: SaveRequest, text: str) -> None:
    """Refuse words that are not in the article, or that begin or end in the middle of a character."""
    if "quote" not in request.record:
        return
    span = Entry(request.listed, 0, request.record).span(text)
    if span is None:
        message = (
            f"the selected words do not occur exactly once in article {request.article} as it is now; select them again"
        )
        raise CurationError(message)
    for place, at in (("begin", span.start), ("end", span.end)):
        if cut_in(text, at) == "character":
            message = f"the selected words {place} within a character; select all of it"
            raise CurationError(message)


def _with_fact(project: ProjectFiles, fact: NewFact) -> Changes:
    path = project.root / project.register_of("facts")
    data = read_within(path, MAX_YAML_BYTES) if path.exists() else None
    entry = {"id": fact.id, "question": fact.question}
    mark = BOM_UTF8 if data and data.startswith(BOM_UTF8) else b""
    text = (data or b"").removeprefix(BOM_UTF8).decode()
    if path.suffix == ".jsonl":
        text = (text if not text or text.endswith("\n") else text + "\n") + json.dumps(entry, ensure_ascii=False) + "\n"
    else:
        text = with_entry(text, "facts", entry)
    return {path: (data, mark + text.encode())}
