"""An article that is only a source: what its release has of it, read back, without the texts, and with them again."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT, Run
from factpack.errors import BrokenReleaseError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.load import USUAL, Limits
from factpack.release.verification.verify import verify
from factpack.viewer.page import data_of
from releases import contents, make, resum, rewrite, rows
from sources import CITED, FILE, TEXT, add_source


@pytest.fixture(scope="module")
def sourced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project with a source, and its release; not to be changed."""
    folder = tmp_path_factory.mktemp("sourced")
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    add_source(project)
    return project, make(project, folder / "release")


def test_no_sentence_of_a_source_has_to_be_accounted_for(sourced: tuple[Path, Path], run: Run) -> None:
    project, _ = sourced
    done = run("check", project)
    assert (done.exit_code, done.output) == (0, "0 errors, 0 warnings\n")
    annotated = run("stats", PROJECT).output
    assert run("stats", project).output == annotated


def test_the_rows_of_a_source(sourced: tuple[Path, Path]) -> None:
    """Its sentences are there to be cited by their ids, and have no status; all others are as they were."""
    _, release = sourced
    own = [row for row in rows(release, "sentences") if row["article"] == "d4"]
    assert "".join(row["text"] + "\n" for row in own) == TEXT
    assert {(row["status"], row["reason"], *row["claims"], *row["unverified"]) for row in own} == {(None, None)}
    others = [row for row in rows(release, "sentences") if row["article"] != "d4"]
    assert others
    assert None not in {row["status"] for row in others}
    cited = [row for row in rows(release, "evidence") if row["article"] == "d4"]
    assert [(row["quote"], TEXT[row["start"] : row["end"]]) for row in cited] == [(CITED[0], CITED[0])]
    assert (release / "charts/coverage.svg").read_text(encoding="utf-8").count("d4") == 0
    assert "| d4 |" not in (release / "README.md").read_text(encoding="utf-8")


def test_a_source_that_nothing_cites_has_no_text_in_the_page(project_folder: Path, tmp_path: Path) -> None:
    add_source(project_folder)
    for name in ("c3.yaml", "facts.yaml"):
        shutil.copy(PROJECT / "annotations" / name, project_folder / "annotations")
    release = make(project_folder, tmp_path / "release")
    data = data_of((release / "view.html").read_text(encoding="utf-8"))
    (source,) = (article for article in data.articles if article.id == "d4")
    assert (source.only_source, source.text, source.excerpts) == (True, "", ())
    assert verify(release) == ""


def test_the_texts_put_back_give_the_same_bytes(sourced: tuple[Path, Path], tmp_path: Path, run: Run) -> None:
    project, full = sourced
    none = build(open_project(project), tmp_path / "none", lambda: None, "none")[0]
    assert "of the log" not in (none / "full/view.html").read_text(encoding="utf-8")
    done = run("hydrate", none, project / "seeds", "--out", tmp_path / "again")
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'again'}\n")
    assert contents(tmp_path / "again") == contents(full)


def test_several_processes_build_the_same(sourced: tuple[Path, Path], tmp_path: Path) -> None:
    project, full = sourced
    again = build(open_project(project), tmp_path / "again", lambda: None, jobs=2)[0]
    assert contents(again) == contents(full)


def _status(row: dict[str, Any], value: int | None) -> None:
    row["status"] = value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: _status(r[-1], 3), "it has a status but other sentences of its article do not, or the reverse"),
        (lambda r: _status(r[-200], 3), "it has a status but other sentences of its article do not, or the reverse"),
        (lambda r: _status(next(row for row in r if row["claims"]), None), "its status does not follow"),
        (lambda r: _status(next(row for row in r if row["reason"]), None), "its status does not follow"),
    ],
    ids=["the last sentence", "one among others", "a claim", "not checkable"],
)
def test_a_status_that_is_wrong_is_found(
    sourced: tuple[Path, Path], tmp_path: Path, change: Callable[[list[dict[str, Any]]], None], message: str
) -> None:
    release = Path(shutil.copytree(sourced[1], tmp_path / "release"))
    rewrite(release, "sentences", change)
    for limits in (USUAL, Limits(max_loaded=0, batch_rows=2)):
        with pytest.raises(BrokenReleaseError, match=message):
            verify(release, limits)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CITED[0], CITED[0].replace("2023", "2024")),
        ('"only_source":true,', ""),
        (f'{FILE}","text":""', f'{FILE}","text":"x"'),
    ],
    ids=["other words", "no source", "a text"],
)
def test_a_page_with_another_excerpt_is_found(sourced: tuple[Path, Path], tmp_path: Path, old: str, new: str) -> None:
    release = Path(shutil.copytree(sourced[1], tmp_path / "release"))
    page = release / "view.html"
    html = page.read_text(encoding="utf-8")
    assert html.count(old) == 1
    page.write_text(html.replace(old, new), encoding="utf-8")
    resum(release)
    with pytest.raises(BrokenReleaseError, match="it does not show the article d4 as in the table"):
        verify(release)
