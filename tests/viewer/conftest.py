"""The page to read a dataset, in a real browser: Debian's Chromium, driven by Playwright.

Without a browser, or without axe-core, the tests that need them are skipped; under CI they fail, so that nothing there
passes unseen. The page fixture fails a test for any error in the console, a violation of the page's own
Content-Security-Policy included, and for any request to anything but the page.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import PROJECT, TESTS
from factpack.anchoring.corpus_builder import build_corpus
from factpack.api import load_project
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.curation.workbench.server import WorkbenchServer
from factpack.formats.registry import open_project
from factpack.viewer.writer import write

ROOT = TESTS.parent
CI = os.environ.get("CI") == "true"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Page]
Corpus = tuple[dict[str, AnchoredArticle], dict[str, AnchoredFact]]

# What is selected in the text, piece by piece.
SELECTED = "() => [...document.querySelectorAll('#text .u.selected')].map((piece) => piece.innerText).join('')"


def missing(what: str) -> None:
    if CI:
        pytest.fail(f"{what}; .ci/run installs it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which judges whether a page is accessible."""
    path = os.environ.get("AXE_CORE", "")
    if not path:
        missing("AXE_CORE does not name the axe.min.js of axe-core (npm pack axe-core)")
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def node() -> str:
    path = shutil.which("node")
    if path is None:
        missing("there is no Node on this machine (Debian: apt-get install npm)")
    return str(path)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a page from disk, or from its own server; whatever goes wrong in it fails the test at its end.

    Of a server that refuses something, or ends, the browser says so in the console.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    requests: list[str] = []
    pages: list[str] = []

    def opened(path: Path | str, address: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        refused = "Failed to load resource" if isinstance(path, str) else "\0"
        page.on("console", lambda m: None if m.text.startswith(refused) else wrong.append(f"console: {m.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: requests.append(request.url))
        pages.append(path if isinstance(path, str) else path.as_uri())
        page.goto(pages[-1] + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
    asked = "(next|save|undo|record)?"
    allowed = re.compile("|".join(re.escape(page) + asked * page.startswith("http") for page in pages))
    assert [request for request in requests if not allowed.fullmatch(re.split(r"[#?]", request)[0])] == []


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The articles and facts of the dataset, by id."""
    items = list(build_corpus(open_project(ROOT)))
    articles = {i.text.article: i for i in items if isinstance(i, AnchoredArticle)}
    return articles, {i.record.value.id: i for i in items if isinstance(i, AnchoredFact)}


@pytest.fixture(scope="session")
def dataset_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("view") / "view.html"
    assert write(open_project(ROOT), path).shown == []
    return path


@pytest.fixture
def server(project_folder: Path) -> Iterator[WorkbenchServer]:
    """Serves the page of the invented project, and watches its files."""
    served = load_project(project_folder).open_workbench()
    served.start()
    yield served
    served.stop()


HOSTILE = {
    "000": "</script><script>document.title = 'run';</script> & &amp; <b>bold</b> 𝕏.\n"
    "<!-- <script> --> was \u2028 opened in 1911.\n",
    "001": "𝕏𝕏 The <bridge> & road opened in 1911 &lt;here&gt;.\n",
}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose articles and claims are full of what HTML and JSON in HTML trip over."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "seeds").mkdir()
    shutil.copytree(PROJECT / "annotations", root / "annotations", ignore=shutil.ignore_patterns("[abcf]*"))
    articles, claims = [], []
    for article, quote, other in (
        ("000", "</script><script>document.title = 'run';</script> & &amp; <b>bold</b> 𝕏", "001"),
        ("000", "opened in 1911", "001"),
        ("001", "<bridge> & road opened in 1911 &lt;here&gt;", "000"),
    ):
        (root / f"seeds/{article}_x.txt").write_bytes(HOSTILE[article].encode())
        digest = hashlib.sha256(HOSTILE[article].encode()).hexdigest()
        articles.append({"id": article, "file": f"{article}_x.txt", "sha256": digest, "language": "en"})
        claims.append(
            {
                "kind": "claim",
                "article": article,
                "id": f"claim-{len(claims)}",
                "quote": quote,
                "claim": f"It says </script><script>alert(1)</script> & &lt;, \u2028 {quote}.",
                "speaker": "article",
                "fact": "opened",
                "value": "<1911> & </script>",
                "label": "supported",
                "basis": "corroborated",
                "rationale": "<i>so</i> & so",
                "evidence": [{"article": other, "quote": "opened in 1911", "stance": "supports"}],
            }
        )
    facts = [{"id": "opened", "question": "<When> & </script>?"}]
    for name, rows in (("articles", articles[1:]), ("facts", facts), ("claims", claims)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (root / f"annotations/{name}.jsonl").write_text(lines, encoding="utf-8")
    return root


def spoil(project: Path) -> None:
    """Four faults in the invented project: a mistyped quote, a wrong basis, a missing key, a mistyped passage."""
    a1 = project / "annotations/a1.yaml"
    text = a1.read_text(encoding="utf-8")
    for right, wrong in (
        ("quote: left Port Ellery 40", "quote: left Port Elery 40"),
        ("basis: corrected", "basis: corroborated"),
        ("    claim: Nobody was hurt on the ferry.\n", ""),
    ):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    a1.write_text(text, encoding="utf-8")
    facts = project / "annotations/facts.yaml"
    text = facts.read_text(encoding="utf-8").replace("quote: 40 minutes late", "quote: 41 minutes late")
    facts.write_text(text, encoding="utf-8")
