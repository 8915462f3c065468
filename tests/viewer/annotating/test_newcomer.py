"""A newcomer's three articles, in German, Arabic and English, from an empty folder to a release.

Commands are run as they are typed; all else is done in the page, with the mouse or with the keyboard. The steps before
the first claim and the time of each claim are counted, and printed at the end of the run.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import pytest
from playwright.sync_api import Page, expect

from conftest import Run
from factpack.formats.yaml_parser import read_yaml
from viewer.annotating.marking import annotate, fill, go, reloading, select
from viewer.conftest import Open

TEXTS = {
    "de": "Die Brücke „Alte Liebe“ wurde 1911 eröffnet.\nDer Bürgermeister sagte: „Sie ist sicher.“\nSie ist schön.\n",
    "ar": "فُتح الجسر القديم في عام 1911.\nقال المهندس إن الجسر آمن.\nإنه جميل جدًا.\n",
    "en": "🎉 The bridge opened in 1912! 👨‍👩‍👧\r\nThe mayor said it is safe.\r\nWhat a view. 🇩🇪\r\n",
}
OPENED = {"de": "wurde 1911 eröffnet", "ar": "فُتح الجسر القديم في عام 1911.", "en": "The bridge opened in 1912"}
SAFE = {"de": "The old bridge is safe.", "ar": "The old bridge is safe.", "en": "The bridge is safe."}
SPEAKERS = {"de": "Bürgermeister", "ar": "المهندس", "en": "The mayor"}
#: What the template asks for, as its author writes it into dataset.yaml.
WRITTEN = {
    '"TODO: the human-readable name of the dataset"': "Bridge",
    "license: TODO": "license: cc0-1.0",
    "https://TODO": "https://creativecommons.org/publicdomain/zero/1.0/",
    '"TODO: what the dataset contains, in a paragraph"': "Three invented articles on a bridge.",
    '"TODO: how the articles were chosen and the annotations made"': "They were made up, and annotated.",
    '"TODO: who holds the rights to the articles, and what the licence covers"': "Everything is free.",
    '"TODO: what a user must know before relying on the labels"': "Nothing in it is true.",
}
MOST_STEPS = 4  # before the first claim
MOST_SECONDS = 60  # for a claim


class Newcomer:
    """Types commands into an empty folder, and counts them."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.root = folder / "bridge"
        self.run = run
        self.steps: list[str] = []
        for name, text in TEXTS.items():
            (folder / f"{name}_bridge.txt").write_bytes(text.encode())

    def type(self, *command: str) -> str:
        """Runs a command; it has to do what it is for."""
        self.steps.append(" ".join(("factpack", *command)))
        result = self.run(*command)
        assert result.exit_code == 0, result.stdout + result.stderr
        return result.stdout

    def add(self, name: str, *more: str) -> None:
        self.type("add-article", f"{name}_bridge.txt", "bridge", "--language", name, "--id", name, *more)

    def records(self, name: str, listed: str) -> list[dict[str, Any]]:
        plain, errors = read_yaml((self.root / f"annotations/{name}.yaml").read_text(encoding="utf-8"))
        assert errors == []
        return list(plain[listed])


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Newcomer:
    monkeypatch.chdir(tmp_path)
    return Newcomer(tmp_path, run)


@pytest.fixture
def watched(newcomer: Newcomer) -> Iterator[str]:
    """The address of the page that `factpack view bridge --watch` serves, once there are two articles."""
    newcomer.type("init", "bridge")
    newcomer.add("de")
    newcomer.add("ar")
    command = ["view", "bridge", "--watch"]
    newcomer.steps.append(" ".join(("factpack", *command)))
    environment = os.environ | {"BROWSER": "true"}
    with subprocess.Popen(
        [sys.executable, "-m", "factpack", *command], env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.send_signal(signal.SIGINT)
    assert running.returncode == 0


def save(page: Page, name: str) -> None:
    with reloading(page, f"Saved in annotations/{name}.yaml"):
        page.get_by_role("button", name="Save", exact=True).click()


def write_german(page: Page) -> None:
    """With the mouse; a slip of it is put right at once."""
    go(page, "#/article/de")
    annotate(page, OPENED["de"])
    given = {"fact": "opened", "question": "When did the bridge open?", "value": "1911", "basis": "corroborated"}
    fill(page, "supported", claim="Die Brücke wurde 1911 eröffnet.", rationale="ar gives the same year.", **given)
    go(page, "#/article/ar")
    select(page, OPENED["ar"])
    page.get_by_role("button", name="Evidence: supports").click()
    select(page, OPENED["ar"])
    page.get_by_role("button", name="Use as the quote").click()
    go(page, "#/article/de")
    select(page, OPENED["de"])
    page.get_by_role("button", name="Use as the quote").click()
    save(page, "de")


def write_arabic(page: Page) -> None:
    """With the mouse, and evidence that another claim has."""
    go(page, "#/article/ar")
    annotate(page, OPENED["ar"])
    given = {"fact": "opened", "value": "1911", "basis": "corroborated"}
    fill(page, "supported", claim="فُتح الجسر في عام 1911.", rationale="de says so.", **given)
    page.locator("#others").get_by_role("button", name="supports").first.click()
    save(page, "ar")


def write_english(page: Page) -> None:
    """With the keyboard alone."""
    go(page, "#/article/en")
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
        if at in typed:
            if at != "basis":
                page.keyboard.press("Control+a")
            page.keyboard.type(typed[at])
        elif at.startswith("Take all"):
            page.keyboard.press("Enter")
        elif at == "save":
            break
    with reloading(page, "Saved in annotations/en.yaml"):
        page.keyboard.press("Enter")


def write_out_stubs(page: Page, name: str) -> None:
    """Deletes the stub of the sentence that has a claim, and says of the other two what they are."""
    go(page, f"#s1-{name}")
    page.get_by_role("button", name="Delete").click()
    with reloading(page, f"Deleted in annotations/{name}.yaml"):
        page.get_by_role("button", name="Really delete?").click()
    go(page, f"#s2-{name}")
    page.get_by_role("button", name="Change").click()
    fill(page, "unverified: no evidence for or against it", claim=SAFE[name], speaker=SPEAKERS[name], id=f"safe-{name}")
    save(page, name)
    go(page, f"#s3-{name}")
    page.get_by_role("button", name="Change").click()
    fill(page, "not checkable: it states nothing to check", reason="opinion")
    save(page, name)


def test_from_an_empty_folder_to_a_release(
    open_page: Open, newcomer: Newcomer, watched: str, tmp_path: Path, say: Callable[[str], None]
) -> None:
    steps = list(newcomer.steps)
    assert len(steps) <= MOST_STEPS
    page = open_page(watched)
    seconds = []
    for name, write in (("de", write_german), ("ar", write_arabic), ("en", write_english)):
        if name == "en":  # another article comes while the page is open
            newcomer.add("en", "--yes")
            expect(page.locator("[name=article] option", has_text="en")).to_have_count(1, timeout=30_000)
        started = time.monotonic()
        write(page)
        seconds.append(time.monotonic() - started)
    times = ", ".join(f"{each:.0f} s" for each in seconds)
    say(f"{len(steps)} steps before the first claim ({', '.join(steps)}); claims in {times}")
    assert max(seconds) < MOST_SECONDS
    for name in TEXTS:
        write_out_stubs(page, name)

    dataset = newcomer.root / "annotations/dataset.yaml"
    text = dataset.read_text(encoding="utf-8")
    for old, new in WRITTEN.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    dataset.write_text(text, encoding="utf-8")
    assert newcomer.type("check", "bridge") == ""
    claims = {name: newcomer.records(name, "claims") for name in TEXTS}
    assert {name: claim["quote"] for name, (claim,) in claims.items()} == OPENED
    newcomer.type("build", "bridge", "--out", "release")
    newcomer.type("verify", "release")
    loaded = datasets.load_dataset(str(tmp_path / "release"), "claims", split="test", cache_dir=str(tmp_path / "cache"))
    names = loaded.features["label"].names
    assert {row["article"]: (row["quote"], row["value"], names[row["label"]]) for row in loaded} == {
        "de": (OPENED["de"], "1911", "supported"),
        "ar": (OPENED["ar"], "1911", "supported"),
        "en": (OPENED["en"], "1912", "erroneous"),
    }
    (erroneous,) = [row for row in loaded if row["article"] == "en"]
    assert sorted(each["article"] for each in erroneous["evidence"]) == ["ar", "de"]
