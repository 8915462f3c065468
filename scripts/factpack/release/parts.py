"""Make the rows of a release, and its page, in several processes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from factpack.anchoring.corpus_builder import CorpusItem
from factpack.anchoring.parallel.division import USUAL_PARTS, Part, PartSizes, anchor_in_parallel
from factpack.anchoring.parallel.workers import Workers
from factpack.corpus.types import AnchoredArticle
from factpack.dataset.columns import tables_of
from factpack.dataset.rows.article_rows import article_rows
from factpack.errors import WorkerError
from factpack.project.layout import ProjectFiles
from factpack.project.scheme import Scheme
from factpack.release.companions import builders
from factpack.viewer.page import MAX_CLAIMS, Page


class BuildLimits(NamedTuple):
    """Bound what a build has in memory. Only the first of them shows in the release.

    Attributes:
        page_claims: A corpus with more claims has no page.
        parts: How much a process gets at a time.
    """

    page_claims: int = MAX_CLAIMS
    parts: PartSizes = USUAL_PARTS


USUAL = BuildLimits()


@dataclass(frozen=True, slots=True)
class PartOfRelease:
    """Give what a part of the corpus adds to the tables, rows of its articles without versions, and to the page."""

    rows: dict[str, pa.Table]
    page: Page


def build_corpus_in_parallel(
    project: ProjectFiles, scratch: Path, workers: Workers, limits: BuildLimits
) -> Iterator[CorpusItem | Part[PartOfRelease]]:
    """Yield what :func:`build_corpus` yields, with parts in the place of most articles.

    If there is an error, all problems come, and nothing else of use. The parts have no page once there are more claims
    than ``limits.page_claims``.

    Raises:
        WorkerError: A worker ended, or could not do its work.
    """
    make = partial(_make_part, builders(), limits.page_claims)
    return anchor_in_parallel(project, scratch, workers, make, sizes=limits.parts)


def _make_part(
    versions: Mapping[str, Any], max_page_claims: int, scheme: Scheme, articles: list[AnchoredArticle], before: int
) -> PartOfRelease:
    """Make the rows and the page of a part.

    Raises:
        WorkerError: The process has other versions of what the bytes of a release depend on.
    """
    if versions != (here := builders()):
        other = ", ".join(f"{name} {here[name]} for {given}" for name, given in versions.items() if here[name] != given)
        message = f"a worker has {other}; install the same versions everywhere"
        raise WorkerError(message)
    page = Page(max_page_claims - before, scheme)
    for article in articles:
        page.add(article)
    return PartOfRelease(article_rows(tables_of(scheme), articles, {}), page)
