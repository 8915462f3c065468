"""Give the folds of a corpus; :mod:`factpack.corpus.fold_assignment` has the rule."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from factpack.corpus.fold_assignment import AssignedFolds, Folds, Numbers
    from factpack.corpus.id_index import IdIndex
    from factpack.corpus.wordings import Wordings

FOLDS = 5


class CorpusFolds:
    """Give the folds of a corpus, which are assigned when one is asked for.

    Args:
        index: The ids and answers of its claims and unverified passages.
        wordings: Where their evidence is.
        facts: The ids of the facts, by their numbers.
    """

    def __init__(self, index: IdIndex, wordings: Wordings, facts: Sequence[str]) -> None:
        self._index, self._wordings, self._facts = index, wordings, facts

    def of(self, names: Iterable[str]) -> Numbers:
        """Return the fold of each of some facts, or claims or unverified passages without one."""
        return self._assigned.of(names)

    def assigned(self) -> Folds:
        """Return the folds by themselves, for any process."""
        return self._assigned.folds

    def by_label(self, training: Collection[str] = ()) -> dict[str, list[int]]:
        """Count the claims of each label, by fold.

        Args:
            training: The splits for training, whose claims are in no fold.
        """
        return self._assigned.by_label(training)

    @cached_property
    def _assigned(self) -> AssignedFolds:
        from factpack.corpus.fold_assignment import AssignedFolds  # noqa: PLC0415 - numpy loads slowly; few checks need it

        return AssignedFolds(self._index, self._wordings, self._facts)
