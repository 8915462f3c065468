"""The command that writes the page, and the page and the charts in a release."""

import re
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import PROJECT, Run
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.layout import CHARTS
from factpack.viewer import charts
from viewer.conftest import spoil


def test_view_writes_the_page_and_opens_it(run: Run, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    result = run("view", project_folder)
    page = project_folder.resolve() / "dist/view.html"
    assert (result.exit_code, result.stdout) == (0, f"{page}\n")
    assert opened == [page.as_uri()]
    out = project_folder / "elsewhere/page.html"
    assert run("view", project_folder, "--out", out).exit_code == 0
    assert out.read_bytes() == page.read_bytes()
    assert sorted(path.name for path in out.parent.iterdir()) == ["page.html"]


@pytest.mark.parametrize("name", ["seeds/a1_harbour-gazette.txt", "annotations/a1.yaml", "seeds"])
def test_view_overwrites_nothing_but_a_page(run: Run, project_folder: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()}
    result = run("view", project_folder, "--out", project_folder / name)
    assert (result.exit_code, result.stdout) == (2, "")
    if name != "seeds":
        message = f"{project_folder / name} exists and is not a page of factpack; move it away, or choose another file"
        assert message in result.stderr
    assert {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()} == before


def test_view_of_a_project_with_errors(run: Run, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", str)
    (project_folder / "annotations/dataset.yaml").write_text("name: [", encoding="utf-8")
    spoil(project_folder)
    result = run("view", project_folder)
    assert result.exit_code == 0
    assert "errors" in result.stderr


def test_a_served_page_is_written_nowhere(run: Run, project_folder: Path) -> None:
    result = run("view", project_folder, "--watch", "--out", project_folder / "view.html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--watch serves the page and writes no file; leave --out out" in result.stderr


def test_release_holds_the_page_and_the_charts(tmp_path: Path) -> None:
    folders = [build(open_project(PROJECT), tmp_path / name, lambda: None)[0] for name in ("one", "two")]
    sums = [(folder / "SHA256SUMS").read_text(encoding="utf-8") for folder in folders]
    assert sums[0] == sums[1]
    card = (folders[0] / "README.md").read_text(encoding="utf-8")
    shown = re.findall(rf"!\[[^]]+\]\(({CHARTS}/\w+\.svg)\)", card)
    assert len(shown) == 5
    for name in (*shown, "view.html"):
        assert f"  {name}\n" in sums[0]
    for name in shown:
        drawing = ET.fromstring((folders[0] / name).read_text(encoding="utf-8"))  # noqa: S314 - our own file
        space = "{http://www.w3.org/2000/svg}"
        title, description = drawing.find(f"{space}title"), drawing.find(f"{space}desc")
        assert title is not None
        assert description is not None
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        totals = [int(text.text or "") for text in drawing.iter(f"{space}text") if text.get("class") == "total"]
        assert sum(totals) == int((title.text or "").split()[0])
        assert any((text.text or "").startswith("number of ") for text in drawing.iter(f"{space}text"))


def test_a_name_of_any_length_is_cut_for_its_chart() -> None:
    started = time.process_time()
    assert charts.short_name("x" * 1_000_000) == "x" * (charts.MAX_NAME - 1) + "…"
    assert charts.short_name("船" * charts.MAX_NAME) == "船" * ((charts.MAX_NAME - 1) // 2) + "…"
    assert time.process_time() - started < 1  # it took minutes
