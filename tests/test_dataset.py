"""The run over the real data: the five articles and what is annotated in them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from factpack.anchoring.corpus_builder import build_corpus
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckReport
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.words import STATUS
from factpack.formats.registry import open_project
from factpack.release.build import Built, build
from factpack.release.quotation import quoted_share

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(open_project(ROOT), tmp_path_factory.mktemp("real") / "release", lambda: None)


@pytest.fixture(scope="module")
def release(built: Built) -> Path:
    assert not built.warnings
    return built.folder


@pytest.fixture(scope="module")
def claims(release: Path) -> pd.DataFrame:
    frame = pd.read_parquet(release / "claims")
    return frame.assign(label=frame["label"].map(dict(enumerate(DEFAULT_TABLES.label.names))))


def test_there_is_nothing_wrong() -> None:
    problems = [item for item in build_corpus(open_project(ROOT)) if isinstance(item, Problem | Problems)]
    assert CheckReport.of(Problems(problems)).to_text() == ""


def test_a_version_that_is_released_keeps_its_rows(built: Built) -> None:
    """Whoever changes a row raises the version."""
    assert not built.contradicts_history


def test_every_sentence_is_accounted_for(release: Path) -> None:
    sentences = pd.read_parquet(release / "sentences")
    assert len(sentences) > 0
    assert STATUS.names.index("unaccounted") not in set(sentences["status"])


@pytest.mark.parametrize(
    ("fact", "value", "label", "articles"),
    [
        ("reinstatement-date", "2023", "erroneous", {"000", "004"}),
        ("reinstatement-date", "2022", "supported", {"000"}),
        ("reinstatement-date", "November 2022", "supported", {"002", "003"}),
        ("people-tuned-in", "60 to 70 million", "erroneous", {"002"}),
        ("people-tuned-in", "a little over 1 million", "disputed", {"002"}),
        ("people-tuned-in", "millions", "disputed", {"003"}),
        ("peak-listeners", "998", "erroneous", {"001"}),
        ("us-city-crime", "migrant crime is destroying cities", "erroneous", {"002"}),
        ("delay-length", "about 40 minutes", "disputed", {"000", "001", "003"}),
        ("delay-length", "about an hour", "disputed", {"002", "004"}),
        ("delay-cause", "attack on X", "disputed", {"000", "001", "003", "004"}),
        ("ban-status", "yes", "erroneous", {"001", "004"}),
        ("ban-status", "no", "supported", {"000", "002", "003", "004"}),
        ("interview-day", "Monday", "supported", {"004"}),
        ("inflation-cause", "mainly government spending", "disputed", {"002"}),
        ("desantis-launch-date", "2024", "erroneous", {"004"}),
        ("desantis-launch-date", "2023", "supported", {"000"}),
    ],
)
def test_worked_examples_of_the_guidelines(
    claims: pd.DataFrame, fact: str, value: str, label: str, articles: set[str]
) -> None:
    """The label that the written rules give, in every article that gives the value, and in no other."""
    rows = claims[(claims["fact"] == fact) & (claims["value"] == value)]
    assert set(rows["article"]) == articles
    assert set(rows["label"]) == {label}


def test_folds_part_facts_and_not_texts(release: Path) -> None:
    """As the card says."""
    evidence = pd.read_parquet(release / "evidence")
    assert evidence.groupby("fact")["fold"].nunique().max() == 1
    neutral = evidence["stance"] == len(DEFAULT_TABLES.stance.names) + 1  # behind `doubts`
    deciding = evidence[~neutral]
    assert deciding.groupby(["article", "start", "end"])["fold"].nunique().max() == 1
    assert evidence.groupby(["article", "start", "end"])["fold"].nunique().max() > 1
    assert evidence.groupby("context")["fold"].nunique().max() > 1


def test_the_share_that_quotes_give_is_the_figure_in_the_readme(release: Path) -> None:
    found = quoted_share(release)
    least, most, overall = (round(100 * share) for share in (found.least, found.most, found.overall))
    words = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"The quotes alone reproduce {least}–{most}% of each article here ({overall}% of all)" in words


def test_the_readme_counts_the_claims(claims: pd.DataFrame, release: Path) -> None:
    words = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    passages = len(pd.read_parquet(release / "evidence"))
    assert f"{len(claims)} labelled claims, with {passages} passages of evidence." in words


def test_the_rights_are_true_of_both_forms() -> None:
    """The sentence on the texts stands in the card and in the Croissant file of a release without them as well."""
    words = " ".join((ROOT / "annotations/dataset.yaml").read_text(encoding="utf-8").split())
    assert "Where a release includes their texts" in words
    assert "texts are included" not in words


def test_agreement_is_the_figure_in_the_readme_and_reaches_the_goal(release: Path) -> None:
    """The build computes it from the files, and the table of votes shows it; nobody writes it by hand."""
    card, readme = (" ".join((folder / "README.md").read_text(encoding="utf-8").split()) for folder in (release, ROOT))
    votes = pd.read_parquet(release / "votes")
    readings = votes.groupby("unit")["reading"].nunique()
    alone, pairs = int((readings == 1).sum()), int((readings == 2).sum())
    row = re.search(rf"\| all \| {pairs} \| \d+ \| (\S+) \|", card)
    same = re.search(rf"Of the {pairs} pairs (\d+) are the same to the character", card)
    assert row
    assert same
    assert float(row[1]) >= 0.90
    assert f"the {alone} spans that only one reading has" in card
    assert (
        f"{pairs} pairs of spans that overlap: on these pairs, Cohen's κ is {row[1]}; {same[1]} pairs are the same to "
        f"the character. Another {alone} spans are in one reading only, and are not counted."
    ) in readme


def test_claims_that_neither_reading_has_are_counted(claims: pd.DataFrame, release: Path) -> None:
    without = sum(all(pd.isna(vote["vote"]) for vote in votes) for votes in claims["votes"])
    assert without > 0
    card = (release / "README.md").read_text(encoding="utf-8")
    assert f"Released claims that neither reading has: {without} of {len(claims)}, added later by rule" in card


def test_every_article_was_read_twice(claims: pd.DataFrame, release: Path) -> None:
    assert {len(votes) for votes in claims["votes"]} == {2}
    votes = pd.read_parquet(release / "votes")
    assert set(votes["article"]) == {"000", "001", "002", "003", "004"}
    assert set(votes["reading"]) == {"first", "second"}
    units = votes.groupby("unit")
    agree = (units["reading"].transform("nunique") == 2) & (units["vote"].transform("nunique") == 1)
    assert votes[~agree]["why"].notna().all()
    assert (votes[agree]["why"].notna() == (votes[agree]["released"] != votes[agree]["vote"])).all()


def test_the_votes_on_a_claim_are_those_of_its_span(claims: pd.DataFrame, release: Path) -> None:
    """The two tables are made apart; joined, they say the same, and so does what is released."""
    votes = pd.read_parquet(release / "votes").dropna(subset="claim_id")
    assert not votes.duplicated(["claim_id", "reading"]).any()
    assert set(votes["claim_id"]) <= set(claims["id"])
    cast = {(row.claim_id, row.reading): row for row in votes.itertuples()}
    for claim in claims.itertuples():
        for own in claim.votes:
            row = cast.get((claim.id, own["reading"]))
            assert own["vote"] == (row and row.vote)
            assert row is None or DEFAULT_TABLES.vote.names[int(row.released)] == claim.label


def test_astral_character_shifts_nothing(claims: pd.DataFrame, release: Path) -> None:
    """Article 001 holds U+1D54F; the spans behind it are right in code points, and would be wrong in UTF-16 units."""
    text = pd.read_parquet(release / "articles").set_index("id")["text"]["001"]
    assert "\U0001d54f" in text
    behind = claims[(claims["article"] == "001") & (claims["start"] > text.index("\U0001d54f"))]
    assert len(behind) > 10
    utf16 = text.encode("utf-16-le")
    for claim in behind.itertuples():
        assert text[claim.start : claim.end] == claim.quote
        assert utf16[2 * claim.start : 2 * claim.end].decode("utf-16-le", errors="replace") != claim.quote
