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
from factpack.agreement.alignment import Comparison, align, pair
from factpack.agreement.figures import Coefficient
from factpack.agreement.metrics import kappa, measure
from factpack.corpus.types import AnchoredArticle, ArticleText, Claims, Notes
from factpack.corpus.votes import Unit, Vote
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.table_files import table_path
from factpack.formats.locations import Record, Records, SourceFile
from factpack.formats.yaml import YamlFormat
from factpack.project.models import Article
from factpack.text.sentences import Span

NOWHERE = SourceFile("", Path(), YamlFormat())
SOLD = "It sells lemonade and ice."


def vote(start: int, end: int, label: str) -> Vote:
    return Vote(Span(start, end), label)


def comparison(name: str, first: list[str], second: list[str]) -> Comparison:
    """An article with one span of ten characters for each pair of votes."""
    record = Record(Article(id=name, file=f"{name}.txt", sha256="0" * 64, language="en"), NOWHERE)
    units = tuple(
        Unit(name, (vote(10 * i, 10 * i + 9, a), vote(10 * i, 10 * i + 9, b)))
        for i, (a, b) in enumerate(zip(first, second, strict=True))
    )
    nothing = Records[Any](NOWHERE)
    claims, notes = Claims(nothing, (), (), ()), Notes(nothing, ())
    article = AnchoredArticle(record, ArticleText(name, "", ()), "", claims, notes, notes, whole=True)
    return Comparison(("first", "second"), article, units)


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
    edit(root, "readings/second/r1.yaml", lambda data: data["unverified"].pop(0))
    edit(root, "adjudications.yaml", lambda data: data["adjudications"][0].update(second="none"))
    beside = {"id": "owner-r1", "quote": "June,” says Nils Berg", "claim": "The owner spoke.", "speaker": "article"}
    for name in ("r1.yaml", "readings/first/r1.yaml", "readings/second/r1.yaml"):
        edit(root, name, lambda data: data["unverified"].append(beside))
    later = {"id": "may-r1", "quote": "May"}
    edit(root, "r1.yaml", lambda data: data["claims"].append(deepcopy(data["claims"][0]) | later))
    built = run("build", root, "--out", tmp_path / "release")
    assert built.exit_code == 0, built.output
    claims, votes = (pq.read_table(tmp_path / "release" / table_path(name)).to_pylist() for name in ("claims", "votes"))
    disputed = DEFAULT_TABLES.vote.names.index("disputed")
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


def test_a_decision_can_depart_from_both_readings(tmp_path: Path, run: Callable[..., Result]) -> None:
    """It says why; the votes stay as they were given, and so does the agreement."""
    root = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    before = run("agreement", root).stdout
    edit(root, "r1.yaml", lambda data: data["unverified"].clear())
    edit(root, "r1.yaml", lambda data: data["not_checkable"].append({"quote": SOLD, "reason": "opinion"}))
    against = {"article": "r1", "quote": "sells lemonade", "first": "unverified", "second": "unverified"}
    decision = against | {"released": "not_checkable", "why": "Taste decides what is lemonade."}
    edit(root, "adjudications.yaml", lambda data: data["adjudications"].append(decision))
    built = run("build", root, "--out", tmp_path / "release")
    assert built.exit_code == 0, built.output
    rows = {row["quote"]: row for row in pq.read_table(tmp_path / "release" / table_path("votes")).to_pylist()}
    row = rows["sells lemonade"]
    assert [DEFAULT_TABLES.vote.names[row[key]] for key in ("vote", "released")] == [
        "unverified",
        "not_checkable",
    ]
    assert row["why"] == "Taste decides what is lemonade."
    assert run("agreement", root).stdout == before


def test_coefficients_by_hand() -> None:
    """20 units, of which 15 agree.

    First: 11 supported, 9 unverified; second: 12 and 8. Expected by chance: (11*12 + 9*8) / 400 = 0.51. Alpha pools
    both: expected disagreement 2*23*17 / (40*39), observed 0.25.
    """
    first = ["supported"] * 9 + ["unverified"] * 6 + ["supported"] * 2 + ["unverified"] * 3
    second = ["supported"] * 9 + ["unverified"] * 6 + ["unverified"] * 2 + ["supported"] * 3
    figures = measure([comparison("a", first, second)])
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
    figures = measure([replace(comparison("a", [], []), units=align("a", first, second))])
    assert (figures.overall.units, figures.identical, figures.alone) == (3, 2, 3)
    assert figures.overlap_f1 == pytest.approx(2 * 3 / 9)
    assert figures.identical_f1 == pytest.approx(2 * 2 / 9)
    assert (figures.labelled.units, figures.labelled.agreed) == (2, 2)
    for line in (
        "spans: 4 in the first reading, 5 in the second, 3 in only one",
        "pairs: 3 of spans that overlap, F1 0.667; 2 the same to the character, F1 0.444",
    ):
        assert line in figures.to_text().splitlines()


def test_the_same_files_give_the_same_interval() -> None:
    votes = ["supported"] * 9 + ["disputed"] * 4, ["supported"] * 8 + ["disputed"] * 5
    assert measure([comparison("a", *votes)]) == measure([comparison("a", *votes)])


def test_full_agreement_has_no_width() -> None:
    figures = measure([comparison("a", ["supported"] * 5 + ["disputed"], ["supported"] * 5 + ["disputed"])])
    assert figures.overall.kappa == figures.overall.alpha == Coefficient(1.0, 1.0, 1.0)
    assert kappa([("supported", "supported"), ("disputed", "disputed")]) == 1.0


def test_where_one_label_occurs_agreement_beyond_chance_is_undefined() -> None:
    """Two readings that give one label always agree by chance as well; other articles and rows are not concerned."""
    one = comparison("a", ["supported"] * 5, ["supported"] * 5)
    two = comparison("b", ["supported", "unverified"], ["supported", "unverified"])
    assert kappa([("supported", "supported")] * 5) is None
    full = "1.000 (1.000 to 1.000)"
    assert [" ".join(line.split()) for line in measure([one, two]).to_text().splitlines()[:6]] == [
        "pairs of spans same vote kappa alpha AC1",
        f"all 7 7 {full} {full} {full}",
        f"all, without what both find not checkable 7 7 {full} {full} {full}",
        "all, what both label as a claim 6 6 undefined undefined",
        "a 5 5 undefined undefined",
        f"b 2 2 {full} {full}",
    ]


def test_the_card_and_the_page_say_that_it_is_undefined(tmp_path: Path, run: Callable[..., Result]) -> None:
    root = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    for name in ("r1.yaml", "readings/first/r1.yaml", "readings/second/r1.yaml"):
        shutil.copyfile(TESTS / "readings/annotations/readings/first/r1.yaml", root / "annotations" / name)
        edit(root, name, lambda data: (data.pop("unverified"), data.pop("not_checkable")))
    edit(root, "adjudications.yaml", lambda data: data["adjudications"].clear())
    edit(root, "articles.yaml", lambda data: data["articles"][0].update(annotation="partial"))
    built = run("build", root, "--out", tmp_path / "release")
    assert built.exit_code == 0, built.output
    printed = run("agreement", root).stdout
    assert "all 2 2 undefined undefined" in [" ".join(line.split()) for line in printed.splitlines()]
    card = (tmp_path / "release/README.md").read_text(encoding="utf-8")
    page = (tmp_path / "release/view.html").read_text(encoding="utf-8")
    assert "| all | 2 | 2 | undefined |  | undefined |  |\n" in card
    assert "\nIf fewer than two labels occur, κ and α are undefined: chance alone gives the same votes.\n" in card
    assert "<dt>Cohen’s κ of the readings</dt><dd>undefined</dd>" in page


def test_what_both_find_not_checkable_is_left_out_of_the_second_row() -> None:
    first = ["not_checkable"] * 10 + ["supported", "unverified", "unverified"]
    second = ["not_checkable"] * 9 + ["unverified"] + ["supported", "unverified", "supported"]
    figures = measure([comparison("a", first, second)])
    assert (figures.overall.units, figures.checkable.units, figures.checkable.agreed) == (13, 4, 2)


def test_without_readings_there_is_nothing_to_compare(run: Callable[..., Result], project_folder: Path) -> None:
    result = run("agreement", str(project_folder))
    assert result.exit_code == 2
    assert "annotations/readings has fewer than two folders, and no claim has several votes" in result.stderr


def test_of_nothing_agreement_is_undefined() -> None:
    figures = measure([comparison("a", [], [])])
    assert (figures.overall.units, figures.overall.kappa.value) == (0, None)


def test_a_reading_may_find_nothing_to_label(tmp_path: Path, run: Callable[..., Result]) -> None:
    """A dataset needs claims where it is released; and what a reading says twice, it said when it was made."""
    root = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))

    def unlabel(data: Any) -> None:
        keys = ("id", "quote", "claim", "speaker", "fact", "value")
        data["unverified"] += [{key: claim[key] for key in keys} for claim in data.pop("claims")]
        data["unverified"][-1]["claim"] = "the kiosk opened, in June!"

    decided = {"article": "r1", "quote": "opened in May", "first": "disputed", "second": "unverified"}
    edit(root, "readings/second/r1.yaml", unlabel)
    entry = decided | {"released": "disputed", "why": "The article gives another month."}
    edit(root, "adjudications.yaml", lambda data: data["adjudications"].append(entry))
    checked = run("check", root)
    assert (checked.exit_code, checked.stdout) == (0, "")
