"""Records are saved, changed, deleted and taken back in the page of `factpack view --watch`."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import Run, digests
from factpack.curation.workbench.server import WorkbenchServer
from viewer.annotating.marking import annotate, fill, go, select
from viewer.annotating.test_marking import judge, remove
from viewer.conftest import SELECTED, Open, spoil

A1 = "annotations/a1.yaml"


def read(project: Path, name: str = A1) -> str:
    return (project / name).read_bytes().decode()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#done")).to_contain_text("Saved in annotations/a1.yaml")


def write_claim(page: Page) -> None:
    """Writes a claim that a project without it had."""
    annotate(page, "the harbour office counted 90")
    fill(
        page,
        "supported",
        claim="90 passengers were on board the ferry.",
        speaker="Harbour office",
        fact="passenger-count",
        value="90",
    )
    page.get_by_role("button", name="supports: passengers-90-b2").click()
    page.get_by_role("button", name="supports: passengers-90-c3").click()
    fill(page, "supported", basis="corroborated", rationale="b2 and c3 give the same number.", id="passengers-90-a1")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_saved_record_is_where_it_was_and_nothing_else_changes(
    open_page: Open, server: WorkbenchServer, project_folder: Path, run: Run, line_end: str
) -> None:
    path = project_folder / A1
    path.write_bytes(path.read_bytes().replace(b"\n", line_end.encode()))
    whole = re.sub(r"(office\r?\n    fact: passenger-count\r?\n    value: )90", r'\1"90"', read(project_folder))
    remove(project_folder, "a1", "passengers-90-a1")
    path.write_bytes(re.sub(rb"\r?\n", line_end.encode(), path.read_bytes()))
    shorter = read(project_folder)
    server.session.build()
    page = open_page(server.address, "#/article/a1")
    write_claim(page)
    save(page)
    assert read(project_folder) == whole
    assert page.evaluate(SELECTED) == "the harbour office counted 90"
    expect(page.locator("#done")).to_contain_text("0 errors, 0 warnings")
    assert run("check", project_folder).stdout == ""
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#done")).to_contain_text("Undone in annotations/a1.yaml")
    assert read(project_folder) == shorter


def test_what_the_check_says_is_shown_at_the_words(
    open_page: Open, server: WorkbenchServer, project_folder: Path, run: Run
) -> None:
    page = open_page(server.address, "#/article/a1")
    annotate(page, "Mayor Ines Dahl wrote")
    fill(
        page,
        "supported",
        claim="He wrote.",
        fact="writing",
        question="Who wrote?",
        value="Dahl",
        rationale="x",
        basis="corroborated",
        id="wrote-a1",
    )
    select(page, "Nobody was hurt")
    page.get_by_role("button", name="Evidence: supports").click()
    save(page)
    expect(page.locator("#panel .notice").first).to_be_visible()
    checked = run("check", project_folder)
    shown = page.evaluate(
        "data.problems.map((each) => `${each.where}: ${each.severity}[${each.rule}]: ${each.message}`)"
    )
    printed = [line for line in checked.stdout.splitlines() if not line.startswith("  hint")]
    assert sorted(line.removeprefix(f"{project_folder}/") for line in printed) == sorted(shown)
    assert len(shown) >= 2
    assert checked.stderr.splitlines()[0] in page.locator("#done").inner_text()


def test_changing_and_deleting(open_page: Open, server: WorkbenchServer, project_folder: Path) -> None:
    before = read(project_folder)
    page = open_page(server.address, "#fog-a1")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("#editor [name=value]")).to_have_value("fog")
    expect(page.locator("#evidenced .quoted")).to_have_text("The captain’s fog is unconfirmed")
    fill(page, "disputed", rationale="b2 doubts it.")
    save(page)
    old = "rationale: b2 calls it unconfirmed and gives no other cause."
    assert read(project_folder) == before.replace(old, "rationale: b2 doubts it.")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Really delete?").click()
    expect(page.locator("#done")).to_contain_text("Deleted in annotations/a1.yaml")
    assert "fog-a1" not in read(project_folder)
    for text in (before.replace(old, "rationale: b2 doubts it."), before):
        with page.expect_navigation():
            page.get_by_role("button", name="Undo").click()
        expect(page.locator("#done")).to_contain_text("Undone")
        assert read(project_folder) == text
    go(page, "#/article/a1")
    page.get_by_label("Show unverified and not checkable").check()
    page.locator("#text .not_checkable", has_text="So sad!").click()
    page.get_by_role("button", name="Change").click()
    fill(page, "not checkable: it states nothing to check", reason="opinion")
    save(page)
    assert read(project_folder) == before.replace("reason: tone", "reason: opinion")


def test_an_editor_in_between_is_told(open_page: Open, server: WorkbenchServer, project_folder: Path) -> None:
    page = open_page(server.address, "#fog-a1")
    page.get_by_role("button", name="Change").click()
    fill(page, "disputed", rationale="b2 doubts it.")
    edited = read(project_folder).replace("gives no other cause", "gives NO other cause")
    (project_folder / A1).write_bytes(edited.encode())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#outcome")).to_contain_text("the record was changed in the file in the meantime")
    assert read(project_folder) == edited
    expect(page.locator("#editor [name=rationale]")).to_have_value("b2 doubts it.")  # what was typed is not lost


def test_two_pages_save_at_once(open_page: Open, server: WorkbenchServer, project_folder: Path) -> None:
    pages = [open_page(server.address, "#/article/a1") for _ in range(2)]
    for page in pages:
        annotate(page, "on Tuesday")
        fill(page, "unverified: no evidence for or against it", claim="It was a Tuesday.", id="tuesday-a1")
    save(pages[0])
    pages[1].get_by_role("button", name="Save", exact=True).click()
    expect(pages[1].locator("#outcome")).to_contain_text("record `tuesday-a1` already exists")
    fill(pages[1], "unverified: no evidence for or against it", id="tuesday-2-a1")
    save(pages[1])
    assert read(project_folder).index("- id: tuesday-a1") < read(project_folder).index("- id: tuesday-2-a1")


def test_a_page_in_use_follows_when_the_form_is_closed(
    open_page: Open, server: WorkbenchServer, project_folder: Path
) -> None:
    page = open_page(server.address, "#/article/a1")
    annotate(page, "on Tuesday")
    fill(page, "disputed", rationale="typed")
    spoil(project_folder)
    server.session.build()
    expect(page.get_by_role("status").first).to_have_text(
        "The project has changed; this page updates when you close the form."
    )
    expect(page.locator("#editor [name=rationale]")).to_have_value("typed")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Really discard?").click()
    expect(page.get_by_role("link", name="Problems")).to_be_visible()


def test_a_server_that_has_ended_is_told(open_page: Open, server: WorkbenchServer, project_folder: Path) -> None:
    before = digests(project_folder)
    page = open_page(server.address, "#/article/a1")
    annotate(page, "on Tuesday")
    fill(page, "unverified: no evidence for or against it", id="tuesday-a1")
    page.route("**/save", lambda route: route.abort())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#outcome")).to_contain_text("nothing was written")
    assert digests(project_folder) == before


def test_the_policy_is_open_to_the_server_alone(browser: Browser, server: WorkbenchServer) -> None:
    page = browser.new_page()
    page.goto(server.address)
    blocked = page.evaluate("""async () => {
      const told = [];
      document.addEventListener('securitypolicyviolation', (event) => told.push(event.effectiveDirective));
      for (const address of ['http://127.0.0.1:9/', 'http://localhost:9/', 'https://example.org/']) {
        await fetch(address).catch(() => null);
      }
      document.body.append(Object.assign(new Image(), { src: 'x.png' }));
      await new Promise((done) => setTimeout(done, 200));
      return told;
    }""")
    assert blocked == ["connect-src"] * 3 + ["img-src"]
    assert page.evaluate("async () => (await (await fetch('next?build=x')).json()).build") == server.session.page.build
    page.close()


@pytest.mark.parametrize("width", [1440, 380])
def test_axe_finds_no_violation_while_saving(open_page: Open, server: WorkbenchServer, axe: str, width: int) -> None:
    for scheme in ("light", "dark"):
        page = open_page(server.address, "#fog-a1", color_scheme=scheme, viewport={"width": width, "height": 900})
        page.evaluate(axe)
        judge(page, axe)
        page.get_by_role("button", name="Change").click()
        fill(page, "disputed", rationale=f"{scheme} b2 doubts it.")
        judge(page, axe)
        save(page)
        page.evaluate(axe)
        judge(page, axe)
