"""Build a corpus in several processes, with the same result as in one.

The annotations are cut into parts between two articles. A worker anchors a part and makes its rows: it gets the place
of the part in its file, and reads what it needs from the folders of the project and of the output. The first process
puts the parts together in their order. As soon as an error shows, the project is built in one process, which finds
everything that is wrong.
"""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from factpack.anchoring.article_anchorer import ArticleAnchorer
from factpack.anchoring.corpus_builder import CorpusBuilder, CorpusItem, build_corpus, read_texts
from factpack.anchoring.references import References
from factpack.anchoring.state import AnchoringState
from factpack.anchoring.text_store import PackedText
from factpack.checks.problem import Problem, Problems
from factpack.corpus.id_index import IdIndex
from factpack.corpus.types import AnchoredArticle
from factpack.dataset.columns import tables_of
from factpack.dataset.rows.article_rows import article_rows
from factpack.errors import WorkerError
from factpack.formats.format import ByteRange
from factpack.formats.locations import Record, SourceFile
from factpack.formats.registry import source_file
from factpack.project.layout import ProjectFiles
from factpack.project.models import Article
from factpack.release.companions import builders
from factpack.release.parallel.workers import Workers
from factpack.viewer.page import MAX_CLAIMS, Page


class BuildLimits(NamedTuple):
    """Bound what a build has in memory. Only the first of them shows in the release.

    Attributes:
        page_claims: A corpus with more claims has no page.
        part_bytes: Bytes of annotations that a process gets at a time: some 3,000 claims.
        part_texts: Articles that a process reads at a time.
    """

    page_claims: int = MAX_CLAIMS
    part_bytes: int = 2 * 2**20
    part_texts: int = 500


USUAL = BuildLimits()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the corpus: the rows of its articles, without versions, and what it adds to the page."""

    rows: dict[str, pa.Table]
    page: Page
    articles: int


@dataclass(frozen=True, slots=True)
class _AnchoredPart:
    """A part, and what else its annotations amount to."""

    part: Part
    state: AnchoringState
    problems: Problems


class _InvalidProjectError(Exception):
    """Something is wrong with the project."""


def build_corpus_in_parallel(
    project: ProjectFiles, scratch: Path, workers: Workers, limits: BuildLimits
) -> Iterator[CorpusItem | Part]:
    """Yield what :func:`build_corpus` yields, with parts in the place of most articles.

    If there is an error, all problems come, and nothing else of use. The parts have no page once there are more claims
    than ``limits.page_claims``.

    Raises:
        WorkerError: A worker ended, or could not do its work.
    """
    try:
        yield from _divided(project, scratch, workers, limits)
    except _InvalidProjectError:
        workers.end()
        yield from (item for item in build_corpus(project) if isinstance(item, Problem | Problems))


def _divided(
    project: ProjectFiles, scratch: Path, workers: Workers, limits: BuildLimits
) -> Iterator[CorpusItem | Part]:
    problems = Problems()
    corpus = CorpusBuilder(project, scratch)
    for item in corpus.open(lambda project, records: _texts(project, records, workers, limits.part_texts)):
        if isinstance(item, Problem | Problems):
            problems.add(item)
            _refuse(problems)
        else:
            yield item
    corpus.claims.prepare()  # else every process that needs it does
    kept = scratch / "references"
    with kept.open("wb") as stream:
        without_seeds = replace(corpus.project, seeds=frozenset())  # they have been read
        pickle.dump(replace(corpus.references, project=without_seeds), stream)
    claims, versions = 0, builders()

    def begin(part: tuple[SourceFile, ByteRange]) -> Future[_AnchoredPart]:
        return workers.executor.submit(_anchor_part, versions, kept, *part, limits.page_claims - claims)

    def do(part: tuple[SourceFile, ByteRange]) -> _AnchoredPart:
        return _anchor(corpus.references, *part, limits.page_claims - claims)

    sources = (source_file(project.name(path), path, corpus.models) for path in project.annotations)
    parts = ((source, part) for source in sources for part in source.format.cut(source, limits.part_bytes))
    for anchored in workers.in_order(parts, _place, begin, do):
        problems.add(anchored.problems)
        _refuse(problems)
        if not corpus.state.merge(anchored.state):
            raise _InvalidProjectError
        claims += anchored.part.page.counts.claims
        yield anchored.part
    workers.end()  # what comes now takes the memory that they had
    for last in corpus.close():
        if isinstance(last, Problem | Problems):
            problems.add(last)
            _refuse(problems)
        else:
            yield last
    yield problems


def _refuse(problems: Problems) -> None:
    if problems.failed:
        raise _InvalidProjectError


def _place(part: tuple[SourceFile, ByteRange]) -> str:
    """Name a part in an error."""
    source, where = part
    return f"{source.name} from line {where.line} on"


# The texts


def _texts(
    project: ProjectFiles, records: Sequence[Record[Article]], workers: Workers, size: int
) -> Iterator[Problem | PackedText]:
    """Read the text of every article, and find what is wrong with it."""

    def begin(some: Sequence[Record[Article]]) -> Future[list[Problem | PackedText]]:
        seeds = project.seeds.intersection(record.value.file for record in some)  # all, each time, are too many
        return workers.executor.submit(_load, replace(project, seeds=seeds), some)

    def do(some: Sequence[Record[Article]]) -> list[Problem | PackedText]:
        return _load(project, some)

    parts = (records[at : at + size] for at in range(0, len(records), size))
    for loaded in workers.in_order(parts, lambda some: f"articles from {some[0].value.id} on", begin, do):
        yield from loaded


def _load(project: ProjectFiles, records: Sequence[Record[Article]]) -> list[Problem | PackedText]:
    return list(read_texts(project, records))


# The annotations


@lru_cache(maxsize=1)
def _references(path: Path) -> References:
    with path.open("rb") as stream:
        references = pickle.load(stream)  # noqa: S301 - written by the process that has begun this one
    assert isinstance(references, References)
    return references


def _anchor_part(
    versions: Mapping[str, Any], kept: Path, source: SourceFile, part: ByteRange, max_page_claims: int
) -> _AnchoredPart:
    """Anchor a part, in a process of its own.

    Raises:
        WorkerError: The process has other versions of what the bytes of a release depend on.
    """
    if versions != (here := builders()):
        other = ", ".join(f"{name} {here[name]} for {given}" for name, given in versions.items() if here[name] != given)
        message = f"a worker has {other}; install the same versions everywhere"
        raise WorkerError(message)
    return _anchor(_references(kept), source, part, max_page_claims)


def _anchor(references: References, source: SourceFile, part: ByteRange, max_page_claims: int) -> _AnchoredPart:
    scheme = references.models.scheme
    state, problems, page = (
        AnchoringState(index=IdIndex(scheme.labels, scheme.splits)),
        Problems(),
        Page(max_page_claims, scheme),
    )
    articles: list[AnchoredArticle] = []
    for item in ArticleAnchorer(references, state).join(source, part):
        if isinstance(item, Problem | Problems):
            problems.add(item)
        else:
            articles.append(item)
            page.add(item)
    sound = not problems.failed and all(article.found for article in articles)
    return _AnchoredPart(
        Part(article_rows(tables_of(scheme), articles, {}) if sound else {}, page, len(articles)), state, problems
    )
