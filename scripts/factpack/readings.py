"""Two readings of the same articles, made without sight of each other: where they meet, and where they differ.

A reading is a folder with annotation files of its own (``annotations/first``, ``annotations/second``). What is released
stands in ``annotations`` itself; ``annotations/adjudications.yaml`` says for every difference what was released, and
why.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from factpack.anchor import locate
from factpack.corpus import AnchoredArticle, Departure, Difference, IdleDecision, Unanchored, Unit, UnknownName, Vote
from factpack.history import History
from factpack.join import Joined, join
from factpack.model import LABELS, Adjudication, AdjudicationsFile, Dataset
from factpack.problems import Problem, Problems
from factpack.project import Project
from factpack.records import Record, Spot, Unfit, Whole
from factpack.rules import judge
from factpack.sentences import Span
from factpack.sources import read_yaml_file


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two readings make of one article, which is given as it is released."""

    article: AnchoredArticle
    units: tuple[Unit, ...]


def votes_of(article: AnchoredArticle) -> tuple[Vote, ...]:
    """The votes of a reading on an article; sentences that are not checkable count one by one, however quoted."""
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
    )
    unverified = (Vote(item.span, "unverified") for item in article.unverified)
    sentences = {s for item in article.not_checkable for s in article.text.sentences_of(item.span)}
    return (*claims, *unverified, *(Vote(sentence, "not_checkable") for sentence in sorted(sentences)))


def pair(one: Sequence[Span], other: Sequence[Span]) -> dict[int, int]:
    """Pairs the spans that overlap, each at most once, those that have most of their words in common first."""
    candidates = []
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            common = min(a.end, b.end) - max(a.start, b.start)
            if common > 0:
                candidates.append((-common / (max(a.end, b.end) - min(a.start, b.start)), i, j))
    pairs: dict[int, int] = {}
    taken = set()
    for _, i, j in sorted(candidates):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def align(article: str, first: Sequence[Vote], second: Sequence[Vote]) -> tuple[Unit, ...]:
    """The votes of two readings side by side, in the order of the text."""
    pairs = pair([vote.span for vote in first], [vote.span for vote in second])
    units = [Unit(article, vote, second[pairs[i]] if i in pairs else None) for i, vote in enumerate(first)]
    units += [Unit(article, None, vote) for j, vote in enumerate(second) if j not in set(pairs.values())]
    return tuple(sorted(units, key=lambda unit: unit.span))


def traced(article: AnchoredArticle, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The units with the claims that they became: paired by their words, among those that are released as the same."""
    became: dict[int, str] = {}
    for label in LABELS:
        claims = [claim for claim in article.claims if claim.record.value.label == label]
        numbers = [number for number, unit in enumerate(units) if unit.released == label]
        pairs = pair([units[number].span for number in numbers], [claim.span for claim in claims])
        became |= {numbers[i]: claims[j].record.value.id for i, j in pairs.items()}
    return tuple(replace(unit, claim=became.get(number)) for number, unit in enumerate(units))


def examine(project: Project) -> Iterator[Joined | Comparison]:
    """What :func:`~factpack.join.join` yields, and before the articles how the readings compare, if there are any.

    What the readings share is wrong once and reported by each: problems can repeat.
    """
    if not project.readings:
        yield from join(project)
        return
    released = list(join(project))
    yield from (item for item in released if isinstance(item, Dataset | History))
    yield from compare(project, (item for item in released if isinstance(item, AnchoredArticle)))
    yield from (item for item in released if not isinstance(item, Dataset | History))


def compare(project: Project, released: Iterable[AnchoredArticle]) -> Iterator[Problem | Problems | Comparison]:
    """Every released article as the two readings have it, and everything wrong; nothing if there are no readings."""
    if not project.readings:
        return
    readings: list[dict[str, AnchoredArticle]] = []
    sound = True
    for reading in project.readings:
        articles: dict[str, AnchoredArticle] = {}
        for item in join(reading):
            match item:
                case Problem() | Problems():
                    yield item
                    sound = sound and not item.failed
                case AnchoredArticle():
                    articles[item.text.article] = item
        readings.append(articles)
    decisions = _Decisions(project)
    yield from decisions.read()
    first, second = readings
    names = []
    for article in released:
        name = article.text.article
        names.append(name)
        one, other = first.get(name), second.get(name)
        if one and other and one.whole and other.whole and article.whole:
            units = align(name, votes_of(one), votes_of(other))
            yield Comparison(article, traced(article, (yield from decisions.on(article, units))))
    if sound:  # else an article can be missing for another reason
        yield from decisions.of_others(names)


def _released(votes: Sequence[Vote], unit: Unit) -> tuple[str, ...]:
    """What the released annotations make of the words of a unit."""
    return tuple(vote.vote for vote in votes if vote.span.overlaps(unit.span))


class _Decisions:
    """The decisions of a project; ``complete`` is false if one could not be read, or its words not be found."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.records: dict[str, list[Record[Adjudication]]] = {}
        self.complete = not any(path.stem == "adjudications" for path, _ in project.strays)

    def read(self) -> Iterator[Problem]:
        path = self.project.adjudications
        if path is None:
            return
        for item in read_yaml_file(self.project.name(path), path, AdjudicationsFile, ("adjudications",)):
            match item:
                case Record():
                    self.records.setdefault(item.value.article, []).append(item)
                case Unfit():
                    self.complete = False
                case Whole():
                    pass
                case _:
                    yield from judge(item)

    def on(self, article: AnchoredArticle, units: Sequence[Unit]) -> Generator[Problem, None, tuple[Unit, ...]]:
        """The units of an article with the decisions on them, each of which is on a difference and is followed."""
        text = article.text.text
        spans: list[tuple[Span, Record[Adjudication]]] = []
        for record in self.records.get(article.text.article, ()):
            value = record.value
            span = locate(text, value.quote, value.prefix, value.suffix)
            if isinstance(span, Span):
                spans.append((span, record))
            else:
                self.complete = False
                has_context = bool(value.prefix or value.suffix)
                yield from judge(Unanchored(record.at("quote"), value.article, value.quote, has_context, span, text))
        votes = votes_of(article)
        decided = []
        for unit in units:
            differs = unit.votes[0] != unit.votes[1]
            at_span = [item for item in spans if differs and item[0] == unit.span]
            fitting = [item for item in at_span if (item[1].value.first, item[1].value.second) == unit.votes]
            for item in fitting[:1]:
                spans.remove(item)
            decided.append(replace(unit, decision=fitting[0][1] if fitting else None))
            if not differs and unit.votes[0] not in (released := _released(votes, unit)):
                quote = text[unit.span.start : unit.span.end]
                yield from judge(Departure(unit, quote, released, Spot(article.file, 1, 1)))
            if differs and (fitting or (self.complete and not at_span)):
                released = _released(votes, unit)
                quote = text[unit.span.start : unit.span.end]
                yield from judge(Difference(decided[-1], quote, released, self.project.name(self.project.folder)))
        for _, record in spans:
            yield from judge(IdleDecision(record))
        return tuple(decided)

    def of_others(self, names: Sequence[str]) -> Iterator[Problem]:
        """What is wrong with decisions on articles that do not exist."""
        for name, records in self.records.items():
            for record in records if name not in names else ():
                yield from judge(UnknownName("article", name, record.at("article"), tuple(names)))
