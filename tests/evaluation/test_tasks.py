"""The tables of prompts, and when they are left out."""

import shutil
from pathlib import Path

import datasets
import pytest
import yaml

from conftest import PROJECT
from evaluation.invented import LABELS, claim, release
from evaluation.test_baselines import pairs
from factpack import load_project
from factpack.errors import BrokenReleaseError
from factpack.evaluation.tasks.tables import Limits, write_task_tables, write_tasks_of
from factpack.release.hydrate import hydrate
from factpack.release.verification.verify import verify
from releases import contents, resum, rows


def test_a_prompt_has_the_claim_and_what_it_is_judged_by(built: Path) -> None:
    given = {row["id"]: row for row in rows(built, "eval")}["fog-a1"]
    assert given["input"] == (
        "Claim of article a1: Fog caused the delay of the ferry.\n\n"
        "Passage of article b2: The captain’s fog is unconfirmed.\n\n"
        "What do the passages say of the claim?"
    )
    assert (given["choices"], given["label"], given["target"]) == (
        ["supported", "disputed", "erroneous"],
        1,
        "disputed",
    )
    assert (given["fact"], given["article"]) == ("delay-cause", "a1")
    whole = {row["id"]: row for row in rows(built, "eval_articles")}["fog-a1"]
    texts = {row["id"]: row["text"] for row in rows(built, "articles")}
    assert all(f"Article {name}\n\n{text.strip()}\n\n" in whole["input"] for name, text in texts.items())
    assert whole["input"].endswith(
        "Claim of article a1: Fog caused the delay of the ferry.\n\nWhat do the articles say of the claim?"
    )


def test_nothing_that_leaks_is_in_a_prompt(built: Path) -> None:
    claims = {row["id"]: row for row in rows(built, "claims")}
    for row in rows(built, "eval"):
        claimed = claims[row["id"]]
        for leak in ("rationale", "correction"):
            assert not claimed[leak] or claimed[leak] not in row["input"]


def test_the_tables_load_as_configs(built: Path) -> None:
    for config in ("eval", "eval_articles"):
        loaded = datasets.load_dataset(str(built), config, split="test")
        assert loaded.features["label"].names == ["supported", "disputed", "erroneous"]
        assert loaded.to_list() == rows(built, config)


def test_any_labels_and_claims_without_passages(tmp_path: Path) -> None:
    claims = [claim(name, label, claim=f"It is {name}.") for name, label in zip("abc", LABELS, strict=True)]
    folder = release(tmp_path / "release", claims, texts=("claim",))
    pairs(folder, [("a", "It is a.", "That it is a is clear.", 0)])
    assert [file.rows for file in write_task_tables(folder)] == [3, 3]
    found = rows(folder, "eval")
    assert [row["target"] for row in found] == LABELS
    assert "No passage bears on it." in found[1]["input"]
    assert found[0]["input"].startswith("Claim: It is a.\n\nPassage of article p: That it is a is clear.")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(claims=22), []),
        (Limits(claims=23), ["eval", "eval_articles"]),
        (Limits(passages=32), []),
        (Limits(passages=33), ["eval", "eval_articles"]),
        (Limits(articles=1_027), ["eval"]),
        (Limits(articles=1_028), ["eval", "eval_articles"]),
        (Limits(characters=23 * 1_028 - 1), ["eval"]),
    ],
)
def test_of_too_much_there_are_no_prompts(built: Path, tmp_path: Path, limits: Limits, expected: list[str]) -> None:
    assert [file.config.name for file in write_tasks_of(built, tmp_path, limits)] == expected


def test_a_release_without_texts_has_the_task_that_works(built: Path, tmp_path: Path) -> None:
    without = load_project(PROJECT).build(tmp_path / "without", texts="none").folder
    assert "context" not in str(rows(without, "eval")[0])
    assert not (without / "eval_articles").exists()
    assert [task["id"] for task in yaml.safe_load((without / "eval.yaml").read_text("utf-8"))["tasks"]] == ["verdict"]
    quoted = {row["id"]: row["input"] for row in rows(without, "eval")}["fog-a1"]
    assert "Passage of article b2: The captain’s fog is unconfirmed" in quoted
    assert hydrate(without, PROJECT / "seeds", tmp_path / "full")
    assert contents(tmp_path / "full") == contents(built)


CHANGES = {
    "eval.yaml": "eval.yaml: it does not follow from the tables and release.json",
    "lm_eval/utils.py": "lm_eval/utils.py: it does not follow from the tables and release.json",
    "eval/test-00000-of-00001.parquet": "eval/test-00000-of-00001.parquet: it does not follow from the tables",
}


@pytest.mark.parametrize("name", CHANGES)
def test_verify_finds_a_task_that_was_changed(built: Path, tmp_path: Path, name: str) -> None:
    changed = Path(shutil.copytree(built, tmp_path / "changed"))
    if name.endswith(".parquet"):
        shutil.copy(changed / "eval_articles" / "test-00000-of-00001.parquet", changed / name)
    else:
        (changed / name).write_bytes((changed / name).read_bytes() + b"\n")
    resum(changed)
    with pytest.raises(BrokenReleaseError) as broken:
        verify(changed)
    assert str(broken.value) == CHANGES[name]


def test_verify_misses_a_task(built: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(built, tmp_path / "changed"))
    (changed / "lm_eval" / "utils.py").unlink()
    resum(changed)
    with pytest.raises(BrokenReleaseError, match=r"^lm_eval/utils\.py: missing, but it follows from the tables$"):
        verify(changed)
