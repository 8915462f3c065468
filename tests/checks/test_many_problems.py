"""Of very many problems the first are kept in full, and the others counted by rule, without looking anything up."""

import json
import pickle
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factpack import load_project
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckReport
from factpack.formats.locations import LazyLocation, Location, Position, SourceFile
from factpack.limits import Limits


def problem(number: int, severity: Any = "error") -> Problem:
    return Problem(Location("x", number, 1), "m", "h", severity, f"rule-{number % 3}")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), unique_by=lambda pair: pair[0]))
def test_the_first_problems_are_kept(found: list[tuple[int, int]]) -> None:
    """In whatever order and through however many hands they come."""
    parts = [Problems(max_shown=5) for _ in range(4)]
    for number, part in found:
        parts[part].add(problem(number))
    together = Problems(parts, max_shown=5)
    ordered = sorted(number for number, _ in found)
    assert [p.line for p in together.shown] == ordered[:5]
    more = Counter(("error", f"rule-{number % 3}") for number in ordered[5:])
    assert together.more == more
    assert (len(together), together.failed) == (len(found), bool(found))
    assert CheckReport.of(together).counts == {"error": len(found), "warning": 0}


class _Nowhere:
    """A file whose places nobody may look up."""

    def locate(self, *_: object, **__: object) -> Position:
        raise AssertionError


def test_what_is_only_counted_is_not_looked_up() -> None:
    """Neither its place nor its hint, which takes most of the time."""
    place = LazyLocation(SourceFile("x", Path("x"), cast("Any", _Nowhere())))
    unseen = Problem(place, "m", lambda: pytest.fail("nobody asks"), "warning", "rule-0")
    together = Problems([problem(1)])
    for _ in range(3):
        together.add_counted(unseen)
    assert (together.shown, together.more, len(together)) == ([problem(1)], {("warning", "rule-0"): 3}, 4)
    few = Problems(max_shown=1)
    few.add_sorted([problem(3), unseen, problem(4)])
    assert few.shown == [problem(3)]
    assert few.more == {("error", "rule-1"): 1, ("warning", "rule-0"): 1}


def test_another_process_gets_a_problem_as_it_is_shown() -> None:
    """Without the texts that its hint was found in."""
    given = Problem(Location("x", 2, 3), "m", lambda: "found", "warning", "rule-0")
    assert pickle.loads(pickle.dumps(given)).to_dict() == given.to_dict()  # noqa: S301 - made here
    assert given.hint == "found"


def test_very_many_problems(corpus: Path, tmp_path: Path) -> None:
    """The first in full, the rest by rule, in every form; those of whole articles too."""
    folder = Path(shutil.copytree(corpus, tmp_path / "project"))
    path = folder / "annotations/all.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong: list[dict[str, Any]] = [
        {"label": "erroneous"},
        {"label": "eroneous"},
        {"speaker": "Somebody"},
        {"fact": "no-such-fact"},
        {"quote": "no such words"},
        {"id": "the-same-id"},
        {"evidence": [{"article": "nowhere", "quote": "no such words", "stance": "supports"}]},
    ]
    claims = [row for row in rows if row["kind"] == "claim"]
    kept = [row | wrong[number % len(wrong)] for number, row in enumerate(claims)]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    whole = load_project(folder).check()
    every = json.loads(whole.to_json())
    assert len(every) > 100
    assert len({each["rule"] for each in every}) > len(wrong)
    report = load_project(folder).check(limits=Limits(max_shown=10))
    shown = json.loads(report.to_json())
    assert (report.ok, report.counts, report.summary) == (False, whole.counts, whole.summary)
    assert shown[:10] == every[:10]
    counts: dict[tuple[str, str], int] = {}
    for each in every[10:]:
        counts[each["rule"], each["severity"]] = counts.get((each["rule"], each["severity"]), 0) + 1
    assert {(each["rule"], each["severity"]): each["more"] for each in shown[10:]} == counts
    assert report.to_text().splitlines()[-1].startswith(f"and {len(every) - 10:,} more: ")
    assert report.to_github().splitlines()[-1].startswith("::notice::and ")
    assert f"{len(every) - 10:,} more: " in json.loads(report.to_sarif())["runs"][0]["properties"]["more"]
