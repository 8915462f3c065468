"""The page by keyboard, on a phone, in the dark, on paper, for a screen reader, and in a picture."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from conftest import TESTS
from factpack.formats.registry import open_project
from factpack.viewer.writer import write
from viewer.conftest import ROOT, SELECTED, Corpus, Open, spoil

SCREENSHOT = TESTS / "screenshot.png"


def test_keyboard_alone(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page)
    page.keyboard.press("j")
    first = page.evaluate(SELECTED)
    page.keyboard.press("j")
    assert page.evaluate(SELECTED) != first
    page.keyboard.press("k")
    assert page.evaluate(SELECTED) == first
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_have_class("empty")
    page.keyboard.press("/")
    page.keyboard.type("jailed")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search in claims")).to_have_value("")
    page.keyboard.press("j")  # still in the field
    expect(page.get_by_label("Search in claims")).to_have_value("j")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.get_by_label("Search in claims")).to_have_value("")
    assert page.evaluate(SELECTED)
    page.keyboard.press("/")
    seen = []
    for _ in range(40):  # every stop shows where the focus is
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
          const at = document.activeElement;
          const place = at.closest('#list, #text, #panel, #filters, #turn')?.id ?? at.tagName;
          return [place, getComputedStyle(at).outlineStyle];
        }""")
        )
        if seen[-1][0] == "text":
            break
    places = [place for place, _ in seen]
    assert {"list", "text"} <= set(places)
    assert places.count("list") <= 2  # one stop for thousands of rows, and the box that scrolls
    assert {outline for _, outline in seen} == {"solid"}
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).not_to_have_text("Select a claim in the text or in the list")
    page.locator("#list a[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#list') && document.activeElement.hash === location.hash")


def test_phone(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    for address in ("#/articles", "#/facts", "#/overview", "#60-to-70-million-listeners-002"):
        page.evaluate("(address) => { location.hash = address; }", address)
        page.wait_for_timeout(50)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    mark, panel = page.locator("#text .selected").first.bounding_box(), page.locator("#panel").bounding_box()
    assert mark is not None
    assert panel is not None
    assert mark["y"] >= 0
    assert mark["y"] + mark["height"] <= panel["y"]  # what is selected is not behind what is said of it
    page.get_by_role("link", name="Close").tap()
    expect(page.locator("#panel")).to_be_hidden()
    page.locator("#finder summary").tap()
    page.locator("#list a").nth(2).tap()
    expect(page.locator("#panel")).to_be_visible()


def test_a_search_on_a_phone_shows_what_it_finds(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    expect(page.locator("#list")).to_be_hidden()
    page.get_by_label("Search in claims").fill("60 to 70 million")
    hit = page.locator("#list a[href='#60-to-70-million-listeners-002']")
    expect(hit).to_be_in_viewport()
    hit.tap()
    expect(page.locator("#text .selected").first).to_be_in_viewport()


def test_dark_mode_and_contrast_of_the_charts(open_page: Open, dataset_page: Path) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        page = open_page(dataset_page, "#/overview", color_scheme=scheme)
        colours = page.evaluate("""() => {
          const body = getComputedStyle(document.body);
          return [body.backgroundColor, body.color, getComputedStyle(document.querySelector('.chart text')).fill];
        }""")
        brightness[scheme] = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]
    ground, ink, drawn = zip(brightness["light"], brightness["dark"], strict=True)
    assert ground[0] > ink[0]
    assert ground[0] > drawn[0]
    assert ground[1] < ink[1]
    assert ground[1] < drawn[1]


def test_print(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page, "#/article/000")
    page.evaluate("""() => addEventListener('beforeprint', () => {
      window.printed = [...document.querySelectorAll('#print h2')].map((heading) => heading.textContent);
    })""")
    assert page.pdf()[:5] == b"%PDF-"
    claims = sorted(corpus[0]["000"].claims, key=lambda claim: (claim.span.start, -claim.span.end))
    assert page.evaluate("window.printed") == [claim.record.value.claim for claim in claims]
    page.emulate_media(media="print")
    for hidden in ("#filters", "#finder", "#panel", "header nav"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("#text")).to_be_visible()


@pytest.fixture
def spoilt_page(project_folder: Path) -> Path:
    """A page with problems."""
    spoil(project_folder)
    write(open_project(project_folder), project_folder / "view.html")
    return project_folder / "view.html"


@pytest.mark.parametrize("width", [1440, 380])
def test_axe_finds_no_violation(open_page: Open, dataset_page: Path, spoilt_page: Path, axe: str, width: int) -> None:
    claim = "#60-to-70-million-listeners-002"
    for path, addresses in (
        (dataset_page, ("#/articles", claim, f"{claim}/evidence/1", "#/facts", "#/overview")),
        (spoilt_page, ("#/problem/1", "#passengers-900-a1", "#/facts", "#/problems")),
    ):
        for scheme in ("light", "dark"):
            page = open_page(path, color_scheme=scheme, viewport={"width": width, "height": 900})
            page.evaluate(axe)
            if width < 900:
                page.get_by_text("Filters", exact=True).click()
            page.locator("[name=rest]").check()
            for address in addresses:
                page.evaluate("(address) => { location.hash = address; }", address)
                page.wait_for_timeout(200)  # colours fade in
                result = page.evaluate("axe.run()")
                found = [(rule["id"], rule["nodes"][0]["failureSummary"]) for rule in result["violations"]]
                assert (scheme, address, found) == (scheme, address, [])
                assert len(result["passes"]) > 20


def test_screenshot(open_page: Open, dataset_page: Path, tmp_path: Path) -> None:
    """The picture is taken anew with SCREENSHOT=1; otherwise the one that is there stays."""
    page = open_page(dataset_page, "#60-to-70-million-listeners-002", viewport={"width": 1280, "height": 800})
    expect(page.locator("#text .selected").first).to_be_in_viewport()
    target = SCREENSHOT if os.environ.get("SCREENSHOT") else tmp_path / SCREENSHOT.name
    page.screenshot(path=target, animations="disabled")
    for picture in (target, SCREENSHOT):
        assert 20_000 < picture.stat().st_size < 300_000
    assert f"](tests/{SCREENSHOT.name})" in (ROOT / "README.md").read_text(encoding="utf-8").split("## Load it")[0]
