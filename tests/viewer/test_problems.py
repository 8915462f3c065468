"""Problems at their words, in the page and while it is watched."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from conftest import PROJECT
from factpack.agreement.alignment import examine
from factpack.anchoring.corpus_builder import build_corpus
from factpack.checks.problem import Problem, Problems
from factpack.corpus.types import AnchoredArticle, RegisteredText
from factpack.formats.locations import Location
from factpack.formats.registry import open_project
from factpack.limits import MAX_YAML_BYTES
from factpack.project.layout import ProjectFiles
from factpack.viewer.problem_spans import locate_problems
from viewer.conftest import ROOT, SELECTED, Open, spoil


def shown_places(root: Path) -> list[tuple[Problem, str, str, list[str]]]:
    """Every problem with what it concerns: article, id of the annotation or the fact, and words."""
    project = open_project(root)
    items = list(examine(project))
    anchored = [item for item in items if isinstance(item, AnchoredArticle)]
    articles = {item.text.article: RegisteredText(item.record, item.text) for item in anchored}
    problems = Problems(item for item in items if isinstance(item, Problem | Problems)).shown
    return [
        (p.problem, p.article, p.note or p.fact, [articles[p.article].text.text[s.start : s.end] for s in p.spans])
        for p in locate_problems(problems, project, articles)
    ]


def test_problems_find_their_words(project_folder: Path) -> None:
    spoil(project_folder)
    assert [(problem.rule, *what) for problem, *what in shown_places(project_folder)] == [
        ("quote-not-found", "a1", "late-40-minutes-a1", ["left Port Ellery 40 minutes late"]),
        ("basis-of-other-label", "a1", "passengers-900-a1", ["900 passengers were on board"]),
        ("missing-key", "a1", "hurt-no-a1", ["Nobody was hurt"]),
        ("quote-not-found", "", "delay-length", []),
    ]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "what"),
    [
        ("a1.yaml", "  - quote: So sad!\n    reason: tone\n", "", ("a1", "", ["So sad!"])),
        (
            "a1.yaml",
            'quote: 25 minutes\n    prefix: "“It took "',
            "quote: 25 minutes",
            ("a1", "crossing-25-minutes-steward-a1", ["25 minutes"] * 2),
        ),
        ("a1.yaml", "article: a1\nclaims:", "article: a1\nclaims: [", ("a1", "", [])),
        ("articles.yaml", "title: Ferry", "title: Fery", ("a1", "", [])),
        ("dataset.yaml", "version: 1.1.0", "version: v1", ("", "", [])),
    ],
)
def test_places_of_problems(
    project_folder: Path, file: str, right: str, wrong: str, what: tuple[str, str, list[str]]
) -> None:
    path = project_folder / "annotations" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert what in [tuple(place_) for _, *place_ in shown_places(project_folder)]


def test_problems_of_a_decision_find_their_words(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT / "tests/readings", tmp_path / "project"))
    decisions = root / "annotations/adjudications.yaml"
    text = decisions.read_text(encoding="utf-8")
    quote = re.findall(r"^ +quote: (.+)$", text, re.MULTILINE)[0]
    decisions.write_text(text.replace(f"quote: {quote}", f"quote: {quote}x", 1), encoding="utf-8")
    found = [what for problem, *what in shown_places(root) if problem.rule == "quote-not-found"]
    assert found == [["r1", "", [quote]]]


def in_evil_file(folder: Path) -> list[object]:
    """What a problem in this file is placed at."""
    project = open_project(folder)
    articles = {item.text.article: RegisteredText(item.record, item.text) for item in articles_of(project)}
    (found,) = locate_problems([Problem(Location("annotations/evil.yaml", 1, 1), "x", "x")], project, articles)
    return [found.article, found.note]


def articles_of(project: ProjectFiles) -> Iterator[AnchoredArticle]:
    return (item for item in build_corpus(project) if isinstance(item, AnchoredArticle))


def test_no_place_is_looked_for_outside(project_folder: Path, tmp_path: Path) -> None:
    """A link that leads out of the project is not followed here either."""
    file, outside = project_folder / "annotations/evil.yaml", tmp_path / "outside.yaml"
    outside.write_text("article: a1\nclaims: []\n", encoding="utf-8")
    file.symlink_to(outside)
    assert in_evil_file(project_folder) == ["", ""]
    file.unlink()
    outside.rename(file)
    assert in_evil_file(project_folder) == ["a1", ""]


def test_no_place_is_looked_for_in_what_is_too_large(project_folder: Path) -> None:
    text = "article: a1\nclaims: []\n" + "#" * (MAX_YAML_BYTES - 23)
    (project_folder / "annotations/evil.yaml").write_text(text, encoding="utf-8")
    assert in_evil_file(project_folder) == ["a1", ""]
    (project_folder / "annotations/evil.yaml").write_text(text + "#", encoding="utf-8")
    assert in_evil_file(project_folder) == ["", ""]


def test_only_lines_with_problems_are_looked_at(project_folder: Path) -> None:
    """The others need no memory."""
    lines = [json.dumps({"kind": "claim", "article": "a1", "id": f"x{number}"}) for number in range(100_000)]
    (project_folder / "annotations/evil.jsonl").write_text("\n".join(lines), encoding="utf-8")
    project = open_project(project_folder)
    articles = {
        item.text.article: RegisteredText(item.record, item.text) for item in articles_of(open_project(PROJECT))
    }
    told = [Problem(Location("annotations/evil.jsonl", line, 1), "x", "x") for line in (3, 99_999)]
    tracemalloc.start()
    found = [(each.article, each.note) for each in locate_problems(told, project, articles)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [("a1", "x2"), ("a1", "x99998")]
    assert peak < 2**20


def test_problems_of_json_lines_find_their_words(hostile: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(hostile, tmp_path / "project"))
    lines = root / "annotations/claims.jsonl"
    text = lines.read_text(encoding="utf-8").replace('"label": "supported"', '"label": "true"', 1)
    lines.write_text("not JSON\n" + text, encoding="utf-8")
    quote = json.loads(text.split("\n")[0])["quote"]
    of_lines = [(p.line, *what) for p, *what in shown_places(root) if p.path.endswith("claims.jsonl")]
    assert of_lines[:2] == [(1, "", "", []), (2, "000", "claim-0", [quote])]


def test_watch_shows_a_new_problem_at_its_quote(open_page: Open, project_folder: Path) -> None:
    command = [sys.executable, "-m", "factpack", "view", str(project_folder), "--watch"]
    environment = os.environ | {"BROWSER": "true"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            page = open_page(running.stdout.readline().strip(), "#passengers-900-a1")
            expect(page.locator("#panel .notice")).to_have_count(0)
            page.get_by_label("Search in claims").fill("passengers")
            spoil(project_folder)
            expect(page.locator("#panel .notice")).to_contain_text(
                "does not allow the basis `corroborated`", timeout=20_000
            )
            expect(page.get_by_label("Search in claims")).to_have_value("passengers")
            assert page.evaluate(SELECTED) == "900 passengers were on board"
            faults = page.locator("#text .u.problem")
            assert faults.all_inner_texts() == ["left Port Ellery 40 minutes late", "Nobody was hurt"]
            faults.nth(1).click()
            expect(page.locator("#panel")).to_contain_text("missing key `claim`")
            page.get_by_role("link", name="Problems").click()
            expect(page.locator("#problems li")).to_have_count(4)
            shutil.copytree(PROJECT, project_folder, dirs_exist_ok=True)
            expect(page.get_by_role("link", name="Problems")).to_have_count(0, timeout=20_000)
        finally:
            running.send_signal(signal.SIGINT)
    assert running.returncode == 0
