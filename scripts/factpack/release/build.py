"""Build a release: a folder with Parquet files, card, Croissant file and digests, read back, then moved into place."""

import gc
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from factpack.agreement.alignment import Comparison, examine
from factpack.anchoring.corpus_builder import CorpusItem
from factpack.anchoring.parallel.division import Part
from factpack.anchoring.parallel.jobs import jobs_for
from factpack.anchoring.parallel.workers import Workers, processes
from factpack.atomic import move_in, scratch_folder
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.corpus.file_subjects import CopiedFile
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.dataset.columns import Tables, tables_of
from factpack.dataset.table_writer import TableFile, prefer_jemalloc
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
from factpack.release.parts import USUAL, BuildLimits, PartOfRelease, build_corpus_in_parallel
from factpack.release.quotation import QuotedShare, quoted_share
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
        jobs: How many processes anchor the articles, or ``None`` for as many as pay; a project with readings is
            anchored in one. The release has the same bytes, whatever their number.
        executor: Anchors the articles in the place of such processes.
        limits: How much is in memory at once.

    Raises:
        CheckFailedError: The project has errors.
        NotAReleaseError: ``out`` exists and is not a release, or the default folder is that of a version which is
            released with other rows.
        WorkerError: A process that anchors articles failed.
    """
    parent = (out.absolute() if out else project.root / DIST / "release").parent
    if out:
        refuse_other_folder(out)
    refuse_name(parent)
    with scratch_folder(parent) as scratch, _workers(project, jobs, executor) as workers:
        folder = scratch / "release"
        folder.mkdir()
        items = build_corpus_in_parallel(project, scratch, workers, limits) if workers else examine(project)
        content = _write_tables(items, folder, on_article, Page(limits.page_claims), project.root)
        content = replace(content, baselines=measure_baselines(folder, MAX_COMPARED))
        _write_texts(folder, content, "full")
        if text == "none":
            full, folder = folder, scratch / "without"
            folder.mkdir()
            _write_texts(folder, replace(content, tables=withhold(full, folder), quoted=quoted_share(full)), "none")
        read_back(folder)
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
    tables: tuple[TableFile, ...]
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
    project: ProjectFiles, jobs: int | None, executor: Executor | None
) -> AbstractContextManager[Workers | None]:
    if executor and not project.readings:
        return nullcontext(Workers(executor))
    count = jobs_for(project, jobs)
    return processes(count, _begin_process) if count > 1 else nullcontext()


def _begin_process() -> None:
    """Tune a process that does nothing else, as the command line tunes its own."""
    gc.disable()
    prefer_jemalloc()


def _write_tables(
    items: Iterable[CorpusItem | Comparison | Part[PartOfRelease]],
    folder: Path,
    on_article: Callable[[], object],
    page: Page,
    root: Path,
) -> _Content:
    with ThreadPoolExecutor(2) as pool:
        return _tables(
            items,
            lambda configs, history: DatasetWriter(configs, folder, folder.parent, history, pool),
            on_article,
            page,
            root,
        )


def _tables(
    items: Iterable[CorpusItem | Comparison | Part[PartOfRelease]],
    begin: Callable[[Tables, History], DatasetWriter],
    on_article: Callable[[], object],
    page: Page,
    root: Path,
) -> _Content:
    problems = Problems()
    comparisons: list[Comparison] = []
    dataset: Dataset | None = None
    copied: dict[str, bytes] = {}
    history: History | None = None
    tables: DatasetWriter | None = None
    failed = False
    for item in items:
        match item:
            case Problem() | Problems():
                problems.add(item)
                failed = failed or item.failed  # from here on only problems are collected
            case Dataset():
                dataset = item
                page.add(item)
            case CopiedFile():
                copied[item.name] = item.data
            case History():
                history = item
                assert dataset  # it comes before its history
                tables = begin(tables_of(dataset.scheme), item)
            case Comparison() | AnchoredArticle() | CorpusFolds() | AnchoredFact() | Part():
                # A passage of an article whose own turn comes later can be wrong already.
                failed = failed or (isinstance(item, AnchoredArticle) and not item.found)
                if tables and not failed:
                    _add(item, tables, page, comparisons)
                for _ in range(item.articles if isinstance(item, Part) else isinstance(item, AnchoredArticle)):
                    on_article()
    if tables is None or history is None or dataset is None or failed:
        raise CheckFailedError(CheckReport.of(problems, root))
    files = tables.close()
    return _Content(dataset, history, files, tuple(comparisons), problems, page, copied)


def _add(
    item: Comparison | AnchoredArticle | CorpusFolds | AnchoredFact | Part[PartOfRelease],
    tables: DatasetWriter,
    page: Page,
    comparisons: list[Comparison],
) -> None:
    if isinstance(item, Comparison):
        comparisons.append(item)
    if isinstance(item, Part):
        tables.add_rows(item.made.rows)
        page.merge(item.made.page)
    elif isinstance(item, CorpusFolds):
        tables.folds = item
        page.counts.claims_by_fold.add(item.by_label(page.counts.scheme.training))
    else:
        tables.add(item)
        page.add(item)


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
        **({PAGE: content.page.html()} if content.page.fits and text == "full" else {}),
        MANIFEST: _manifest(about, content.tables, tasks),
    }
    for name, data in content.copied.items():
        (folder / name).write_bytes(data)
    (folder / ATTRIBUTES).write_bytes(KEEP_BYTES)
    for name, written in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(written.encode())
    write_sums(folder, digests)


def _manifest(content: Content, tables: tuple[TableFile, ...], tasks: tuple[TableFile, ...]) -> str:
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
