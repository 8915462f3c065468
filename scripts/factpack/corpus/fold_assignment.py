"""Assign folds for cross-validation.

Claims and unverified passages that answer one fact are in one fold, and so are those whose labels rest on the same
passage: the same span of an article or, without an article, the same words of the same source. What is linked in this
way, over any number of steps, is a group. Passages that overlap do not link, nor do neutral ones: they would join most
of a corpus on one event into one group.

A group goes by a hash to the fold of its first member, so that it stays there whatever is added elsewhere. Labels that
few groups have are dealt out instead, the rarest first, each group to a fold that still lacks its labels, so that every
fold gets each label as far as there are groups. Nothing depends on the order of the corpus.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from factpack.corpus.folds import FOLDS
from factpack.corpus.id_index import NO_FACT, IdIndex
from factpack.corpus.wordings import Wordings
from factpack.project.vocabulary import NOT_ENOUGH_INFO

RARE = 20 * FOLDS  # a label that fewer groups have is dealt out; of more, a hash leaves no fold without one

_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int64]


def unit(name: str) -> int:
    """Return 64 bits that stand for a fact, or for a claim or unverified passage without one, by its id."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def units(names: Iterable[str]) -> Keys:
    """Return what stands for each of some facts, or for claims or unverified passages without one."""
    return np.fromiter(map(unit, names), np.uint64)


class Folds:
    """Give the fold of everything that has one.

    Args:
        known: The units that have members or passages, in ascending order.
        folds: The fold of each.
    """

    def __init__(self, known: Keys, folds: Numbers) -> None:
        self._known, self._folds = known, folds

    def of(self, asked: Keys) -> Numbers:
        """Return the fold of each unit; one that nothing answers has the one that its hash gives."""
        found = (asked % np.uint64(FOLDS)).astype(np.int64)
        if len(self._known):
            places = np.minimum(np.searchsorted(self._known, asked), len(self._known) - 1)
            there = self._known[places] == asked
            found[there] = self._folds[places[there]]
        return found


class Deciding(NamedTuple):
    """Name the passages on which labels rest.

    Attributes:
        holders: The unit of the claim that has each.
        places: What stands for the place of each.
    """

    holders: Keys
    places: Keys


def assign_folds(members: Keys, labels: Numbers, deciding: Deciding) -> Folds:
    """Assign folds.

    Args:
        members: The unit of each claim and each unverified passage.
        labels: The number of the verdict of each: the labels, and behind them, if it is none, not enough information.
        deciding: The passages on which labels rest.
    """
    known, numbers = np.unique(members, return_inverse=True)
    groups = _groups(known, deciding)
    first, numbered = np.unique(groups, return_inverse=True)  # the number of the first unit of each group
    width = int(labels.max(initial=0)) + 1
    cells = np.bincount(numbered[numbers] * width + labels, minlength=len(first) * width)
    homes = (known[first] % np.uint64(FOLDS)).astype(np.int64)
    return Folds(known, _deal(cells.reshape(-1, width), homes)[numbered])


def _groups(known: Keys, deciding: Deciding) -> Numbers:
    """Return the smallest number of a unit that each one is linked with."""
    there = np.isin(deciding.holders, known)
    places, holders = deciding.places[there], np.searchsorted(known, deciding.holders[there])
    order = np.lexsort((holders, places))
    places, holders = places[order], holders[order]
    linked = (places[1:] == places[:-1]) & (holders[1:] != holders[:-1])
    one, other = holders[:-1][linked], holders[1:][linked]
    roots = np.arange(len(known))
    while True:
        mine, its = roots[one], roots[other]
        apart = mine != its
        if not apart.any():
            return roots
        mine, its = mine[apart], its[apart]
        np.minimum.at(roots, np.maximum(mine, its), np.minimum(mine, its))
        while not np.array_equal(roots, roots[roots]):
            roots = roots[roots]


def _deal(groups: Numbers, homes: Numbers) -> Numbers:
    """Return the fold of each group.

    Args:
        groups: How many members with each label each group has.
        homes: The fold that its hash gives it.
    """
    folds = homes.copy()
    having = (groups > 0).sum(axis=0)  # groups, by label
    rarest = [label for label in np.argsort(having, kind="stable").tolist() if 0 < having[label] < RARE]
    counts = np.zeros((FOLDS, groups.shape[1]), np.int64)
    common = ~(groups[:, rarest] > 0).any(axis=1)
    np.add.at(counts, homes[common], groups[common])
    share = -(-groups.sum(axis=0) // FOLDS)  # of each label, rounded up
    dealt = common
    for label in rarest:
        due = np.flatnonzero((groups[:, label] > 0) & ~dealt)
        for group in due[np.argsort(-groups[due, label], kind="stable")].tolist():
            its = [each for each in rarest if groups[group, each]]
            folds[group] = fold = _choose(counts, groups[group], its, share, int(homes[group]))
            counts[fold] += groups[group]
        dealt = dealt | (groups[:, label] > 0)
    return folds


def _choose(counts: Numbers, group: Numbers, labels: Sequence[int], share: Numbers, home: int) -> int:
    """Return the fold for a group: its home, if that lacks what others lack and has room, else the emptiest.

    Args:
        counts: How many members with each label each fold has.
        group: How many members with each label the group has.
        labels: The rare labels that it has, the rarest first.
        share: How many members with each label a fold should have.
        home: The fold that its hash gives it.
    """
    left = list(range(FOLDS))
    for label in labels:
        left = [fold for fold in left if not counts[fold, label]] or left
    first = labels[0]
    left = [fold for fold in left if counts[fold, first] + group[first] <= share[first]] or left
    return min(left, key=lambda fold: (fold != home, counts[fold, first], counts[fold].sum(), (fold - home) % FOLDS))


def mixed(*columns: Keys) -> Keys:
    """Return one hash for the values of each row."""
    result = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        result = (result ^ column) * _FACTOR
        result ^= result >> _SHIFT
    return result


class AssignedFolds:
    """Give the folds of a corpus.

    Args:
        index: The ids and answers of its claims and unverified passages.
        wordings: Where their evidence is.
        facts: The ids of the facts, by their numbers.
    """

    def __init__(self, index: IdIndex, wordings: Wordings, facts: Sequence[str]) -> None:
        self._index, self._wordings, self._facts = index, wordings, facts

    def of(self, names: Iterable[str]) -> Numbers:
        """Return the fold of each of some facts, or claims or unverified passages without one."""
        return self.folds.of(units(names))

    def by_label(self, training: Collection[str]) -> dict[str, list[int]]:
        """Count the claims of each label, by fold, but for those of the splits for training."""
        labels = np.asarray(self._index.labels)
        width = len(self._index.label_names)
        cells = self.folds.of(self._members) * width + labels
        if training:
            trains = [number for number, name in enumerate(self._index.split_names) if name in training]
            cells = cells[~np.isin(np.asarray(self._index.splits), trains)]
        table = np.bincount(cells, minlength=FOLDS * width).reshape(FOLDS, width)[:, :-1]
        return {str(fold): row.tolist() for fold, row in enumerate(table)}

    @cached_property
    def _members(self) -> Keys:
        """Return the unit of each claim and unverified passage."""
        facts, ids = self._index.facts, self._index.ids
        if not len(facts):
            return np.zeros(0, np.uint64)
        of_facts = units(self._facts)
        return np.fromiter(
            (unit(ids[number]) if fact == NO_FACT else of_facts[fact] for number, fact in enumerate(facts)),
            np.uint64,
            len(facts),
        )

    @cached_property
    def folds(self) -> Folds:
        """Give the folds by themselves."""
        given = self._wordings.places
        decides = np.frombuffer(given.sides, np.uint8) != 0
        places = mixed(np.asarray(given.articles, np.uint64), np.asarray(given.places, np.int64).astype(np.uint64))
        deciding = Deciding(self._members[np.asarray(given.holders, np.int64)[decides]], places[decides])
        names = self._index.label_names
        verdicts = np.asarray(self._index.labels, np.int64)
        if NOT_ENOUGH_INFO in names:  # else that of an unverified passage is the one behind the labels already
            verdicts[verdicts == len(names) - 1] = names.index(NOT_ENOUGH_INFO)
        return assign_folds(self._members, verdicts, deciding)
