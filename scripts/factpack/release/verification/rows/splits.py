"""Compare the splits of propositions with those of the claims among them."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.corpus.fold_assignment import mixed
from factpack.release.verification.rows.relations import Hashes, hashed
from factpack.release.verification.rows.row_checks import RowProblem, Values, where


class ClaimSplits:
    """Keep the split of each claim, by hashes.

    Args:
        training: The splits that are for training, which have no folds.
    """

    def __init__(self, training: Iterable[str]) -> None:
        self._training = pa.array(sorted(training), pa.string())
        self._added: list[tuple[Hashes, Hashes]] = []

    def look_at_claims(self, claims: Values) -> Iterator[RowProblem]:
        """Take the next claims, and find what is wrong with their folds."""
        ids = hashed(claims["id"])
        self._added.append((ids, mixed(ids, hashed(claims["split"]))))
        yield from self._folds(claims)

    def look_at_propositions(self, propositions: Values) -> Iterator[RowProblem]:
        """Find the propositions in another split than the claim that they are, after all claims were taken."""
        ids = hashed(propositions["id"])
        claims, pairs = self._known
        wrong = np.isin(ids, claims) & ~np.isin(mixed(ids, hashed(propositions["split"])), pairs)
        yield from ((row, "its split differs from its claim") for row in np.flatnonzero(wrong).tolist())
        yield from self._folds(propositions)

    def _folds(self, values: Values) -> Iterator[RowProblem]:
        trains = pc.is_in(values["split"], value_set=self._training)
        for row in where(pc.xor(trains, values["fold"].is_null())):
            yield row, "it has a fold in a split for training, or no fold in a split for evaluation"

    @cached_property
    def _known(self) -> tuple[Hashes, Hashes]:
        none = np.zeros(0, np.uint64)
        ids, pairs = zip(*self._added, strict=True) if self._added else ((none,), (none,))
        return np.concatenate(ids), np.concatenate(pairs)
