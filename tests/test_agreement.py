"""Two readings: how their spans are paired, and figures that were worked out by hand."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import Result

from conftest import TESTS, edit
from factpack.agreement import report
from factpack.columns import VOTE, table_path
from factpack.corpus import AnchoredArticle, ArticleText, Claims, Notes, Unit, Vote
from factpack.model import Article
from factpack.readings import Comparison, align, pair
from factpack.records import Places, Record, Records, YamlFile
from factpack.sentences import Span


def vote(start: int, end: int, label: str) -> Vote:
    return Vote(Span(start, end), label)


def comparison(name: str, first: list[str], second: list[str]) -> Comparison:
    """An article with one span of ten characters for each pair of votes."""
    record = Record(Article(id=name, file=f"{name}.txt", sha256="0" * 64, language="en"), YamlFile("", ""))
    units = tuple(
        Unit(name, vote(10 * i, 10 * i + 9, a), vote(10 * i, 10 * i + 9, b))
        for i, (a, b) in enumerate(zip(first, second, strict=True))
    )
    nothing = Records[Any]([], Places(YamlFile("", Path())))
    claims, notes = Claims(nothing, (), (), ()), Notes(nothing, ())
    return Comparison(AnchoredArticle(record, ArticleText(name, "", ()), "", claims, notes, notes, whole=True), units)


def test_spans_pair_by_the_share_of_their_words() -> None:
    """The closest pair is made first, whatever the order, and a span is used once."""
    assert pair([Span(0, 10), Span(2, 10)], [Span(2, 9)]) == {1: 0}
    assert pair([Span(0, 10)], [Span(0, 4), Span(0, 9), Span(20, 30)]) == {0: 1}
    assert pair([Span(0, 10)], [Span(10, 20)]) == {}


def test_align_keeps_what_stands_in_one_reading_only() -> None:
    units = align(
        "a", [vote(0, 5, "supported"), vote(20, 25, "disputed")], [vote(1, 5, "unverified"), vote(9, 12, "disputed")]
    )
    assert [unit.votes for unit in units] == [
        ("supported", "unverified"),
        ("none", "disputed"),
        ("disputed", "none"),
    ]


def test_the_votes_on_a_claim_are_those_of_its_span(tmp_path: Path, run: Callable[..., Result]) -> None:
    """Not those of a passage that overlaps it; none at all if neither reading has the claim."""
    root = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    edit(root, "second/r1.yaml", lambda data: data["unverified"].pop(0))
    edit(root, "adjudications.yaml", lambda data: data["adjudications"][0].update(second="none"))
    beside = {"id": "owner-r1", "quote": "June,” says Nils Berg", "claim": "The owner spoke.", "speaker": "article"}
    for name in ("r1.yaml", "first/r1.yaml", "second/r1.yaml"):
        edit(root, name, lambda data: data["unverified"].append(beside))
    later = {"id": "may-r1", "quote": "May"}
    edit(root, "r1.yaml", lambda data: data["claims"].append(deepcopy(data["claims"][0]) | later))
    built = run("build", root, "--out", tmp_path / "release")
    assert built.exit_code == 0, built.output
    claims, votes = (pq.read_table(tmp_path / "release" / table_path(name)).to_pylist() for name in ("claims", "votes"))
    disputed = VOTE.names.index("disputed")
    assert {row["id"]: [vote["vote"] for vote in row["votes"]] for row in claims} == {
        "opened-may-r1": [disputed, disputed],
        "opened-june-r1": [disputed, None],
        "may-r1": [None, None],
    }
    assert {row["quote"]: row["claim_id"] for row in votes} == {
        "opened in May": "opened-may-r1",
        "opened in June": "opened-june-r1",
        "June,” says Nils Berg": None,
        "sells lemonade": None,
        "ice": None,
        "How lovely!": None,
    }
    card = (tmp_path / "release/README.md").read_text(encoding="utf-8")
    assert "Released claims that neither reading has: 1 of 3, added later by rule, without votes.\n" in card
    assert "released claims that neither reading has: 1\n" in run("agreement", root).stdout


def test_coefficients_by_hand() -> None:
    """20 units, of which 15 agree.

    First: 11 supported, 9 unverified; second: 12 and 8. Expected by chance: (11*12 + 9*8) / 400 = 0.51. Alpha pools
    both: expected disagreement 2*23*17 / (40*39), observed 0.25.
    """
    first = ["supported"] * 9 + ["unverified"] * 6 + ["supported"] * 2 + ["unverified"] * 3
    second = ["supported"] * 9 + ["unverified"] * 6 + ["unverified"] * 2 + ["supported"] * 3
    figures = report([comparison("a", first, second)])
    assert figures.overall.units == 20
    assert figures.overall.agreed == 15
    assert figures.overall.kappa.value == pytest.approx((0.75 - 0.51) / (1 - 0.51))
    assert figures.overall.alpha.value == pytest.approx(1 - 0.25 / (2 * 23 * 17 / (40 * 39)))
    assert figures.overall.kappa.low < figures.overall.kappa.value < figures.overall.kappa.high
    assert figures.articles[0].kappa == figures.overall.kappa
    assert (figures.overlap_f1, figures.identical_f1) == (1.0, 1.0)


def test_spans_that_overlap_and_spans_that_are_the_same() -> None:
    """Four spans and five: three pairs, of which two are the same to the character; three spans have no other."""
    first = [vote(0, 5, "supported"), vote(10, 15, "supported"), vote(20, 25, "disputed"), vote(30, 35, "unverified")]
    second = [vote(0, 5, "supported"), vote(10, 15, "unverified"), vote(24, 29, "disputed")]
    second += [vote(40, 45, "supported"), vote(50, 55, "supported")]
    figures = report([replace(comparison("a", [], []), units=align("a", first, second))])
    assert (figures.overall.units, figures.identical, figures.alone) == (3, 2, 3)
    assert figures.overlap_f1 == pytest.approx(2 * 3 / 9)
    assert figures.identical_f1 == pytest.approx(2 * 2 / 9)
    assert (figures.labelled.units, figures.labelled.agreed) == (2, 2)
    for line in (
        "spans: 4 in the first reading, 5 in the second, 3 in only one",
        "pairs: 3 of spans that overlap, F1 0.667; 2 the same to the character, F1 0.444",
    ):
        assert line in figures.as_text().splitlines()


def test_the_same_files_give_the_same_interval() -> None:
    votes = ["supported"] * 9 + ["disputed"] * 4, ["supported"] * 8 + ["disputed"] * 5
    assert report([comparison("a", *votes)]) == report([comparison("a", *votes)])


def test_full_agreement_has_no_width() -> None:
    figures = report([comparison("a", ["supported"] * 5, ["supported"] * 5)])
    assert (figures.overall.kappa.low, figures.overall.kappa.value, figures.overall.kappa.high) == (1.0, 1.0, 1.0)


def test_what_both_find_not_checkable_is_left_out_of_the_second_row() -> None:
    first = ["not_checkable"] * 10 + ["supported", "unverified", "unverified"]
    second = ["not_checkable"] * 9 + ["unverified"] + ["supported", "unverified", "supported"]
    figures = report([comparison("a", first, second)])
    assert (figures.overall.units, figures.checkable.units, figures.checkable.agreed) == (13, 4, 2)


def test_without_readings_there_is_nothing_to_compare(run: Callable[..., Result], project_folder: Path) -> None:
    result = run("agreement", str(project_folder))
    assert result.exit_code == 2
    assert "annotations/first and annotations/second" in result.stderr


def test_stats_count_the_project(run: Callable[..., Result], project_folder: Path) -> None:
    result = run("stats", str(project_folder))
    assert result.exit_code == 0
    titles = ("article", "speaker", "basis", "fact")
    assert all(f"Claims by {title}\n" in result.stdout for title in titles)
    assert "Coverage: sentences by what accounts for them" in result.stdout


def test_open_facts_show_every_value(run: Callable[..., Result], project_folder: Path) -> None:
    """With its label, be it erroneous or none; a fact that is settled is not open."""
    edit(project_folder, "b2.yaml", lambda data: data["unverified"][1].update(fact="ticket-price", value="free"))
    printed = run("stats", project_folder).stdout.split("Open: facts with several values of which none is settled\n")[1]
    assert [line.split() for line in printed.splitlines() if line] == [
        ["articles"],
        ["fact", "value", "label"],
        ["ticket-price", "4", "kr", "erroneous", "a1"],
        ["40", "kr", "disputed", "b2"],
        ["free", "unverified", "b2"],
        ["45", "kr", "disputed", "c3"],
    ]
