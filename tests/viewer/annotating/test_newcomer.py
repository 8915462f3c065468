"""A newcomer's three articles, in German, Arabic and English, from a folder with their texts to saved claims.

Everything in the page is done with the mouse and the keyboard. The steps before the first claim and the time of each
claim are counted, and printed.
"""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from conftest import Run
from factpack.api import create_project, load_project
from factpack.curation.workbench.server import WorkbenchServer
from factpack.formats.yaml_parser import read_yaml
from viewer.annotating.marking import annotate, fill, go, select
from viewer.conftest import Open

TEXTS = {
    "de": "Die Brücke „Alte Liebe“ wurde 1911 eröffnet.\nDer Bürgermeister sagte: „Sie ist sicher.“ Sie ist schön.\n",
    "ar": "فُتح الجسر القديم في عام 1911.\nقال المهندس إن الجسر آمن.\nإنه جميل جدًا.\n",
    "en": "🎉 The bridge opened in 1912! 👨‍👩‍👧\r\nThe mayor said it is safe.\r\nWhat a view. 🇩🇪\r\n",
}
OPENED = {"de": "wurde 1911 eröffnet", "ar": "فُتح الجسر القديم في عام 1911.", "en": "The bridge opened in 1912"}
MOST_STEPS = 4  # before the form of the first claim: make the project, register the articles, serve, select
MOST_SECONDS = 60


@pytest.fixture
def newcomer(tmp_path: Path, run: Run) -> Iterator[tuple[Path, WorkbenchServer, list[str]]]:
    """The project as the commands leave it, the server of its page, and the steps so far."""
    root = tmp_path / "bridge"
    steps = ["factpack init bridge"]
    create_project(root)
    for old in (*(root / "seeds").iterdir(), *(root / "annotations").glob("[0-9]*.yaml")):
        old.unlink()
    articles = []
    for name, text in TEXTS.items():
        data = text.encode()
        (root / f"seeds/{name}_bridge.txt").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        articles.append(
            {"id": name, "file": f"{name}_bridge.txt", "sha256": digest, "language": name, "annotation": "partial"}
        )
    (root / "annotations/articles.yaml").write_text(yaml.safe_dump({"articles": articles}), encoding="utf-8")
    (root / "annotations/facts.yaml").write_text("facts: []\n", encoding="utf-8")
    dataset = root / "annotations/dataset.yaml"
    plain = read_yaml(dataset.read_text(encoding="utf-8"))[0] | {"languages": ["de", "ar", "en"], "speakers": []}
    dataset.write_text(yaml.safe_dump(plain, default_style='"', allow_unicode=True), encoding="utf-8")
    steps.append("register the articles")
    errors = run("check", root, "--errors-only").stdout
    assert "error[no-claims]" in errors
    assert errors.count(": error[") == 1
    server = load_project(root).open_workbench()
    server.start()
    steps.append("factpack view bridge --watch")
    yield root, server, steps
    server.stop()


def save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#done")).to_contain_text("Saved in annotations/")


def with_keys_alone(page: Page) -> None:
    """Selects the words of the third claim, fills in the form and saves, without the mouse."""
    page.keyboard.press("v")
    words = page.locator("#picked .quoted")
    while OPENED["en"] not in words.inner_text():
        page.keyboard.press("ArrowDown")
    for _ in range(6):
        if words.inner_text() == OPENED["en"]:
            break
        page.keyboard.press("ArrowLeft" if words.inner_text().startswith("The") else "Shift+ArrowRight")
    expect(words).to_have_text(OPENED["en"])
    page.keyboard.press("Enter")
    page.keyboard.type("err")
    typed = {
        "basis": "outweighed",
        "claim": "The bridge opened in 1912.",
        "fact": "opened",
        "value": "1912",
        "correction": "The bridge opened in 1911.",
        "rationale": "de and ar give 1911.",
    }
    for _ in range(40):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.name || document.activeElement.textContent")
        if at in ("basis", "correction", *typed):
            if at != "basis":
                page.keyboard.press("Control+a")
            page.keyboard.type(typed[at])
        elif at.startswith("Take all"):
            page.keyboard.press("Enter")
        elif at == "save":
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Saved in annotations/en.yaml")


def test_three_articles_from_a_folder_to_claims(
    open_page: Open, newcomer: tuple[Path, WorkbenchServer, list[str]], run: Run
) -> None:
    root, server, steps = newcomer
    page = open_page(server.address, "#/article/de")
    started, seconds = time.monotonic(), []
    annotate(page, OPENED["de"])
    steps.append("select words")
    assert len(steps) <= MOST_STEPS
    given = {"fact": "opened", "question": "When did the bridge open?", "value": "1911"}
    fill(
        page,
        "supported",
        claim="Die Brücke wurde 1911 eröffnet.",
        rationale="ar gives the same year.",
        basis="corroborated",
        **given,
    )
    go(page, "#/article/ar")
    select(page, OPENED["ar"])
    page.get_by_role("button", name="Evidence: supports").click()
    go(page, "#/article/en")
    select(page, OPENED["en"])
    page.get_by_role("button", name="Make it the quote").click()  # a slip: it is put right at once
    go(page, "#/article/de")
    select(page, OPENED["de"])
    page.get_by_role("button", name="Make it the quote").click()
    save(page)
    seconds.append(time.monotonic() - started)

    started = time.monotonic()
    go(page, "#/article/ar")
    annotate(page, OPENED["ar"])
    fill(
        page,
        "supported",
        claim="فُتح الجسر في عام 1911.",
        fact="opened",
        value="1911",
        rationale="de says so.",
        basis="corroborated",
    )
    page.locator("#others").get_by_role("button", name="supports").first.click()
    save(page)
    seconds.append(time.monotonic() - started)

    started = time.monotonic()
    go(page, "#/article/en")
    with_keys_alone(page)
    seconds.append(time.monotonic() - started)

    times = ", ".join(f"{each:.0f} s" for each in seconds)
    print(f"{len(steps)} steps to the first form: {', '.join(steps)}; claims in {times}")  # noqa: T201
    assert max(seconds) < MOST_SECONDS
    result = run("check", root, "--errors-only")
    assert (result.exit_code, result.stdout) == (0, "")
    claims = {
        name: read_yaml((root / f"annotations/{name}.yaml").read_text(encoding="utf-8"))[0]["claims"] for name in TEXTS
    }
    assert {name: claim["quote"] for name, (claim,) in claims.items()} == OPENED
    cited = [(each["article"], each["stance"]) for each in claims["en"][0]["evidence"]]
    assert sorted(cited) == [("ar", "refutes"), ("de", "refutes")]
