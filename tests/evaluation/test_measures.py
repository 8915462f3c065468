"""Figures of labels and of probabilities, compared with scikit-learn and scipy, which compute them in their own way."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap
from sklearn.metrics import accuracy_score, brier_score_loss, confusion_matrix, precision_recall_fscore_support

from evaluation.invented import LABELS, claim, json_lines, release
from factpack.evaluation.measures import accuracy, by_label, f1, macro_f1, measured, precision, recall
from factpack.evaluation.score import score

PAIRS = st.lists(st.tuples(st.sampled_from(range(4)), st.sampled_from(range(4))), min_size=1, max_size=60)


@given(PAIRS)
def test_the_figures_of_labels_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    right, predicted = map(list, zip(*pairs, strict=True))
    counts = confusion_matrix(right, predicted, labels=range(4)).ravel().astype(float)
    assert accuracy(counts) == pytest.approx(accuracy_score(right, predicted))
    *macro, _ = precision_recall_fscore_support(right, predicted, average="macro", zero_division=0)
    assert macro_f1(counts) == pytest.approx(macro[2])
    *each, _ = precision_recall_fscore_support(right, predicted, labels=range(4), zero_division=0)
    found = by_label(counts)
    assert [precision(found), recall(found), f1(found)] == [pytest.approx(values) for values in each]


def test_the_interval_is_that_of_scipy_for_resampled_facts() -> None:
    rng = np.random.default_rng(7)
    claims = rng.integers(1, 9, size=80)  # of each fact
    right = rng.binomial(claims, rng.choice([0.2, 0.9], size=80))
    facts = np.stack([right, claims - right, np.zeros(80), np.zeros(80)], axis=1).astype(float)
    found = measured(facts, {"accuracy": accuracy})["accuracy"]

    def resampled(one: np.ndarray, all_: np.ndarray, axis: int = -1) -> np.ndarray:
        return one.sum(axis=axis) / all_.sum(axis=axis)

    expected = bootstrap((right, claims), resampled, paired=True, method="percentile", rng=1, n_resamples=20_000)
    assert found.value == pytest.approx(right.sum() / claims.sum())
    interval = expected.confidence_interval
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.015)


@pytest.mark.parametrize("facts", [30, 3_000], ids=["few-kinds", "many-kinds"])
def test_facts_with_the_same_counts_are_drawn_like_others(facts: int) -> None:
    """The spread of a resampled mean is that of the mean, however the facts are drawn."""
    values = np.random.default_rng(3).random(facts)
    counts = np.stack([values, 1 - values, np.zeros(facts), np.zeros(facts)], axis=1)
    found = measured(counts, {"mean": accuracy})["mean"]
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(facts), rel=0.12)


def test_one_fact_has_no_interval() -> None:
    figure = measured(np.array([[3.0, 1, 0, 0]]), {"accuracy": accuracy})["accuracy"]
    assert (figure.value, figure.low, figure.high, figure.interval) == (0.75, None, None, "")


def test_brier_and_calibration(tmp_path: Path) -> None:
    """Confidence .9, .9, .6 and .6; right are the first, the second and the third.

    Calibration: two of two at .9 and one of two at .6, so (|1.8 - 2| + |1.2 - 1|) / 4 = .1.
    """
    rows = [("supports", 0.9), ("supports", 0.9), ("refutes", 0.6), ("refutes", 0.6)]
    gold = ["supports", "supports", "refutes", "supports"]
    predictions = [
        {"id": f"c{n}", "label": label, "scores": {label: p, "not_enough_info": round(1 - p, 1)}}
        for n, (label, p) in enumerate(rows)
    ]
    folder = release(tmp_path / "release", [claim(f"c{n}", label) for n, label in enumerate(gold)])
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", predictions))
    table = [[each["scores"].get(label, 0) for label in LABELS] for each in predictions]
    expected = brier_score_loss([LABELS.index(label) for label in gold], table, labels=[0, 1, 2], scale_by_half=False)
    assert scores.figures["brier"].value == pytest.approx(expected)
    assert scores.figures["calibration_error"].value == pytest.approx(0.1)
    assert [(each.claims, each.confidence, each.accuracy) for each in scores.calibration] == [
        (2, pytest.approx(0.6), 0.5),
        (2, pytest.approx(0.9), 1),
    ]


def test_claims_answers_and_facts_count_once_each(tmp_path: Path) -> None:
    """Fact f has answer x three times, all right, and answer y once, wrong; fact g has one claim, wrong.

    By claim 3/5; by pair of fact and value 1/3; by fact the mean of 3/4 and 0.
    """
    answers = [("f", "x"), ("f", "x"), ("f", "x"), ("f", "y"), ("g", "x")]
    claims = [claim(f"c{n}", "supports", fact=fact, value=value, fold=n % 2) for n, (fact, value) in enumerate(answers)]
    predictions = [{"id": f"c{n}", "label": "supports" if n < 3 else "refutes"} for n in range(5)]
    folder = release(tmp_path / "release", claims)
    scores = score(folder, "invented 1.0.0", json_lines(tmp_path / "predictions.jsonl", predictions))
    found = [scores.figures[f"{name}accuracy"].value for name in ("", "distinct_", "fact_")]
    assert found == pytest.approx([3 / 5, 1 / 3, 3 / 8])
    assert [(each.name, each.claims, each.accuracy) for each in scores.by_fact] == [("f", 4, 0.75), ("g", 1, 0)]
    assert [(each.name, each.claims) for each in scores.folds] == [("0", 3), ("1", 2)]
    assert json.loads(scores.to_json())["by_fact"][0]["name"] == "f"
