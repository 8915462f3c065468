"""Ids as other datasets have them: in the addresses of the page, in the card, in Croissant, in the names of files."""

import shutil
from pathlib import Path
from urllib.parse import quote

import mlcroissant
import pytest
from playwright.sync_api import expect

from conftest import Run
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.verify import verify
from releases import contents, make, resum
from viewer.conftest import Open
from viewer.schemes import register, write_dataset, write_lines

#: Names of pages as Wikipedia and FEVER have them.
PAGES = ("Alm_(bridge)", "Beyoncé", "'N_Sync", "Robert_Downey,_Jr.", "-LRB-500-RRB-_Days", "$9.99", "می‌خواهم", "_橋_🌉")
CLAIMS = tuple(f"{name}:14" for name in PAGES)
FIRST = tuple(f"It was opened in {1911 + number} 🎉." for number in range(len(PAGES)))
SECOND = "It is said to be old."
# The fields of the search are filled last, and what a reload restores is drawn with them.
COMPLETE = "() => document.querySelectorAll('#filters [name=label] option').length > 1"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ids") / "project"
    vocabulary = {"ids": "any", "votes": "optional", "optional": ["speaker", "fact", "value", "basis", "rationale"]}
    vocabulary |= {"labels": {"SUPPORTS": {}, "not_said": {}}, "stances": {"for": "for", "doubts_it": "against"}}
    write_dataset(root, vocabulary)
    articles = [
        register(root, name, f"{first} {SECOND}\n") | {"language": "en"}
        for name, first in zip(PAGES, FIRST, strict=True)
    ]
    articles[0]["url"] = "https://example.org/wiki/Alm_(bridge)"
    write_lines(root, "articles", articles)
    lines = []
    for number, (name, claim) in enumerate(zip(PAGES, CLAIMS, strict=True)):
        other = {"article": PAGES[number - 1], "quote": FIRST[number - 1]}
        votes = [{"by": "a1", "vote": "SUPPORTS"}, {"by": "ب", "vote": "not_said"}]
        given = [{"by": "a1", "vote": "for"}, {"by": "ب", "vote": "doubts_it"}]
        own = {
            "article": name,
            "quote": FIRST[number],
            "claim": f"{name} was opened in {1911 + number}.",
            "label": "SUPPORTS",
        }
        evidence = [{**other, "stance": "for", "votes": given}]
        lines.append({"kind": "claim", "id": claim, **own, "votes": votes, "evidence": evidence})
        old = {"id": f"{name}.old", "article": name, "quote": SECOND, "claim": f"{name} is old.", "near": [other]}
        why = {"rationale": "An opening <b>says</b> nothing of age."} if number else {}
        lines.append({"kind": "unverified", **old, **why})
    write_lines(root, "claims", lines)
    return root


@pytest.fixture(scope="module")
def release(project: Path) -> Path:
    return make(project, project.parent / "release")


def test_every_id_has_a_link(open_page: Open, release: Path) -> None:
    """It is followed from within, is loaded anew as the browser writes it, and pasted with everything encoded."""
    page = open_page(release / "view.html")
    for number, (name, claim) in enumerate(zip(PAGES, CLAIMS, strict=True)):
        page.evaluate("(id) => { location.hash = `#/article/${id}`; }", name)
        page.wait_for_function("(name) => state.article.id === name", arg=name)
        page.locator("#text a.seg").first.press("Enter")
        expect(page.locator("#panel h2")).to_have_text(f"{name} was opened in {1911 + number}.")
        page.locator("#panel .evidence a").press("Enter")
        expect(page.locator("#text .passage")).to_have_text(FIRST[number - 1])
        assert page.evaluate("state.article.id") == PAGES[number - 1]
        page.reload()
        page.wait_for_function(COMPLETE)
        assert page.evaluate("[state.article.id, state.mark.id]") == [PAGES[number - 1], claim]
    again = open_page(release / "view.html", f"#{quote(CLAIMS[0], safe='')}")
    assert again.evaluate("state.mark.id") == CLAIMS[0]
    lone = open_page(release / "view.html", "#100%")
    assert lone.evaluate("state.unknown") == "100%"


def test_what_annotators_and_unverified_records_say_is_shown(open_page: Open, release: Path) -> None:
    page = open_page(release / "view.html", f"#{CLAIMS[1]}")
    votes = page.locator("#panel dl > div", has_text="Votes").locator("dd")
    expect(votes).to_have_text("a1: SUPPORTS, ب: not said")
    expect(page.locator("#panel .evidence li")).to_contain_text("Votes: a1: for, ب: doubts it")
    page.evaluate("(id) => { location.hash = `#${id}`; }", f"{PAGES[1]}.old")
    expect(page.locator("#panel dl > div", has_text="Rationale")).to_contain_text(
        "An opening <b>says</b> nothing of age."
    )
    expect(page.locator("#panel h3")).to_have_text("Related passages, which decide nothing")
    page.locator("#panel .evidence a").click()
    expect(page.locator("#text .passage")).to_have_text(FIRST[0])
    assert page.evaluate("state.article.id") == PAGES[0]
    page.locator("#panel .back a").click()
    page.wait_for_function("() => !state.passage")
    assert page.evaluate("[state.article.id, state.mark.id]") == [PAGES[1], f"{PAGES[1]}.old"]


def test_the_release_is_verified_and_its_croissant_valid(release: Path, project: Path, tmp_path: Path) -> None:
    assert verify(release) == ""
    croissant = mlcroissant.Dataset(jsonld=release / "croissant.json")
    assert not croissant.metadata.ctx.issues.errors
    found = {record["articles/id"].decode() for record in croissant.records("articles")}
    assert found == set(PAGES)
    without = build(open_project(project), tmp_path / "without", lambda: None, "none").folder
    assert verify(without) == ""


def test_the_card_shows_an_id_as_it_is(release: Path) -> None:
    """In the table of sources, where Markdown would take some of its signs for its own."""
    assert "\n| Alm\\_(bridge) |" in (release / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("An opening", "No opening"),
        ('["ب","not_said"]', '["ب","SUPPORTS"]'),
        ('["ب","doubts_it"]', '["ب","for"]'),
        ('"near":[["Alm_(bridge)",0', '"near":[["Alm_(bridge)",1'),
    ],
)
def test_a_page_that_shows_other_votes_or_notes(release: Path, tmp_path: Path, run: Run, old: str, new: str) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    html = (copy / "view.html").read_text(encoding="utf-8")
    old, new = (text.replace("<", "\\u003c") for text in (old, new))
    assert old in html
    (copy / "view.html").write_text(html.replace(old, new, 1), encoding="utf-8")
    resum(copy)
    result = run("verify", copy)
    assert result.exit_code == 1
    assert "view.html: it shows other claims, unverified passages or sentences than the tables" in result.stderr


def test_every_file_is_named_safely(release: Path, project: Path) -> None:
    assert sorted(path.name for path in (project / "seeds").iterdir()) == sorted(f"{name}_x.txt" for name in PAGES)
    assert all(name.isascii() for name in contents(release))
