"""Align readings of the same articles, which were made without sight of each other.

A reading is a folder with annotation files of its own in ``annotations/readings``, and the name of the folder is its
name. The released annotations are in ``annotations`` itself; ``annotations/adjudications.yaml`` gives for every
difference what was released, and why, and so for every departure from what all readings say.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET

from factpack.anchoring.corpus_builder import CorpusItem, build_corpus, models_in
from factpack.checks.problem import Problem, Problems
from factpack.checks.registry import judge
from factpack.corpus.subjects import QuoteNotLocated, UnknownName
from factpack.corpus.types import NO_SPAN, AnchoredArticle
from factpack.corpus.votes import Difference, ReadingsNotFollowed, Unit, UnplacedVote, UnusedDecision, Vote
from factpack.formats.format import InvalidRecord
from factpack.formats.locations import Record
from factpack.formats.registry import read_register
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.history import History
from factpack.project.layout import ProjectFiles
from factpack.project.models import Adjudication, Dataset
from factpack.text.locate import Misplaced, locate
from factpack.text.sentences import Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compare what the readings make of one article.

    Attributes:
        readings: The names of the readings.
        article: The article as it is released.
        units: The votes of the readings, in the order of the text.
    """

    readings: tuple[str, ...]
    article: AnchoredArticle
    units: tuple[Unit, ...]


def votes_of(article: AnchoredArticle) -> tuple[Vote, ...]:
    """Return the votes of a reading on an article; each sentence that is not checkable counts, however quoted."""
    claims = (
        Vote(
            claim.span,
            claim.record.value.label,
            frozenset(
                (passage.passage.article, passage.span, evidence.stance)
                for passage, evidence in zip(claim.evidence, claim.record.value.evidence, strict=True)
                if passage.span
            ),
        )
        for claim in article.claims
        if claim.span != NO_SPAN
    )
    unverified = (Vote(item.span, "unverified") for item in article.unverified if item.span != NO_SPAN)
    sentences = {s for item in article.not_checkable for s in article.text.sentences_of(item.span)}
    return (*claims, *unverified, *(Vote(sentence, "not_checkable") for sentence in sorted(sentences)))


def join(readings: Sequence[Sequence[Span]]) -> list[dict[int, int]]:
    """Join the spans of several readings that overlap, those that share most of their characters first.

    Two groups of spans become one if a span of one overlaps a span of the other, and no reading has spans in both.

    Returns:
        The groups, in the order of the first reading that has a span in them, and of its spans; a group gives the
        number of the span by the number of the reading.
    """
    group_of = {(reading, n): {reading: n} for reading, spans in enumerate(readings) for n in range(len(spans))}
    for _, one, other in sorted(_overlaps(readings)):
        joined, added = group_of[one], group_of[other]
        if joined.keys().isdisjoint(added):
            joined |= added
            group_of |= dict.fromkeys(added.items(), joined)
    return [group for place, group in group_of.items() if place == min(group.items())]


def _overlaps(readings: Sequence[Sequence[Span]]) -> Iterator[tuple[float, tuple[int, int], tuple[int, int]]]:
    """Yield the pairs of overlapping spans of different readings, with the share of their common characters below 0."""
    spans = sorted((span, reading, n) for reading, spans in enumerate(readings) for n, span in enumerate(spans))
    before: list[tuple[Span, int, int]] = []
    for span, reading, n in spans:
        before = [each for each in before if each[0].end > span.start]
        for earlier, its_reading, its_n in before:
            if its_reading != reading:
                common = min(earlier.end, span.end) - span.start
                share = common / (max(earlier.end, span.end) - earlier.start)
                one, other = sorted([(its_reading, its_n), (reading, n)])
                yield -share, one, other
        before.append((span, reading, n))


def pair(one: Sequence[Span], other: Sequence[Span]) -> dict[int, int]:
    """Pair the spans that overlap, each at most once, those that share most of their characters first.

    Returns:
        The number of a span in ``one``, with the number of its partner in ``other``.
    """
    return {group[0]: group[1] for group in join((one, other)) if len(group) > 1}


def align(article: str, *readings: Sequence[Vote]) -> tuple[Unit, ...]:
    """Put the votes of readings on an article side by side, in the order of the text."""
    groups = join([[vote.span for vote in votes] for votes in readings])
    units = [
        Unit(article, tuple(votes[group[n]] if n in group else None for n, votes in enumerate(readings)))
        for group in groups
    ]
    return tuple(sorted(units, key=lambda unit: unit.span))


def trace(article: AnchoredArticle, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Find the claim that each unit became: they are paired by their words, among those with the same label."""
    became: dict[int, str] = {}
    labels = dict.fromkeys(value.label for value in article.claims.records.values)
    for label in labels:
        claims = [claim for claim in article.claims if claim.record.value.label == label]
        numbers = [number for number, unit in enumerate(units) if unit.released == label]
        pairs = pair([units[number].span for number in numbers], [claim.span for claim in claims])
        became |= {numbers[i]: claims[j].record.value.id for i, j in pairs.items()}
    return tuple(replace(unit, claim=became.get(number)) for number, unit in enumerate(units))


def examine(project: ProjectFiles, limits: Limits = DEFAULT_LIMITS) -> Iterator[CorpusItem | Comparison]:
    """Build the corpus of a project and compare its readings, if there are any.

    Args:
        project: The project.
        limits: Bounds of the problems and texts in memory.

    Yields:
        What :func:`build_corpus` yields, with the comparisons before the articles. A problem in a file that the
        readings share is reported by each of them.
    """
    if not project.readings:
        yield from build_corpus(project, limits)
        return
    released = list(build_corpus(project, limits))
    yield from (item for item in released if isinstance(item, Dataset | History))
    yield from compare(project, (item for item in released if isinstance(item, AnchoredArticle)), limits)
    yield from (item for item in released if not isinstance(item, Dataset | History))


def compare(
    project: ProjectFiles, released: Iterable[AnchoredArticle], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Problem | Problems | Comparison]:
    """Compare the readings of a project, article by article; yield nothing if there are no readings.

    Args:
        project: The project.
        released: Its articles as they are released.
        limits: Bounds of the problems and texts in memory.
    """
    if not project.readings:
        return
    readings: list[dict[str, AnchoredArticle]] = []
    failed = False
    for reading in project.readings:
        articles: dict[str, AnchoredArticle] = {}
        for item in build_corpus(reading, limits):
            match item:
                case Problem() | Problems():
                    yield item
                    failed = failed or item.failed
                case AnchoredArticle():
                    articles[item.text.article] = item
                    for note in (*item.claims, *item.unverified):
                        yield from judge(UnplacedVote(note.record)) if note.span == NO_SPAN else ()
        readings.append(articles)
    decisions = _Decisions(project)
    yield from decisions.read()
    names = []
    for article in released:
        name = article.text.article
        names.append(name)
        theirs = [reading[name] for reading in readings if name in reading]
        if len(theirs) == len(readings) and all(each.whole for each in (article, *theirs)):
            units = align(name, *map(votes_of, theirs))
            yield Comparison(
                project.reading_names, article, trace(article, (yield from decisions.apply(article, units)))
            )
    if not failed:  # else an article can be missing for another reason
        yield from decisions.judge_unknown_articles(names)


def _released(votes: Sequence[Vote], unit: Unit) -> tuple[str, ...]:
    """Return the votes of the released annotations on the words of a unit."""
    return tuple(vote.vote for vote in votes if vote.span.overlaps(unit.span))


class _Decisions:
    """Keep the decisions of a project.

    Attributes:
        records: The decisions, by article.
        complete: Whether all could be read, and their words be found.
    """

    def __init__(self, project: ProjectFiles) -> None:
        self.project = project
        self.records: dict[str, list[Record[Adjudication]]] = {}
        self.models = models_in(project)
        self.complete = self.models is not None and not project.misses("adjudications")

    def read(self) -> Iterator[Problem]:
        """Read the decisions, and report what is wrong with them."""
        path = self.project.adjudications
        if path is None or self.models is None:
            return
        for item in read_register(self.project.name(path), path, self.models.adjudications_file):
            match item:
                case Record():
                    self.records.setdefault(item.value.article, []).append(item)
                case InvalidRecord():
                    self.complete = False
                case _:
                    yield from judge(item)

    def apply(self, article: AnchoredArticle, units: Sequence[Unit]) -> Generator[Problem, None, tuple[Unit, ...]]:
        """Return the units of an article with the decisions on them; report each that is unused or not followed."""
        text = article.text.text
        spans: list[tuple[Span, Record[Adjudication]]] = []
        for record in self.records.get(article.text.article, ()):
            value = record.value
            start = None if value.start is UNSET else value.start
            span = locate(text, value.quote, value.prefix, value.suffix, start=start)
            if isinstance(span, Span):
                spans.append((span, record))
            else:
                self.complete = False
                key = "start" if isinstance(span, Misplaced) else "quote"
                yield from judge(QuoteNotLocated(record.at(key), value.article, span))
        votes = votes_of(article)
        decided = []
        for unit in units:
            released = _released(votes, unit)
            departs = not unit.differs and unit.votes[0] not in released
            at_span = [item for item in spans if (unit.differs or departs) and item[0] == unit.span]
            fitting = [item for item in at_span if item[1].value.votes == unit.votes]
            for item in fitting[:1]:
                spans.remove(item)
            decided.append(replace(unit, decision=fitting[0][1] if fitting else None))
            quote = text[unit.span.start : unit.span.end]
            if fitting or (unit.differs and self.complete and not at_span):
                folder, readings = self.project.name(self.project.folder), self.project.reading_names
                yield from judge(Difference(decided[-1], quote, released, folder, readings))
            elif departs and self.complete:
                yield from judge(ReadingsNotFollowed(unit, quote, released, article.file))
        for _, record in spans:
            yield from judge(UnusedDecision(record, self.project.reading_names))
        return tuple(decided)

    def judge_unknown_articles(self, names: Sequence[str]) -> Iterator[Problem]:
        """Report the decisions on articles that do not exist."""
        register = self.project.register_of("articles")
        for name, records in self.records.items():
            for record in records if name not in names else ():
                yield from judge(UnknownName("article", name, record.at("article"), tuple(names), register))
