"""What the page shows first, how it searches and filters, and that nothing moves that should not."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from factpack.project.vocabulary import BASES, LABELS
from factpack.release.card import __file__ as card
from factpack.viewer import page_scheme
from viewer.annotating.marking import go
from viewer.annotating.test_marking import page_of
from viewer.conftest import Corpus, Open
from viewer.schemes import make_project

PHONE = {"viewport": {"width": 380, "height": 800}, "has_touch": True, "is_mobile": True}

# Where each line of the text is drawn.
TOPS = "() => [...document.querySelectorAll('#text p')].map((line) => line.getBoundingClientRect().top)"
# Where each character of the text is drawn: the boxes of all its lines.
PLACES = """() => [...document.querySelectorAll('#text p')].flatMap((line) => {
  const { top } = document.querySelector("#text").getBoundingClientRect();
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) if (box.width) found.add(Math.round(box.bottom - top));
  }
  return [...found];
})"""


def test_the_first_screen_explains_and_opens_on_what_is_contested(
    open_page: Open, dataset_page: Path, corpus: Corpus
) -> None:
    page = open_page(dataset_page)
    panel = page.locator("#panel")
    expect(panel.locator(".what")).to_contain_text(
        "each claim has a label, and the label follows from passages of these articles alone"
    )
    expect(panel).to_contain_text("another of these articles says so")
    for basis in ("corroborated", "magnitude", "outweighed"):
        expect(panel.locator(".grounds dt", has_text=re.compile(f"^{basis}$"))).to_have_count(1)
    contested = [c.record.value for a in corpus[0].values() for c in a.claims if c.record.value.label == "erroneous"]
    links = panel.locator("#begin a")
    assert links.first.inner_text() == contested[0].claim
    assert links.count() == 8
    expect(page.locator("#text .disputed, #text .erroneous").first).to_be_in_viewport()
    links.first.click()
    expect(panel.locator("h2").first).to_have_text(contested[0].claim)


def test_the_card_and_the_page_say_the_same_of_each_basis() -> None:
    template = (Path(card).parent.parent / "templates/card.md.jinja").read_text(encoding="utf-8")
    scheme = page_scheme.page_scheme(page_scheme.DEFAULT, None)
    assert list(scheme.bases) == list(BASES)
    assert [spec.name for spec in scheme.specs] == list(LABELS)
    for basis, meaning in scheme.bases.items():
        assert re.search(rf"\| `{basis}` \| {re.escape(meaning)}", template), basis


def test_a_filter_shows_its_first_hit_and_counts_by_article(
    open_page: Open, dataset_page: Path, corpus: Corpus
) -> None:
    page = open_page(dataset_page, "#/article/001")
    page.locator("select[name=label]").select_option("erroneous")
    counts = {
        name: sum(c.record.value.label == "erroneous" for c in article.claims) for name, article in corpus[0].items()
    }
    told = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
    expect(page.get_by_role("status")).to_have_text(f"{sum(counts.values())} found ({told})")
    expect(page.locator("#text .erroneous").first).to_be_in_viewport()
    speaker = next(c.record.value.speaker for c in corpus[0]["004"].claims if c.record.value.speaker != "article")
    page.locator("select[name=label]").select_option("")
    only = {name for name, a in corpus[0].items() if any(c.record.value.speaker == speaker for c in a.claims)}
    page.locator("select[name=speaker]").select_option(speaker)
    assert page.evaluate("state.article.id") in only
    expect(page.locator("#text .u").first).to_be_in_viewport()
    page.locator("select[name=speaker]").select_option("")
    page.locator("select[name=label]").select_option(label="disputed or erroneous")
    expected = sum(c.record.value.label != "supported" for a in corpus[0].values() for c in a.claims)
    expect(page.locator("#found")).to_have_text(str(expected))


def test_a_search_finds_text_and_passages_and_says_where_it_looked(
    open_page: Open, dataset_page: Path, corpus: Corpus
) -> None:
    page = open_page(dataset_page)
    word = "listeners"
    page.get_by_label("Search in claims").fill(word)
    claims = [
        c for a in corpus[0].values() for c in a.claims if word in (c.record.value.claim + c.record.value.quote).lower()
    ]
    others = [
        note
        for a in corpus[0].values()
        for note in (*a.unverified, *a.not_checkable)
        if word in (getattr(note.record.value, "claim", "") + note.record.value.quote).lower()
    ]
    matched = {(note.span, note.record.value.quote) for note in (*claims, *others)}
    places = [
        (name, found.start())
        for name, a in corpus[0].items()
        for found in re.finditer(word, a.text.text, re.IGNORECASE)
        if not any(
            note.span.start <= found.start() and found.end() <= note.span.end
            for note in (*a.claims, *a.unverified, *a.not_checkable)
            if (note.span, note.record.value.quote) in matched
        )
    ]
    searched = "Searched: claims, their quotes, other marked passages, and the texts of 5 articles."
    assert (len(claims), len(others), len(places)) == (1, 3, 1)
    numbers = "1 claim, 3 other passages, 1 further place in the text."
    expect(page.locator("#searched")).to_have_text(f"{searched} {numbers}")
    page.locator("#list a[href^='#/words/']").first.click()
    article, start = places[0]
    expect(page.locator("#text .passage")).to_have_text(word)
    assert page.evaluate("[state.passage.article, state.passage.start]") == [article, start]
    assert page.evaluate("CSS.highlights.get('found').size") >= 1


def test_rows_take_the_room_they_need(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page)
    box = page.locator("#list")
    for top in (0, 2000, 10**6):
        box.evaluate("(list, top) => { list.scrollTop = top; }", top)
        page.wait_for_timeout(100)
        rows = page.evaluate("""() => [...list.rows].sort(([a], [b]) => a - b).map(([index, row]) => {
          const { scrollHeight, clientHeight } = row.firstElementChild;
          return [index, row.offsetTop, row.offsetHeight, scrollHeight - clientHeight];
        })""")
        for (one, start, height, hidden), (other, next_start, _, _) in pairwise(rows):
            assert hidden <= 0  # no claim is cut off
            assert other != one + 1 or abs(start + height - next_start) <= 1
    assert len({height for _, _, height, _ in rows}) > 1


@pytest.mark.parametrize("width", [1440, 380])
def test_the_text_does_not_move_when_a_filter_changes(
    open_page: Open, dataset_page: Path, tmp_path: Path, width: int
) -> None:
    """Its lines stay where they are in the text, also where marks have signs, and under every filter."""
    own = page_of(make_project(tmp_path / "schemes"))
    for path, address in ((dataset_page, "#/article/002"), (own, "#/article/ar")):
        page = open_page(path, address, viewport={"width": width, "height": 900})
        page.evaluate("document.body.classList.remove('start')")
        if width < 900:
            page.get_by_text("Filters", exact=True).click()
        height, before = page.evaluate("document.querySelector('#text').offsetHeight"), page.evaluate(PLACES)
        labels = page.evaluate("[...new Set(state.article.marks.map((mark) => mark.label).filter(Boolean))]")
        for label in labels[-2:]:
            page.locator("select[name=label]").select_option(label)
            again = page.evaluate(PLACES)
            assert again == before
            assert page.evaluate("document.querySelector('#text').offsetHeight") == height
        page.locator("[name=rest]").check()
        again = page.evaluate(PLACES)
        assert again == before


def test_what_is_in_view_stays_there(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, "#/article/002")
    page.locator("#reader").evaluate("(reader) => { reader.scrollTop = 900; }")
    page.wait_for_timeout(100)
    before = page.evaluate(TOPS)
    page.locator("[name=rest]").check()
    page.wait_for_timeout(100)
    assert page.evaluate(TOPS) == before
    page.locator("[name=rest]").uncheck()
    page.wait_for_timeout(100)
    assert page.evaluate(TOPS) == before


def test_on_a_phone_filters_fold_and_facts_stack(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, **PHONE)
    form = page.locator("#filters").bounding_box()
    assert form is not None
    assert form["height"] < 90
    expect(page.locator("select[name=label]")).to_be_hidden()
    expect(page.locator(".what")).to_be_in_viewport()
    page.get_by_text("Filters", exact=True).tap()
    page.locator("select[name=label]").select_option("erroneous")
    expect(page.locator("#chosen")).to_have_text("1")
    go(page, "#/facts")
    boxes = (
        page.locator("#facts tbody tr")
        .first.locator("td:visible, th")
        .evaluate_all(
            "(all) => all.map((each) => [each.getBoundingClientRect().left, each.getBoundingClientRect().width])"
        )
    )
    assert len({left for left, _ in boxes}) == 1
    assert min(width for _, width in boxes) > 300
    assert page.get_by_role("row").count() > 1
    assert page.get_by_role("rowheader").count() > 1


def test_on_paper_numbers_connect_text_and_list(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page, "#/article/001")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    claims = corpus[0]["001"].claims.records.values
    assert page.locator("#print .number").all_text_contents() == [str(n + 1) for n in range(len(claims))]
    shown = page.locator("#text .seg[data-numbers]").evaluate_all(
        "(all) => all.flatMap((each) => each.dataset.numbers.split(' ').map(Number))"
    )
    assert sorted(shown) == list(range(1, len(claims) + 1))
    page.emulate_media(media="print")
    style = "(seg) => getComputedStyle(seg, '::before').content"
    assert page.locator(".seg[data-numbers]").first.evaluate(style) == f'"{shown[0]}"'
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("[data-numbers]")).to_have_count(0)


def direction(page: Page, selector: str) -> list[str]:
    return page.locator(selector).evaluate_all("(all) => all.map((each) => getComputedStyle(each).direction)")


def test_right_to_left_text_runs_so_wherever_it_is_shown(open_page: Open, tmp_path: Path) -> None:
    page = open_page(page_of(make_project(tmp_path / "schemes")), "#Opened_1911:a")
    assert direction(page, "#panel h2")[0] == "rtl"
    assert direction(page, "#panel dt:text-is('Words') + dd") == ["rtl"]
    assert "rtl" in direction(page, "#panel .evidence .passage-words")
    ltr = page.locator("#panel .evidence .passage-words", has_text="<b>")
    assert ltr.count()
    assert direction(page, "#list a[href='#Opened_1911:a'] .claim") == ["rtl"]
