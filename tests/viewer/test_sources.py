"""Articles that are only a source: the page has what is cited of them, and shows it when somebody follows a passage."""

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from conftest import PROJECT
from factpack.formats.registry import open_project
from factpack.text.sentences import Span, sentence_bounds
from factpack.viewer.excerpts import AROUND, excerpt_spans
from factpack.viewer.writer import write
from sources import CITED, TEXT, add_source
from viewer.conftest import Open

MARKED = "() => [...document.querySelectorAll('#text .u.passage')].map((piece) => piece.innerText).join('')"


def test_following_a_passage_shows_it_among_its_sentences(open_page: Open, project_folder: Path) -> None:
    add_source(project_folder)
    path = project_folder / "view.html"
    assert write(open_project(project_folder), path).shown == []
    page = open_page(path)
    expect(page.locator("#list")).not_to_contain_text("d4")
    page.goto(path.as_uri() + "#in-service-2023-c3")
    page.locator("#panel a", has_text=CITED[0]).click()
    expect(page.locator("#headline")).to_have_text("Article d4")
    expect(page.locator("#notices")).to_have_text(
        "This article is only a source of evidence. The page shows the passages cited from it, and what is around them."
    )
    assert page.evaluate(MARKED) == CITED[0]
    shown = page.locator("#text").inner_text()
    assert "Line 19 of the log 🎉" in shown
    assert "Line 20 of the log 🎉" in shown
    assert "Line 100 of the log" not in shown
    page.goto(path.as_uri() + "#/fact/delay-length/1")
    assert page.evaluate(MARKED) == CITED[1]
    lines = [line for line in page.locator("#text").inner_text().split("\n") if line.strip()]
    assert [line for line in lines if line == "…"] == ["…", "…"]  # before the first excerpt and between the two
    assert all(line.strip() in TEXT for line in lines if line != "…")


def test_a_problem_in_a_source_shows_at_its_place(open_page: Open, project_folder: Path) -> None:
    """Of an article that is annotated though it is only a source, what is annotated shows as well."""
    register = project_folder / "annotations/articles.yaml"
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("annotation: partial", "annotation: none"), encoding="utf-8")
    path = project_folder / "view.html"
    assert [problem.rule for problem in write(open_project(project_folder), path).shown] == ["source-annotated"]
    page = open_page(path, "#late-1-hour-c3")
    expect(page.locator("#text .u.selected")).to_have_text("1時間遅れた")


def test_the_page_grows_by_what_is_cited_and_not_by_the_sources(project_folder: Path, tmp_path: Path) -> None:
    write(open_project(PROJECT), tmp_path / "without.html")
    add_source(project_folder)
    write(open_project(project_folder), tmp_path / "with.html")
    more = (tmp_path / "with.html").stat().st_size - (tmp_path / "without.html").stat().st_size
    assert 0 < more < 4_000 < len(TEXT.encode()) / 4


@pytest.mark.parametrize("step", [1, 7, 40])
def test_excerpts_are_whole_sentences_around_each_passage(step: int) -> None:
    bounds = sentence_bounds(TEXT, "en")
    passages = [Span(start, start + 30) for start in range(5, len(TEXT) - 30, step * 97)]
    found = excerpt_spans(bounds, passages)
    assert set(bounds[::2]) >= {span.start for span in found}
    assert set(bounds[1::2]) >= {span.end for span in found}
    assert all(one.end < other.start for one, other in pairwise(found))
    for passage in passages:
        (around,) = (span for span in found if span.start <= passage.start and passage.end <= span.end)
        assert passage.start - around.start >= min(passage.start, AROUND - 100)
        assert around.end - passage.end >= min(len(TEXT.rstrip()) - passage.end, AROUND - 100)
    shown = sum(span.end - span.start for span in found)
    assert shown <= len(passages) * (30 + 2 * (AROUND + 100))


def test_a_passage_outside_every_sentence_has_an_excerpt() -> None:
    assert excerpt_spans([], [Span(3, 5)]) == [Span(3, 5)]
    assert excerpt_spans([0, 1, 2000, 2001], [Span(1000, 1002), Span(1001, 1004)]) == [Span(1000, 1004)]
