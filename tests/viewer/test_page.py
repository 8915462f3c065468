"""What the page shows of a dataset, and that nothing else runs in it."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from conftest import PROJECT
from factpack.anchoring.corpus_builder import build_corpus
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.formats.registry import open_project
from factpack.viewer.writer import write
from viewer.conftest import HOSTILE, ROOT, SELECTED, Corpus, Open

# Goes to one address after the other as a link does; what is marked then, and in which article.
MARKED = """async ([addresses, kind]) => {
  const found = [];
  for (const address of addresses) {
    if (location.hash !== address) {
      await new Promise((done) => { addEventListener('hashchange', done, { once: true }); location.hash = address; });
    }
    const pieces = [...document.querySelectorAll(`#text .u.${kind}`)];
    found.push([state.article.id, pieces.map((piece) => piece.innerText).join('')]);
  }
  return found;
}"""


def projects() -> list[Any]:
    return [pytest.param(ROOT, id="dataset"), pytest.param(PROJECT, id="invented"), pytest.param(None, id="hostile")]


@pytest.mark.parametrize("root", projects())
def test_every_claim_marks_exactly_its_quote(open_page: Open, tmp_path: Path, hostile: Path, root: Path | None) -> None:
    project = open_project(root or hostile)
    write(project, tmp_path / "view.html")
    page = open_page(tmp_path / "view.html")
    articles = [item for item in build_corpus(project) if isinstance(item, AnchoredArticle)]
    notes = [note.record.value for article in articles for note in (*article.claims, *article.unverified)]
    expected = [[a.text.article, n.record.value.quote] for a in articles for n in (*a.claims, *a.unverified)]
    assert len(expected) >= 3
    assert page.evaluate(MARKED, [[f"#{note.id}" for note in notes], "selected"]) == expected
    assert page.title() != "run"


@pytest.mark.parametrize("root", projects())
def test_every_evidence_quote_is_marked_in_its_own_article(
    open_page: Open, tmp_path: Path, hostile: Path, root: Path | None
) -> None:
    project = open_project(root or hostile)
    write(project, tmp_path / "view.html")
    page = open_page(tmp_path / "view.html")
    addresses, expected = [], []
    for item in build_corpus(project):
        for claim in item.claims if isinstance(item, AnchoredArticle) else ():
            for number, passage in enumerate(claim.record.value.evidence, start=1):
                addresses.append(f"#{claim.record.value.id}/evidence/{number}")
                expected.append([passage.article, passage.quote])
        if isinstance(item, AnchoredFact):
            for number, settling in enumerate(item.settled, start=1):
                addresses.append(f"#/fact/{item.record.value.id}/{number}")
                expected.append([settling.passage.article, settling.passage.quote])
    assert page.evaluate(MARKED, [addresses, "passage"]) == expected


def test_sentences_without_a_label_are_shown_on_demand(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page, "#/article/003")
    expect(page.locator("#text .unverified, #text .not_checkable")).to_have_count(0)
    page.get_by_label("Show unverified and not checkable").check()
    for name, article in corpus[0].items():
        expected = [[name, note.record.value.quote] for note in article.not_checkable]
        addresses = [f"#/at/{name}/{note.span.start}" for note in article.not_checkable]
        assert page.evaluate(MARKED, [addresses, "selected"]) == expected
        for reason in {value.reason for value in article.not_checkable.records.values[-1:]}:
            expect(page.locator("#panel")).to_contain_text(reason)


def test_panel_shows_everything_that_is_noted(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page)
    for article in corpus[0].values():
        for claim in article.claims:
            value = claim.record.value
            if value.label == "supported" and value is not article.claims.records.values[0]:
                continue
            page.evaluate("(address) => { location.hash = address; }", f"#{value.id}")
            panel = page.locator("#panel")
            expect(panel.get_by_role("heading", level=2)).to_have_text(value.claim)
            text = panel.inner_text()
            speaker = "the article itself" if value.speaker == "article" else value.speaker
            for wanted in (value.label, value.basis.replace("_", " "), speaker, value.value, value.correction):
                assert wanted in text
            assert value.rationale in text
            assert corpus[1][value.fact].record.value.question in text
            heads = [head.split() for head in panel.locator(".evidence .kind").all_inner_texts()]
            assert [(head[0], head[-1]) for head in heads] == [(e.stance, e.article) for e in value.evidence]


def test_following_evidence_and_back(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, "#reinstated-2022-000")
    link = page.locator("#panel .evidence li", has_text="article 003").locator("a").first
    quote = link.inner_text().strip("“”")
    link.click()
    expect(page.locator("#headline")).not_to_have_text("Article 000")
    expect(page.locator("#text .passage").first).to_be_in_viewport()
    assert "".join(page.locator("#text .passage").all_inner_texts()) == quote
    assert page.evaluate("document.activeElement.matches('#text a.seg')")
    page.get_by_role("link", name="Back to the claim").click()
    expect(page.locator("#headline")).to_have_text("Article 000")
    expect(page.locator("#text .selected").first).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#text .passage").first).to_be_in_viewport()
    page.go_back()
    expect(page).to_have_url(re.compile("#reinstated-2022-000$"))
    assert page.evaluate(SELECTED) == "reinstated by Musk in 2022"


def test_nested_claims_can_be_told_and_reached(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    """Activating words again and again goes through every claim at them; each has a line of its own under the text."""
    page = open_page(dataset_page)
    overlaps = 0
    for name, article in corpus[0].items():
        page.evaluate("(address) => { location.hash = address; }", f"#/article/{name}")
        page.wait_for_function("(name) => state.article.id === name", arg=name)
        drawn = page.evaluate(
            """() => drawn.links.map(({ covering }) => covering.map((mark) => [mark.id, mark.lane]))"""
        )
        reached = {note for covering in drawn for note, _ in covering}
        assert reached == {claim.record.value.id for claim in article.claims}
        for index, covering in enumerate(drawn):
            assert len({lane for _, lane in covering}) == len(covering)
            if len(covering) > 1 and overlaps < 12:
                overlaps += 1
                visited = set()
                for _ in covering:
                    page.locator("#text a.seg").nth(index).click()
                    visited.add(page.evaluate("location.hash.slice(1)"))
                assert visited == {note for note, _ in covering}
    assert overlaps


def test_filters_and_search_find_what_the_data_hold(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page)
    claims = [(article, claim.record.value) for article in corpus[0].values() for claim in article.claims]
    found = page.locator("#found")
    expect(found).to_have_text(str(len(claims)))
    for name in ("label", "speaker", "fact", "article"):
        key = {"article": lambda of, _: of.text.article}.get(name, lambda _, v, name=name: getattr(v, name))
        counts = Counter(key(article, value) for article, value in claims)
        for value, count in counts.most_common(6):
            page.locator(f"select[name={name}]").select_option(value)
            expect(found).to_have_text(str(count))
        page.get_by_role("button", name="Clear").click()
        expect(found).to_have_text(str(len(claims)))
    page.get_by_label("Search in claims").fill("dDoS")
    matching = [v for _, v in claims if "ddos" in v.claim.lower() or "ddos" in v.quote.lower()]
    expect(found).to_have_text(str(len(matching)))
    page.locator("select[name=label]").select_option("disputed")
    expect(found).to_have_text(str(sum(v.label == "disputed" for v in matching)))
    page.locator("#list a[href*=ddos]").first.click()
    assert page.locator("#text .supported").count() == 0
    page.get_by_label("Search in claims").fill("no claim says this")
    expect(found).to_have_text("0")
    expect(page.get_by_role("status")).to_have_text("0 found")


def test_facts_show_every_answer_in_its_column(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page, "#/facts")
    rows = page.locator("#facts tbody tr")
    expect(rows).to_have_count(len(corpus[1]))
    table = page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('#facts tbody tr')].map((row) => [
      row.querySelector('th a').hash.split('/').pop(),
      [...row.cells].slice(1).map((cell, index) => index
        ? [...cell.querySelectorAll('.answer')]
          .map((link) => [link.hash.slice(1), link.querySelector('b').innerText, link.classList[1]])
        : cell.firstChild?.data ?? ''),
    ]))""")
    contested = {
        name
        for name, fact in corpus[1].items()
        if len(set(fact.answers.values)) > 1 or {"disputed", "erroneous"} & set(fact.answers.labels)
    }
    assert set(list(table)[: len(contested)]) == contested
    said = "with more than one value, or one that is disputed or erroneous, listed first"
    expect(page.locator("#pages")).to_have_text(f"{len(corpus[1])} facts; {len(contested)} {said}")
    for name, fact in corpus[1].items():
        settled, *cells = table[name]
        assert settled == (fact.record.value.settled.value if fact.record.value.settled else "")
        expected: dict[str, list[list[str]]] = {article: [] for article in corpus[0]}
        given = fact.answers
        for article, *answer, label in zip(given.articles, given.ids, given.values, given.labels, strict=True):
            expected[article].append([*answer, label or "unverified"])
        assert [sorted(cell) for cell in cells] == [sorted(cell) for cell in expected.values()]
    page.locator("select[name=label]").select_option("erroneous")
    erroneous = {name for name, fact in corpus[1].items() for label in fact.answers.labels if label == "erroneous"}
    expect(rows).to_have_count(len(erroneous))
    page.locator(".answer.erroneous").first.click()
    expect(page.locator("#panel .chip").first).to_have_text("erroneous")
    page.go_back()
    expect(rows.first).to_be_visible()


def test_the_list_says_what_it_counts(open_page: Open, dataset_page: Path, corpus: Corpus) -> None:
    page = open_page(dataset_page)
    claims = sum(len(article.claims) for article in corpus[0].values())
    others = sum(len(article.unverified) + len(article.not_checkable) for article in corpus[0].values())
    expect(page.locator("#finder summary")).to_have_text(f"Claims {claims}")
    page.get_by_label("Show unverified and not checkable").check()
    expect(page.locator("#finder summary")).to_have_text(f"Marked passages {claims + others}")
    expect(page.get_by_role("navigation", name="Marked passages")).to_be_visible()


def test_link_to_a_claim_and_to_nothing(open_page: Open, dataset_page: Path) -> None:
    page = open_page(dataset_page, "#60-to-70-million-listeners-002")
    expect(page.locator("#text .selected").first).to_be_in_viewport()
    expect(page.locator("#list a[aria-current]")).to_be_in_viewport()
    page.evaluate("() => { location.hash = '#no-such-claim'; }")
    expect(page.get_by_role("status")).to_have_text("Nothing here has the id no-such-claim.")


def test_hostile_text_shows_as_text(open_page: Open, hostile: Path, tmp_path: Path) -> None:
    write(open_project(hostile), tmp_path / "view.html")
    page = open_page(tmp_path / "view.html", "#claim-0")
    assert (
        page.evaluate("[...document.querySelectorAll('#text p')].map((p) => p.textContent).join('')") == HOSTILE["000"]
    )
    expect(page.locator("#panel h2")).to_contain_text("It says </script><script>alert(1)</script> & &lt;,")
    assert page.evaluate("document.scripts.length") == 2
    page.evaluate("() => { location.hash = '#/facts'; }")
    expect(page.locator("#facts tbody th")).to_have_text("<When> & </script>?")
    expect(page.locator(".answer b").first).to_have_text("<1911> & </script>")


def test_policy_lets_nothing_else_run_or_load(browser: Browser, dataset_page: Path) -> None:
    page = browser.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(dataset_page.as_uri())
    assert "default-src 'none'" in page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    page.evaluate("""() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script, Object.assign(new Image(), { src: 'http://localhost:9/x.png' }));
      document.body.insertAdjacentHTML('beforeend', '<p id=p style="color: red" onclick="window.ran = true">x</p>');
      document.getElementById('p').click();
    }""")
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    assert len(blocked) >= 4
    page.close()


def test_page_is_small(dataset_page: Path) -> None:
    assert dataset_page.stat().st_size < 330_000
