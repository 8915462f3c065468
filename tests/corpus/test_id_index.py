"""What is known of all annotations at once: ids that are taken twice, and the answers to each fact."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.corpus.id_index import NO_FACT, Answers, IdIndex
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Address, Record, RecordLocations, SourceFile


def entered(files: list[list[tuple[str, int, str]]], *, merged: bool) -> IdIndex:
    """An index of files, each of one article, with ids, facts and values, a line each; of each file, or ``merged``."""
    whole = IdIndex()
    for number, some in enumerate(files):
        index = IdIndex() if merged else whole
        index.begin_article(f"article{number}")
        for line, (name, fact, value) in enumerate(some):
            location = RecordLocations(SourceFile(f"f{number}", Path("x"), JsonLinesFormat()))
            location.add(Address(line))
            index.add([name], location, [fact], [value], ["supported" if line % 2 else None])
        if merged:
            whole.merge(index)
    return whole


def place_of(record: Record[None]) -> tuple[str, int]:
    return record.source.name, record.address.index


@settings(deadline=None)
@given(
    st.lists(
        # The two words have one CRC-32.
        st.lists(st.sampled_from(["a", "b", "plumless", "buckeroo"]), max_size=5),
        max_size=4,
    ),
    st.booleans(),
)
def test_ids_that_are_taken_twice(names: list[list[str]], merged: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    seen: dict[str, tuple[str, int]] = {}
    expected = []
    for number, some in enumerate(names):
        for line, name in enumerate(some):
            first = seen.setdefault(name, (f"f{number}", line))
            if first != (f"f{number}", line):
                expected.append((name, (f"f{number}", line), first))
    index = entered([[(name, NO_FACT, "") for name in some] for some in names], merged=merged)
    assert [(name, place_of(one), place_of(other)) for name, one, other in index.duplicates()] == expected


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from([0, 1, 3, NO_FACT]), st.sampled_from("xyé")), max_size=5), max_size=4),
    st.booleans(),
)
def test_answers_come_back_by_fact(given_: list[list[tuple[int, str]]], merged: bool) -> None:  # noqa: FBT001 - the same
    files = [
        [(f"{number}-{line}", fact, value) for line, (fact, value) in enumerate(some)]
        for number, some in enumerate(given_)
    ]
    answers = Answers(entered(files, merged=merged), 5)
    for fact in range(5):
        expected = [
            ((name, f"article{number}", value, "supported" if line % 2 else None), (f"f{number}", line))
            for number, some in enumerate(files)
            for line, (name, each, value) in enumerate(some)
            if each == fact
        ]
        found = answers.of(fact)
        columns = zip(found.ids, found.articles, found.values, found.labels, strict=True)
        places = [place_of(found.record(index)) for index in range(len(found))]
        assert list(zip(columns, places, strict=True)) == expected
