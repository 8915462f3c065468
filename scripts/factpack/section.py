"""Joins a stretch of annotations with the texts, an article at a time."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from factpack.anchor import LONG_TEXT, Ambiguous, Missing, locate
from factpack.corpus import (
    AnchoredArticle,
    AnchoredPassage,
    AnchoredRecords,
    ArticleText,
    Claims,
    LabelledClaim,
    Labelling,
    MisnamedFile,
    NameTaken,
    Notes,
    RegisteredText,
    Unanchored,
    UnknownName,
)
from factpack.ledger import NO_FACT, Ledger
from factpack.lines import WHOLE_FILE, Stretch
from factpack.model import (
    SLUG,
    Claim,
    Passage,
    Unverified,
)
from factpack.problems import MAX_SHOWN, Problem, Problems
from factpack.project import Project
from factpack.records import Places, Record, Records, Unfit
from factpack.rules import count, judge
from factpack.sentences import Span
from factpack.shelf import Shelf
from factpack.soundness import control_characters
from factpack.sources import ArticleRecords, read_annotations

MAX_SOUND = 10_000  # ways to label a claim that are remembered

Kind = Literal["article", "fact", "speaker"]
T = TypeVar("T")
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of one kind, numbered in their order; ``complete`` says whether there can be no others."""

    kind: Kind
    numbers: Mapping[str, int]
    complete: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What annotations are joined with: the texts, and the names that they may name.

    ``settled`` is the value on which a fact is settled, by the fact's id.
    """

    project: Project
    articles: Names
    facts: Names
    speakers: Names
    settled: Mapping[str, str]
    texts: Shelf


def _word(plain: Any, key: str) -> str:
    """The text at a key, if it is one that nothing is wrong with by itself; else nothing."""
    value = plain.get(key) if isinstance(plain, dict) else None
    sound = isinstance(value, str) and unicodedata.is_normalized("NFC", value) and not control_characters(value)
    return str(value) if sound else ""


def _passage(plain: Any, article: str) -> Passage:
    quote, prefix, suffix = (_word(plain, key) for key in ("quote", "prefix", "suffix"))
    return Passage(article=article, quote=quote, prefix=prefix, suffix=suffix)


class Coverage:
    """What is wrong with whole articles, until all annotations are read: more of an article may stand elsewhere."""

    def __init__(self) -> None:
        self.found: dict[str, Problems] = {}
        self._kept = 0
        self._last: Problem | None = None

    def add(self, article: str, found: Iterable[Problem | Problems]) -> None:
        """Takes what is wrong with an article. Of all articles together, only the first problems are kept in full."""
        problems = Problems(found, self._last)
        if not problems:
            return
        self.found[article] = problems
        self._kept += len(problems.shown)
        if self._kept > 2 * MAX_SHOWN:
            self._last = sorted(problem for each in self.found.values() for problem in each)[MAX_SHOWN - 1]
            for each in self.found.values():
                each.cut(self._last)
            self._kept = MAX_SHOWN

    def drop(self, article: str) -> None:
        """Forgets an article, which is annotated elsewhere too."""
        if dropped := self.found.pop(article, None):
            self._kept -= len(dropped.shown)

    def all(self) -> Iterator[Problems]:
        """What was found, article by article."""
        yield from self.found.values()


@dataclass(slots=True)
class Tally:
    """What annotations amount to, besides the articles that they are in.

    ``annotated`` is where each article is annotated, ``told`` how many problems records have. ``whole`` is false if
    some annotation could not be read, ``named`` if nobody knows which article that one belongs to.
    """

    ledger: Ledger = field(default_factory=Ledger)
    coverage: Coverage = field(default_factory=Coverage)
    annotated: dict[str, Record[None]] = field(default_factory=dict)
    claims: int = 0
    told: int = 0
    whole: bool = True
    named: bool = True

    def merge(self, later: "Tally") -> bool:
        """Takes what a later part of the annotations amounts to; false if an article is annotated in both."""
        if not self.annotated.keys().isdisjoint(later.annotated):
            return False
        self.annotated |= later.annotated
        self.ledger.merge(later.ledger)
        for article, problems in later.coverage.found.items():
            self.coverage.add(article, [problems])
        self.claims += later.claims
        self.told += later.told
        self.whole = self.whole and later.whole
        self.named = self.named and later.named
        return True


class Section:
    """Joins a stretch of annotations with the texts; what it amounts to is added to a tally."""

    def __init__(self, frame: Frame, tally: Tally) -> None:
        self.frame = frame
        self.project = frame.project
        self.tally = tally
        self.problems = Problems()
        self.sound: set[tuple[Any, ...]] = set()  # ways to label a claim with which nothing is wrong
        # Where words stand in the text of the article that is annotated: one claim's quote is another one's evidence.
        self.text: ArticleText | None = None
        self.spans: dict[str, Span] = {}

    def join(self, path: Path, stretch: Stretch = WHOLE_FILE) -> Iterator[Problems | AnchoredArticle]:
        """The articles that are annotated in a file, or in some lines of it, and everything that is wrong."""
        name = self.project.name(path)
        for item in read_annotations(name, path, stretch):
            match item:
                case ArticleRecords():
                    joined = self.annotations(item, name, path)
                    yield from self.told()
                    if joined:
                        yield joined
                case Unfit():
                    self.tally.named = self.tally.whole = False
                    yield from self.told()
                case _:
                    self.judge(item)
        yield from self.told()

    def judge(self, subject: object) -> None:
        """Puts a value before the rules. When enough is told of what stands before it, the problems are counted."""
        for problem in judge(subject) if self.tally.told < MAX_SHOWN else count(subject):
            self.problems.add(problem)

    def told(self) -> Iterator[Problems]:
        """The problems so far, once."""
        if self.problems:
            self.tally.told += len(self.problems)
            yield self.problems
            self.problems = Problems()

    def annotations(self, item: ArticleRecords, name: str, path: Path) -> AnchoredArticle | None:
        """An article with its annotations, if its name and its text can be used, and they stand nowhere else."""
        tally, article = self.tally, item.article
        tally.whole = tally.whole and item.whole
        if article not in self.frame.articles.numbers:
            tally.named = tally.whole = False
            self.unknown(self.frame.articles, article, item.named, "article")
            return None
        if article in tally.annotated:
            first = tally.annotated[article]
            self.judge(NameTaken("annotation", article, item.named.at("article"), first.at("article")))
            tally.coverage.drop(article)  # what the first place does not account for may stand in the second
            tally.whole = False
            return None
        if path.suffix == ".yaml" and path.stem != article:
            self.judge(MisnamedFile(name, article))
        tally.annotated[article] = Record(None, item.named.source, item.named.path)
        tally.ledger.begin(article)
        joined = self.article(item, self.frame.texts.registered(article), name)
        for record in item.unfit:
            self.parts(record, self.text)
        return joined

    def article(self, item: ArticleRecords, registered: RegisteredText | None, file: str) -> AnchoredArticle | None:
        """An article with what is annotated in it; ``None`` if its text cannot be used."""
        self.text = text = registered.text if registered else None
        self.spans.clear()
        self.tally.claims += len(item.claims)
        self.names(item.claims, [value.label for value in item.claims.values])
        self.names(item.unverified, [None] * len(item.unverified))
        self.labels(item.article, item.claims)
        claims = self.claims(item.article, item.claims, text)
        unverified = self.notes(item.unverified, text)
        not_checkable = self.notes(item.not_checkable, text)
        if registered is None:
            return None
        self.judge(AnchoredRecords(item.article, claims, unverified))
        found = len(claims) + len(unverified) + len(not_checkable)
        whole = item.whole and found == len(item.claims) + len(item.unverified) + len(item.not_checkable)
        article = AnchoredArticle(registered.record, registered.text, file, claims, unverified, not_checkable, whole)
        self.tally.coverage.add(item.article, judge(article))
        return article

    def names(self, records: Records[Claim] | Records[Unverified], labels: Sequence[str | None]) -> None:
        """Takes down the ids of claims or passages and the answers that they give; looks up what they name."""
        frame, values = self.frame, records.values
        if not values:
            return
        facts = [frame.facts.numbers.get(value.fact, NO_FACT) for value in values]
        self.tally.ledger.take(
            [value.id for value in values], records.places, facts, [value.value for value in values], labels
        )
        if not frame.speakers.numbers.keys() >= {value.speaker for value in values}:
            for record in records:
                self.unknown(frame.speakers, record.value.speaker, record, "speaker")
        if NO_FACT in facts:
            for record in records:
                if record.value.fact:
                    self.unknown(frame.facts, record.value.fact, record, "fact")

    def unknown(self, names: Names, name: str, record: Record[Any], *path: str | int) -> None:
        """What is wrong with a name that stands at ``path`` of a record, if it is none of the names."""
        if name not in names.numbers and names.complete:
            self.judge(UnknownName(names.kind, name, record.at(*path), names.numbers.keys()))

    def labels(self, article: str, records: Records[Claim]) -> None:
        """Judges the labels of claims; each way to label a claim, once it is found sound, no more."""
        for index, value in enumerate(records.values):
            numbers = {article: 0}
            evidence = tuple([(each.stance, numbers.setdefault(each.article, len(numbers))) for each in value.evidence])
            settled = self.frame.settled.get(value.fact) == value.value
            way = (value.label, value.basis, bool(value.correction), settled, evidence)
            if way in self.sound:
                continue
            before = len(self.problems)
            labelling = Labelling(*way[:3], value.value if settled else "", evidence)
            self.judge(LabelledClaim(labelling, records[index]))
            if len(self.problems) == before and len(self.sound) < MAX_SOUND:
                self.sound.add(way)

    def claims(self, article: str, records: Records[Claim], text: ArticleText | None) -> Claims:
        """The claims of an article whose quotes are found; the evidence of all of them is judged."""
        spans = self.spans_of(records, text)
        contexts: list[str] = []
        evidence: list[list[AnchoredPassage]] = []
        for index, (value, span) in enumerate(zip(records.values, spans, strict=True)):
            passages = []
            for number, passage in enumerate(value.evidence):
                its = text if passage.article == article else self.frame.texts.get(passage.article)
                found = self.find(its, passage) if its else None
                if its and isinstance(found, Span):
                    passages.append(AnchoredPassage(passage, found, its.context(found)))
                else:
                    passages.append(self.passage(records[index], ("evidence", number), passage))
            if text and span:
                contexts.append(text.context(span))
                evidence.append(passages)
        found_records, found_spans = _found(records, spans)
        return Claims(found_records, found_spans, contexts, evidence)

    def notes(self, records: Records[T], text: ArticleText | None) -> Notes[T]:
        """The notes whose quotes are found."""
        return Notes(*_found(records, self.spans_of(records, text)))

    def spans_of(self, records: Records[Any], text: ArticleText | None) -> list[Span | None]:
        """The spans of the quotes of records in their article, those with which nothing is wrong."""
        if text is None:
            return [None] * len(records)
        spans: list[Span | None] = []
        for index, value in enumerate(records.values):
            found = self.find(text, value)
            spans.append(found if isinstance(found, Span) else self.anchor(records[index], (), value, text))
        return spans

    def find(self, text: ArticleText, words: Any) -> Span | Missing | Ambiguous:
        """The span of a quote."""
        quote, prefix, suffix = words.quote, words.prefix, words.suffix
        shared = text is self.text and not prefix and not suffix
        if shared and (span := self.spans.get(quote)):
            return span
        if len(text.text) < LONG_TEXT:
            found = locate(text.text, quote, prefix, suffix)
        else:
            found = self.frame.texts.locate(text.article, quote, prefix, suffix)
        if shared and isinstance(found, Span):
            self.spans[quote] = found
        return found

    def anchor(self, record: Record[Any], path: Steps, words: Any, text: ArticleText) -> Span | None:
        """The span of a quote, if nothing is wrong with it; else that is said."""
        found = self.find(text, words)
        if isinstance(found, Span):
            return found
        has_context = bool(words.prefix or words.suffix)
        place = record.at(*path, "quote")
        self.judge(Unanchored(place, text.article, words.quote, has_context, found, text.text))
        return None

    def passage(self, record: Record[Any], path: Steps, passage: Passage) -> AnchoredPassage:
        """A passage of any article, at its place."""
        text = self.frame.texts.get(passage.article)
        if text is None:
            self.unknown(self.frame.articles, passage.article, record, *path, "article")
            return AnchoredPassage(passage, None, "")
        span = self.anchor(record, path, passage, text)
        return AnchoredPassage(passage, span, text.context(span) if span else "")

    def parts(self, record: Record[Any], text: ArticleText | None) -> None:
        """What is wrong with the parts of a record that can be judged, though the whole does not fit its model."""
        plain = record.value if isinstance(record.value, dict) else {}
        name, speaker, fact = (_word(plain, key) for key in ("id", "speaker", "fact"))
        if name:
            self.tally.ledger.take([name], Places.one(record), [NO_FACT], [""], [None])
        if speaker:
            self.unknown(self.frame.speakers, speaker, record, "speaker")
        if re.fullmatch(SLUG, fact):
            self.unknown(self.frame.facts, fact, record, "fact")
        if text and _word(plain, "quote"):
            self.anchor(record, (), _passage(plain, text.article), text)
        evidence = plain.get("evidence")
        for index, item in enumerate(evidence if isinstance(evidence, list) else ()):
            article = _word(item, "article")
            if article.isalnum() and article.isascii() and _word(item, "quote"):
                self.passage(record, ("evidence", index), _passage(item, article))


def _found(records: Records[T], spans: Sequence[Span | None]) -> tuple[Records[T], list[Span]]:
    """The records whose quotes are found, and where."""
    found = [span for span in spans if span]
    return (records if len(found) == len(spans) else records.some([i for i, s in enumerate(spans) if s])), found
