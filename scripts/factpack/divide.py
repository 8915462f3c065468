"""Joins a corpus in several processes, with the same result as in one.

The annotations are cut into parts between two articles. A process joins a part and makes its rows; the first process
puts the parts together in their order, and joins some itself when the others have enough to do. That is done for sound
projects only: as soon as an error shows, the project is joined in one process, which tells everything that is wrong.
"""

import gc
import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import pyarrow as pa

from factpack.batches import batches
from factpack.corpus import AnchoredArticle
from factpack.join import Corpus, Joined, join, read_texts, uncollected
from factpack.lines import Stretch
from factpack.model import Article
from factpack.problems import Problem, Problems
from factpack.project import Project
from factpack.records import MAX_LINE_BYTES, Record
from factpack.section import Frame, Section, Tally
from factpack.shelf import Packed
from factpack.tables import save_memory
from factpack.view import Page

PART_BYTES = 2 * 2**20  # of annotations: some 3,000 claims
PART_TEXTS = 500  # articles that are read together
AHEAD = 2  # parts that another process is given: one to join, and the next
MAX_WAITING = 2  # parts for each process that wait to be put in their place

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the corpus: the rows of its articles, without their stamps, and what it adds to the page."""

    rows: dict[str, pa.Table]
    page: Page
    articles: int


@dataclass(frozen=True, slots=True)
class _Joined:
    """A part, and what else its annotations amount to."""

    part: Part
    tally: Tally
    problems: Problems


class _UnsoundError(Exception):
    """Something is wrong with the project."""


def divided(project: Project, scratch: Path, jobs: int) -> Iterator[Joined | Part]:
    """What :func:`~factpack.join.join` yields, with parts in the place of most articles; if there is an error, all
    problems and nothing else of use.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs - 1, context, initializer=_begin_process)  # and this one
    try:
        try:
            with uncollected():
                yield from _divided(project, scratch, jobs, pool)
        finally:
            pool.shutdown(cancel_futures=True)
    except _UnsoundError:
        yield from (item for item in join(project) if isinstance(item, Problem | Problems))


def _divided(project: Project, scratch: Path, jobs: int, pool: Executor) -> Iterator[Joined | Part]:
    problems = Problems()
    corpus = Corpus(project, scratch)
    for item in corpus.open(lambda project, records: _texts(project, records, jobs, pool)):
        if isinstance(item, Problem | Problems):
            problems.add(item)
            _refuse(problems)
        else:
            yield item
    frame = scratch / "frame"
    with frame.open("wb") as stream:
        without_seeds = replace(project, seeds=frozenset())  # they have been read
        pickle.dump(replace(corpus.frame, project=without_seeds), stream)
    total = Page()

    def begin(place: tuple[Path, Stretch]) -> Future[_Joined]:
        return pool.submit(_join_part, frame, *place, drawn=total.fits)

    def do(place: tuple[Path, Stretch]) -> _Joined:
        return _join(corpus.frame, *place, drawn=total.fits)

    places = ((path, stretch) for path in project.annotations for stretch in _stretches(path))
    for joined in _in_order(places, begin, do, jobs):
        problems.add(joined.problems)
        _refuse(problems)
        if not corpus.tally.merge(joined.tally):
            raise _UnsoundError
        total.claims += joined.part.page.claims
        yield joined.part
    pool.shutdown()  # what comes now takes the memory that they had
    for last in corpus.close():
        if isinstance(last, Problem | Problems):
            problems.add(last)
            _refuse(problems)
        else:
            yield last
    yield problems


def _refuse(problems: Problems) -> None:
    if problems.failed:
        raise _UnsoundError


def _in_order(items: Iterable[T], begin: Callable[[T], Future[R]], do: Callable[[T], R], jobs: int) -> Iterator[R]:
    """The results of some work, in the order of the items. It is begun in other processes; when these have enough, it
    is done here. Only some results wait for their turn.
    """
    waiting: deque[Future[R]] = deque()
    for item in items:
        if sum(not future.done() for future in waiting) < AHEAD * (jobs - 1):
            waiting.append(begin(item))
        else:
            done: Future[R] = Future()
            done.set_result(do(item))
            waiting.append(done)
        while waiting and (waiting[0].done() or len(waiting) > MAX_WAITING * jobs):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


# The texts


def _texts(
    project: Project, records: Sequence[Record[Article]], jobs: int, pool: Executor
) -> Iterator[Problem | Packed]:
    """The text of every article, and what is wrong with it."""

    def begin(some: Sequence[Record[Article]]) -> Future[list[Problem | Packed]]:
        seeds = project.seeds.intersection(record.value.file for record in some)  # all, each time, are too many
        return pool.submit(_load, replace(project, seeds=seeds), some)

    def do(some: Sequence[Record[Article]]) -> list[Problem | Packed]:
        return _load(project, some)

    parts = (records[at : at + PART_TEXTS] for at in range(0, len(records), PART_TEXTS))
    for loaded in _in_order(parts, begin, do, jobs):
        yield from loaded


def _load(project: Project, records: Sequence[Record[Article]]) -> list[Problem | Packed]:
    return list(read_texts(project, records))


# The annotations


def _stretches(path: Path) -> Iterator[Stretch]:
    """A file of annotations, cut between articles."""
    if path.suffix != ".jsonl":
        yield Stretch()
        return
    with path.open("rb") as stream:
        start, line = 0, 1
        while True:
            stream.seek(start + PART_BYTES)
            stop = _next_article(stream)
            if stop is None:
                yield Stretch(start, None, line)
                return
            yield Stretch(start, stop, line)
            stream.seek(start)
            line += _line_ends(stream, stop - start)
            start = stop


def _line_ends(stream: BinaryIO, size: int) -> int:
    """How many lines end in the next bytes, which are read in pieces: an article can have any number of them."""
    pieces = (stream.read(min(PART_BYTES, size - at)) for at in range(0, size, PART_BYTES))
    return sum(piece.count(b"\n") for piece in pieces)


def _next_article(stream: BinaryIO) -> int | None:
    """Where, from some place within a file on, the lines of another article begin; ``None`` at its end."""
    if not stream.readline(MAX_LINE_BYTES):
        return None
    before = None
    while True:
        offset = stream.tell()
        data = stream.readline(MAX_LINE_BYTES)
        if not data:
            return None
        article = _article_of(data)
        if before is not None and article is not None and article != before:
            return offset
        before = article


def _article_of(line: bytes) -> str | None:
    try:
        plain = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    article = plain.get("article") if isinstance(plain, dict) else None
    return article if isinstance(article, str) else None


@lru_cache(maxsize=1)
def _frame(path: Path) -> Frame:
    with path.open("rb") as stream:
        frame = pickle.load(stream)  # noqa: S301 - written by the process that has begun this one
    assert isinstance(frame, Frame)
    return frame


def _begin_process() -> None:
    gc.disable()  # as in uncollected
    save_memory()


def _join_part(frame: Path, path: Path, stretch: Stretch, *, drawn: bool) -> _Joined:
    """Joins a part, in a process of its own."""
    return _join(_frame(frame), path, stretch, drawn=drawn)


def _join(frame: Frame, path: Path, stretch: Stretch, *, drawn: bool) -> _Joined:
    tally, problems, page = Tally(), Problems(), Page(drawn=drawn)
    articles: list[AnchoredArticle] = []
    for item in Section(frame, tally).join(path, stretch):
        if isinstance(item, Problem | Problems):
            problems.add(item)
        else:
            articles.append(item)
            page.add(item)
    sound = not problems.failed and all(article.found for article in articles)
    return _Joined(Part(batches(articles, {}) if sound else {}, page, len(articles)), tally, problems)
