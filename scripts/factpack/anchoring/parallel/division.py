"""Anchor a corpus in several processes, with the same result as in one.

The annotations are cut into parts between two articles. A worker anchors a part and makes something of it: it gets the
place of the part in its file, and reads what it needs from the folders of the project and of the output. The first
process puts the parts together in their order. As soon as an error shows, the corpus is anchored in one process, which
finds everything that is wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from xxhash import xxh3_64_intdigest

from factpack.anchoring.article_anchorer import ArticleAnchorer
from factpack.anchoring.corpus_builder import CorpusBuilder, CorpusItem, build_corpus, read_texts
from factpack.anchoring.parallel.workers import SAME_FOLDER, Workers
from factpack.anchoring.references import References
from factpack.anchoring.state import AnchoringState, Coverage
from factpack.anchoring.text_store import PackedText
from factpack.checks.problem import Problem, Problems
from factpack.corpus.id_index import IdIndex
from factpack.corpus.types import AnchoredArticle
from factpack.errors import WorkerError
from factpack.formats.format import ByteRange
from factpack.formats.locations import Record, SourceFile
from factpack.formats.registry import source_file
from factpack.limits import DEFAULT_LIMITS, MAX_EXPORT_BYTES, Limits
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


class Piece(NamedTuple):
    """Name a part of a file, or a whole one.

    Attributes:
        source: The file.
        where: The part.
        digest: The hash of its bytes, so that a worker with another copy of the project is found out.
    """

    source: SourceFile
    where: ByteRange
    digest: int


Pieces = tuple[Piece, ...]  # one after another


@dataclass(frozen=True, slots=True)
class _AnchoredPart(Generic[T]):
    """Give a part, and what else its annotations amount to."""

    part: Part[T]
    state: AnchoringState
    problems: Problems


class _InvalidProjectError(Exception):
    """Report that something is wrong with the project."""


def anchor_in_parallel(
    project: ProjectFiles,
    workers: Workers,
    make: Callable[[], Make[T]],
    *,
    sizes: PartSizes = USUAL_PARTS,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[CorpusItem | Part[T]]:
    """Yield what :func:`build_corpus` yields, with parts in the place of most articles.

    If there is an error, all problems come, and nothing else of use.

    Args:
        project: The project.
        workers: The processes.
        make: Returns what makes something of each part; asked for once the dataset and its history were yielded.
        sizes: How much a process gets at a time.
        limits: Bounds of the problems and texts in memory.

    Raises:
        WorkerError: A worker ended, or could not do its work.
    """
    try:
        yield from _divided(project, workers, make, sizes=sizes, limits=limits)
    except _InvalidProjectError:
        workers.end()  # this process finds everything alone
        yield from (item for item in build_corpus(project, limits) if isinstance(item, Problem | Problems))


def _divided(
    project: ProjectFiles, workers: Workers, make: Callable[[], Make[T]], *, sizes: PartSizes, limits: Limits
) -> Iterator[CorpusItem | Part[T]]:
    problems = Problems((), limits.max_shown)
    assert workers.scratch  # they are other processes
    corpus = CorpusBuilder(project, workers.scratch, limits)
    for item in corpus.open(lambda project, records: _texts(project, records, workers, sizes.texts)):
        if isinstance(item, Problem | Problems):
            problems.add(item)
            _refuse(problems)
        else:
            yield item
    corpus.claims.prepare()  # else every process that needs it does
    without_seeds = replace(corpus.project, seeds=frozenset())  # they have been read
    anchoring = _Anchoring(replace(corpus.references, project=without_seeds), make())
    sources = (source_file(project.name(path), path, corpus.models) for path in project.annotations)
    parts = ((part, corpus.state.claims) for part in parts_of(sources, sizes.annotations))
    for anchored in workers.map(_anchor, anchoring, parts, _place):
        problems.add(anchored.problems)
        _refuse(problems)
        if not corpus.state.merge(anchored.state):
            raise _InvalidProjectError
        yield anchored.part
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
    pieces, room = list[Piece](), size
    for source in sources:
        for where in source.format.cut(source, size):
            data = _bytes(source, where)
            pieces.append(Piece(source, where, xxh3_64_intdigest(data)))
            room -= len(data)
            if room <= 0:
                yield tuple(pieces)
                pieces, room = [], size
    if pieces:
        yield tuple(pieces)


def _bytes(source: SourceFile, where: ByteRange) -> bytes:
    """Read a part, as far as any format reads on."""
    with source.path.open("rb") as stream:
        stream.seek(where.start)
        size = MAX_EXPORT_BYTES if where.stop is None else where.stop - where.start
        return stream.read(min(size, MAX_EXPORT_BYTES))


def _place(part: tuple[Pieces, int]) -> str:
    """Name a part in an error."""
    source, where, _ = part[0][0]
    return f"{source.name} from line {where.line} on"


# The texts


def _texts(
    project: ProjectFiles, records: Sequence[Record[Article]], workers: Workers, size: int
) -> Iterator[Problem | PackedText]:
    """Read the text of every article, and find what is wrong with it."""

    def part(some: Sequence[Record[Article]]) -> tuple[frozenset[str], Sequence[Record[Article]]]:
        return project.seeds.intersection(record.value.file for record in some), some  # all, each time, are too many

    parts = (part(records[at : at + size]) for at in range(0, len(records), size))
    reading = replace(project, seeds=frozenset(), annotations=(), strays=(), readings=())
    for loaded in workers.map(_load, reading, parts, lambda part: f"articles from {part[1][0].value.id} on"):
        yield from loaded


def _load(project: ProjectFiles, part: tuple[frozenset[str], Sequence[Record[Article]]]) -> list[Problem | PackedText]:
    seeds, records = part
    return list(read_texts(replace(project, seeds=seeds), records))


# The annotations


@dataclass(frozen=True, slots=True)
class _Anchoring(Generic[T]):
    """Give what a part is anchored in, and what is made of it."""

    references: References
    make: Make[T]


def _anchor(anchoring: _Anchoring[T], part: tuple[Pieces, int]) -> _AnchoredPart[T]:
    """Anchor a part.

    Args:
        anchoring: What it is anchored in.
        part: The part, and the number of claims in parts before it that are known by now.

    Raises:
        WorkerError: Here the files have other bytes.
    """
    references, (pieces, before) = anchoring.references, part
    scheme, most = references.models.scheme, references.texts.limits.max_shown
    state = AnchoringState(Coverage(most), IdIndex(scheme.labels, scheme.splits))
    problems, articles = Problems((), most), list[AnchoredArticle]()
    anchorer = ArticleAnchorer(references, state)
    for piece in pieces:
        if xxh3_64_intdigest(_bytes(piece.source, piece.where)) != piece.digest:
            message = f"{piece.source.name}: a worker reads another file, or it was changed meanwhile; {SAME_FOLDER}"
            raise WorkerError(message)
    for item in chain.from_iterable(anchorer.join(piece.source, piece.where) for piece in pieces):
        if isinstance(item, Problem | Problems):
            problems.add(item)
        else:
            articles.append(item)
    sound = not problems.failed and all(article.found for article in articles)
    made = anchoring.make(scheme, articles if sound else [], before)
    return _AnchoredPart(Part(made, len(articles)), state, problems)
