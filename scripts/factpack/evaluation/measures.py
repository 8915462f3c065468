"""Measure counts that are added up claim by claim, with intervals from resampling facts.

Every figure is a function of sums, so that it is computed in the same way for all claims, for a fold and for each of
the resamples. The claims of one fact stand or fall together: to resample claims would give intervals that are too
narrow. Facts with the same counts are drawn together, so that a million facts take no longer than a hundred.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1_000
CONFIDENCE = 0.95
SEED = 0
BINS = 10  # of the confidence, for the calibration
_FEW_KINDS = 2_000

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Layout:
    """Say where the counts of a kind are in a row of counts."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        ends = np.cumsum(list(sizes.values()))
        self.parts = {
            name: slice(int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)
        }
        self.width = int(ends[-1])

    def part(self, counts: Numbers, name: str) -> Numbers:
        """Return the counts of a kind."""
        return counts[..., self.parts[name]]


@dataclass(frozen=True, slots=True)
class Figure:
    """Give a figure with its 95% interval.

    Attributes:
        value: The figure.
        low: The lower end of the interval; None if there are too few facts to resample.
        high: Its upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def shown(self) -> str:
        """Return the figure as text."""
        return f"{self.value:.3f}"

    @property
    def interval(self) -> str:
        """Return the interval as text; empty if there is none."""
        return "" if self.low is None or self.high is None else f"{self.low:.3f} to {self.high:.3f}"


Measure = Callable[[Numbers], Numbers]


def ratio(part: Numbers, whole: Numbers) -> Numbers:
    """Divide; nothing of nothing is 0."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(np.shape(part), np.shape(whole))), where=whole > 0)


def precision(found: Numbers) -> Numbers:
    """Return what part of the predicted is right, of counts of right, predicted and wanted."""
    return ratio(found[..., 0], found[..., 1])


def recall(found: Numbers) -> Numbers:
    """Return what part of the wanted is found."""
    return ratio(found[..., 0], found[..., 2])


def f1(found: Numbers) -> Numbers:
    """Return the harmonic mean of precision and recall."""
    return ratio(2 * found[..., 0], found[..., 1] + found[..., 2])


def harmonic(one: Numbers, other: Numbers) -> Numbers:
    """Return the harmonic mean of two numbers."""
    return ratio(2 * one * other, one + other)


def accuracy(confusion: Numbers) -> Numbers:
    """Return what part of the claims has the right label; rows of the matrix are right labels, columns predicted."""
    matrix = _matrix(confusion)
    return ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def macro_f1(confusion: Numbers) -> Numbers:
    """Return the mean F1 of the labels that occur, right or predicted, as scikit-learn does."""
    return mean_f1(by_label(confusion))


def by_label(confusion: Numbers) -> Numbers:
    """Return right, predicted and wanted for each label."""
    matrix = _matrix(confusion)
    return np.stack([np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-2), matrix.sum(axis=-1)], axis=-1)


def mean_f1(found: Numbers) -> Numbers:
    """Return the mean F1 of what occurs, of counts of right, predicted and wanted for each."""
    occurs = (found[..., 1] + found[..., 2]) > 0
    return ratio(f1(found).sum(axis=-1), occurs.sum(axis=-1).astype(float))


def calibration_error(bins: Numbers) -> Numbers:
    """Return the expected calibration error: how far confidence and accuracy differ, weighted by bin."""
    table = bins.reshape(*bins.shape[:-1], BINS, 3)
    return ratio(np.abs(table[..., 1] - table[..., 2]).sum(axis=-1), table[..., 0].sum(axis=-1))


def _matrix(confusion: Numbers) -> Numbers:
    size = int(np.sqrt(confusion.shape[-1]))
    return confusion.reshape(*confusion.shape[:-1], size, size)


def measured(facts: Numbers, measures: Mapping[str, Measure]) -> dict[str, Figure]:
    """Return every figure, by its name.

    Args:
        facts: The counts of each fact, a row each.
        measures: What to compute of the sums of counts.
    """
    values = {name: float(measure(facts.sum(axis=0))) for name, measure in measures.items()}
    if len(facts) < 2:  # noqa: PLR2004 - one fact resampled is that fact
        return {name: Figure(value) for name, value in values.items()}
    drawn = _resample(facts)
    figures = {}
    for name, measure in measures.items():
        low, high = np.quantile(measure(drawn), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        figures[name] = Figure(values[name], float(low), float(high))
    return figures


def _resample(facts: Numbers) -> Numbers:
    """Return the sums of the counts of as many facts, drawn with replacement, for each resample."""
    kinds, numbers = np.unique(facts, axis=0, return_counts=True)
    rng = np.random.default_rng(SEED)
    if len(kinds) <= _FEW_KINDS:
        return rng.multinomial(len(facts), numbers / len(facts), size=RESAMPLES) @ kinds

    # A fact at a time: to draw how often each of many kinds comes takes ten times as long.
    def sums(_: int) -> Numbers:
        drawn = rng.integers(len(facts), size=len(facts))
        return np.bincount(drawn, minlength=len(facts)).astype(float) @ facts

    return np.stack([sums(number) for number in range(RESAMPLES)])
