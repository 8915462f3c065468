"""Anchor a corpus in several processes, with the same result as in one.

The annotations are cut into parts between two articles. A worker anchors a part and makes something of it: it gets the
place of the part in its file, and reads what it needs from the folders of the project and of the output. The first
process puts the parts together in their order. As soon as an error shows, the corpus is anchored in one process, which
finds everything that is wrong.
"""

import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from factpack.anchoring.article_anchorer import ArticleAnchorer
from factpack.anchoring.corpus_builder import CorpusBuilder, CorpusItem, build_corpus, read_texts
from factpack.anchoring.parallel.workers import Workers
from factpack.anchoring.references import References
from factpack.anchoring.state import AnchoringState, Coverage
from factpack.anchoring.text_store import PackedText
from factpack.checks.problem import Problem, Problems
from factpack.corpus.id_index import IdIndex
from factpack.corpus.types import AnchoredArticle
from factpack.formats.format import ByteRange
from factpack.formats.locations import Record, SourceFile
from factpack.formats.registry import source_file
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.layout import ProjectFiles
from factpack.project.models import Article
from factpack.project.scheme import Scheme

T = TypeVar("T")


class PartSizes(NamedTuple):
    """Bound what a process gets at a time.

    Attributes:
        annotations: Bytes of annotations: some 3,000 claims.
        texts: Articles that it reads.
    """

    annotations: int = 2 * 2**20
    texts: int = 500


USUAL_PARTS = PartSizes()

#: Makes something of the articles of a part, in any process: it gets the scheme, the articles, and the number of claims
#: in parts before this one that are known by then.
Make = Callable[[Scheme, list[AnchoredArticle], int], T]


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Give what was made of a part of the corpus, and how many articles it has."""

    made: T
    articles: int


Pieces = tuple[tuple[SourceFile, ByteRange], ...]  # whole files, or parts of them, one after another


@dataclass(frozen=True, slots=True)
class _AnchoredPart(Generic[T]):
    """Give a part, and what else its annotations amount to."""

    part: Part[T]
    state: AnchoringState
    problems: Problems


class _InvalidProjectError(Exception):
    """Report that something is wrong with the project."""


def anchor_in_parallel(  # noqa: PLR0913 - two have a default
    project: ProjectFiles,
    scratch: Path,
    workers: Workers,
    make: Make[T],
    *,
    sizes: PartSizes = USUAL_PARTS,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[CorpusItem | Part[T]]:
    """Yield what :func:`build_corpus` yields, with parts in the place of most articles.

    If there is an error, all problems come, and nothing else of use.

    Args:
        project: The project.
        scratch: A folder that every worker reaches under the same path.
        workers: The processes.
        make: Makes what is given of each part.
        sizes: How much a process gets at a time.
        limits: Bounds of the problems and texts in memory.

    Raises:
        WorkerError: A worker ended, or could not do its work.
    """
    try:
        yield from _divided(project, scratch, workers, make, sizes=sizes, limits=limits)
    except _InvalidProjectError:
        workers.end()
        yield from (item for item in build_corpus(project, limits) if isinstance(item, Problem | Problems))


def _divided(  # noqa: PLR0913 - of one function
    project: ProjectFiles, scratch: Path, workers: Workers, make: Make[T], *, sizes: PartSizes, limits: Limits
) -> Iterator[CorpusItem | Part[T]]:
    problems = Problems((), limits.max_shown)
    corpus = CorpusBuilder(project, scratch, limits)
    for item in corpus.open(lambda project, records: _texts(project, records, workers, sizes.texts)):
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

    def begin(part: Pieces) -> "Future[_AnchoredPart[T]]":
        return workers.executor.submit(_anchor_part, kept, part, make, corpus.state.claims)

    def do(part: Pieces) -> _AnchoredPart[T]:
        return _anchor(corpus.references, part, make, corpus.state.claims)

    sources = (source_file(project.name(path), path, corpus.models) for path in project.annotations)
    for anchored in workers.in_order(parts_of(sources, sizes.annotations), _place, begin, do):
        problems.add(anchored.problems)
        _refuse(problems)
        if not corpus.state.merge(anchored.state):
            raise _InvalidProjectError
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


def parts_of(sources: Iterable[SourceFile], size: int) -> Iterator[Pieces]:
    """Yield parts of about ``size`` bytes: of a file, or several files, because there can be one for each article."""
    pieces, room = list[tuple[SourceFile, ByteRange]](), size
    for source in sources:
        end = source.path.stat().st_size
        for piece in source.format.cut(source, size):
            pieces.append((source, piece))
            room -= (end if piece.stop is None else piece.stop) - piece.start
            if room <= 0:
                yield tuple(pieces)
                pieces, room = [], size
    if pieces:
        yield tuple(pieces)


def _place(part: Pieces) -> str:
    """Name a part in an error."""
    source, where = part[0]
    return f"{source.name} from line {where.line} on"


# The texts


def _texts(
    project: ProjectFiles, records: Sequence[Record[Article]], workers: Workers, size: int
) -> Iterator[Problem | PackedText]:
    """Read the text of every article, and find what is wrong with it."""

    def begin(some: Sequence[Record[Article]]) -> Future[list[Problem | PackedText]]:
        seeds = project.seeds.intersection(record.value.file for record in some)  # all, each time, are too many
        part = replace(project, seeds=seeds, annotations=(), strays=(), readings=())
        return workers.executor.submit(_load, part, some)

    def do(some: Sequence[Record[Article]]) -> list[Problem | PackedText]:
        return _load(project, some)

    parts = (records[at : at + size] for at in range(0, len(records), size))
    for loaded in workers.in_order(parts, lambda some: f"articles from {some[0].value.id} on", begin, do):
        yield from loaded


def _load(project: ProjectFiles, records: Sequence[Record[Article]]) -> list[Problem | PackedText]:
    return list(read_texts(project, records))


# The annotations


class _Read(threading.local):
    """Keep what this thread read last: a worker of somebody else can have several threads."""

    path: Path | None = None
    references: References | None = None


_read = _Read()


def _references(path: Path) -> References:
    if _read.path != path or _read.references is None:
        with path.open("rb") as stream:
            _read.references = pickle.load(stream)  # noqa: S301 - written by the process that has begun this one
        _read.path = path
    assert isinstance(_read.references, References)
    return _read.references


def _anchor_part(kept: Path, part: Pieces, make: Make[T], before: int) -> _AnchoredPart[T]:
    """Anchor a part, in a process of its own."""
    return _anchor(_references(kept), part, make, before)


def _anchor(references: References, part: Pieces, make: Make[T], before: int) -> _AnchoredPart[T]:
    scheme, most = references.models.scheme, references.texts.limits.max_shown
    state = AnchoringState(Coverage(most), IdIndex(scheme.labels, scheme.splits))
    problems, articles = Problems((), most), list[AnchoredArticle]()
    anchorer = ArticleAnchorer(references, state)
    for item in chain.from_iterable(anchorer.join(source, piece) for source, piece in part):
        if isinstance(item, Problem | Problems):
            problems.add(item)
        else:
            articles.append(item)
    sound = not problems.failed and all(article.found for article in articles)
    return _AnchoredPart(Part(make(scheme, articles if sound else [], before), len(articles)), state, problems)
