"""Annotate in the page of Label Studio as a person does: with hot keys, the mouse, and what is typed."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Page, expect, sync_playwright

from viewer.conftest import FLAGS, missing

# Where words of a text are drawn: the corners between which the mouse is dragged.
CORNERS = """(words) => {
  for (const text of document.querySelectorAll('.lsf-htx-richtext')) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      const boxes = [...range.getClientRects()];
      const [first, last] = [boxes[0], boxes.at(-1)];
      return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
    }
  }
  return null;
}"""


@contextmanager
def task_page(url: str, address: str, user: str, password: str) -> Iterator[Page]:
    """Logs in, and opens a task."""
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1600, "height": 1400})
        page.set_default_timeout(60_000)
        page.goto(f"{url}/user/login/")
        page.locator("input[name=email]").fill(user)
        page.locator("input[name=password]").fill(password)
        page.get_by_role("button", name="Log in").click()
        expect(page).not_to_have_url(re.compile("login"), timeout=60_000)
        page.goto(f"{url}/{address}")
        expect(page.get_by_role("button", name="Submit")).to_be_visible(timeout=60_000)
        yield page
        browser.close()


def mark(page: Page, label: str, nth: int, words: str) -> None:
    """Presses the hot key of a label, and drags the mouse across words; the region is selected then.

    Args:
        page: The page of a task.
        label: The label.
        nth: The number of the text, from 0, because each has labels and hot keys of its own.
        words: The words, of which it is the first occurrence that counts.
    """
    own = page.locator(".lsf-labels").nth(nth).locator(".lsf-label", has_text=label)
    page.keyboard.press(own.locator(".lsf-label__hotkey").inner_text())
    x, y, to_x, to_y = page.evaluate(CORNERS, words)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=5)
    page.mouse.up()
    expect(page.locator(".lsf-outliner-item__text", has_text=words)).to_be_visible()
    click(page, words)


def click(page: Page, words: str) -> None:
    x, y, *_ = page.evaluate(CORNERS, words)
    page.mouse.click(x + 10, y)


def describe(page: Page, choices: tuple[str, ...], texts: Mapping[str, str]) -> None:
    """Ticks choices of the region that is selected, and types its texts."""
    for choice in choices:
        page.locator(f"input[name='{choice}']:visible").check()
    for name, text in texts.items():
        field = page.locator(f"input[placeholder='{name}']:visible")
        field.fill(text)
        field.press("Enter")
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    page.keyboard.press("Escape")


def relate(page: Page, words: str, relation: str) -> None:
    """Relates the region that is selected to another one."""
    page.keyboard.press("Alt+r")
    click(page, words)
    page.locator("#Relations-draggable").click()
    page.locator(".lsf-relations__item").hover()
    page.get_by_role("button", name="Show Relation Labels").click()
    page.get_by_text("Select labels").click()
    page.get_by_role("option", name=relation).click()
    page.keyboard.press("Escape")


def submit(page: Page) -> None:
    with page.expect_response(lambda response: "/annotations" in response.url and response.request.method == "POST"):
        page.get_by_role("button", name="Submit").click()
