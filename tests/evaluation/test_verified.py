"""What a release says of its tasks and baselines is measured again, with the texts and without."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT
from factpack.errors import BrokenReleaseError
from factpack.release.manifest import read_manifest
from factpack.release.verification.verify import verify
from releases import make, resum

NOT_MEASURED = "release.json: `baselines` do not follow from the tables"
NOT_NAMED = (
    "eval_articles/test-00000-of-00001.parquet: release.json lists a file that is missing, "
    "or does not list one that exists"
)
NOT_MADE = "release.json: `tasks` are not the tables of prompts that follow from the other tables"


@pytest.fixture(scope="module")
def none(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release without the texts."""
    return make(PROJECT, tmp_path_factory.mktemp("none") / "none", "none")


def changed(release: Path, to: Path, change: Callable[[Any], None], *names: str) -> str:
    """Change JSON files of a release together with all digests, and return what verifying says."""
    folder = Path(shutil.copytree(release, to))
    for name in names:
        path = folder / name
        before, document = path.read_bytes(), json.loads(path.read_bytes())
        change(document)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if name.startswith("full/"):
            old, new = (hashlib.sha256(data).hexdigest() for data in (before, path.read_bytes()))
            sums = folder / "full/SHA256SUMS"
            sums.write_text(sums.read_text("utf-8").replace(old, new), encoding="utf-8")
    resum(folder)
    with pytest.raises(BrokenReleaseError) as raised:
        verify(folder)
    return str(raised.value)


def better(manifest: Any) -> None:
    manifest["baselines"][0]["labels"]["accuracy"]["value"] = 0.999


def gone(manifest: Any) -> None:
    del manifest["baselines"]


def longer(manifest: Any) -> None:
    manifest["tasks"]["eval"]["rows"] += 1


def unnamed(manifest: Any) -> None:
    del manifest["tasks"]["eval_articles"]


@pytest.mark.parametrize(
    ("change", "said"), [(better, NOT_MEASURED), (gone, NOT_MEASURED), (longer, NOT_MADE), (unnamed, NOT_NAMED)]
)
def test_what_release_json_says_is_measured(
    built: Path, tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    assert changed(built, tmp_path / "changed", change, "release.json") == said


def test_both_forms_give_the_same_figures(built: Path, none: Path) -> None:
    """Those with the texts: without them, the overlap of words would be that with the quotes alone."""
    full, without = read_manifest(built), read_manifest(none)
    assert without.baselines == full.baselines == read_manifest(none / "full").baselines
    assert [each.name for each in full.baselines] == ["most-frequent", "uniform", "nearest-claim", "word-overlap"]
    assert list(full.tasks) == ["eval", "eval_articles"]
    assert list(without.tasks) == ["eval"]
    assert read_manifest(none / "full").tasks == full.tasks
    assert verify(none) == ""


def test_without_the_texts_it_is_measured_too(none: Path, tmp_path: Path) -> None:
    both = ("release.json", "full/release.json")
    assert changed(none, tmp_path / "changed", better, *both) == NOT_MEASURED


def test_the_tasks_of_the_full_release_are_described_as_they_are(none: Path, tmp_path: Path) -> None:
    """Its card and Croissant file are kept, and its tables of prompts are not."""

    def describe(document: Any) -> None:
        prompts = next(each for each in document["recordSet"] if each["name"] == "eval_articles")
        prompts["description"] = "something else"

    said = changed(none, tmp_path / "changed", describe, "full/croissant.json")
    assert said == "full/croissant.json: it does not follow from the tables and release.json"
