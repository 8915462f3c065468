"""The tasks of a release in the real harnesses, offline: as many samples as claims, and the scores of `factpack score`.

To install the harnesses takes minutes, so that these tests run when they are asked for: ``pytest -m harness``.
"""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

import factpack
from evaluation.harnesses import environment, run_offline
from evaluation.invented import json_lines
from factpack.evaluation.scores import Scores
from hub.server import WRITER, Hub
from releases import rows

pytestmark = pytest.mark.harness

HERE = Path(__file__).parent
CONFIGS = {"verdict": "eval", "verdict_from_articles": "eval_articles"}
LABELS = ["supported", "disputed", "erroneous"]


@pytest.fixture(scope="module")
def inspect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment("inspect", tmp_path_factory.mktemp("inspect"))


@pytest.fixture(scope="module")
def lm_eval(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment("lm_eval", tmp_path_factory.mktemp("lm_eval"))


def scored(release: Path, folder: Path, answers: list[tuple[str, str]]) -> Scores:
    """What `factpack score` says of the same answers."""
    return factpack.score(
        release, json_lines(folder / "predictions.jsonl", [{"id": name, "label": label} for name, label in answers])
    )


@pytest.fixture(scope="module")
def published(built: Path, server: Hub) -> Iterator[str]:
    """The release on the hub of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_TOKEN", WRITER)
        factpack.publish(built, "ann/ferry-of-harnesses")
    yield "ann/ferry-of-harnesses"
    assert server.refused == []


@pytest.mark.parametrize("task", ["verdict", "verdict_from_articles"])
def test_inspect_ai_runs_a_task_from_a_hub(
    built: Path, published: str, inspect: Path, tmp_path: Path, task: str
) -> None:
    claims = rows(built, "claims")
    letters = "".join(islice(cycle("ABAACA"), len(claims)))
    runner = [inspect, HERE / "inspect_runner.py", f"hf/{published}/{task}@v1.1.0", letters]
    found = json.loads(run_offline(runner, tmp_path).splitlines()[-1])
    samples = found["samples"]
    assert [each["id"] for each in samples] == [claim["id"] for claim in claims]
    assert [each["input"] for each in samples] == [row["input"] for row in rows(built, CONFIGS[task])]
    assert {tuple(each["choices"]) for each in samples} == {tuple(LABELS)}
    answers = [(each["id"], LABELS["ABC".index(each["answer"])]) for each in samples]
    assert "".join(each["answer"] for each in samples) == letters
    assert found["metrics"]["accuracy"] == pytest.approx(scored(built, tmp_path, answers).figures["accuracy"].value)


def lm_eval_results(python: Path, release: Path, folder: Path, tasks: list[str]) -> tuple[Any, dict[str, Any]]:
    """Run tasks in lm_eval with its dummy model; return its results, and its samples by task."""
    command: list[str | Path] = [python.with_name("lm_eval"), "run", "--model", "dummy", "--tasks", ",".join(tasks)]
    command += ["--include_path", release / "lm_eval", "--output_path", folder / "out", "--log_samples"]
    run_offline(command, folder, HF_HUB_OFFLINE="1")
    results = json.loads(next((folder / "out").rglob("results_*.json")).read_text(encoding="utf-8"))["results"]
    samples = {
        task: [
            json.loads(line)
            for line in next((folder / "out").rglob(f"samples_{task}_2*.jsonl")).read_text("utf-8").splitlines()
        ]
        for task in tasks
    }
    return results, samples


def check_lm_eval(release: Path, folder: Path, results: Any, samples: list[dict[str, Any]]) -> None:
    assert [each["doc"]["id"] for each in samples] == [claim["id"] for claim in rows(release, "claims")]
    answers = []
    for each in samples:
        likelihoods = [float(response[0]) for (response,) in each["resps"]]
        answers.append((each["doc"]["id"], LABELS[likelihoods.index(max(likelihoods))]))
    scores = scored(release, folder, answers)
    assert results["acc,none"] == pytest.approx(scores.figures["accuracy"].value)
    assert results["f1,none"] == pytest.approx(scores.figures["macro_f1"].value)


def test_lm_eval_runs_both_tasks_from_the_folder(built: Path, lm_eval: Path, tmp_path: Path) -> None:
    tasks = ["ferry_factcheck_verdict", "ferry_factcheck_verdict_from_articles"]
    results, samples = lm_eval_results(lm_eval, built, tmp_path, tasks)
    for task in tasks:
        check_lm_eval(built, tmp_path, results[task], samples[task])


def test_lm_eval_runs_the_task_of_a_release_without_texts(lm_eval: Path, tmp_path: Path) -> None:
    project = factpack.load_project(HERE.parent / "project")
    release = project.build(tmp_path / "release", texts="none").folder
    task = "ferry_factcheck_verdict"
    results, samples = lm_eval_results(lm_eval, release, tmp_path, [task])
    check_lm_eval(release, tmp_path, results[task], samples[task])
