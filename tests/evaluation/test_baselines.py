"""Baselines: what they predict, that `score` gives them the same figures, and that they are the same every time."""

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import datasets
import pytest

import factpack
from conftest import Run
from evaluation.invented import claim, release, write
from factpack.evaluation.baselines import measure_baselines, predict
from factpack.evaluation.predictions import read_predictions
from factpack.formats.locations import Record

ROOT = Path(__file__).parents[2]


def pairs(folder: Path, stances: Sequence[tuple[str, str, str, int]]) -> None:
    """Write the table `evidence`: claim, words of the claim, words of the passage, stance."""
    text, number = datasets.Value("string"), datasets.Value("int64")
    found = [
        {"claim_id": name, "claim": claimed, "context": words, "article": "p", "start": 0, "end": 2, "stance": stance}
        for name, claimed, words, stance in stances
    ]
    columns = {**dict.fromkeys(("claim_id", "claim", "context", "article"), text), "start": number, "end": number}
    write(folder / "evidence", found, {**columns, "stance": datasets.ClassLabel(names=["for", "against"])})


def predicted(folder: Path, tmp_path: Path) -> dict[str, list[Any]]:
    """What each baseline predicts, as `score` reads it."""
    found = {}
    for name, lines in predict(folder):
        file = tmp_path / f"{name}.jsonl"
        file.write_bytes(lines)
        items = list(read_predictions(file, "factpack"))
        assert all(isinstance(item, Record) for item in items)
        found[name] = [item.value for item in items if isinstance(item, Record)]
    return found


def test_the_nearest_claim_is_one_of_another_fold(tmp_path: Path) -> None:
    """b has all words of a, but lies in its fold; d is the nearest in another."""
    claims = [
        claim("a", "supports", claim="Ferry late by an hour", fold=0),
        claim("b", "supports", claim="ferry LATE by an hour", fold=0),
        claim("c", "supports", claim="Ninety passengers were on board", fold=1),
        claim("d", "refutes", claim="The ferry was late", fold=1),
    ]
    folder = release(tmp_path / "release", claims, texts=("claim",))
    pairs(folder, [("a", "Ferry late by an hour", "It was late by an hour", 0)])
    labels = [each.label for each in predicted(folder, tmp_path)["nearest-claim"]]
    assert labels == ["refutes", "refutes", "supports", "supports"]


def test_the_stance_follows_from_words_in_common(tmp_path: Path) -> None:
    folder = release(tmp_path / "release", [claim(name, "supports", claim=name) for name in "abc"], texts=("claim",))
    words = "one two three four five six seven eight nine ten"
    pairs(folder, [("a", words, "Three two ONE", 0), ("b", words, "one two", 0), ("c", words, "", 1)])
    found = predicted(folder, tmp_path)["word-overlap"]
    assert [each.evidence[0].stance for each in found] == ["for", "against", "against"]


def test_score_gives_the_same_figures(built: Path, tmp_path: Path, run: Run) -> None:
    result = run("baselines", built, "--out", tmp_path / "out")
    assert result.exit_code == 0
    found = {each.name: each for each in measure_baselines(built)}
    for name in ("most-frequent", "uniform", "nearest-claim", "word-overlap"):
        scores = factpack.score(built, tmp_path / "out" / f"{name}.jsonl")
        for kind, verdicts in (("", found[name].labels), ("stance_", found[name].stances)):
            if verdicts:
                for measure, figure in (("accuracy", verdicts.accuracy), ("macro_f1", verdicts.macro_f1)):
                    assert scores.figures[f"{kind}{measure}"].value == pytest.approx(figure.value)
                    assert figure.shown in result.stdout
    assert [name for name, each in found.items() if each.labels is None] == ["word-overlap"]
    assert [name for name, each in found.items() if each.stances is None] == ["nearest-claim"]


def test_they_are_the_same_every_time(built: Path) -> None:
    assert list(predict(built)) == list(predict(built))
    assert measure_baselines(built) == measure_baselines(built)


def test_of_many_claims_only_what_reads_nothing_is_measured(built: Path) -> None:
    assert [each.name for each in measure_baselines(built, most=22)] == ["most-frequent", "uniform"]
    assert len(measure_baselines(built, most=23)) == 4


def test_the_figures_of_the_released_dataset(tmp_path: Path) -> None:
    """A change of a baseline shows here, and so does one of the dataset."""
    with factpack.load_project(ROOT).build(tmp_path / "release") as made:
        found = {each.name: each for each in made.baselines()}
    shown = {
        (name, kind): [figure.shown for figure in (verdicts.accuracy, verdicts.macro_f1)]
        for name, each in found.items()
        for kind, verdicts in (("label", each.labels), ("stance", each.stances))
        if verdicts
    }
    del shown["uniform", "label"], shown["uniform", "stance"]
    assert shown == {
        ("most-frequent", "label"): ["0.841", "0.305"],
        ("most-frequent", "stance"): ["0.801", "0.222"],
        ("nearest-claim", "label"): ["0.784", "0.336"],
        ("word-overlap", "stance"): ["0.637", "0.227"],
    }
    interval = found["most-frequent"].labels
    assert interval
    assert astuple(interval.accuracy)[1:] == pytest.approx((0.731, 0.924), abs=0.02)  # by facts, not by claims
