"""Build a release: a folder with Parquet files, card, Croissant file and digests, read back, then moved into place."""

import gc
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from factpack.agreement.alignment import Comparison, examine
from factpack.anchoring.corpus_builder import CorpusItem
from factpack.anchoring.parallel.division import Part
from factpack.anchoring.parallel.jobs import jobs_for
from factpack.anchoring.parallel.workers import Workers, processes, threads
from factpack.atomic import move_in, scratch_folder
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.corpus.file_subjects import CopiedFile
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.dataset.columns import tables_of
from factpack.dataset.table_writer import TableFiles, prefer_jemalloc
from factpack.dataset.writer import DatasetWriter
from factpack.errors import NotAReleaseError
from factpack.evaluation.baselines import Baseline, measure_baselines
from factpack.evaluation.tasks.tables import write_task_tables
from factpack.project.checkout import ATTRIBUTES, KEEP_BYTES
from factpack.project.history import History
from factpack.project.layout import DATASET, GUIDELINES, LICENSE, ProjectFiles
from factpack.project.models import Dataset
from factpack.project.vocabulary import Texts
from factpack.release.card import Content
from factpack.release.card.example import example_claim
from factpack.release.companions import MAX_COMPARED, builders, companions
from factpack.release.hydrate import withhold
from factpack.release.layout import (
    DIST,
    MANIFEST,
    PAGE,
    folder_name,
    refuse_name,
    refuse_other_folder,
    sha256,
    write_sums,
)
from factpack.release.manifest import Manifest, listed_tables
from factpack.release.parts import (
    USUAL,
    BuildLimits,
    PartOfRelease,
    build_corpus_in_parallel,
    refuse_other_versions,
    working_versions,
)
from factpack.release.quotation import QuotedShare, quoted_share
from factpack.release.verification.load import read_texts
from factpack.release.verification.verify import read_back
from factpack.viewer.page import Page


class Built(NamedTuple):
    """Describe a release that was built.

    Attributes:
        folder: Where it is.
        warnings: What the check of the project warned of.
        history: What the releases before it had.
        digests: The digest of the rows of each table, with the texts, by config.
    """

    folder: Path
    warnings: CheckReport
    history: History
    digests: Mapping[str, str]

    @property
    def contradicts_history(self) -> bool:
        """Tell whether the version is released with other rows."""
        return self.history.contradicts(self.history.version, self.digests)


def build(  # noqa: PLR0913 - all but three have a default
    project: ProjectFiles,
    out: Path | None,
    on_article: Callable[[], object],
    text: Texts = "full",
    *,
    jobs: int | None = 1,
    executor: Executor | None = None,
    limits: BuildLimits = USUAL,
) -> Built:
    """Build the release of a project. Whatever is raised, the release that was in ``out`` before is unharmed.

    Args:
        project: The files of the project.
        out: The folder of the release; by default ``dist/NAME-VERSION`` in the project, with ``-text-none`` behind it
            for a release without the texts.
        on_article: Called after every article.
        text: Whether the release has the texts.
        jobs: How many processes anchor the articles, write the tables and read them back, or ``None`` for as many as
            pay; a project with readings has one. The release has the same bytes, whatever their number.
        executor: Does this in the place of such processes.
        limits: How much is in memory at once.

    Raises:
        CheckFailedError: The project has errors.
        NotAReleaseError: ``out`` exists and is not a release, or the default folder is that of a version which is
            released with other rows.
        WorkerError: A process failed.
    """
    parent = (out.absolute() if out else project.root / DIST / "release").parent
    if out:
        refuse_other_folder(out)
    refuse_name(parent)
    with scratch_folder(parent) as scratch, _workers(project, jobs, executor, scratch) as workers:
        folder = scratch / "release"
        folder.mkdir()
        content = _write_tables(project, scratch, workers, limits, on_article)
        content = replace(content, baselines=measure_baselines(folder, MAX_COMPARED))
        _write_texts(folder, content, "full")
        if text == "none":
            full, folder = folder, scratch / "without"
            folder.mkdir()
            _write_texts(folder, replace(content, tables=withhold(full, folder), quoted=quoted_share(full)), "none")
        read_back(folder, workers=workers)
        target = out.absolute() if out else parent / folder_name(content.dataset.name, content.dataset.version, text)
        refuse_other_folder(target)
        if not out and content.history.contradicts(content.dataset.version, content.digests):
            message = (
                f"{target} is already released with other rows; raise `version:` in {DATASET}, or choose another --out"
            )
            raise NotAReleaseError(message)
        move_in(folder, target, scratch / "old")
    return Built(target, CheckReport.of(content.warnings, project.root), content.history, content.digests)


@dataclass(frozen=True, slots=True)
class _Content:
    """Give what was written into the tables, as far as the files beside them speak of it."""

    dataset: Dataset
    history: History
    tables: tuple[TableFiles, ...]
    comparisons: tuple[Comparison, ...]
    warnings: Problems
    page: Page
    copied: Mapping[str, bytes]
    quoted: QuotedShare | None = None
    baselines: tuple[Baseline, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """Return the digest of the rows of each table, by its config."""
        return {table.config.name: table.content_sha256 for table in self.tables}


def _workers(
    project: ProjectFiles, jobs: int | None, executor: Executor | None, scratch: Path
) -> AbstractContextManager[Workers]:
    """Return what anchors the articles, if it is other processes, and writes and reads the tables."""
    elsewhere = None if project.readings else executor
    count = 0 if elsewhere else jobs_for(project, jobs)
    if count == 1:
        return threads(2)
    refuse = partial(refuse_other_versions, working_versions())
    if elsewhere:
        return nullcontext(Workers(elsewhere, scratch=scratch, refuse=refuse))
    return processes(count, _begin_process, scratch, refuse)


def _begin_process() -> None:
    """Tune a process that does nothing else, as the command line tunes its own."""
    gc.disable()
    prefer_jemalloc()


@dataclass(slots=True)
class _Collected:
    """Collect what the corpus consists of, and what the page has of it; the rows are kept in a scratch folder.

    Attributes:
        root: The folder of the project.
        page: The page.
        rows: The scratch folder.
        writer: Writes the tables, as soon as the dataset and its history are known.
    """

    root: Path
    page: Page
    rows: Path
    writer: DatasetWriter = field(init=False)
    _dataset: Dataset | None = None
    _history: History | None = None
    _problems: Problems = field(default_factory=Problems)
    _comparisons: list[Comparison] = field(default_factory=list)
    _copied: dict[str, bytes] = field(default_factory=dict)
    _failed: bool = False

    def add(self, item: CorpusItem | Comparison | Part[PartOfRelease]) -> None:
        """Add the next item of the corpus; once something is wrong, only problems are collected."""
        match item:
            case Problem() | Problems():
                self._problems.add(item)
                self._failed = self._failed or item.failed
            case Dataset():
                self._dataset = item
                self.page.add(item)
            case CopiedFile():
                self._copied[item.name] = item.data
            case History():
                self._history = item
                assert self._dataset  # it comes before its history
                self.writer = DatasetWriter(tables_of(self._dataset.scheme), item, self.rows)
            case AnchoredArticle() if not item.found:  # a passage of an article whose own turn comes later is wrong
                self._failed = True
            case _ if self._history and not self._failed:
                self._add_rows(item)

    def _add_rows(self, item: Comparison | AnchoredArticle | CorpusFolds | AnchoredFact | Part[PartOfRelease]) -> None:
        if isinstance(item, Comparison):
            self._comparisons.append(item)
        if isinstance(item, Part):
            self.writer.add_pieces(item.made.rows)
            self.page.merge(item.made.page)
        elif isinstance(item, CorpusFolds):
            self.writer.folds = item
            self.page.counts.claims_by_fold.add(item.by_label(self.page.counts.scheme.training))
        else:
            self.writer.add(item)
            self.page.add(item)

    def write(self, folder: Path, workers: Workers, shard_rows: int | None) -> _Content:
        """Write the tables.

        Raises:
            CheckFailedError: Something is wrong with the project.
        """
        if self._dataset is None or self._history is None or self._failed:
            raise CheckFailedError(CheckReport.of(self._problems, self.root))
        files = self.writer.close(folder, workers, shard_rows)
        comparisons = tuple(self._comparisons)
        return _Content(self._dataset, self._history, files, comparisons, self._problems, self.page, self._copied)


def _write_tables(
    project: ProjectFiles, scratch: Path, workers: Workers, limits: BuildLimits, on_article: Callable[[], object]
) -> _Content:
    """Write the tables; what the corpus takes in memory is free then."""
    rows = scratch / "rows"
    rows.mkdir()
    collected = _Collected(project.root, Page(limits.page_claims), rows)
    items: Iterable[CorpusItem | Comparison | Part[PartOfRelease]]
    if workers.scratch:
        items = build_corpus_in_parallel(project, workers, limits, lambda: collected.writer.keeper)
    else:
        items = examine(project)
    for item in items:
        collected.add(item)
        for _ in range(item.articles if isinstance(item, Part) else isinstance(item, AnchoredArticle)):
            on_article()
    content = collected.write(scratch / "release", workers, limits.shard_rows)
    shutil.rmtree(rows, ignore_errors=True)  # as large as the release; what is left goes with the scratch folder
    return content


def _write_texts(folder: Path, content: _Content, text: Texts) -> None:
    """Write everything that is beside the tables."""
    tasks = write_task_tables(folder)
    digests = {path: sha256(folder / path) for table in (*content.tables, *tasks) for path in table.paths}
    agreement, given = None, content.page.counts.given
    if content.comparisons or any(given.values()):
        from factpack.agreement.metrics import report  # noqa: PLC0415 - most projects have one reading, and scipy loads slowly

        agreement = report(content.comparisons, given)
    about = Content(
        dataset=content.dataset,
        text=text,
        counts=content.page.counts,
        agreement=agreement,
        quoted=content.quoted,
        guidelines=GUIDELINES in content.copied,
        licence=LICENSE in content.copied,
        baselines=content.baselines,
        example=example_claim(folder, tables_of(content.dataset.scheme)),
    )
    texts = {
        **companions(about, content.tables, tasks, digests),
        **({PAGE: content.page.html(partial(read_texts, folder))} if content.page.fits and text == "full" else {}),
        MANIFEST: _manifest(about, content.tables, tasks),
    }
    for name, data in content.copied.items():
        (folder / name).write_bytes(data)
    (folder / ATTRIBUTES).write_bytes(KEEP_BYTES)
    for name, written in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(written.encode())
    write_sums(folder, digests)


def _manifest(content: Content, tables: tuple[TableFiles, ...], tasks: tuple[TableFiles, ...]) -> str:
    manifest = Manifest(
        name=content.dataset.name,
        version=content.dataset.version,
        text=content.text,
        tables=listed_tables(tables, content.dataset.scheme),
        tasks=listed_tables(tasks, content.dataset.scheme),
        built_with=builders(),
        dataset=content.dataset,
        agreement=asdict(content.agreement) if content.agreement else {},
        quoted=asdict(content.quoted) if content.quoted else {},
        baselines=content.baselines,
    )
    return msgspec.json.format(msgspec.json.encode(manifest)).decode() + "\n"
