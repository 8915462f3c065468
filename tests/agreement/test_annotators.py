"""Votes of single annotators, given with claims and passages, in the shape of Climate-FEVER: five on each passage."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import factpack
from conftest import Run, digests
from factpack.anchoring.parallel.division import PartSizes
from factpack.errors import BrokenReleaseError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.hydrate import hydrate
from factpack.release.parts import BuildLimits
from factpack.release.verification.verify import verify
from releases import rewrite, rows

TEXT = "The ice 🧊 of the Alm melts. الجليد يذوب. Two glaciers feed it.\n"
STANCES = ("SUPPORTS", "REFUTES", "NOT_ENOUGH_INFO")
LABELS = ("SUPPORTS", "REFUTES", "NOT_ENOUGH_INFO", "DISPUTED")

#: The number of a vote by each of five annotators on each of the five passages of a claim; a dot where there is none.
VOTES = ("00000", "0000.", "11112", "22.2.", "2....")


def votes(numbers: str) -> list[dict[str, str]]:
    return [{"by": f"a{n + 1}", "vote": STANCES[int(vote)]} for n, vote in enumerate(numbers) if vote != "."]


def claim(number: int) -> dict[str, Any]:
    """A claim with one passage of an article, and four that are given without theirs."""
    placed = {"article": "Alm_valley", "quote": "الجليد يذوب"}
    places = [placed, *({"quote": f"Passage {n} 🌍 of {number}.", "source": "Alm"} for n in range(4))]
    stances = ["SUPPORTS", "SUPPORTS", "REFUTES", "NOT_ENOUGH_INFO", "NOT_ENOUGH_INFO"]
    evidence = [
        {**place, "stance": stance, "votes": votes(cast)}
        for place, stance, cast in zip(places, stances, VOTES, strict=True)
    ]
    own = [{"by": "a1", "vote": "DISPUTED"}, {"by": "a 2", "vote": LABELS[number % 2]}]
    return {"kind": "claim", "id": f"{number}", "claim": f"The ice melted {number} times.", "label": "DISPUTED"} | {
        "evidence": evidence,
        "votes": own,
    }


@pytest.fixture
def project(tmp_path: Path, run: Run) -> Path:
    root = tmp_path / "project"
    assert run("init", root, "--like", "climate-fever").exit_code == 0
    (root / "seeds").mkdir(exist_ok=True)
    (root / "seeds/alm.txt").write_bytes(TEXT.encode())
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    article = {"id": "Alm_valley", "file": "alm.txt", "sha256": digest, "language": "en"}
    lines = {"articles": [article], "claims": map(claim, range(30))}
    for name, records in lines.items():
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (root / f"annotations/{name}.jsonl").write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return build(open_project(project), tmp_path / "release", lambda: None).folder


def test_every_vote_reaches_the_release(release: Path) -> None:
    """As a row of its own, also that of a passage without its article; those on a claim are in the claim as well."""
    assert verify(release) == ""
    table, evidence = rows(release, "votes"), {row["id"]: row for row in rows(release, "evidence")}
    on_claims, on_passages = (
        [row for row in table if (row["stance"] is None) is on_claim] for on_claim in (True, False)
    )
    assert len(on_claims) == 30 * 2
    assert len(on_passages) == 30 * sum(len(votes(cast)) for cast in VOTES)
    names = [factpack.open_release(release).load("votes").features[name].names for name in ("vote", "stance")]
    written = [claim(number) for number in range(30)]
    assert [(row["claim_id"], row["reading"], names[0][row["vote"]]) for row in on_claims] == [
        (record["id"], vote["by"], vote["vote"]) for record in written for vote in record["votes"]
    ]
    assert [
        (evidence[row["evidence_id"]]["quote"], row["reading"], names[1][row["stance"]]) for row in on_passages
    ] == [
        (passage["quote"], vote["by"], vote["vote"])
        for record in written
        for passage in record["evidence"]
        for vote in passage["votes"]
    ]
    assert {row["quote"] for row in table} == {None, "الجليد يذوب"}
    assert all(TEXT[row["start"] : row["end"]] == row["quote"] for row in table if row["article"])
    assert [
        [(vote["reading"], names[0][vote["vote"]]) for vote in row["votes"]] for row in rows(release, "claims")[:1]
    ] == [[("a1", "DISPUTED"), ("a 2", "SUPPORTS")]]


def test_the_release_is_the_same_from_several_processes(project: Path, release: Path, tmp_path: Path) -> None:
    """Claim by claim, so that it does not matter where the file is cut."""
    limits = BuildLimits(parts=PartSizes(9_000))
    parallel = build(open_project(project), tmp_path / "parallel", lambda: None, jobs=2, limits=limits).folder
    assert digests(parallel) == digests(release)


def test_the_texts_are_put_back(project: Path, release: Path, tmp_path: Path) -> None:
    """Words that are given without their article are there all the time, in the table of evidence."""
    without = build(open_project(project), tmp_path / "without", lambda: None, "none").folder
    assert verify(without) == ""
    assert {row["quote"] for row in rows(without, "votes")} == {None}
    assert hydrate(without, project / "seeds", tmp_path / "hydrated")
    assert digests(tmp_path / "hydrated") == digests(release)


def test_the_agreement_of_annotators(project: Path, release: Path, run: Run) -> None:
    """By hand, of each claim: four passages with several votes (5 and 4 for, 4 and 1 against and neutral, 3 neutral).

    The shares of votes of the units are (1 + 1) / 4, (4/5) / 4 and (1/5 + 1) / 4. On the third unit 4 + 4 of 20
    ordered pairs of votes differ, so 2/5 / 4 over all units. Of the claims, half have the same two votes.
    """
    shares, observed = [2 / 4, 4 / 5 / 4, 6 / 5 / 4], 1 - 8 / 20 / 4
    chance = sum(share**2 for share in shares)
    total = 30 * 17
    drawn = 1 - sum(n * (n - 1) for n in (30 * 9, 30 * 4, 30 * 4)) / (total * (total - 1))
    alpha = 1 - 30 * (4 * 1 / 4 + 1 * 4 / 4) / total / drawn
    printed = run("agreement", project)
    assert printed.exit_code == 0, printed.output
    lines = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    assert lines[0] == "with several votes same vote Fleiss' kappa alpha"
    assert lines[1].startswith("claims 30 0 ")
    assert lines[2].startswith(f"passages 120 90 {(observed - chance) / (1 - chance):.3f} (")
    assert f" {alpha:.3f} (" in lines[2]
    card = (release / "README.md").read_text(encoding="utf-8")
    assert f"| passages | 120 | 90 | {(observed - chance) / (1 - chance):.3f} |" in card
    found = factpack.load_project(project).load().agreement
    assert found is not None
    assert found.readings is None
    assert [(each.name, each.units, each.agreed) for each in found.given] == [("claims", 30, 0), ("passages", 120, 90)]


def test_ac1_where_one_vote_is_frequent(project: Path, run: Run) -> None:
    """Nine of ten votes are the same: kappa is below 0 though 80% of the passages are agreed on; AC1 says so."""
    path = project / "annotations/claims.jsonl"
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for number, record in enumerate(records):
        record.pop("votes")
        for passage in record["evidence"]:
            passage["votes"] = votes("0" + "1" * (number % 5 == 0) + "0" * (number % 5 != 0))
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    lines = [" ".join(line.split()) for line in run("agreement", project).stdout.splitlines()]
    share = 0.9
    chance, rare = share**2 + (1 - share) ** 2, 2 * share * (1 - share)
    assert lines[0].endswith("alpha AC1")
    assert lines[1].startswith(f"passages 150 120 {(0.8 - chance) / (1 - chance):.3f} (")
    assert f" {(0.8 - rare) / (1 - rare):.3f} (" in lines[1]


@pytest.mark.parametrize(
    ("config", "change", "said"),
    [
        (
            "votes",
            lambda row: row.update(evidence_id="0:9", unit="0:9", id="0:9@a1"),
            "the table of evidence has no such",
        ),
        ("votes", lambda row: row.update(vote=0), "a vote on a passage has a vote, or lacks its own"),
        ("votes", lambda row: row.update(stance=None), "a vote on a passage has a stance, or lacks its own"),
        ("votes", lambda row: row.update(claim_id="1"), "another vote on its unit has another claim"),
    ],
)
def test_a_vote_on_a_passage_that_does_not_fit(
    release: Path, config: str, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    number = next(number for number, row in enumerate(rows(release, config)) if row["evidence_id"])
    rewrite(release, config, lambda table: change(table[number]))
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    assert f": {said}" in str(raised.value)


def test_a_vote_on_a_claim_that_is_gone(release: Path) -> None:
    rewrite(release, "votes", lambda table: table.pop(0))
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    assert "claims 0: its votes differ from the table `votes`" in str(raised.value)
