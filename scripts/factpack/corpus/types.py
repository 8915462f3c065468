"""Join annotated articles with their texts, as the rules judge them and the tables show them.

All offsets are Unicode code points of the article, start inclusive, end exclusive.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from msgspec import Struct

from factpack.corpus.id_index import FactAnswers
from factpack.formats.locations import Record, Records
from factpack.project.models import Article, Claim, Fact, NotCheckable, Passage, Unverified
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import STATUSES
from factpack.text.sentences import Span, context, touched

T = TypeVar("T")

NO_SPAN = Span(-1, -1)  # of a record without a quote

CLAIM, UNVERIFIED, NOT_CHECKABLE, UNACCOUNTED = range(len(STATUSES))
NO_STATUS = 255  # of a sentence of an article that is only a source, in which nothing has to be accounted for


class ArticleText(Struct, frozen=True, gc=False):
    """Give the text of an article and its sentences.

    Attributes:
        article: The id of the article.
        text: Its text.
        bounds: The start and the end of every sentence, one after another, as :func:`sentence_bounds` returns them.
    """

    article: str
    text: str
    bounds: Sequence[int]

    def sentences_of(self, span: Span) -> tuple[Span, ...]:
        """Return the sentences that a span touches."""
        return tuple(Span(self.bounds[2 * i], self.bounds[2 * i + 1]) for i in touched(self.bounds, span))

    def context(self, span: Span) -> str:
        """Return the text of the sentences that a span touches, from the start of the first to the end of the last."""
        return context(self.text, self.bounds, *span)[0]

    def anchored(self, passage: Passage, span: Span) -> "AnchoredPassage":
        """Return a passage of the article with the sentences that it is in."""
        # Each step apart, as there are more passages than anything else.
        words, sentence = context(self.text, self.bounds, span[0], span[1])
        return AnchoredPassage(passage, span, words, sentence)


class RegisteredText(Struct, frozen=True, gc=False):
    """Pair the text of an article with its entry in the register."""

    record: Record[Article]
    text: ArticleText


class AnchoredPassage(Struct, frozen=True, gc=False):
    """Place words in their article.

    Attributes:
        passage: The words.
        span: Their span; ``None`` if they were not found, which is a problem by itself, or if they are given without
            their article.
        context: The sentences that they are in.
        sentence: The start of the sentence that they lie in, which is the context then; -1 if they lie in none.
    """

    passage: Passage
    span: Span | None
    context: str
    sentence: int

    @property
    def found(self) -> bool:
        """Tell whether the words were found in their article, if they are of one."""
        return self.span is not None or not self.passage.article


class Labelling(Struct, frozen=True, gc=False):
    """Give everything that the label of a claim is judged by, so that equal ones are right or wrong alike.

    Attributes:
        label: The label.
        basis: The basis of the label.
        corrected: Whether the claim has a correction.
        settled: The value of the claim if its fact is settled on it, or an empty text.
        evidence: The side and the article of each passage: 0 for the claim's own article, the others numbered in
            their order.
    """

    label: str
    basis: str
    corrected: bool
    settled: str
    evidence: tuple[tuple[str, int], ...]


class LabelledClaim(Struct, frozen=True, gc=False):
    """Put what the label of a claim is judged by beside the scheme and the place of the claim."""

    labelling: Labelling
    place: Record[Claim]
    scheme: Scheme


class AnchoredNote(Struct, Generic[T], frozen=True, gc=False):
    """Place a record in its article.

    Attributes:
        record: An unverified passage, sentences that state nothing checkable, or a claim.
        span: The span of its quote; NO_SPAN if it has none.
    """

    record: Record[T]
    span: Span


class AnchoredClaim(AnchoredNote[Claim], frozen=True, gc=False):
    """Place a claim in its article.

    Attributes:
        context: The sentences that its quote is in.
        evidence: Its evidence, in its order.
    """

    context: str
    evidence: Sequence[AnchoredPassage]


@dataclass(frozen=True, slots=True)
class Notes(Generic[T]):
    """Give records of one kind of an article by column; iterate over them one by one."""

    records: Records[T]
    spans: Sequence[Span]

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[AnchoredNote[T]]:
        return map(AnchoredNote, self.records, self.spans)


@dataclass(frozen=True, slots=True)
class Claims(Notes[Claim]):
    """Give the claims of an article by column; iterate over them one by one."""

    contexts: Sequence[str]
    evidence: Sequence[Sequence[AnchoredPassage]]

    def __iter__(self) -> Iterator[AnchoredClaim]:
        return map(AnchoredClaim, self.records, self.spans, self.contexts, self.evidence)


@dataclass(frozen=True, slots=True)
class UnverifiedNotes(Notes[Unverified]):
    """Give the unverified passages of an article by column, with the passages that come near each."""

    near: Sequence[Sequence[AnchoredPassage]]


class AnchoredRecords(Struct, frozen=True, gc=False):
    """Give the claims and unverified passages of an article, each of which is judged by itself.

    Attributes:
        article: The id of the article.
        claims: Its claims.
        unverified: Its unverified passages.
        language: The language of the article.
        is_reading: Whether they are of one of the readings, and not what is released.
        splits: The split of each article in the register that has one; ``None`` if the project has no splits.
    """

    article: str
    claims: Claims
    unverified: UnverifiedNotes
    language: str
    is_reading: bool
    splits: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """Tell what accounts for each sentence of an article.

    Attributes:
        statuses: A byte for every sentence: the index of its status in STATUSES, or NO_STATUS.
        claims: The number of a sentence and the number of a claim that touches it, both from 0, sentence by sentence.
        unverified: The same of unverified passages.
        not_checkable: The same of what is not checkable.
    """

    statuses: bytes
    claims: Sequence[tuple[int, int]]
    unverified: Sequence[tuple[int, int]]
    not_checkable: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class AnchoredArticle:
    """Give an article with everything annotated in it.

    Attributes:
        record: Its entry in the register.
        text: Its text.
        file: The file where its annotations are, or would be.
        claims: Its claims.
        unverified: Its unverified passages.
        not_checkable: What is not checkable in it.
        whole: Whether all its annotations could be read and found; if not, nothing can be said about what is missing.
    """

    record: Record[Article]
    text: ArticleText
    file: str
    claims: Claims
    unverified: UnverifiedNotes
    not_checkable: Notes[NotCheckable]
    whole: bool

    @property
    def is_registered(self) -> bool:
        """Tell whether this is an article; else it stands for the claims of a file that are in none."""
        return bool(self.text.article)

    @cached_property
    def accounts(self) -> Accounts:
        """Find what accounts for each sentence of the article."""
        claims, unverified, not_checkable = (
            self._touches(notes.spans) for notes in (self.claims, self.unverified, self.not_checkable)
        )
        default = NO_STATUS if self.only_source else UNACCOUNTED
        statuses = bytearray([default]) * (len(self.text.bounds) // 2)
        for number, _ in not_checkable:
            statuses[number] = NOT_CHECKABLE
        for number, _ in unverified:
            statuses[number] = UNVERIFIED
        for number, _ in claims:  # last, because it goes before the others
            statuses[number] = CLAIM
        return Accounts(bytes(statuses), claims, unverified, not_checkable)

    def _touches(self, spans: Iterable[Span]) -> list[tuple[int, int]]:
        bounds = self.text.bounds
        return sorted(
            [(number, note) for note, span in enumerate(spans) if span != NO_SPAN for number in touched(bounds, span)]
        )

    @property
    def only_source(self) -> bool:
        """Tell whether the article is only a source of evidence, in which nothing is annotated."""
        return self.record.value.annotation == "none"

    @property
    def found(self) -> bool:
        """Tell whether every passage of evidence was found."""
        passages = (*self.claims.evidence, *self.unverified.near)
        return all(passage.found for each in passages for passage in each)


class AnchoredFact(Struct, frozen=True, gc=False):
    """Give a fact with every answer of the articles.

    Attributes:
        record: The fact.
        settled: The passages that settle it.
        answers: The answers, in the order of the corpus.
        complete: Whether all annotations could be read; if not, some may have answered it.
    """

    record: Record[Fact]
    settled: tuple[AnchoredPassage, ...]
    answers: FactAnswers
    complete: bool
