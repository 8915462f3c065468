"""Make the rows of a release, and its page, in several processes."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from factpack.anchoring.corpus_builder import CorpusItem
from factpack.anchoring.parallel.division import USUAL_PARTS, Part, PartSizes, anchor_in_parallel
from factpack.anchoring.parallel.workers import Workers
from factpack.corpus.types import AnchoredArticle
from factpack.dataset.kept_rows import Piece, RowKeeper
from factpack.dataset.rows.article_rows import article_rows
from factpack.dataset.writer import portions
from factpack.errors import WorkerError
from factpack.plugins import plugin_versions
from factpack.project.layout import ProjectFiles
from factpack.project.scheme import Scheme
from factpack.release.companions import builders
from factpack.viewer.page import MAX_CLAIMS, Page

MAX_PORTION = 20_000  # claims, or as much in passages, that rows are made of at a time: more than most parts have


class BuildLimits(NamedTuple):
    """Bound what a build does at a time. The last of them does not show in the release.

    Attributes:
        page_claims: A corpus with more claims has no page.
        shard_rows: How many rows a Parquet file has at most; by default 200,000, and 10,000 articles.
        parts: How much a process gets at a time.
    """

    page_claims: int = MAX_CLAIMS
    shard_rows: int | None = None
    parts: PartSizes = USUAL_PARTS


USUAL = BuildLimits()


@dataclass(frozen=True, slots=True)
class PartOfRelease:
    """Give what a part of the corpus adds to a release: the rows of its articles, and what the page has of them."""

    rows: list[Piece]
    page: Page


def build_corpus_in_parallel(
    project: ProjectFiles, workers: Workers, limits: BuildLimits, keeper: Callable[[], RowKeeper]
) -> Iterator[CorpusItem | Part[PartOfRelease]]:
    """Yield what :func:`build_corpus` yields, with parts in the place of most articles.

    If there is an error, all problems come, and nothing else of use. The parts have no page once there are more claims
    than ``limits.page_claims``.

    Args:
        project: The project.
        workers: The processes.
        limits: How much a process gets at a time.
        keeper: Returns what keeps the rows; asked for once the dataset and its history were yielded.

    Raises:
        WorkerError: A worker ended, or could not do its work.
    """
    return anchor_in_parallel(
        project,
        workers,
        lambda: partial(_make_part, limits.page_claims, keeper()),
        sizes=limits.parts,
    )


def working_versions() -> dict[str, Any]:
    """Return the versions of everything that the work of a process depends on.

    Besides what is recorded in a release: Python, whose minor versions have other Unicode data, and packages that add
    rules and formats.
    """
    return {"Python": ".".join(map(str, sys.version_info[:2])), **builders(), **plugin_versions()}


def refuse_other_versions(versions: Mapping[str, Any]) -> None:
    """Refuse to work in a process that has other versions of what the work depends on.

    Args:
        versions: Those of the first process.

    Raises:
        WorkerError: It has.
    """
    if versions != (here := working_versions()):
        names = (name for name in {**here, **versions} if here.get(name) != versions.get(name))
        other = ", ".join(f"{name} {here.get(name, '(none)')} for {versions.get(name, '(none)')}" for name in names)
        message = f"a worker has {other}; install the same versions everywhere"
        raise WorkerError(message)


def _make_part(
    max_page_claims: int, keeper: RowKeeper, scheme: Scheme, articles: list[AnchoredArticle], before: int
) -> PartOfRelease:
    """Make the rows of a part, and what the page has of it."""
    page = Page(max_page_claims - before, scheme)
    for article in articles:
        page.add(article)
    made = (article_rows(keeper.tables, some, {}) for some in portions(articles, MAX_PORTION))
    return PartOfRelease([piece for rows in made for piece in keeper.keep(rows)], page)
