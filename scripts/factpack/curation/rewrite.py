"""Write the evidence of a project short or long: the same passages, in other words.

The new files are written aside. They move in only if every row of the dataset stays what it is.
"""

import hashlib
import os
import shutil
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from factpack.anchoring.cited.claim_store import ClaimStore
from factpack.anchoring.corpus_builder import CorpusItem, build_corpus, models_in
from factpack.atomic import scratch_folder
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.corpus.types import AnchoredArticle
from factpack.curation.edits import Edit, JsonEditor, YamlEditor, apply
from factpack.curation.entries import Replacement, lengthened, shortened
from factpack.dataset.columns import tables_of
from factpack.dataset.rows.article_rows import article_rows
from factpack.errors import CurationError
from factpack.formats.format import ArticleRecords
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Record, SourceFile
from factpack.formats.registry import source_file
from factpack.formats.yaml import YamlFormat
from factpack.project.layout import SEEDS, ProjectFiles
from factpack.project.models import Claim
from factpack.project.record_models import RecordModels


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Describe a file of which entries of evidence are written in other words.

    Attributes:
        file: The file, relative to the project folder.
        claims: How many claims have such entries.
        lines_before: The lines that it had.
        lines: The lines that it has.
    """

    file: str
    claims: int
    lines_before: int
    lines: int


def rewrite_evidence(
    project: ProjectFiles, *, long: bool = False, dry_run: bool = False, progress: Callable[[], object] = lambda: None
) -> tuple[Rewritten, ...]:
    """Write evidence as references to other claims, or the other way round.

    The readings stay as they were made.

    Args:
        project: The files of the project.
        long: Write out what references stand for.
        dry_run: Change nothing.
        progress: Called after every article.

    Returns:
        The files that change.

    Raises:
        CheckFailedError: The project has errors.
        CurationError: A file was changed meanwhile, or the rows of the dataset would change.
    """
    found = build_corpus(project)
    report = CheckReport.of(Problems(item for item in found if isinstance(item, Problem | Problems)), project.root)
    models = models_in(project)
    if not report.ok or models is None:
        raise CheckFailedError(report)
    with scratch_folder(project.root) as scratch:
        work = _Work(project, models, scratch)
        changed = [each for path in project.annotations for each in work.rewrite(path, long=long)]
        if changed:
            _compare(work, changed, progress)
        if not dry_run:
            for path, _, digest in changed:
                if hashlib.sha256(path.read_bytes()).digest() != digest:
                    message = f"{project.name(path)} was changed in the meantime; nothing was rewritten. Try again."
                    raise CurationError(message)
            for path, _, _ in changed:
                new = work.new_path(path)
                shutil.copymode(path, new)
                new.replace(path.resolve())
    return tuple(rewritten for _, rewritten, _ in changed)


Changed = tuple[Path, Rewritten, bytes]


class _Work:
    """Write the new files of a project into a scratch folder."""

    def __init__(self, project: ProjectFiles, models: RecordModels, scratch: Path) -> None:
        self.project = project
        self.models = models
        self.folder = scratch / "annotations"
        self.folder.mkdir()
        (scratch / SEEDS).mkdir()
        self.scratch = scratch
        sources = tuple((project.name(path), path) for path in project.annotations)
        self.claims = ClaimStore(scratch / "claims", sources, models, project.as_found)

    def new_path(self, path: Path) -> Path:
        """Return where the new form of a file is."""
        return self.folder / path.name

    def rewrite(self, path: Path, *, long: bool) -> Iterator[Changed]:
        """Write the new form of a file; yield it if anything changes in it."""
        source = replace(source_file(self.project.name(path), path, self.models), as_found=self.project.as_found)
        write = {YamlFormat: self.yaml, JsonLinesFormat: self.lines}.get(type(source.format))
        if write:
            with path.open("rb") as old, self.new_path(path).open("wb") as new:
                digest, claims, before, after = write(source, old, new, long=long)
            if claims:
                yield path, Rewritten(source.name, claims, before, after), digest

    def replacements(self, source: SourceFile, *, long: bool) -> Iterator[tuple[Record[Claim], list[Replacement]]]:
        """Yield the claims of a file whose evidence can be written in other words."""
        find = lengthened if long else shortened
        for item in source.format.read(source):
            if isinstance(item, ArticleRecords):
                for record in item.claims:
                    if found := find(item.article, record, self.claims, self.models.scheme):
                        yield record, found

    def yaml(self, source: SourceFile, old: BinaryIO, new: BinaryIO, *, long: bool) -> tuple[bytes, int, int, int]:
        """Write a YAML file; return the digest of the old one, the claims that change, and the lines of both."""
        data = old.read()
        text = data.removeprefix(BOM_UTF8).decode()
        edits: list[Edit] = []
        claims, editor = 0, None
        for record, found in self.replacements(source, long=long):
            editor = editor or YamlEditor(text)
            path = ("claims", record.address.index, "evidence")
            made = [edit for each in found if (edit := editor.edit(path, each))]
            claims += bool(made)
            edits += made
        written = (BOM_UTF8 if data.startswith(BOM_UTF8) else b"") + apply(text, edits).encode()
        new.write(written)
        return hashlib.sha256(data).digest(), claims, data.count(b"\n"), written.count(b"\n")

    def lines(self, source: SourceFile, old: BinaryIO, new: BinaryIO, *, long: bool) -> tuple[bytes, int, int, int]:
        """Write a file in JSON Lines, a line at a time; return the same."""
        digest, claims, number = hashlib.sha256(), 0, 0
        for record, found in self.replacements(source, long=long):
            while number < record.address.index - 1:
                line = old.readline()
                digest.update(line)
                new.write(line)
                number += 1
            line = old.readline()
            digest.update(line)
            number += 1
            text = line.decode()
            editor = JsonEditor(text)
            made = [edit for each in found if (edit := editor.edit(("evidence",), each))]
            claims += bool(made)
            new.write(apply(text, made).encode())
        for line in old:
            digest.update(line)
            new.write(line)
            number += 1
        return digest.digest(), claims, number, number

    def changed(self, changed: list[Changed]) -> ProjectFiles:
        """Return the project with the new files in the place of the old ones."""
        moved = {path for path, _, _ in changed}

        def put(path: Path) -> Path:
            if path not in moved:
                self.new_path(path).unlink(missing_ok=True)
                _link(path, self.new_path(path))
            return self.new_path(path)

        its = self.project
        for name in its.seeds:
            _link(its.root / SEEDS / name, self.scratch / SEEDS / name)
        return replace(
            its,
            root=self.scratch,
            folder=self.folder,
            dataset=put(its.dataset),
            articles=tuple(map(put, its.articles)),
            facts=tuple(map(put, its.facts)),
            annotations=tuple(map(put, its.annotations)),
            copied={name: put(path) for name, path in its.copied.items()},
            strays=(),
            readings=(),
            adjudications=None,
            released=None,
        )


def _link(path: Path, new: Path) -> None:
    """Have a file in a second place, on the same disk."""
    try:
        os.link(path.resolve(), new)
    except OSError:  # a file system without links
        shutil.copyfile(path, new)


def _compare(work: _Work, changed: list[Changed], progress: Callable[[], object]) -> None:
    """Refuse new files that change a row of the dataset."""
    problems = Problems()
    tables = tables_of(work.models.scheme)
    different = ""
    old, new = work.project, work.changed(changed)
    for before, after in zip_longest(_articles(build_corpus(old), Problems()), _articles(build_corpus(new), problems)):
        progress()
        same = before and after and article_rows(tables, [before], {}) == article_rows(tables, [after], {})
        different = different or ("" if same else before.text.article if before else "at the end")
    if different or problems.failed:
        where = different or problems.shown[0].path
        message = f"the evidence in {where} would change its meaning; nothing was rewritten"
        raise CurationError(message)


def _articles(items: Iterator[CorpusItem], problems: Problems) -> Iterator[AnchoredArticle]:
    for item in items:
        if isinstance(item, Problem | Problems):
            problems.add(item)
        elif isinstance(item, AnchoredArticle) and item.found:
            yield item
