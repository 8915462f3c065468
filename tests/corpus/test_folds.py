"""Folds: linked by facts and deciding passages, every label in every fold, whatever the order of the corpus."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.corpus.fold_assignment import RARE, Deciding, assign_folds, unit, units
from factpack.corpus.folds import FOLDS


class Member(NamedTuple):
    """A claim or an unverified passage: its fact or own id, its label, and the places that decide it."""

    name: str
    label: int
    places: tuple[int, ...] = ()


MEMBERS = st.lists(
    st.builds(
        Member,
        st.sampled_from([f"fact-{number}" for number in range(12)]),
        st.integers(0, 3),
        st.lists(st.integers(1, 15), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=30,
)


def folds(members: Sequence[Member]) -> dict[str, int]:
    """The fold of each name."""
    names = [member.name for member in members]
    pairs = [(member.name, place) for member in members for place in member.places]
    deciding = Deciding(units(name for name, _ in pairs), np.array([place for _, place in pairs], np.uint64))
    labels = np.array([member.label for member in members], np.int64)
    found = assign_folds(units(names), labels, deciding).of(units(names))
    return dict(zip(names, found.tolist(), strict=True))


def groups(members: Sequence[Member]) -> list[list[Member]]:
    """What is linked, found in the plainest way."""
    parts: list[list[Member]] = []
    for member in members:
        linked = [
            part
            for part in parts
            if any(member.name == its.name or set(member.places) & set(its.places) for its in part)
        ]
        parts = [part for part in parts if part not in linked] + [[member, *(its for part in linked for its in part)]]
    return parts


def homes(members: Sequence[Member]) -> set[int]:
    return {min(unit(member.name) for member in members) % FOLDS}


@given(MEMBERS)
@settings(deadline=None)
def test_what_is_linked_is_in_one_fold(members: list[Member]) -> None:
    found = folds(members)
    assert set(found.values()) <= set(range(FOLDS))
    for group in groups(members):
        assert len({found[member.name] for member in group}) == 1


@given(MEMBERS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_is_no_matter(members: list[Member], chance: random.Random) -> None:
    other = list(members)
    chance.shuffle(other)
    assert folds(other) == folds(members)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
@settings(deadline=None)
def test_every_fold_has_every_label_as_far_as_the_counts_allow(labels: list[int]) -> None:
    """Here every group has one member; none of the labels has so many that a hash is left to decide."""
    members = [Member(f"claim-{number}", label) for number, label in enumerate(labels)]
    found = folds(members)
    for label, count in Counter(labels).items():
        its = Counter(found[member.name] for member in members if member.label == label)
        assert len(its) == min(count, FOLDS)
        assert max(its.values()) <= -(-count // FOLDS)


def test_a_rare_label_is_in_every_fold_whatever_comes_with_it() -> None:
    """Groups of all sizes, among which the rare label is in six."""
    chance = random.Random(18)  # noqa: S311 - no secret
    members = []
    for number in range(60):
        labels = [2, *[0] * (number % 9)] if number % 10 == 0 else chance.choices([0, 0, 0, 1], k=1 + number % 4)
        members += [Member(f"fact-{number}", label) for label in labels]
    found = folds(members)
    table: dict[int, Counter[int]] = defaultdict(Counter)
    for member in members:
        table[member.label][found[member.name]] += 1
    assert all(set(table[label]) == set(range(FOLDS)) for label in (0, 1, 2))
    assert max(table[2].values()) == 2


def test_a_common_label_stays_where_its_hash_puts_it() -> None:
    members = [Member(f"fact-{number}", 0) for number in range(3 * RARE)]
    found = folds(members)
    assert all({found[member.name]} == homes([member]) for member in members)
    added = [*members, Member("a-new-fact", 0), Member("fact-7", 0)]
    assert folds(added).items() >= found.items()


def test_a_new_link_moves_one_of_the_two_that_it_links() -> None:
    members = [Member(f"fact-{number}", 0, (number + 1,)) for number in range(3 * RARE)]
    before = folds(members)
    one, other = "fact-1", next(name for name in before if before[name] != before["fact-1"])
    after = folds([*members, Member(one, 0, (int(other[5:]) + 1,))])
    moved = {name for name, fold in after.items() if fold != before[name]}
    assert moved in ({one}, {other})


def test_a_chain_of_passages_is_one_group() -> None:
    count = 5_000
    members = [Member(f"fact-{number}", 0, (number + 1, number + 2)) for number in range(count)]
    assert len(set(folds(members).values())) == 1


def test_a_name_that_nothing_answers_goes_by_its_hash() -> None:
    found = assign_folds(units(["a"]), np.zeros(1, np.int64), Deciding(units([]), units([])))
    assert found.of(units(["b"])).tolist() == [unit("b") % FOLDS]
