"""Any two tables: what is told is all that differs."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from factpack.dataset.table_files import table_path
from factpack.release.layout import write_sums
from factpack.release.version_policy import DERIVED, Change, Step
from factpack.versioning.changes import Anchor, Diff, Difference
from factpack.versioning.diff import diff
from versioning.edits import LABELS, STANCES, Row, rewrite

WORDS = st.sampled_from(["a", "b", "𝕏"])
PASSAGES = st.lists(st.fixed_dictionaries({"quote": WORDS, "stance": st.sampled_from([0, 1])}), max_size=2)
ROWS = st.fixed_dictionaries(
    {
        "label": st.sampled_from([0, 1, 2]),
        "claim": WORDS,
        "article": WORDS,
        "quote": WORDS,
        "start": st.integers(0, 1),
        "end": st.integers(1, 2),
        "rationale": WORDS | st.none(),
        "evidence": PASSAGES,
        "changed_in": WORDS,
    }
)
TABLES = st.dictionaries(st.sampled_from([f"claim-{n}" for n in range(40)]), ROWS, min_size=1, max_size=40)
Table = dict[str, Row]


@dataclass(frozen=True)
class Written:
    """A release with nothing but claims."""

    folder: Path

    @classmethod
    def of(cls, rows: Table, folder: Path) -> "Written":
        (folder / "claims").mkdir(parents=True)
        table = pa.Table.from_pylist([{"id": key, **row} for key, row in rows.items()], SCHEMA)
        pq.write_table(table, folder / table_path("claims"), row_group_size=7)
        manifest = {"name": "x", "version": "1.0.0", "text": "full", "tables": {}, "built_with": {}}
        (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
        write_sums(folder, {})
        return cls(folder)


SCHEMA = datasets.Features(
    {
        "id": datasets.Value("string"),
        "label": datasets.ClassLabel(names=list(LABELS)),
        **{name: datasets.Value("string") for name in ("claim", "article", "quote", "rationale", "changed_in")},
        **{name: datasets.Value("int64") for name in ("start", "end")},
        "evidence": datasets.List(
            {"quote": datasets.Value("string"), "stance": datasets.ClassLabel(names=list(STANCES))}
        ),
    }
).arrow_schema


def by_hand(old: Table, new: Table) -> set[tuple[Change, str]]:
    """The changes of rows, row by row and word by word."""
    found = {(Change.REMOVED, key) for key in old.keys() - new.keys()}
    found |= {(Change.ADDED, key) for key in new.keys() - old.keys()}
    kinds = {
        Change.RELABELLED: ("label",),
        Change.TEXT: ("claim",),
        Change.REANCHORED: ("article", "quote", "start", "end"),
        Change.EVIDENCE: ("evidence",),
        Change.CHANGED: ("rationale",),
    }
    for key in old.keys() & new.keys():
        found |= {
            (change, key) for change, names in kinds.items() if any(old[key][name] != new[key][name] for name in names)
        }
    shared = [key for key in old if key in new]
    return found | ({(Change.REORDERED, "")} if shared != [key for key in new if key in old] else set())


def changes(found: Diff) -> set[tuple[Change, str]]:
    return {(difference.change, difference.subject) for difference in found.differences}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, TABLES, st.randoms(use_true_random=False), st.data())
def test_any_two_tables(old: Table, other: Table, random: Any, data: st.DataObject) -> None:
    """As compared by hand; the other way round, mirrored; with itself, nothing; with less, no larger step."""
    kept = data.draw(st.sets(st.sampled_from(sorted(old))))
    new = {
        **{key: old[key] for key in old if key in kept},
        **{key: row for key, row in other.items() if key not in kept},
    }
    if data.draw(st.booleans()):
        keys = list(new)
        random.shuffle(keys)
        new = {key: new[key] for key in keys}
    half = {key: row for key, row in old.items() if key in new or key in kept}  # nothing but some removals
    event(f"{len(old.keys() & new.keys()) > 7}: several row groups to match")
    with tempfile.TemporaryDirectory() as folder:
        one, two, three = (
            Written.of(table, Path(folder) / str(number)).folder for number, table in enumerate((old, new, half or old))
        )
        found, back = diff(one, two), diff(two, one)
        assert changes(found) == by_hand(old, new)
        assert len(found.differences) == len(changes(found))
        assert diff(one, one).differences == diff(two, two).differences == ()
        assert found.required_step is max((difference.step for difference in found.differences), default=Step.NONE)
        assert diff(one, three).required_step <= found.required_step
        mirror = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
        turned = {(mirror.get(change, change), subject) for change, subject in changes(back)}
        assert turned == changes(found)
        values = {(d.change, d.subject): (d.old, d.new) for d in found.differences}
        assert {(mirror.get(d.change, d.change), d.subject): (d.new, d.old) for d in back.differences} == values
        for difference in found.differences:
            assert difference == told_by_hand(difference, old, new)


def told_by_hand(difference: Difference, old: Table, new: Table) -> Difference:
    """The same change with its details, from the rows."""
    key, change = difference.subject, difference.change
    if change in (Change.ADDED, Change.REMOVED, Change.REORDERED):
        return Difference(change, "claims", key)
    shown: dict[Change, Callable[[Row], Any]] = {
        Change.RELABELLED: lambda row: LABELS[row["label"]],
        Change.TEXT: lambda row: row["claim"],
        Change.REANCHORED: lambda row: Anchor(row["article"], row["start"], row["end"], row["quote"]),
    }
    columns = tuple(name for name in difference.columns if old[key][name] != new[key][name])
    show = shown.get(change, lambda _: None)
    return Difference(change, "claims", key, columns, show(old[key]), show(new[key]))


def test_derived_tables_are_never_more_than_a_patch(old: Path, new: Path) -> None:
    for config in DERIVED:
        if (new / config).exists():
            rewrite(new, config, lambda row: row | {"id": f"{row['id']}!"})
    found = diff(old, new)
    assert {d.change for d in found.differences} == {Change.ADDED, Change.REMOVED}
    assert found.required_step is Step.PATCH
