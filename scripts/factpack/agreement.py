"""How far two independent readings agree: chance-corrected, with a bootstrap interval.

Cohen's kappa and Krippendorff's alpha (nominal) are those of nltk.metrics.agreement, the intervals those of
scipy.stats.bootstrap: percentile, 95%, 1,000 resamples of the units with a fixed seed, so that the same files give the
same figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from nltk.metrics.agreement import AnnotationTask
from scipy.stats import bootstrap

from factpack.corpus import Unit
from factpack.model import LABELS
from factpack.readings import Comparison, pair

RESAMPLES = 1_000
CONFIDENCE = 0.95
SEED = 0


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on the ``units`` with votes of both readings, in one article or in all; ``agreed`` have the same."""

    name: str
    units: int
    agreed: int
    kappa: Coefficient
    alpha: Coefficient


@dataclass(frozen=True, slots=True)
class Report:
    """All figures: over all articles, without what both readings find not checkable, on what both label as a claim, and
    by article.

    ``spans`` counts those of each reading; those that overlap are paired, and ``identical`` pairs are the same to the
    character. ``evidence_f1`` is that of the passages of evidence that overlap and have the same stance, of the claims
    that both label. ``unread`` counts the released claims that neither reading has.
    """

    overall: Agreement
    checkable: Agreement
    labelled: Agreement
    articles: tuple[Agreement, ...]
    spans: tuple[int, int]
    identical: int
    evidence_f1: float
    unread: int

    @property
    def rows(self) -> tuple[Agreement, ...]:
        """Everything that has a coefficient."""
        return (self.overall, self.checkable, self.labelled, *self.articles)

    @property
    def alone(self) -> int:
        """The spans that only one reading has."""
        return sum(self.spans) - 2 * self.overall.units

    @property
    def overlap_f1(self) -> float:
        """Two times the pairs of spans, by all spans of both readings."""
        return _f1(self.overall.units, *self.spans)

    @property
    def identical_f1(self) -> float:
        """The same of the pairs that are the same to the character."""
        return _f1(self.identical, *self.spans)

    def as_text(self) -> str:
        """The figures as a table for a terminal."""
        rows = [
            {
                "": row.name,
                "pairs of spans": row.units,
                "same vote": row.agreed,
                "kappa": f"{row.kappa.value:.3f} ({row.kappa.low:.3f} to {row.kappa.high:.3f})",
                "alpha": f"{row.alpha.value:.3f} ({row.alpha.low:.3f} to {row.alpha.high:.3f})",
            }
            for row in self.rows
        ]
        return (
            f"{pd.DataFrame(rows).to_string(index=False)}\n\n"
            f"spans: {self.spans[0]} in the first reading, {self.spans[1]} in the second, {self.alone} in only one\n"
            f"pairs: {self.overall.units} of spans that overlap, F1 {self.overlap_f1:.3f}; {self.identical} the same "
            f"to the character, F1 {self.identical_f1:.3f}\n"
            f"evidence of claims that both label: F1 {self.evidence_f1:.3f} of passages that overlap\n"
            f"released claims that neither reading has: {self.unread}\n"
        )


def report(comparisons: Sequence[Comparison]) -> Report:
    """The agreement of the two readings of a corpus."""
    units = [unit for comparison in comparisons for unit in comparison.units]
    both = [unit for unit in units if unit.first and unit.second]
    labelled = [unit for unit in both if set(unit.votes) <= set(LABELS)]
    claims = sum(len(comparison.article.claims) for comparison in comparisons)
    return Report(
        overall=_agreement("all", both),
        checkable=_agreement(
            "all, without what both find not checkable", [u for u in both if set(u.votes) != {"not_checkable"}]
        ),
        labelled=_agreement("all, what both label as a claim", labelled),
        articles=tuple(
            _agreement(comparison.article.text.article, [u for u in comparison.units if u.first and u.second])
            for comparison in comparisons
        ),
        spans=(sum(unit.first is not None for unit in units), sum(unit.second is not None for unit in units)),
        identical=sum(unit.first.span == unit.second.span for unit in both if unit.first and unit.second),
        evidence_f1=_evidence_f1(labelled),
        unread=claims - sum(unit.claim is not None for unit in units),
    )


def kappa(votes: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa of pairs of votes, without its interval, which takes a thousand times as long."""
    return _coefficients(np.array(votes).reshape(-1, 2))[0]


def _agreement(name: str, units: Sequence[Unit]) -> Agreement:
    votes = np.array([unit.votes for unit in units]).reshape(-1, 2)

    def coefficients(indices: np.ndarray) -> tuple[float, float]:
        return _coefficients(votes[indices.astype(int)])

    kappa, alpha = _coefficients(votes)
    agreed = int((votes[:, 0] == votes[:, 1]).sum())
    if agreed == len(votes):  # every resample agrees as well
        return Agreement(name, len(votes), agreed, Coefficient(kappa, kappa, kappa), Coefficient(alpha, alpha, alpha))
    interval = bootstrap(
        (np.arange(len(votes)),),
        coefficients,
        vectorized=False,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Agreement(
        name,
        len(votes),
        agreed,
        Coefficient(kappa, float(interval.low[0]), float(interval.high[0])),
        Coefficient(alpha, float(interval.low[1]), float(interval.high[1])),
    )


def _coefficients(votes: np.ndarray) -> tuple[float, float]:
    """Kappa and alpha of an array with a row per unit; 1 if all agree, also where only one vote occurs."""
    if (votes[:, 0] == votes[:, 1]).all():
        return 1.0, 1.0
    task = AnnotationTask(
        data=[
            (reading, unit, str(vote))
            for unit, row in enumerate(votes)
            for reading, vote in zip("12", row, strict=True)
        ]
    )
    return float(task.kappa()), float(task.alpha())


def _f1(common: int, one: int, other: int) -> float:
    return 2 * common / (one + other) if one + other else 1.0


def _evidence_f1(units: Iterable[Unit]) -> float:
    common = one = other = 0
    for unit in units:
        if unit.first and unit.second:
            first, second = sorted(unit.first.evidence), sorted(unit.second.evidence)
            one += len(first)
            other += len(second)
            for key in {(article, stance) for article, _, stance in first}:
                spans = [
                    [span for article, span, stance in side if (article, stance) == key] for side in (first, second)
                ]
                common += len(pair(*spans))
    return _f1(common, one, other)
