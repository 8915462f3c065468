"""Equal keys are found in the same way among few and among many."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from factpack.corpus.shared_keys import among_many, shared

PAIRS = st.lists(st.tuples(st.integers(0, 6) | st.just(2**64 - 1), st.integers(0, 2)), max_size=30)


@given(PAIRS)
def test_keys_that_come_several_times(pairs: list[tuple[int, int]]) -> None:
    keys = array("Q", [key for key, _ in pairs])
    assert shared(keys) == among_many(keys) == [at for at, key in enumerate(keys) if keys.count(key) > 1]


@given(PAIRS)
def test_keys_that_come_with_different_marks(pairs: list[tuple[int, int]]) -> None:
    keys, marks = array("Q", [key for key, _ in pairs]), array("I", [mark for _, mark in pairs])
    found = [at for at, (key, _) in enumerate(pairs) if len({mark for other, mark in pairs if other == key}) > 1]
    assert shared(keys, marks) == among_many(keys, marks) == found
