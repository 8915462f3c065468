"""Passages on neither side: nobody has to find them, and only their stance is counted."""

from pathlib import Path

import pytest

from evaluation.invented import claim, json_lines, passage, release
from factpack.evaluation.score import score
from factpack.evaluation.scores import Scores

#: c1 has p0 for it, and comes near q1; c2 has nothing but q2, which decides nothing. ``against`` is the neutral stance.
CLAIMS = [
    claim("c1", "supports", [[("p", 0, "for")], [("q", 1, "against")]]),
    claim("c2", "not_enough_info", [[("q", 2, "against")]]),
]


def scored(tmp_path: Path, *neutral: str) -> Scores:
    """c1 is predicted with q1 as neutral, c2 with its own passage: neither has any evidence."""
    rows = [
        {"id": "c1", "label": "supports", "evidence": [passage("q", 1, "against")]},
        {"id": "c2", "label": "not_enough_info", "evidence": [passage("q", 2, "against")]},
    ]
    folder = release(tmp_path / "release", CLAIMS)
    return score(folder, "x 1.0.0", json_lines(tmp_path / "p.jsonl", rows), neutral=neutral)


def test_a_neutral_passage_is_not_to_be_found(tmp_path: Path) -> None:
    figures = scored(tmp_path, "against").figures
    assert figures["strict"].value == 1 / 2  # c2 needs nothing; c1 is right, and p0 is missing
    assert figures["fever_recall"].value == 0
    assert [figures[f"exact_{name}"].value for name in ("precision", "recall", "f1")] == [0, 0, 0]
    assert figures["article_f1"].value == 0
    assert figures["stance_accuracy"].value == pytest.approx(2 / 3)  # of three passages p0 alone is not there


def test_without_neutral_stances_the_same_passages_are_evidence(tmp_path: Path) -> None:
    figures = scored(tmp_path).figures
    assert figures["strict"].value == 1
    assert figures["exact_recall"].value == pytest.approx(2 / 3)
