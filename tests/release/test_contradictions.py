"""Releases whose digests fit, and whose rows contradict the rules of the labels or another table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factpack.release.verification.verify import verify
from releases import make_release, rewrite, rows, told

Change = Callable[[list[dict[str, Any]]], object]


ROWS = [
    ("claims", lambda r: r[0].update(label=1), "claims {0}: label `disputed` does not allow the basis `corroborated`"),
    ("claims", lambda r: r[0].update(label=1), "claims {0}: claim is `disputed`, but no evidence refutes it"),
    (
        "claims",
        lambda r: r[0].update(basis=1),
        "claims {0}: basis is `corroborated_within`, but another article supports the claim",
    ),
    ("claims", lambda r: r[0].update(correction="No."), "claims {0}: claim is `supported` but has a correction"),
    (
        "claims",
        lambda r: r[0]["evidence"][0].update(stance=1),
        "claims {0}: claim is `supported`, but this passage refutes it",
    ),
    ("claims", lambda r: r[0].update(fold=4), "claims {0}: fold is 4, but the fold of the fact delay-length is {fold}"),
    ("facts", lambda r: r[0].update(fold=9), "claims {claim}: fold is {fold}, but the fold of the fact {0} is 9"),
    ("evidence", lambda r: r[0].update(label=2), "evidence {0}: label differs from its claim"),
    ("evidence", lambda r: r[0].update(stance=1), "evidence {0}: stance differs from its claim"),
    ("evidence", lambda r: r[0].update(claim="Other."), "evidence {0}: claim differs from its claim"),
    ("evidence", lambda r: r[0].update(id="other"), "evidence {0}: no claim has this passage"),
    (
        "evidence",
        lambda r: r.pop(0),
        "claims late-40-minutes-a1: its passage b2[41:61] is not in the table of evidence",
    ),
    (
        "evidence",
        lambda r: r[0].update(context=r[1]["context"]),
        "evidence {0}: its context is not the sentences with its quote",
    ),
    (
        "evidence",
        lambda r: r[0].update(sentence_id=r[1]["sentence_id"]),
        "evidence {0}: its sentence_id is {other}, but it is in the sentence {sentence}",
    ),
    (
        "evidence",
        lambda r: r[0].update(sentence_id=None),
        "evidence {0}: its sentence_id is None, but it is in the sentence",
    ),
    (
        "claims",
        lambda r: r[0].update(context="Other."),
        "claims {0}: its context is not the sentences with its quote",
    ),
    (
        "facts",
        lambda r: r[0]["answers"].pop(),
        "claims late-1-hour-c3: its fact does not list its answer",
    ),
    (
        "facts",
        lambda r: r[0]["answers"][0].update(value="other"),
        "claims {claim}: its fact does not list its answer",
    ),
    (
        "facts",
        lambda r: r[0]["answers"][-1].update(label=int(not r[0]["answers"][-1]["label"])),
        "facts {0}: its answers differ from the claims and unverified passages that refer to it",
    ),
    (
        "facts",
        lambda r: next(a for a in r[0]["answers"] if a["value"] == r[0]["answers"][0]["value"]).update(label=2),
        "facts {0}: claims that answer it with '40 minutes' have different labels",
    ),
    (
        "facts",
        lambda r: r[0].update(settled_value=None),
        "facts {0}: it has a settled value without a passage, or passages without a value",
    ),
    ("articles", lambda r: r[0].update(title="Mine"), "articles {0}: title is not in its text: 'Mine'"),
    ("articles", lambda r: r[0].update(date_quote="Mine"), "articles {0}: date_quote is not in its text: 'Mine'"),
    ("articles", lambda r: r[0].update(date=None), "articles {0}: it has only one of date and date_origin"),
    ("articles", lambda r: r[0].update(date_origin="known"), "articles {0}: date_origin is 'known'"),
    ("facts", lambda r: r[0].update(added_in="2.0.0"), "facts {0}: added_in is '2.0.0', but changed_in is '1.1.0'"),
    (
        "articles",
        lambda r: r[0].update(changed_in="soon"),
        "articles {0}: added_in is '1.1.0', but changed_in is 'soon'",
    ),
    ("sentences", lambda r: r[0].update(status=3), "sentences {0}: its status does not follow from its claims, "),
    ("sentences", lambda r: r[0].update(id="a1:0-9"), "sentences {0}: its id does not match its place, a1:0-27"),
    (
        "sentences",
        lambda r: r.pop(0),
        "sentences {1}: no sentence has 'Ferry ‘Marigold’ Late Again', the text before it",
    ),
    ("sentences", lambda r: r.pop(), "articles c3: no sentence has '美しい船だ。'"),
    (
        "sentences",
        lambda r: r.insert(1, r[0] | {"id": "x"}),
        "sentences x: it begins before the end of the previous sentence",
    ),
    (
        "sentences",
        lambda r: next(row for row in r if len(row["claims"]) > 1)["claims"].pop(),
        "claims {listed}: a sentence that it touches does not list it",
    ),
    (
        "sentences",
        lambda r: r[0].update(claims=["late-40-minutes-a1"], status=0, reason=None),
        "sentences {0}: it lists a claim that does not touch it",
    ),
]


@pytest.mark.parametrize(("config", "change", "message"), ROWS)
def test_rows_that_contradict_the_rules_or_another_table(
    release: Path, config: str, change: Change, message: str
) -> None:
    before = rows(release, config)
    facts = {row["id"]: row["fold"] for row in rows(release, "facts")}
    rewrite(release, config, change)
    answers = rows(release, "facts")[0]["answers"]
    names = {
        "fold": facts["delay-length"] if config == "claims" else before[0].get("fold"),
        "claim": answers[0]["claim_id"],
        "sentence": before[0].get("sentence_id"),
        "other": before[1].get("sentence_id"),
        "listed": next((row["claims"][-1] for row in before if len(row.get("claims", ())) > 1), ""),
    }
    after = rows(release, config)
    expected = message.format(after[0]["id"], before[1]["id"] if "{1}" in message else "", **names)
    assert [line for line in told(release) if line.startswith(expected)], (expected, told(release))


def test_a_fold_that_does_not_follow(release: Path) -> None:
    """Of a fact, moved in all tables alike; of an unverified passage that answers none."""
    fact = next(row for row in rows(release, "facts") if row["id"] == "delay-length")
    before, other = fact["fold"], (fact["fold"] + 1) % 5

    def move(some: list[dict[str, Any]]) -> None:
        for row in some:
            if row.get("fact", row["id"]) == fact["id"]:
                row["fold"] = other

    for config in ("facts", "claims", "propositions", "evidence"):
        rewrite(release, config, move)
    found = told(release)
    follows = "follows from the labels and the passages that decide them"
    assert f"facts delay-length: fold is {other}, but {before} {follows}" in found


def test_a_fold_of_what_answers_no_fact(release: Path) -> None:
    alone = next(row for row in rows(release, "propositions") if row["fact"] is None)

    def move(some: list[dict[str, Any]]) -> None:
        next(row for row in some if row["id"] == alone["id"])["fold"] = (alone["fold"] + 1) % 5

    rewrite(release, "propositions", move)
    follows = f"but {alone['fold']} follows from the labels and the passages that decide them"
    assert f"propositions {alone['id']}: fold is {(alone['fold'] + 1) % 5}, {follows}" in told(release)


@pytest.mark.parametrize(
    ("config", "change", "said"),
    [
        ("votes", lambda row: row.update(vote=2), "its claim has other votes, or another label"),
        ("votes", lambda row: row.update(released=2), "its claim has other votes, or another label"),
        ("claims", lambda row: row["votes"][0].update(vote=2), "its votes differ from the table `votes`"),
        ("claims", lambda row: row["votes"].pop(), "it does not have the votes of all readings, each once"),
    ],
)
def test_votes_that_contradict_another_table(
    tmp_path: Path, config: str, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    release = make_release(tmp_path)
    assert verify(release) == ""
    number = next(number for number, row in enumerate(rows(release, config)) if row.get("claim_id", row["id"]))
    rewrite(release, config, lambda r: change(r[number]))
    assert f"{config} {rows(release, config)[number]['id']}: {said}" in told(release)
