"""Derive the folds of a release again from its tables, and compare them with those that it gives."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.corpus.fold_assignment import Deciding, Folds, Keys, Numbers, assign_folds, mixed, units
from factpack.corpus.folds import FOLDS
from factpack.dataset.columns import Tables
from factpack.release.verification.rows.relations import hashed, items_of, numbers
from factpack.release.verification.rows.row_checks import RowProblem, Values, where

_FOLLOWS = "but {} follows from the labels and the passages that decide them"


class FoldChecks:
    """Take the rows of the tables that have folds, and find those that are in another fold than they have to be."""

    def __init__(self, tables: Tables) -> None:
        stances = tables.stance.names
        self._decides = np.array([tables.scheme.stances[name] != "neither" for name in stances], np.bool_)
        nothing = np.zeros(0, np.uint64)
        self._members, self._verdicts = [nothing], [np.zeros(0, np.int64)]
        self._holders, self._places = [nothing], [nothing]
        # Of the rows that nothing else is compared with: number, unit and fold.
        self._given: dict[str, list[tuple[Numbers, Keys, Numbers]]] = {}

    def look_at_facts(self, values: Values, rows: Numbers) -> None:
        """Take facts."""
        self._give("facts", values, rows, _units(values["id"]))

    def look_at_claims(self, values: Values, rows: Numbers) -> None:
        """Take claims with their evidence."""
        own = _units(pc.coalesce(values["fact"], values["id"]))
        passage = items_of(values["evidence"])
        holders = own[numbers(pc.list_parent_indices(values["evidence"]))]
        places = mixed(*(hashed(passage[name]) for name in ("article", "start", "end")))
        if passage["article"].null_count:
            words = mixed(hashed(passage["source"].fill_null("")), hashed(passage["quote"]))
            places = np.where(numbers(pc.is_null(passage["article"]).cast(pa.int64())) > 0, words, places)
        decides = self._decides[numbers(passage["stance"])]
        self._holders.append(holders[decides])
        self._places.append(places[decides] | np.uint64(1))
        self._give("claims", values, rows, own)

    def look_at_propositions(self, values: Values, rows: Numbers) -> None:
        """Take propositions."""
        own = _units(pc.coalesce(values["fact"], values["id"]))
        self._members.append(own)
        self._verdicts.append(numbers(values["verdict"]))
        self._give("propositions", values, rows, own)

    def _give(self, config: str, values: Values, rows: Numbers, own: Keys) -> None:
        """Note the folds of facts, and of what answers none; the others are compared with their fact at once."""
        alone = _valid(values["fold"])  # what is in a split for training has none
        if config != "facts":
            alone &= ~_valid(values["fact"])
        self._given.setdefault(config, []).append((rows[alone], own[alone], numbers(values["fold"])[alone]))

    def problems(self) -> Iterator[tuple[str, Numbers, str]]:
        """Find the rows in another fold, after all were taken: a config, the numbers of its rows, and what is wrong."""
        folds = self._folds()
        for config, parts in self._given.items():
            rows, own, given = (np.concatenate(each) for each in zip(*parts, strict=True))
            wanted = folds.of(own)
            for fold in range(FOLDS):
                for other in np.unique(given[(wanted == fold) & (given != fold)]).tolist():
                    yield config, rows[(wanted == fold) & (given == other)], f"fold is {other}, {_FOLLOWS.format(fold)}"

    def _folds(self) -> Folds:
        deciding = Deciding(np.concatenate(self._holders), np.concatenate(self._places))
        return assign_folds(np.concatenate(self._members), np.concatenate(self._verdicts), deciding)


def other_folds(values: Values, facts: pa.Table) -> Iterator[RowProblem]:
    """Find the rows that are not in the fold of their fact.

    Args:
        values: Rows with a fact, which can be null.
        facts: The fact of each.
    """
    for row in where(pc.not_equal(values["fold"], facts["fold"].combine_chunks())):
        yield (
            row,
            f"fold is {values['fold'][row]}, but the fold of the fact {values['fact'][row]} is {facts['fold'][row]}",
        )


def _units(names: pa.Array) -> Keys:
    encoded = names.dictionary_encode()
    return units(encoded.dictionary.to_pylist())[numbers(encoded.indices)]


def _valid(column: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
