"""Three readings of an article: how their spans are joined, what the release has of them, and how far they agree."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import TESTS, Run, edit
from factpack.agreement.alignment import align, join, pair
from factpack.agreement.many import VotePatterns
from factpack.agreement.metrics import kappa
from factpack.corpus.votes import Vote
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.errors import BrokenReleaseError
from factpack.release.verification.verify import verify
from factpack.text.sentences import Span
from releases import rewrite, rows

NAMES = ("alice", "bob-2", "carol")

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda each: Span(each[0], each[0] + each[1])), max_size=8
)


def nearest_first(one: list[Span], other: list[Span]) -> dict[int, int]:
    """Pair as it was done when there were two readings: all candidates by the share of their words."""
    candidates = []
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            common = min(a.end, b.end) - max(a.start, b.start)
            if common > 0:
                candidates.append((-common / (max(a.end, b.end) - min(a.start, b.start)), i, j))
    pairs: dict[int, int] = {}
    for _, i, j in sorted(candidates):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


@given(SPANS, SPANS)
def test_two_readings_are_paired_as_before(one: list[Span], other: list[Span]) -> None:
    assert pair(one, other) == nearest_first(one, other)


@given(st.lists(SPANS, min_size=2, max_size=4))
def test_every_span_is_in_one_group_and_no_reading_twice(readings: list[list[Span]]) -> None:
    groups = join(readings)
    places = sorted(place for group in groups for place in group.items())
    assert places == [(reading, number) for reading, spans in enumerate(readings) for number in range(len(spans))]


def test_the_spans_of_three_readings_are_joined_by_the_share_of_their_words() -> None:
    """The second and the third share most, then the first joins them; the last span of the third is left alone."""
    first, second, third = ([Span(0, 10)], [Span(4, 12)], [Span(5, 12), Span(0, 3)])
    assert join([first, second, third]) == [{0: 0, 1: 0, 2: 0}, {2: 1}]
    units = align(
        "a", *([Vote(span, name) for span in spans] for name, spans in zip("xyz", [first, second, third], strict=True))
    )
    assert [unit.votes for unit in units] == [("none", "none", "z"), ("x", "y", "z")]


def test_published_figures() -> None:
    """Krippendorff's example with missing votes (Computing Krippendorff's Alpha-Reliability, 2011, part C): 0.743.

    That of Fleiss' kappa is the one of Wikipedia, ten subjects and fourteen raters: 0.210. Gwet's AC1 is worked out
    by hand for two raters who agree on 118 and on none, and differ on 5 and on 2.
    """
    votes = ("123321412...", "1233224125.3", ".3332342251.", "1233244125" + "1.")
    units = [[vote for vote in unit if vote != "."] for unit in zip(*votes, strict=True)]
    patterns = VotePatterns([unit for unit in units if len(unit) > 1])
    assert patterns.coefficients(patterns.codes)[1] == pytest.approx(0.743, abs=0.0005)
    counts = ("0 0 0 0 14", "0 2 6 4 2", "0 0 3 5 6", "0 3 9 2 0", "2 2 8 1 1", "7 7 0 0 0", "3 2 6 3 0", "2 5 3 2 2")
    counts += ("6 5 2 1 0", "0 2 2 3 7")
    table = ["".join(str(kind) * int(number) for kind, number in enumerate(row.split())) for row in counts]
    patterns = VotePatterns(table)
    assert patterns.coefficients(patterns.codes)[0] == pytest.approx(0.210, abs=0.0005)
    assert kappa([tuple(unit) for unit in table]) == pytest.approx(0.210, abs=0.0005)
    patterns = VotePatterns(["aa"] * 118 + ["ab"] * 5 + ["ba"] * 2)
    share = (118 + 123 + 2) / 250
    chance = 2 * share * (1 - share)
    assert patterns.coefficients(patterns.codes)[2] == pytest.approx((118 / 125 - chance) / (1 - chance))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The kiosk, read by three people; the third reads as the first, and has right-to-left words and an emoji more."""
    root = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    seed = root / "seeds/r1_kiosk.txt"
    seed.write_bytes(seed.read_bytes().rstrip() + "\n\nقال المالك: الكشك 🍋 جميل.\n".encode())
    digest = hashlib.sha256(seed.read_bytes()).hexdigest()
    edit(root, "articles.yaml", lambda data: data["articles"][0].update(sha256=digest, annotation="partial"))
    readings = root / "annotations/readings"
    shutil.copytree(readings / "first", readings / "carol")
    (readings / "first").rename(readings / "alice")
    (readings / "second").rename(readings / "bob-2")
    owner = {"id": "pretty-r1", "quote": "الكشك 🍋 جميل", "claim": "The kiosk is pretty.", "speaker": "article"}
    edit(root, "readings/carol/r1.yaml", lambda data: data["unverified"].append(owner))

    def renamed(data: Any) -> None:
        for each in data["adjudications"]:
            each["alice"] = each["carol"] = each.pop("first")
            each["bob-2"] = each.pop("second")
        votes = {"alice": "none", "bob-2": "none", "carol": "unverified"}
        pretty = {"article": "r1", "quote": owner["quote"], "released": "none", "why": "An opinion."}
        data["adjudications"].append(pretty | votes)

    edit(root, "adjudications.yaml", renamed)
    return root


@pytest.fixture
def release(project: Path, tmp_path: Path, run: Run) -> Path:
    assert run("build", project, "--out", tmp_path / "release").exit_code == 0
    return tmp_path / "release"


def test_three_readings_reach_the_release(release: Path) -> None:
    assert verify(release) == ""
    votes, names = rows(release, "votes"), DEFAULT_TABLES.vote.names
    units: dict[str, dict[str, str]] = {}
    for row in votes:
        units.setdefault(row["unit"], {})[row["reading"]] = f"{row['quote']}: {names[row['vote']]}"
    assert list(units.values()) == [
        dict.fromkeys(NAMES, "opened in May: disputed"),
        {
            "alice": "opened in June: disputed",
            "bob-2": "It opened in June: unverified",
            "carol": "opened in June: disputed",
        },
        dict.fromkeys(NAMES, "sells lemonade: unverified"),
        dict.fromkeys(["alice", "carol"], "ice: unverified"),
        dict.fromkeys(NAMES, "How lovely!: not_checkable"),
        {"carol": "الكشك 🍋 جميل: unverified"},
    ]
    assert [row["id"] for row in votes] == [f"{row['unit']}@{row['reading']}" for row in votes]
    text = rows(release, "articles")[0]["text"]
    assert all(text[row["start"] : row["end"]] == row["quote"] for row in votes)
    assert {row["reading"]: (row["released"], row["why"]) for row in votes if row["quote"] == "ice"} == dict.fromkeys(
        ["alice", "carol"], (None, "Ice is not worth a record of its own.")
    )
    claims = {row["id"]: [vote["reading"] for vote in row["votes"]] for row in rows(release, "claims")}
    assert claims == {name: list(NAMES) for name in ("opened-may-r1", "opened-june-r1")}
    card = " ".join((release / "README.md").read_text(encoding="utf-8").split())
    assert "The articles were read 3 times, each time without sight of the other readings." in card
    assert "(5 in `alice`, 4 in `bob-2`, 6 in `carol`)" in card
    assert "Fleiss' κ" in card
    assert "<dt>same vote in all readings</dt><dd>4 of 5</dd>" in (release / "view.html").read_text(encoding="utf-8")


def test_the_agreement_of_three_readings(project: Path, run: Run) -> None:
    """By hand: five units, 14 votes (5 disputed, 6 unverified, 3 not checkable), of which one differs in one unit.

    Pairs of votes that differ: 2 of 3 in that unit, so 2/3 / 5 over all units.
    """
    printed = run("agreement", project)
    assert printed.exit_code == 0, printed.output
    shares = [(1 + 2 / 3) / 5, (1 + 1 / 3 + 1) / 5, 1 / 5]
    observed, chance = 1 - 2 / 3 / 5, sum(share**2 for share in shares)
    fleiss = (observed - chance) / (1 - chance)
    drawn = 1 - (5 * 4 + 6 * 5 + 3 * 2) / (14 * 13)
    alpha = 1 - (2 * 1 / 2 + 1 * 2 / 2) / 14 / drawn
    lines = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    assert lines[0] == "spans same vote Fleiss' kappa alpha"
    assert lines[1].startswith(f"all 5 4 {fleiss:.3f} (")
    assert f" {alpha:.3f} (" in lines[1]
    assert lines[-4:] == [
        "spans: 5 in the alice reading, 4 in the bob-2, 6 in the carol, 1 in only one",
        "pairs: 13 of spans that overlap, F1 0.867; 11 the same to the character, F1 0.733",
        "evidence of claims that both label: F1 1.000 of passages that overlap",
        "released claims that no reading has: 0",
    ]


def test_the_schema_of_decisions_has_the_names_of_the_readings(project: Path, run: Run) -> None:
    assert run("schema", project).exit_code == 0
    schema = (project / "annotations/schemas/adjudications.schema.json").read_text(encoding="utf-8")
    assert all(f'"{name}"' in schema for name in NAMES)
    assert '"first"' not in schema


@pytest.mark.parametrize(
    ("config", "change", "said"),
    [
        ("votes", lambda row: row.update(reading="dave"), "its id does not match its unit and its reading"),
        (
            "votes",
            lambda row: row.update(reading="dave", id=f"{row['unit']}@dave"),
            "it does not have the votes of all readings",
        ),
        ("votes", lambda row: row.update(why="Because."), "another vote on its unit has another claim, decision or"),
        ("votes", lambda row: row.update(unit="r1:0-3", id="r1:0-3@alice"), "no reading has the place of its unit"),
        (
            "claims",
            lambda row: row["votes"].append(row["votes"][0]),
            "it does not have the votes of all readings, each",
        ),
        (
            "claims",
            lambda row: row["votes"][2].update(reading="dave"),
            "it does not have the votes of all readings, each",
        ),
    ],
)
def test_votes_that_do_not_fit_together(
    release: Path, config: str, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    rewrite(release, config, lambda table: change(table[0]))
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    assert f": {said}" in str(raised.value)
