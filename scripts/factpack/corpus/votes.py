"""Put the votes of several readings side by side."""

from dataclasses import dataclass

from factpack.formats.locations import LazyLocation, Record
from factpack.project.models import Adjudication, Claim, Unverified
from factpack.project.vocabulary import NO_VOTE
from factpack.text.sentences import Span


@dataclass(frozen=True, slots=True)
class Vote:
    """Record what a reading makes of a span.

    Attributes:
        span: The span in the article, in Unicode code points.
        vote: A label, ``unverified`` or ``not_checkable``.
        evidence: The passages that it names: the article, the span there and the stance of each.
    """

    span: Span
    vote: str
    evidence: frozenset[tuple[str, Span, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """Join the votes of the readings on overlapping words of an article; of some there may be none.

    Attributes:
        article: The id of the article.
        given: The vote of each reading, in the order of the readings; ``None`` where it has no record of the words.
        decision: What is released, where the readings differ or the release departs from all of them.
        claim: The id of the released claim that it became, if it became one.
    """

    article: str
    given: tuple[Vote | None, ...]
    decision: Record[Adjudication] | None = None
    claim: str | None = None

    @property
    def cast(self) -> tuple[Vote, ...]:
        """Give the votes that there are."""
        return tuple(vote for vote in self.given if vote)

    @property
    def span(self) -> Span:
        """Give the span of the first reading that has one."""
        return self.cast[0].span

    @property
    def votes(self) -> tuple[str, ...]:
        """Give the vote of each reading; ``none`` where there is none."""
        return tuple(vote.vote if vote else NO_VOTE for vote in self.given)

    @property
    def differs(self) -> bool:
        """Tell whether not all readings say the same."""
        return len(set(self.votes)) > 1

    @property
    def released(self) -> str:
        """Give the vote that is released; without a decision it is that of all readings."""
        return self.decision.value.released if self.decision else self.votes[0]


@dataclass(frozen=True, slots=True)
class _JudgedUnit:
    """Put a unit beside what is released.

    Attributes:
        unit: The votes of the readings.
        quote: The words of the unit.
        released: The votes of the released annotations on these words.
    """

    unit: Unit
    quote: str
    released: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference(_JudgedUnit):
    """Report a unit on which readings differ, or on which it was decided against all of them.

    Attributes:
        folder: The folder of the released annotations.
        readings: The names of the readings.
    """

    folder: str
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadingsNotFollowed(_JudgedUnit):
    """Report a unit on which the readings agree, where the released annotations say something else undecided.

    Attributes:
        file: The file with the released annotations of the article.
    """

    file: str


@dataclass(frozen=True, slots=True)
class UnusedDecision:
    """Report a decision on words on which the readings do not differ and the release follows them.

    Attributes:
        decision: The decision.
        readings: The names of the readings.
    """

    decision: Record[Adjudication]
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnplacedVote:
    """Report a claim or an unverified passage of a reading without a quote, so that there are no words to compare."""

    record: Record[Claim] | Record[Unverified]


@dataclass(frozen=True, slots=True)
class VoteGivenTwice:
    """Report a vote of an annotator who has another one on the same claim or passage, or the name of a reading.

    Attributes:
        by: The name of the annotator.
        place: Where the name is.
        is_reading: Whether a reading has the name.
    """

    by: str
    place: LazyLocation
    is_reading: bool
