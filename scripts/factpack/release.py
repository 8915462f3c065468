"""Builds a release: a folder with Parquet files, card, Croissant file and sums, loaded back, then moved into place."""

import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path

from factpack.card import card
from factpack.charts import CHARTS, svg
from factpack.corpus import AnchoredArticle, AnchoredFact
from factpack.croissant import croissant
from factpack.history import History
from factpack.model import Dataset
from factpack.problems import Problem
from factpack.project import Project
from factpack.readings import Comparison, examine
from factpack.tables import PARQUET, TableFile, Tables
from factpack.verify import MANIFEST, SUMS, is_release, sha256, verify
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


class ProblemsError(Exception):
    """The project has errors; nothing was built."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class NotAReleaseError(Exception):
    """The folder to write to holds something that is not a release, and is left alone."""


def build(project: Project, out: Path | None, on_article: Callable[[], object]) -> tuple[Path, list[Problem]]:
    """Builds the release of a project into ``out``, by default ``dist/<name>-<version>`` in the project folder.

    Returns the folder and the warnings. ``on_article`` is called after every article.

    Raises ProblemsError if the project has errors, and NotAReleaseError if ``out`` exists and is not a release.
    Whatever is raised, the release that was in ``out`` before is unharmed.
    """
    parent = (out.absolute() if out else project.root / "dist" / "release").parent
    if out:
        _refuse_other_folder(out)
    with _scratch(parent) as scratch:
        folder = scratch / "release"
        folder.mkdir()
        content = _write_tables(project, folder, scratch, on_article)
        _write_texts(folder, content)
        verify(folder)
        target = out.absolute() if out else parent / f"{content.dataset.name}-{content.dataset.version}"
        _refuse_other_folder(target)
        _move_in(folder, target, scratch / "old")
    return target, content.warnings


@dataclass(frozen=True, slots=True)
class _Content:
    """What stands in the tables of a release, as far as the texts beside them speak of it."""

    dataset: Dataset
    tables: tuple[TableFile, ...]
    comparisons: tuple[Comparison, ...]
    warnings: list[Problem]
    page: Page


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A temporary folder on the file system of the target, so that the finished release can be moved in one step."""
    made = not parent.exists()
    parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".factpack-", dir=parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if made:
            with suppress(OSError):  # it holds the release
                parent.rmdir()


def _write_tables(project: Project, folder: Path, scratch: Path, on_article: Callable[[], object]) -> _Content:
    problems: set[Problem] = set()  # the readings can report what they share again
    comparisons: list[Comparison] = []
    dataset: Dataset | None = None
    tables: Tables | None = None
    page = Page()
    failed = False
    for item in examine(project):
        match item:
            case Problem():
                problems.add(item)
                failed = failed or item.severity == "error"  # from here on only problems are collected
            case Dataset():
                dataset = item
                page.add(item)
            case History():
                tables = Tables(folder, scratch, item)
            case Comparison() | AnchoredArticle() | AnchoredFact():
                # A passage of an article whose own turn comes later can be wrong already.
                failed = failed or (isinstance(item, AnchoredArticle) and not item.found)
                if tables and not failed:
                    tables.add(item)
                    page.add(item)
                if isinstance(item, Comparison):
                    comparisons.append(item)
                if isinstance(item, AnchoredArticle):
                    on_article()
    if tables is None or dataset is None or failed:
        raise ProblemsError(sorted(problems))
    files = tables.close()
    return _Content(dataset, files, tuple(comparisons), sorted(problems), page)


def _write_texts(folder: Path, content: _Content) -> None:
    sums = {table.path: sha256(folder / table.path) for table in content.tables}
    agreement = None
    if content.comparisons:
        from factpack.agreement import report  # noqa: PLC0415 - most projects have one reading, and scipy loads slowly

        agreement = report(content.comparisons)
    charts = content.page.counts.charts()
    (folder / CHARTS).mkdir()
    texts = {
        **{f"{CHARTS}/{chart.name}.svg": svg(chart, alone=True) for chart in charts},
        **({PAGE: content.page.html()} if content.page.fits else {}),
        "README.md": card(content.dataset, content.tables, folder, charts, agreement),
        "croissant.json": croissant(content.dataset, content.tables, sums),
        MANIFEST: _manifest(content.dataset, content.tables),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
        sums[name] = sha256(folder / name)
    lines = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    (folder / SUMS).write_bytes(lines.encode())


def _manifest(dataset: Dataset, tables: tuple[TableFile, ...]) -> str:
    """The version, the sum of each table's rows, and everything that the bytes depend on besides the sources."""
    document = {
        "name": dataset.name,
        "version": dataset.version,
        "tables": {
            table.config.name: {"path": table.path, "rows": table.rows, "content_sha256": table.content_sha256}
            for table in tables
        },
        "built_with": {
            "parquet": PARQUET,
            **{name: installed(name) for name in BYTES_DEPEND_ON},
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _refuse_other_folder(target: Path) -> None:
    empty = target.is_dir() and not any(target.iterdir())
    if target.exists() and not empty and not is_release(target):
        message = f"{target} exists and is not a release; choose another --out, or remove it first"
        raise NotAReleaseError(message)


def _move_in(folder: Path, target: Path, old: Path) -> None:
    """Puts the finished folder in place of the one that is there, which ends up in ``old`` or as ``folder``."""
    folder.chmod(0o755)  # the scratch folder was private
    if not target.exists():
        folder.rename(target)
    elif not _exchange(folder, target):
        target.rename(old)
        try:
            folder.rename(target)
        except OSError:
            old.rename(target)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two folders in one step, where the system can (Linux renameat2(2)), so that no moment has neither."""
    at_fdcwd, rename_exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0)
