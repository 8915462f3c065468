"""The scores of FEVER and of SciFact by their definitions, on invented predictions worked out by hand.

The claims, and what is predicted for each (p0 is the first sentence of article p):

c1  supports   groups {p0, q1} and {p3}   predicted supports with p0, p1, q1
c2  refutes    group {q0}                 predicted supports with q0
c3  not enough info                       predicted not enough info with p2
c4  supports   group {p5}                 predicted supports with p0 to p5, in this order
c5  refutes    group {q2, q3}             predicted refutes with q2

FEVER: the label of c2 alone is wrong, 4/5. With it are right: the whole group of c1, and c3, which needs none; p5 is
not among the first five of c4, and q3 is missing from c5: 2/5. Precision is the mean of 2/3, 1/1, 0/5 and 1/1 over the
claims that need evidence, 2/3; recall that of 1, 1, 0 and 0, 1/2.

SciFact, by articles: predicted are p and q of c1, q of c2, p of c3, p of c4, q of c5, 6 in all; wanted p and q of c1, q
of c2, p of c4, q of c5, 5. The stance of all but those of c2 and c3 is right, 4. Of these p and q of c1 have a whole
rationale (of the article) among their first three sentences, 2; c4 has not, nor has c5.
By sentences: predicted are 3 + 1 + 1 + 6 + 1 = 12; wanted 3 + 1 + 0 + 1 + 2 = 7. In a rationale that is predicted whole
are p0 and q1 of c1, q0 of c2, p5 of c4: 4. The stance is right as well for all but c2: 3.
"""

from pathlib import Path

import pytest

from evaluation.invented import claim, json_lines, passage, release
from factpack.evaluation.score import score
from factpack.evaluation.scores import Scores

CLAIMS = [
    claim("c1", "supports", [[("p", 0, "for"), ("q", 1, "for")], [("p", 3, "for")]]),
    claim("c2", "refutes", [[("q", 0, "against")]]),
    claim("c3", "not_enough_info"),
    claim("c4", "supports", [[("p", 5, "for")]]),
    claim("c5", "refutes", [[("q", 2, "against"), ("q", 3, "against")]]),
]
PREDICTIONS = [
    ("c1", "supports", [("p", 0), ("p", 1), ("q", 1)], "for"),
    ("c2", "supports", [("q", 0)], "for"),
    ("c3", "not_enough_info", [("p", 2)], "for"),
    ("c4", "supports", [("p", number) for number in range(6)], "for"),
    ("c5", "refutes", [("q", 2)], "against"),
]
FEVER = {
    "accuracy": 4 / 5,
    "strict": 2 / 5,
    "fever_precision": 2 / 3,
    "fever_recall": 1 / 2,
    "fever_f1": 4 / 7,
}
SCIFACT = {
    "article_precision": 4 / 6,
    "article_recall": 4 / 5,
    "article_f1": 8 / 11,
    "whole_article_precision": 2 / 6,
    "whole_article_recall": 2 / 5,
    "whole_article_f1": 4 / 11,
    "sentence_precision": 4 / 12,
    "sentence_recall": 4 / 7,
    "sentence_f1": 8 / 19,
    "sentence_stance_precision": 3 / 12,
    "sentence_stance_recall": 3 / 7,
    "sentence_stance_f1": 6 / 19,
}


def figures(scores: Scores, names: dict[str, float]) -> dict[str, float | None]:
    return {name: scores.figures[name].value for name in names}


def test_the_scores_are_those_of_fever_and_of_scifact(tmp_path: Path) -> None:
    rows = [
        {"id": name, "label": label, "evidence": [passage(*sentence, stance) for sentence in sentences]}
        for name, label, sentences, stance in PREDICTIONS
    ]
    folder = release(tmp_path / "release", CLAIMS)
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", rows))
    assert figures(scores, FEVER) == pytest.approx(FEVER)
    assert figures(scores, SCIFACT) == pytest.approx(SCIFACT)


def test_predictions_of_fever_have_the_scores_of_fever(tmp_path: Path) -> None:
    rows = [
        {
            "id": name,
            "predicted_label": label.upper().replace("_", " "),
            "predicted_evidence": sentences,
            "verifiable": 1,
        }
        for name, label, sentences, _ in PREDICTIONS
    ]
    folder = release(tmp_path / "release", CLAIMS)
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", rows), input_format="fever")
    assert figures(scores, FEVER) == pytest.approx(FEVER)
    assert scores.figures["sentence_f1"].value == pytest.approx(SCIFACT["sentence_f1"])
    assert "article_f1" not in scores.figures  # FEVER has no stances


def test_passages_without_a_group_suffice_alone(tmp_path: Path) -> None:
    """Two passages, of which one is predicted: a whole group if each is one, and none if both are needed."""
    both = claim("c1", "supports", [[("p", 0, "for"), ("p", 1, "for")]])
    alone = {**both, "evidence": [{**each, "group": None} for each in both["evidence"]]}
    predictions = json_lines(
        tmp_path / "predictions.jsonl", [{"id": "c1", "label": "supports", "evidence": [passage("p", 1)]}]
    )
    found = [
        score(release(tmp_path / name, [row]), "invented 1.0.0", predictions).figures["strict"].value
        for name, row in (("both", both), ("alone", alone))
    ]
    assert found == [0, 1]


def test_a_passage_can_be_in_several_groups(tmp_path: Path) -> None:
    """p0 is needed with p1 or with p2; p1 and p2 without it are no whole group."""
    row = claim("c1", "supports", [[("p", number, "for")] for number in range(3)])
    row["evidence"] = [
        {**each, "groups": groups} for each, groups in zip(row["evidence"], (["a", "b"], ["a"], ["b"]), strict=True)
    ]
    folder = release(tmp_path / "release", [row], groups=True)
    found = []
    for sentences in ((0, 2), (1, 2)):
        rows = [{"id": "c1", "label": "supports", "evidence": [passage("p", number) for number in sentences]}]
        scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", rows))
        found.append([scores.figures[name].value for name in ("strict", "sentence_precision", "sentence_recall")])
    assert found == [[1, 1, pytest.approx(2 / 3)], [0, 0, 0]]


def test_a_passage_without_its_article_is_not_looked_for(tmp_path: Path) -> None:
    row = claim("c1", "supports", [[("p", 0, "for")]])
    row["evidence"].append({"article": None, "start": None, "end": None, "stance": None, "group": None})
    rows = [{"id": "c1", "label": "supports", "evidence": [passage("p", 0)]}]
    folder = release(tmp_path / "release", [row])
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", rows))
    assert {scores.figures[name].value for name in ("exact_f1", "sentence_f1", "stance_accuracy", "strict")} == {1}


def test_passages_are_compared_by_span_by_characters_and_by_sentence(tmp_path: Path) -> None:
    """Wanted are B. C. and E. of article p; predicted `B.`, `. C.` and `D`, each character once.

    By span 1 of 3 predicted and 1 of 3 wanted. By characters: wanted 6; predicted `B. C.` and `D`, 6; common `B.` and
    `C.` (the space between is predicted only), 4. By sentence: predicted B, C and D, of which 2 are wanted.
    """
    folder = release(tmp_path / "release", [claim("c1", "supports", [[("p", n, "for")] for n in (1, 2, 4)])])
    evidence = [{"article": "p", "start": start, "end": end} for start, end in ((3, 5), (4, 8), (9, 10))]
    rows = [{"id": "c1", "label": "supports", "evidence": evidence}]
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", rows))
    expected = {
        "exact_precision": 1 / 3,
        "exact_recall": 1 / 3,
        "character_precision": 4 / 6,
        "character_recall": 4 / 6,
        "sentence_precision": 2 / 3,
        "sentence_recall": 2 / 3,
    }
    assert figures(scores, expected) == pytest.approx(expected)
