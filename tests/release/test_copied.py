"""What a release has copies of: the changelog and the text of the licence; and which part has which licence."""

import json
import shutil
from pathlib import Path

import mlcroissant
import pytest

from checking import REGISTER, edit
from conftest import PROJECT, Run
from factpack.release.verification.verify import verify
from releases import contents, make

CHANGELOG = b"# Changes\r\n\r\n## Unreleased\r\n\r\nA note.\r\n"
LICENSE = "Do as you like.\n\f\nAll of it: مرحبا.\n".encode()
LINK = "https://creativecommons.org/licenses/by/4.0/"
OF_TEXTS = {"articles", "sentences", "eval_articles"}


def test_both_are_part_of_both_forms(project_folder: Path, tmp_path: Path, run: Run) -> None:
    (project_folder / "annotations/CHANGELOG.md").write_bytes(CHANGELOG)
    (project_folder / "annotations/LICENSE").write_bytes(LICENSE)
    assert run("check", project_folder).stdout == ""
    full, none = make(project_folder, tmp_path / "full"), make(project_folder, tmp_path / "none", "none")
    for release in (full, none):
        assert (release / "CHANGELOG.md").read_bytes() == CHANGELOG.replace(b"\r\n", b"\n")
        assert (release / "LICENSE").read_bytes() == LICENSE
        assert "its text: [LICENSE](LICENSE)" in (release / "README.md").read_text(encoding="utf-8")
        assert run("verify", release, project_folder).exit_code == 0
    assert run("hydrate", none, project_folder / "seeds", "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(full)


def test_without_the_text_of_the_licence_there_is_its_address(built: Path) -> None:
    assert not (built / "LICENSE").exists()
    assert f"Licence: [cc-by-4.0-annotations]({LINK})\n" in (built / "README.md").read_text(encoding="utf-8")


def test_a_release_has_the_changelog_that_it_leads_to(project_folder: Path, run: Run) -> None:
    """With its own entry; built again from the project, it has the same bytes."""
    (project_folder / "annotations/CHANGELOG.md").write_bytes(CHANGELOG)
    assert run("release", project_folder).exit_code == 0
    release = project_folder / "dist/ferry-factcheck-1.1.0"
    written = (project_folder / "annotations/CHANGELOG.md").read_bytes()
    assert b"## 1.1.0\n\nA note.\n" in written
    assert (release / "CHANGELOG.md").read_bytes() == written
    done = run("verify", release, project_folder)
    assert done.exit_code == 0
    assert done.stdout.endswith("rebuilt from the sources: every file has the same bytes\n")


@pytest.mark.parametrize("name", ["LICENSE.txt", "LICENCE", "license"])
def test_a_licence_of_another_name_is_not_overlooked(project_folder: Path, run: Run, name: str) -> None:
    (project_folder / "annotations" / name).write_bytes(LICENSE)
    result = run("check", project_folder)
    assert f"annotations/{name}:1:1: error[stray-file]" in result.stdout


def test_a_licence_that_leads_out_is_not_read(project_folder: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "outside").write_bytes(LICENSE)
    (project_folder / "annotations/LICENSE").symlink_to(tmp_path / "outside")
    assert "annotations/LICENSE:1:1: error[stray-file]" in run("check", project_folder).stdout


def licences(release: Path) -> dict[str, object]:
    """The licence of the file of each table, or None."""
    document = json.loads((release / "croissant.json").read_bytes())
    assert mlcroissant.Dataset(jsonld=release / "croissant.json").metadata.ctx.issues.errors == set()
    return {each["@id"].split("/")[0]: each.get("license") for each in document["distribution"]}


def test_the_licence_of_the_dataset_is_that_of_the_annotations(built: Path, tmp_path: Path) -> None:
    found = licences(built)
    assert {name for name, licence in found.items() if licence is None} == OF_TEXTS
    assert {licence for name, licence in found.items() if name not in OF_TEXTS} == {LINK}
    assert set(licences(make(PROJECT, tmp_path / "none", "none")).values()) == {LINK}


@pytest.mark.parametrize("known", [2, 3])
def test_the_texts_have_the_licences_of_the_articles(tmp_path: Path, known: int) -> None:
    """Of all of them: a licence of two of three texts does not match the file."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    for name, words in list({"a1": "CC0-1.0", "b2": "CC-BY-4.0", "c3": "CC0-1.0"}.items())[:known]:
        file = {"a1": "a1_harbour-gazette.txt", "b2": "b2_coast-letter.txt", "c3": "c3_minato.txt"}[name]
        edit(project, REGISTER, (f"    file: {file}\n", f"    file: {file}\n    license: {words}\n"))
    release = make(project, tmp_path / "release")
    found = licences(release)
    assert {str(found[name]) for name in OF_TEXTS} == {str(["CC-BY-4.0", "CC0-1.0"]) if known == 3 else "None"}
    assert found["claims"] == LINK
    assert verify(release) == ""
