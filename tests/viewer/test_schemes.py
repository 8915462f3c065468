"""The page of projects with a scheme of their own, and that a release is compared with it."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from conftest import Run
from factpack.errors import FactpackError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.verify import verify
from factpack.viewer.writer import write
from releases import make, resum
from viewer.conftest import Open
from viewer.schemes import (
    CLAIMS,
    HOSTILE,
    LABELS,
    LATER,
    MAYOR,
    SHOWN,
    TEXTS,
    make_liar,
    make_project,
    register,
    write_lines,
)

ALL = [*CLAIMS, *LATER]
RTL = "(node) => getComputedStyle(node).direction"
GO = "(address) => { location.hash = address; }"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemes")
    return make(make_project(folder / "project"), folder / "release")


@pytest.fixture(scope="module")
def schemes_page(release: Path) -> Path:
    return release / "view.html"


def test_every_claim_can_be_listed_and_selected(open_page: Open, schemes_page: Path) -> None:
    page = open_page(schemes_page)
    expect(page.locator("#found")).to_have_text(str(len(ALL)))
    assert page.evaluate("list.entries.filter((entry) => entry.mark).map((entry) => entry.mark.id).sort()") == sorted(
        claim["id"] for claim in ALL
    )
    for claim in ALL:
        page.evaluate(GO, f"#{claim['id']}")
        panel = page.locator("#panel")
        expect(panel.locator("h2")).to_have_text(claim["claim"].replace("\u2028", " "))
        expect(panel.locator(".chip").first).to_have_text(claim["label"].replace("_", " "))
        expect(page.locator("#list a[aria-current]")).to_have_count(1)
        assert page.locator("#text .u.selected").all_inner_texts() == ([claim["quote"]] if "quote" in claim else [])
        expect(page.locator("#beside a[aria-current]")).to_have_count(0 if "quote" in claim else 1)
        assert panel.locator("dt", has_text="Words").count() == ("quote" in claim)
        assert page.evaluate("state.article.id") == claim.get("article", ":")
        assert panel.locator(".evidence li").count() == sum(
            len(e.get("groups", [0])) for e in claim.get("evidence", [])
        )


def test_no_class_is_the_name_of_a_label(open_page: Open, schemes_page: Path) -> None:
    page = open_page(schemes_page, "#Opened_1911:a")
    page.evaluate("location.hash = '#/facts'")
    page.evaluate("location.hash = '#with-all'")
    classes = page.evaluate("[...document.querySelectorAll('[class]')].flatMap((node) => [...node.classList])")
    assert not {word for label in LABELS for word in label.split()} & set(classes)
    expect(page.locator(".legend li:not(.rest)")).to_have_text([label.replace("_", " ") for label in LABELS])
    assert len({tone for tone in classes if tone.startswith("tone-")}) == 20
    page.evaluate(GO, "#Opened_1911:a")
    link = page.locator("#text a.seg", has_text="فُتح الجسر في عام 1911")
    described = page.locator(f"#{link.get_attribute('aria-describedby')}")
    assert described.evaluate("(node) => node.textContent") == "true/false"
    sign = "(node) => getComputedStyle(node, '::before').content"
    assert link.locator(".u").evaluate(sign) == page.locator("#panel .chip").first.evaluate(sign) != "none"


def test_filters_have_what_the_claims_have(open_page: Open, schemes_page: Path) -> None:
    page = open_page(schemes_page)
    found = page.locator("#found")
    for name, fields in (("label", "label"), ("speaker", "speaker"), ("fact", "fact"), ("article", "article")):
        counts = Counter(claim.get(fields, ":" if name == "article" else None) for claim in ALL)
        del counts[None]
        options = page.locator(f"select[name={name}] option")
        expect(options).to_have_count(1 + (len(LABELS) if name == "label" else len(counts)))
        for value, number in counts.items():
            page.locator(f"select[name={name}]").select_option(value)
            expect(found).to_have_text(str(number))
        page.get_by_role("button", name="Clear").click()
        expect(found).to_have_text(str(len(ALL)))
    page.get_by_label("Search in claims").fill("הכול")
    expect(found).to_have_text("1")
    page.locator("#list a", has_text="הכול").click()
    expect(page.locator("#beside li")).to_have_count(1)


def test_groups_sources_and_columns_are_shown(open_page: Open, schemes_page: Path) -> None:
    page = open_page(schemes_page, "#Opened_1911:a")
    panel = page.locator("#panel")
    expect(panel.locator("h4")).to_have_text(["Group g1", "Group g2", "Enough alone", "Group שנייה"])
    groups = panel.locator("ol.evidence")
    given = f"كتاب {HOSTILE}".replace("\u2028", " ")
    expect(groups.nth(0).locator("q")).to_have_text(["נפתח ב־1911", "إنه آمن"])
    expect(groups.nth(1).locator("q")).to_have_text(["إنه آمن", "<b>הוא בטוח</b> &"])
    expect(groups.nth(2).locator("q")).to_have_text(["ראש העיר אמר"])
    expect(groups.nth(2)).to_contain_text("page: 7")
    expect(groups.nth(3).locator("q")).to_have_text([given])
    expect(groups.nth(3)).to_contain_text("ويكيبيديا <p. 3>")
    expect(groups.nth(3).locator("a")).to_have_count(0)
    stances = [chip.get_attribute("class") for chip in panel.locator(".evidence .chip").all()]
    assert stances == [*["chip for"] * 4, "chip neither", "chip against"]
    groups.nth(2).locator("a").click()
    expect(page.locator("#text .passage")).to_have_text("ראש העיר אמר")
    assert page.evaluate("location.hash") == "#Opened_1911:a/evidence/3"
    page.evaluate(GO, "#with-all")
    rows = [row.all_inner_texts() for row in (panel.locator("dt"), panel.locator("dd"))]
    assert dict(zip(*rows, strict=True)) == {"Speaker": MAYOR, **SHOWN}
    assert page.evaluate("document.querySelectorAll('#panel b').length") == 0
    panel.locator(".evidence a").click()  # from a claim in no article into one, and back
    expect(page.locator("#headline")).to_have_text("Article he")
    page.get_by_role("link", name="Back to the claim").click()
    expect(page.locator("#beside a[aria-current]")).to_have_text("הכול נכון.")
    expect(page.locator("#beside a[aria-current]")).to_be_in_viewport()


def test_text_runs_in_its_own_direction(open_page: Open, schemes_page: Path) -> None:
    page = open_page(schemes_page, "#Opened_1911:a")
    lines = page.locator("#text p:not(:empty)")
    assert [line.evaluate(RTL) for line in lines.all()][:3] == ["rtl", "rtl", "ltr"]
    # The first letter of the Arabic line is at the right, and so is the first one of the Hebrew line.
    place = """(selector) => {
      const line = document.querySelector(selector);
      const text = document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode();
      const range = document.createRange();
      range.setStart(text, 0);
      range.setEnd(text, 1);
      const [letter, box] = [range.getBoundingClientRect(), line.getBoundingClientRect()];
      return (letter.left + letter.right) / 2 > (box.left + box.right) / 2 ? "right" : "left";
    }"""
    assert page.evaluate(place, "#text p") == "right"
    assert page.evaluate(place, "#text p:nth-child(3)") == "left"
    for selector in ("#panel h2", "#panel dd", "#panel q", "#list a[aria-current] .claim", "#beside li a"):
        assert page.locator(selector).first.evaluate(RTL) == "rtl", selector
    assert page.locator("#status bdi").evaluate(RTL) == "rtl"
    page.evaluate(GO, "#/article/he")
    assert page.evaluate(place, "#text p") == "right"
    assert page.locator("#text").inner_text().split() == TEXTS["he"].split()
    page.evaluate(GO, "#/facts")
    assert page.locator("#facts tbody th a").evaluate(RTL) == "rtl"
    assert page.locator("option", has_text="متى").evaluate(RTL) == "rtl"
    page.get_by_label("Search in claims").fill("جسر")
    assert page.get_by_label("Search in claims").evaluate(RTL) == "rtl"


def test_a_dataset_without_articles(open_page: Open, tmp_path: Path) -> None:
    folder = make(make_liar(tmp_path / "liar", 250), tmp_path / "release")
    assert verify(folder) == ""
    assert {path.name for path in (folder / "charts").iterdir()} == {"labels.svg"}
    page = open_page(folder / "view.html")
    expect(page.get_by_role("navigation", name="Views").locator("a")).to_have_text(["Claims", "Overview"])
    expect(page.locator("#headline")).to_have_text("Claims in no article")
    expect(page.locator("#byline")).to_have_text("250 claims")
    assert page.locator("#filters label:visible").count() == 2  # the search, and the label
    expect(page.locator("#beside li")).to_have_count(100)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#beside .pages span")).to_have_text("101 to 200 of 250 claims")
    page.evaluate(GO, "#249.json")
    expect(page.locator("#beside a[aria-current]")).to_be_in_viewport()
    expect(page.locator("#beside li")).to_have_count(50)
    page.get_by_role("button", name="Previous").click()
    expect(page.locator("#beside a").first).to_have_text("Claim 100.")
    page.keyboard.press("k")
    expect(page.locator("#beside a[aria-current]")).to_have_text("Claim 248.")
    page.locator("select[name=label]").select_option("half-true")
    expect(page.locator("#found")).to_have_text("42")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".figures > div")).to_have_text(["labelled claims250"])
    expect(page.locator("#overview svg")).to_have_count(1)


def test_a_problem_of_a_claim_in_no_article_shows_at_the_claim(open_page: Open, tmp_path: Path) -> None:
    root = make_liar(tmp_path / "liar")
    wrong = {"kind": "claim", "id": "wrong", "claim": "Wrong.", "label": "false", "correction": "Right."}
    write_lines(root, "more", [wrong])
    text = yaml.safe_dump({"claims": [{**wrong, "id": "too", "claim": "Too."}]}).replace("  kind: claim\n", "")
    (root / "annotations/other.yaml").write_text(text, encoding="utf-8")
    problems = write(open_project(root), root / "view.html").shown
    assert len(problems) == 2
    page = open_page(root / "view.html", "#/problems")
    links = page.get_by_role("link", name="Show it in the text")
    assert [link.get_attribute("href") for link in links.all()] == ["#wrong", "#too"]
    links.first.click()
    expect(page.locator("#panel .notice")).to_contain_text(problems[0].message)
    expect(page.locator("#beside .chip.problem")).to_have_count(2)


def test_a_claim_in_no_article_leads_into_a_source(open_page: Open, tmp_path: Path) -> None:
    """As in WiCE: what is cited of an article that is only a source is in the page, and nothing else of it."""
    root = make_liar(tmp_path / "cited")
    lines = "".join(f"Line {number} of the log 🎉.\n" for number in range(500))
    write_lines(root, "articles", [register(root, "en", lines, annotation="none")])
    evidence = [{"article": "en", "quote": "Line 250 of the log 🎉", "stance": "supports"}]
    write_lines(root, "more", [{"kind": "claim", "id": "c", "claim": "Cited.", "label": "true", "evidence": evidence}])
    folder = make(root, tmp_path / "release")
    assert verify(folder) == ""
    page = open_page(folder / "view.html", "#c")
    page.locator("#panel .evidence a").click()
    expect(page.locator("#text .passage")).to_have_text("Line 250 of the log 🎉")
    assert "Line 100 of" not in page.locator("#text").inner_text()
    expect(page.get_by_role("navigation", name="Views").locator("a")).to_have_text(["Claims", "Overview"])


def test_a_release_without_the_texts_is_verified_too(tmp_path: Path) -> None:
    folder = build(open_project(make_project(tmp_path / "project")), tmp_path / "release", lambda: None, "none").folder
    assert verify(folder) == ""


def test_the_statistics_have_the_words_of_the_scheme(run: Run, tmp_path: Path) -> None:
    result = run("stats", str(make_project(tmp_path / "project")))
    assert result.exit_code == 0
    head = result.stdout.split("Claims by fact\n\n")[1].splitlines()[0]
    assert all(label in head for label in LABELS)
    assert "Open: facts with several values of which none is settled\n\nnone\n" in result.stdout


@pytest.mark.parametrize("width", [1440, 380])
def test_axe_finds_no_violation(open_page: Open, schemes_page: Path, tmp_path: Path, axe: str, width: int) -> None:
    liar = tmp_path / "view.html"
    write(open_project(make_liar(tmp_path / "liar", 120)), liar)
    claims = ("#Opened_1911:a", "#Opened_1911:a/evidence/3", "#whole-he", "#with-all", "#/article/:")
    for path, addresses in ((schemes_page, (*claims, "#/facts", "#/overview")), (liar, ("#3.json", "#/overview"))):
        for scheme in ("light", "dark"):
            page = open_page(path, color_scheme=scheme, viewport={"width": width, "height": 900})
            page.evaluate(axe)
            for address in addresses:
                page.evaluate(GO, address)
                page.wait_for_timeout(200)  # colours fade in
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
                result = page.evaluate("axe.run()")
                found = [(rule["id"], rule["nodes"][0]["failureSummary"]) for rule in result["violations"]]
                assert (scheme, address, found) == (scheme, address, [])
                assert len(result["passes"]) > 20


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda html: html.replace(old, new, 1)


@pytest.mark.parametrize(
    "change",
    [
        swap('"claim":"Later."', '"claim":"Sooner."'),
        swap('"id":"loose-3"', '"id":"loose-x"'),
        swap('"claim":"Later.","label":"a_b"', '"claim":"Later.","label":"x"'),
        swap('{"id":"later-1","claim":"Later.","label":"a_b"},', ""),
        swap('{"id":"later-1"', '{"id":"later-1","claim":"Later.","label":"a_b"},{"id":"later-1"'),
        swap('["share","0.5"]', '["share","0.6"]'),
        swap('"groups":["g1"]', '"groups":["g2"]'),
        swap("ويكيبيديا", "Wikipedia"),
        swap('["page","7"]', '["page","8"]'),
        swap("كتاب", "book"),
        swap('"for it/yes",""]', '"against it",""]'),
        swap('"id":"whole-ar"', '"start":0,"end":4,"id":"whole-ar"'),
    ],
)
def test_a_page_that_shows_other_claims(release: Path, tmp_path: Path, change: Callable[[str], str]) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    assert verify(copy) == ""
    html = (copy / "view.html").read_text(encoding="utf-8")
    assert change(html) != html
    (copy / "view.html").write_text(change(html), encoding="utf-8")
    resum(copy)
    with pytest.raises(FactpackError) as refused:
        verify(copy)
    assert "view.html: it shows other claims, unverified passages or sentences than the tables" in str(refused.value)


@pytest.mark.parametrize("name", ["articles", "labels"])
def test_a_chart_that_is_missing(release: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    (copy / f"charts/{name}.svg").unlink()
    resum(copy)
    with pytest.raises(FactpackError, match=f"charts/{name}.svg: missing"):
        verify(copy)
