"""Compute the agreement of any number of votes on each unit, of whomever they are.

Units are counted by their pattern: how often each vote occurs there. Fleiss' kappa (1971) is the generalization for
units with different numbers of votes (Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014), and so is AC1
(2008). `krippendorff` has the alpha alone, `statsmodels` a kappa for equal numbers of votes alone, and `irrCAC`, which
has all three, requires the scipy of 2024 (1.12); none resamples.
"""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

Coefficients = Callable[[np.ndarray], np.ndarray]  # of the numbers of units, in the last axis


def chance_corrected(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return by how much less votes differ than by chance; 1 where they do not differ at all.

    Args:
        observed: How often two votes on a unit differ.
        expected: How often they would by chance.
    """
    agree = observed == 0
    return np.where(agree, 1.0, 1 - observed / np.where(agree, 1, expected))


class VotePatterns:
    """Count units by which votes they have, each at least two.

    Attributes:
        codes: The number of the pattern of each unit.
        kinds: How many different votes there are.
    """

    def __init__(self, units: Iterable[Iterable[str]]) -> None:
        found: dict[tuple[str, ...], int] = {}
        codes = [found.setdefault(tuple(sorted(votes)), len(found)) for votes in units]
        self.codes = np.array(codes, np.int64)
        names = sorted({vote for votes in found for vote in votes})
        self.kinds = len(names)
        patterns = [Counter(votes) for votes in found]
        votes = np.array([[each[name] for name in names] for each in patterns], float).reshape(len(found), len(names))
        of_unit = votes.sum(axis=1, keepdims=True)
        others = (votes * (of_unit - votes)).sum(axis=1) / (of_unit[:, 0] - 1)  # votes that differ, for each vote
        self._sums = np.column_stack([votes, votes / of_unit, others, others / of_unit[:, 0]])

    def coefficients(self, codes: np.ndarray) -> np.ndarray:
        """Return Fleiss' kappa, Krippendorff's alpha and Gwet's AC1 of units as the first axis.

        Args:
            codes: The numbers of the patterns of the units, in the last axis.
        """
        rows = np.atleast_2d(codes)
        size = len(self._sums)
        offsets = np.arange(len(rows))[:, np.newaxis] * size
        units = np.bincount((rows + offsets).ravel(), minlength=len(rows) * size).reshape(*codes.shape[:-1], size)
        sums = units @ self._sums
        votes, shares = sums[..., : self.kinds], sums[..., self.kinds : 2 * self.kinds] / codes.shape[-1]
        by_vote, by_unit = sums[..., -2], sums[..., -1] / codes.shape[-1]
        number = votes.sum(axis=-1)
        drawn = 1 - ((votes * (votes - 1)).sum(axis=-1) / (number * (number - 1)))  # without replacement
        return np.stack(
            [
                chance_corrected(by_unit, 1 - (shares**2).sum(axis=-1)),
                chance_corrected(by_vote / number, drawn),
                chance_corrected(by_unit, 1 - (shares * (1 - shares)).sum(axis=-1) / (self.kinds - 1)),
            ]
        )
