"""Give the figures of agreement, and show them."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

UNDEFINED = "undefined"
FLEISS = "Fleiss' kappa"
PAIR = 2  # readings, of which there is a contingency table


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Give a coefficient of agreement with its interval.

    Attributes:
        value: The coefficient, at most 1; ``None`` if it is undefined, because fewer than two labels occur.
        low: The lower end of the interval.
        high: Its upper end.
    """

    value: float | None
    low: float | None
    high: float | None

    @property
    def shown(self) -> str:
        """Give the value as text."""
        return show(self.value)

    @property
    def interval(self) -> str:
        """Give the interval as text; empty if the coefficient is undefined."""
        return "" if self.value is None else f"{show(self.low)} to {show(self.high)}"

    def __str__(self) -> str:
        return self.shown if self.value is None else f"{self.shown} ({self.interval})"


def show(value: float | None) -> str:
    """Return a coefficient as text, with three digits."""
    return UNDEFINED if value is None else f"{value:.3f}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Give the agreement on units on which at least two voted.

    Attributes:
        name: Which units these are: those of an article, or some of all.
        units: How many there are.
        agreed: On how many of them all votes are the same.
        kappa: Cohen's kappa of two readings; of more, or of annotators, that of Fleiss.
        alpha: Krippendorff's alpha.
        ac1: Gwet's AC1, if the votes are skewed.
    """

    name: str
    units: int
    agreed: int
    kappa: Coefficient
    alpha: Coefficient
    ac1: Coefficient | None = None


@dataclass(frozen=True, slots=True)
class ReadingsAgreement:
    """Give all figures on the agreement of readings.

    Attributes:
        names: The names of the readings.
        overall: The agreement over all articles.
        checkable: The same without what all readings find not checkable.
        labelled: The same on what all readings that have it label as a claim.
        articles: The agreement in each article.
        spans: How many spans each reading has; those that overlap are joined.
        pairs: How many pairs of spans of two readings are joined.
        identical: How many of these pairs are the same to the character.
        alone: How many spans only one reading has.
        evidence_f1: F1 of the passages of evidence that overlap and have the same stance, of claims that both label.
        unread: How many released claims no reading has.
    """

    names: tuple[str, ...]
    overall: Agreement
    checkable: Agreement
    labelled: Agreement
    articles: tuple[Agreement, ...]
    spans: tuple[int, ...]
    pairs: int
    identical: int
    alone: int
    evidence_f1: float
    unread: int

    @property
    def rows(self) -> tuple[Agreement, ...]:
        """Give everything that has a coefficient."""
        return (self.overall, self.checkable, self.labelled, *self.articles)

    @property
    def overlap_f1(self) -> float:
        """Give two times the pairs of spans, divided by all spans of both readings; of more, over all pairs of them."""
        return self._f1(self.pairs)

    @property
    def identical_f1(self) -> float:
        """Give the same of the pairs that are the same to the character."""
        return self._f1(self.identical)

    def _f1(self, pairs: int) -> float:
        return f1(pairs, (len(self.names) - 1) * sum(self.spans))

    def to_text(self) -> str:
        """Return the figures as a table for a terminal."""
        two = len(self.names) == PAIR
        (name, first), *others = zip(self.names, self.spans, strict=True)
        spans = ", ".join([f"{first} in the {name} reading", *(f"{number} in the {other}" for other, number in others)])
        return (
            f"{_table(self.rows, 'pairs of spans' if two else 'spans', 'kappa' if two else FLEISS)}\n\n"
            f"spans: {spans}, {self.alone} in only one\n"
            f"pairs: {self.pairs} of spans that overlap, F1 {self.overlap_f1:.3f}; {self.identical} the same "
            f"to the character, F1 {self.identical_f1:.3f}\n"
            f"evidence of claims that both label: F1 {self.evidence_f1:.3f} of passages that overlap\n"
            f"released claims that {'neither' if two else 'no'} reading has: {self.unread}\n"
        )


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """Give all figures on agreement.

    Attributes:
        readings: The agreement of the readings, if there are any.
        given: The agreement of the votes that are given with claims, and of those that are given with passages, as far
            as there are any.
    """

    readings: ReadingsAgreement | None
    given: tuple[Agreement, ...]

    def to_text(self) -> str:
        """Return the figures as tables for a terminal."""
        tables = [self.readings.to_text()] if self.readings else []
        if self.given:
            tables.append(f"{_table(self.given, 'with several votes', FLEISS)}\n")
        return "\n".join(tables)


def _table(rows: Iterable[Agreement], units: str, kappa: str) -> str:
    found = pd.DataFrame(
        {
            "": row.name,
            units: row.units,
            "same vote": row.agreed,
            kappa: str(row.kappa),
            "alpha": str(row.alpha),
            "AC1": str(row.ac1 or ""),
        }
        for row in rows
    )
    return (found if found["AC1"].any() else found.drop(columns="AC1")).to_string(index=False)


def f1(common: int, spans: int) -> float:
    """Return F1 of what is common to pairs, given how many each of the two have; 1 if they have nothing."""
    return 2 * common / spans if spans else 1.0
