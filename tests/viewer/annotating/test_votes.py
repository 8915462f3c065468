"""The votes of annotators in the form: given, changed and kept, in projects that have them and in no others."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from conftest import Run
from conftest import edit as edit_data
from factpack.api import load_project
from factpack.formats.yaml_parser import read_yaml
from viewer.annotating.marking import annotate, copied, fill, go, reloading, select
from viewer.annotating.test_marking import judge, page_of, paste, remove
from viewer.conftest import Open

FOG = "    evidence:\n      - article: b2\n        quote: The captain’s fog is unconfirmed\n        stance: refutes\n"
OF_PASSAGE = "        number: 9007199254740993\n        votes: [{by: anna, vote: refutes}, {by: بن, vote: supports}]\n"
OF_CLAIM = "    votes:\n      - {by: anna, vote: disputed} # sure\n      - {by: بن, vote: unverified}\n"
COLUMN = "columns: {evidence: {number: {type: integer, description: A number.}}}\n"


@pytest.fixture
def voted(project_folder: Path) -> Path:
    """The invented project, in which a claim and a passage may have votes, and one of each does."""
    with (project_folder / "annotations/dataset.yaml").open("a", encoding="utf-8") as stream:
        stream.write("vocabulary: {votes: optional}\n" + COLUMN)
    a1 = project_folder / "annotations/a1.yaml"
    text = a1.read_text(encoding="utf-8")
    assert text.count(FOG) == 1
    a1.write_text(text.replace(FOG, FOG + OF_PASSAGE + OF_CLAIM), encoding="utf-8")
    return project_folder


def in_lines(project: Path) -> Path:
    """Writes the annotations of an article as JSON Lines, with numbers where YAML has text."""
    old = project / "annotations/a1.yaml"
    plain, errors = read_yaml(old.read_text(encoding="utf-8"))
    assert errors == []
    lines = [
        json.dumps({"kind": kind, "article": "a1"} | record, ensure_ascii=False)
        for kind, listed in (("claim", "claims"), ("unverified", "unverified"), ("not_checkable", "not_checkable"))
        for record in plain[listed]
    ]
    old.unlink()
    path = old.with_suffix(".jsonl")
    text = "\n".join(lines).replace('"number": "9007199254740993"', '"number": 9007199254740993')
    path.write_text(text + "\n", encoding="utf-8")
    return path


def required(project: Path) -> None:
    """Gives every claim and every passage a vote, and makes votes required."""
    for name in ("a1", "b2", "c3"):
        edit_data(project, f"{name}.yaml", _vote)
    dataset = project / "annotations/dataset.yaml"
    text = dataset.read_text(encoding="utf-8")
    dataset.write_text(text.replace("votes: optional", "votes: required"), encoding="utf-8")


def _vote(data: dict[str, Any]) -> None:
    for claim in data["claims"]:
        claim.setdefault("votes", [{"by": "anna", "vote": claim["label"]}])
        for passage in claim["evidence"]:
            passage.setdefault("votes", [{"by": "anna", "vote": passage["stance"]}])


@contextmanager
def served(project: Path, open_page: Open, address: str, **options: Any) -> Iterator[Page]:
    server = load_project(project).open_workbench()
    server.start()
    try:
        yield open_page(server.address, address, **options)
    finally:
        server.stop()


def field(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True)


def save(page: Page) -> None:
    with reloading(page, "0 errors, 0 warnings"):
        page.get_by_role("button", name="Save", exact=True).click()


def test_a_change_of_something_else_leaves_the_votes(open_page: Open, voted: Path, run: Run) -> None:
    path = voted / "annotations/a1.yaml"
    before = path.read_text(encoding="utf-8")
    assert run("check", voted).stdout == ""
    with served(voted, open_page, "#fog-a1") as page:
        page.get_by_role("button", name="Change").click()
        expect(field(page, "Annotator 2 of the claim")).to_have_value("بن")
        expect(field(page, "Vote 2 on the claim")).to_have_value("unverified")
        expect(field(page, "Annotator 1 of passage 1")).to_have_value("anna")
        expect(field(page, "Vote 1 on passage 1")).to_have_value("refutes")
        expect(page.get_by_label("Annotator 3 of")).to_have_count(2)  # an empty row for the next vote
        fill(page, "disputed", rationale="b2 doubts it.")
        save(page)
    old = "rationale: b2 calls it unconfirmed and gives no other cause."
    assert path.read_text(encoding="utf-8") == before.replace(old, "rationale: b2 doubts it.")


def change(page: Page) -> None:
    """Changes a vote, gives one and takes one back, of the claim and of the passage, each with the keys alone."""
    keys = page.keyboard
    page.get_by_role("button", name="Change").focus()
    keys.press("Enter")
    expect(page.locator("#editor")).to_be_visible()
    reached(page, "Vote 2 on passage 1")
    keys.type("refu")
    reached(page, "Annotator 3 of passage 1")
    keys.type("cleo")
    keys.press("Tab")
    keys.type("supp")
    reached(page, "Remove vote 1 on the claim")
    keys.press("Enter")
    expect(field(page, "Annotator 1 of the claim")).to_be_focused()
    expect(field(page, "Annotator 1 of the claim")).to_have_value("بن")
    reached(page, "Annotator 2 of the claim")
    keys.type("cleo")
    keys.press("Tab")
    keys.type("not ch")
    reached(page, "save")
    with reloading(page, "0 errors, 0 warnings"):
        keys.press("Enter")


def reached(page: Page, name: str) -> None:
    """Presses Tab until something has the focus, by its label or its name in the form."""
    for _ in range(40):
        page.keyboard.press("Tab")
        names = page.evaluate("[document.activeElement.getAttribute('aria-label'), document.activeElement.name]")
        if name in names:
            return
    pytest.fail(f"Tab does not lead to {name}")


def test_votes_are_changed_in_yaml(open_page: Open, voted: Path) -> None:
    path = voted / "annotations/a1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(" # sure", ""), encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    with served(voted, open_page, "#fog-a1") as page:
        change(page)
        votes = page.locator("#panel dl > div", has_text="Votes").locator("dd")
        expect(votes).to_have_text("بن: unverified, cleo: not checkable")
        expect(page.locator("#panel .evidence li")).to_contain_text("Votes: anna: refutes, بن: refutes, cleo: supports")
        with reloading(page, "Undone in annotations/a1.yaml"):
            page.get_by_role("button", name="Undo").click()
        assert path.read_text(encoding="utf-8") == before


def test_votes_are_changed_in_json_lines(open_page: Open, voted: Path, run: Run) -> None:
    """What is no vote stays as it is, also a number that no browser can tell from the next one."""
    path = in_lines(voted)
    before = path.read_text(encoding="utf-8")
    assert before.count(": 9007199254740993") == 1
    with served(voted, open_page, "#fog-a1") as page:
        change(page)
    wanted = before.replace(
        '"by": "بن", "vote": "supports"}', '"by": "بن", "vote": "refutes"}, {"by": "cleo", "vote": "supports"}'
    )
    wanted = wanted.replace('{"by": "anna", "vote": "disputed"}, ', "")
    wanted = wanted.replace('"vote": "unverified"}', '"vote": "unverified"}, {"by": "cleo", "vote": "not_checkable"}')
    assert path.read_text(encoding="utf-8") == wanted
    assert run("check", voted).stdout == ""


@pytest.mark.parametrize("presence", ["optional", "required"])
def test_a_new_claim_gets_votes(open_page: Open, voted: Path, run: Run, presence: str) -> None:
    remove(voted, "a1", "hurt-no-a1")
    if presence == "required":
        required(voted)
    page = open_page(page_of(voted), "#/article/a1")
    annotate(page, "Nobody was hurt")
    fill(page, "supported", basis="corroborated", fact="anybody-hurt", value="no", rationale="b2 says so.")
    fill(page, "supported", claim="Nobody was hurt on the ferry.", id="hurt-no-a1")
    page.get_by_role("button", name="supports: hurt-no-b2").click()
    expect(page.locator("#annotators option").first).to_have_attribute("value", "anna")
    if presence == "required":
        page.get_by_role("button", name="Copy as YAML").click()
        expect(page.locator("#outcome")).to_have_text("Missing: votes on the claim, votes on passage 1.")
        expect(field(page, "Annotator 1 of the claim")).to_be_focused()
    for where, votes in (("the claim", ("supported", "disputed")), ("passage 1", ("supports", "refutes"))):
        for number, (by, vote) in enumerate(zip(("dora", "ég: 1"), votes, strict=True), 1):
            field(page, f"Annotator {number} of {where}").press_sequentially(by)
            field(page, f"Vote {number} on {where}").select_option(vote)
    page.reload()  # the draft has them still
    expect(field(page, "Annotator 2 of passage 1")).to_have_value("ég: 1")
    record = copied(page)
    (plain,), errors = read_yaml(record)
    assert errors == []
    assert plain["votes"] == [{"by": "dora", "vote": "supported"}, {"by": "ég: 1", "vote": "disputed"}]
    assert plain["evidence"][0]["votes"] == [{"by": "dora", "vote": "supports"}, {"by": "ég: 1", "vote": "refutes"}]
    path = voted / "annotations/a1.yaml"
    if presence == "required":  # which the fixture wrote anew, with a list of its own form
        path.write_text(path.read_text(encoding="utf-8").replace('"claims":\n', "claims:\n"), encoding="utf-8")
        record = record.replace("\n  ", "\n").removeprefix("  ")
    paste(voted, "a1", "claims", record)
    result = run("check", voted)
    assert (result.exit_code, result.stdout) == (0, "")


def half(page: Page) -> None:
    field(page, "Annotator 3 of the claim").fill("cleo")


def nameless(page: Page) -> None:
    field(page, "Vote 3 on passage 1").select_option("supports")


def twice(page: Page) -> None:
    field(page, "Annotator 3 of passage 1").fill(" anna ")
    field(page, "Vote 3 on passage 1").select_option("supports")


def no_claim(page: Page) -> None:
    fill(page, "unverified: no evidence for or against it")


@pytest.mark.parametrize(
    ("act", "message", "focused"),
    [
        (half, "the vote of cleo on the claim", "votes-vote-2"),
        (nameless, "the annotator of a vote on passage 1", "votes-1-by-2"),
        (twice, "another annotator for the second vote of anna on passage 1", "votes-1-by-2"),
        (no_claim, "a label, because only a claim has votes", "verdict"),
    ],
)
def test_votes_that_say_nothing_are_told(
    open_page: Open, voted: Path, act: Callable[[Page], None], message: str, focused: str
) -> None:
    before = (voted / "annotations/a1.yaml").read_bytes()
    with served(voted, open_page, "#fog-a1") as page:
        page.get_by_role("button", name="Change").click()
        act(page)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#outcome")).to_have_text(f"Missing: {message}.")
        assert page.evaluate("document.activeElement.name") == focused
    assert (voted / "annotations/a1.yaml").read_bytes() == before


def test_a_project_without_votes_has_no_fields_for_them(open_page: Open, project_folder: Path) -> None:
    page = open_page(page_of(project_folder), "#/article/a1")
    annotate(page, "on Tuesday")
    go(page, "#/article/b2")
    select(page, "No injuries 🚢")
    page.get_by_role("button", name="Evidence: supports").click()
    expect(page.locator("#evidenced .entry")).to_have_count(1)
    expect(page.locator("#editor fieldset")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 380])
def test_axe_finds_no_violation_in_votes(open_page: Open, voted: Path, axe: str, width: int) -> None:
    for scheme in ("light", "dark"):
        viewport = {"width": width, "height": 900}
        with served(voted, open_page, "#fog-a1", color_scheme=scheme, viewport=viewport) as page:
            page.evaluate(axe)
            page.get_by_role("button", name="Change").click()
            half(page)
            nameless(page)
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.locator("#editor [aria-invalid]")).to_have_count(2)
            field(page, "Annotator 1 of the claim").scroll_into_view_if_needed()
            judge(page, axe)
            page.locator("#editor").evaluate("(node) => node.scrollTo(0, 0)")
            judge(page, axe)
