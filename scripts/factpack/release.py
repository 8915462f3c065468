"""Builds a release: a folder with Parquet files, card, Croissant file and sums, loaded back, then moved into place."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import NamedTuple

import msgspec

from factpack.card import Figures, card
from factpack.charts import CHARTS, svg
from factpack.corpus import AnchoredArticle, AnchoredFact, Guidelines
from factpack.croissant import croissant
from factpack.divide import Part, divided
from factpack.folder import (
    MANIFEST,
    Manifest,
    NotAReleaseError,
    Table,
    Text,
    move_in,
    refuse_other_folder,
    scratch_folder,
    sha256,
    write_sums,
)
from factpack.history import History
from factpack.join import Joined
from factpack.model import Dataset
from factpack.problems import Problem, Problems
from factpack.project import DATASET, GUIDELINES, Project
from factpack.quoted import Quoted, quoted
from factpack.readings import Comparison, examine
from factpack.tables import PARQUET, TableFile, Tables, save_memory
from factpack.texts import withhold
from factpack.verify import verify
from factpack.view import PAGE, Page

#: The packages whose version can show in the bytes of a release.
BYTES_DEPEND_ON = (
    "factpack",
    "datasets",
    "huggingface-hub",
    "jinja2",
    "nltk",
    "pandas",
    "pyarrow",
    "pyyaml",
    "scipy",
    "sentencex",
)


LOCK_WAIT = (
    0.0002  # seconds until the writing thread gets the interpreter, which it takes hundreds of times a row group
)


class ProblemsError(Exception):
    """The project has errors; nothing was built."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class Built(NamedTuple):
    """A release that was built: its folder, the warnings, and what the releases before it held.

    ``sums`` are those of the rows of each table, with the texts, by config.
    """

    folder: Path
    warnings: Problems
    history: History
    sums: Mapping[str, str]


def build(
    project: Project, out: Path | None, on_article: Callable[[], object], text: Text = "full", *, jobs: int = 1
) -> Built:
    """Builds the release of a project into ``out``, by default ``dist/<name>-<version>`` in the project folder, with
    ``-text-none`` behind it for a release without the texts.

    ``on_article`` is called after every article. ``jobs`` is how many processes join the articles; a project with two
    readings is joined in one. The release has the same bytes, whatever their number.

    Raises ProblemsError if the project has errors, and NotAReleaseError if ``out`` exists and is not a release, or if
    the default folder is that of a version which is released with other rows.
    Whatever is raised, the release that was in ``out`` before is unharmed.
    """
    save_memory()
    parent = (out.absolute() if out else project.root / "dist" / "release").parent
    if out:
        refuse_other_folder(out)
    with scratch_folder(parent) as scratch:
        folder = scratch / "release"
        folder.mkdir()
        content = _write_tables(project, folder, scratch, on_article, jobs)
        _write_texts(folder, content, "full")
        if text == "none":
            full, folder = folder, scratch / "without"
            folder.mkdir()
            _write_texts(folder, replace(content, tables=withhold(full, folder), quoted=quoted(full)), "none")
        verify(folder)
        name = f"{content.dataset.name}-{content.dataset.version}" + ("" if text == "full" else f"-text-{text}")
        target = out.absolute() if out else parent / name
        refuse_other_folder(target)
        if not out and content.history.contradicts(content.dataset.version, content.sums):
            message = f"{target} is released with other rows; raise `version:` in {DATASET}, or choose another --out"
            raise NotAReleaseError(message)
        move_in(folder, target, scratch / "old")
    return Built(target, content.warnings, content.history, content.sums)


@dataclass(frozen=True, slots=True)
class _Content:
    """What stands in the tables of a release, as far as the texts beside them speak of it."""

    dataset: Dataset
    history: History
    tables: tuple[TableFile, ...]
    comparisons: tuple[Comparison, ...]
    warnings: Problems
    page: Page
    guidelines: Guidelines | None
    quoted: Quoted | None = None

    @property
    def sums(self) -> dict[str, str]:
        """The sum of the rows of each table, by its config."""
        return {table.config.name: table.content_sha256 for table in self.tables}


def _write_tables(
    project: Project, folder: Path, scratch: Path, on_article: Callable[[], object], jobs: int
) -> _Content:
    with ThreadPoolExecutor(1) as pool, _two_threads():
        if jobs == 1 or project.readings:
            return _tables(examine(project), folder, scratch, on_article, pool)
        return _tables(divided(project, scratch, jobs), folder, scratch, on_article, pool)


@contextmanager
def _two_threads() -> Iterator[None]:
    """While rows are made here and written in a thread: neither waits long for the other."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(LOCK_WAIT)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def _tables(
    items: Iterable[Joined | Comparison | Part],
    folder: Path,
    scratch: Path,
    on_article: Callable[[], object],
    pool: Executor,
) -> _Content:
    problems = Problems()
    comparisons: list[Comparison] = []
    dataset: Dataset | None = None
    guidelines: Guidelines | None = None
    history: History | None = None
    tables: Tables | None = None
    page = Page()
    failed = False
    for item in items:
        match item:
            case Problem() | Problems():
                problems.add(item)
                failed = failed or item.failed  # from here on only problems are collected
            case Dataset():
                dataset = item
                page.add(item)
            case Guidelines():
                guidelines = item
            case History():
                history = item
                tables = Tables(folder, scratch, item, pool)
            case Comparison() | AnchoredArticle() | AnchoredFact() | Part():
                # A passage of an article whose own turn comes later can be wrong already.
                failed = failed or (isinstance(item, AnchoredArticle) and not item.found)
                if tables and not failed:
                    _add(item, tables, page, comparisons)
                for _ in range(item.articles if isinstance(item, Part) else isinstance(item, AnchoredArticle)):
                    on_article()
    if tables is None or history is None or dataset is None or failed:
        raise ProblemsError(problems)
    files = tables.close()
    return _Content(dataset, history, files, tuple(comparisons), problems, page, guidelines)


def _add(
    item: Comparison | AnchoredArticle | AnchoredFact | Part, tables: Tables, page: Page, comparisons: list[Comparison]
) -> None:
    if isinstance(item, Comparison):
        comparisons.append(item)
    if isinstance(item, Part):
        tables.add_rows(item.rows)
        page.merge(item.page)
    else:
        tables.add(item)
        page.add(item)


def _write_texts(folder: Path, content: _Content, text: Text) -> None:
    """Writes everything that stands beside the tables."""
    sums = {table.path: sha256(folder / table.path) for table in content.tables}
    agreement = None
    if content.comparisons:
        from factpack.agreement import report  # noqa: PLC0415 - most projects have one reading, and scipy loads slowly

        agreement = report(content.comparisons)
    charts = content.page.counts.charts()
    (folder / CHARTS).mkdir()
    figures = Figures(charts, agreement, guidelines=content.guidelines is not None, quoted=content.quoted)
    texts = {
        **{f"{CHARTS}/{chart.name}.svg": svg(chart, alone=True) for chart in charts},
        **({PAGE: content.page.html()} if content.page.fits and text == "full" else {}),
        "README.md": card(content.dataset, content.tables, folder, figures, text),
        "croissant.json": croissant(content.dataset, content.tables, sums),
        MANIFEST: _manifest(content.dataset, content.tables, text),
    }
    if content.guidelines:
        (folder / GUIDELINES).write_bytes(content.guidelines.data)
    for name, written in texts.items():
        (folder / name).write_bytes(written.encode())
    write_sums(folder, sums)


def _manifest(dataset: Dataset, tables: tuple[TableFile, ...], text: Text) -> str:
    """The version, the sum of each table's rows, and everything that the bytes depend on besides the sources."""
    manifest = Manifest(
        name=dataset.name,
        version=dataset.version,
        text=text,
        tables={
            file.config.name: Table(path=file.path, rows=file.rows, content_sha256=file.content_sha256)
            for file in tables
        },
        built_with={"parquet": PARQUET, **{name: installed(name) for name in BYTES_DEPEND_ON}},
    )
    return msgspec.json.format(msgspec.json.encode(manifest)).decode() + "\n"
