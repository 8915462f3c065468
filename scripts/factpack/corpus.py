"""The annotated articles joined with their texts: what the rules judge and the tables are made of.

All offsets are Unicode code points of the article, start inclusive, end exclusive.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from factpack.anchor import Ambiguous, Missing
from factpack.columns import STATUSES
from factpack.history import History
from factpack.ledger import FactAnswers
from factpack.model import NO_VOTE, Adjudication, Article, Claim, Dataset, Fact, NotCheckable, Passage, Unverified
from factpack.records import Pointer, Record, Records, Spot
from factpack.sentences import Span, context, touched

T = TypeVar("T")

CLAIM, UNVERIFIED, NOT_CHECKABLE, UNACCOUNTED = range(len(STATUSES))


class ArticleText(Struct, frozen=True, gc=False):
    """The text of an article, which is named by its id, and where its sentences stand.

    ``bounds`` is the start and the end of every sentence, one after another, as :func:`sentence_bounds` gives them.
    """

    article: str
    text: str
    bounds: Sequence[int]

    def sentences_of(self, span: Span) -> tuple[Span, ...]:
        """The sentences that ``span`` touches."""
        return tuple(Span(self.bounds[2 * i], self.bounds[2 * i + 1]) for i in touched(self.bounds, span))

    def context(self, span: Span) -> str:
        """The text of the sentences that ``span`` touches, from the start of the first to the end of the last."""
        return context(self.text, self.bounds, *span)


class RegisteredText(Struct, frozen=True, gc=False):
    """A text and its entry in the register."""

    record: Record[Article]
    text: ArticleText


class AnchoredPassage(Struct, frozen=True, gc=False):
    """Words of an article at their place; ``span`` is ``None`` if they were not found, a problem by itself."""

    passage: Passage
    span: Span | None
    context: str


class Labelling(Struct, frozen=True, gc=False):
    """All that the label of a claim is judged by; what is the same in two claims is right or wrong in both.

    ``evidence`` is, of each passage, the stance and the number of the article: 0 for the claim's own, the others in
    their order. ``settled`` is the value of the claim if its fact is settled on it.
    """

    label: str
    basis: str
    corrected: bool
    settled: str
    evidence: tuple[tuple[str, int], ...]


class LabelledClaim(Struct, frozen=True, gc=False):
    """A claim as far as its label is concerned; ``place`` is where it stands."""

    labelling: Labelling
    place: Record[Claim]


class AnchoredClaim(Struct, frozen=True, gc=False):
    """A claim at its place, with its evidence; ``context`` is the sentences that it stands in."""

    record: Record[Claim]
    span: Span
    context: str
    evidence: Sequence[AnchoredPassage]


class AnchoredNote(Struct, Generic[T], frozen=True, gc=False):
    """An unverified passage, or sentences that state nothing checkable, at their place."""

    record: Record[T]
    span: Span


@dataclass(frozen=True, slots=True)
class Notes(Generic[T]):
    """Unverified passages of an article, or sentences that state nothing checkable, by column."""

    records: Records[T]
    spans: Sequence[Span]

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[AnchoredNote[T]]:
        return map(AnchoredNote, self.records, self.spans)


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of an article by column."""

    records: Records[Claim]
    spans: Sequence[Span]
    contexts: Sequence[str]
    evidence: Sequence[Sequence[AnchoredPassage]]

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[AnchoredClaim]:
        return map(AnchoredClaim, self.records, self.spans, self.contexts, self.evidence)


class AnchoredRecords(Struct, frozen=True, gc=False):
    """Claims and unverified passages of an article, each of which is judged by itself."""

    article: str
    claims: Claims
    unverified: Notes[Unverified]


@dataclass(frozen=True, slots=True)
class Accounts:
    """What accounts for the sentences of an article.

    ``statuses`` has a byte for every sentence: the index of its status in STATUSES. The others are pairs, sentence by
    sentence: the number of a sentence and that of a claim, or other note, that touches it, from 0.
    """

    statuses: bytes
    claims: Sequence[tuple[int, int]]
    unverified: Sequence[tuple[int, int]]
    not_checkable: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class AnchoredArticle:
    """An article with everything annotated in it.

    ``file`` is where its annotations stand, or would stand. ``whole`` is false if some annotation of it could not be
    read or found, so that what is missing cannot be judged.
    """

    record: Record[Article]
    text: ArticleText
    file: str
    claims: Claims
    unverified: Notes[Unverified]
    not_checkable: Notes[NotCheckable]
    whole: bool

    @cached_property
    def accounts(self) -> Accounts:
        """What accounts for the sentences of the article."""
        claims, unverified, not_checkable = (
            self._touches(notes.spans) for notes in (self.claims, self.unverified, self.not_checkable)
        )
        statuses = bytearray([UNACCOUNTED]) * (len(self.text.bounds) // 2)
        for number, _ in not_checkable:
            statuses[number] = NOT_CHECKABLE
        for number, _ in unverified:
            statuses[number] = UNVERIFIED
        for number, _ in claims:  # last, because it goes before the others
            statuses[number] = CLAIM
        return Accounts(bytes(statuses), claims, unverified, not_checkable)

    def _touches(self, spans: Iterable[Span]) -> list[tuple[int, int]]:
        bounds = self.text.bounds
        return sorted([(number, note) for note, span in enumerate(spans) for number in touched(bounds, span)])

    @property
    def found(self) -> bool:
        """Whether every passage of evidence was found."""
        return all(passage.span for passages in self.claims.evidence for passage in passages)


class AnchoredFact(Struct, frozen=True, gc=False):
    """A fact with the passages that settle it and every answer that the articles give, in the order of the corpus.

    ``complete`` is false if some annotation could not be read, which might have answered it.
    """

    record: Record[Fact]
    settled: tuple[AnchoredPassage, ...]
    answers: FactAnswers
    complete: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """What a whole project amounts to."""

    dataset: Record[Dataset]
    claims: int


@dataclass(frozen=True, slots=True)
class Released:
    """The dataset, and what its releases so far held."""

    dataset: Record[Dataset]
    history: History


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reading makes of a span: a label, ``unverified`` or ``not_checkable``.

    ``evidence`` is where the passages stand that it names, each with its stance.
    """

    span: Span
    vote: str
    evidence: frozenset[tuple[str, Span, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """The votes of two readings on overlapping words of an article, or the one vote that has no counterpart.

    ``decision`` says what is released, where the readings differ; ``claim`` is the id of the released claim that it
    became, if it became one.
    """

    article: str
    first: Vote | None
    second: Vote | None
    decision: Record[Adjudication] | None = None
    claim: str | None = None

    @property
    def span(self) -> Span:
        """The words of the first reading, or of the second if it alone has any."""
        vote = self.first or self.second
        assert vote is not None
        return vote.span

    @property
    def votes(self) -> tuple[str, str]:
        """Both votes; ``none`` where there is none."""
        return (self.first.vote if self.first else NO_VOTE, self.second.vote if self.second else NO_VOTE)

    @property
    def released(self) -> str:
        """What is released; without a decision the readings agree."""
        return self.decision.value.released if self.decision else self.votes[0]


# What joining and comparing find wrong; the rules say it in words.


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name of something that does not exist."""

    kind: Literal["article", "fact", "speaker"]
    name: str
    place: Pointer
    known: Collection[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NameTaken:
    """An id that something else has already."""

    kind: Literal["claim", "article", "fact", "speaker", "annotation"]
    name: str
    place: Pointer
    first: Pointer


@dataclass(frozen=True, slots=True)
class Unanchored:
    """A quote that does not stand in its article, or stands there more than once."""

    place: Pointer
    article: str
    quote: str
    has_context: bool
    result: Missing | Ambiguous
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeedFault:
    """A registered article whose file is missing (``found`` is empty) or has another sum."""

    record: Record[Article]
    found: str


@dataclass(frozen=True, slots=True)
class NotAnnotated:
    """An article that is said to be annotated completely, and is not at all; ``file`` is where it would be."""

    record: Record[Article]
    file: str


@dataclass(frozen=True, slots=True)
class MisnamedFile:
    """A file with the annotations of an article that it is not named after."""

    name: str
    article: str


@dataclass(frozen=True, slots=True)
class Guidelines:
    """The rules that the annotations follow, as their file has them."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StrayFile:
    """A file that nothing reads, though somebody may think so.

    ``reason`` says why, and what to do; of a text in ``seeds/`` it is the sum.
    """

    name: str
    reason: str
    is_seed: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit on which two readings differ.

    ``released`` are the votes of the released annotations on its words, ``folder`` is that of the annotations.
    """

    unit: Unit
    quote: str
    released: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Departure:
    """A unit on which two readings agree, and the released annotations say something else at its words.

    ``spot`` is where the article's annotations stand.
    """

    unit: Unit
    quote: str
    released: tuple[str, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class IdleDecision:
    """A decision on something on which the readings do not differ."""

    decision: Record[Adjudication]
