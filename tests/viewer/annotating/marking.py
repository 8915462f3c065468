"""Select words in the page as a person does, and fill in the form."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

# The corners of the words as they are drawn: where a drag of the mouse begins and ends.
CORNERS = r"""([words, nth]) => {
  let at = -1;
  for (let n = 0; n <= nth; n += 1) at = state.article.text.indexOf(words, at + 1);
  const drawnAt = (from, to) => drawnRange({ start: point(state.article, from), end: point(state.article, to) });
  const box = (from, to) => [...drawnAt(from, to).getClientRects()].at(-1);
  const line = drawnAt(at, at).startContainer.parentElement.closest('p');
  line.scrollIntoView({ block: 'center' });
  const inRtl = getComputedStyle(line).direction === 'rtl';
  const rtl = (letter) => /[\u0590-\u08ff]/.test(letter) || (inRtl && !/\p{L}|\d/u.test(letter));
  const [first, last, stop] = [[...words][0], [...words].at(-1), at + words.length];
  const [begin, end] = [box(at, at + first.length), box(stop - last.length, stop)];
  const [x, to] = [rtl(first) ? begin.right - 1 : begin.left + 1, rtl(last) ? end.left + 1 : end.right - 1];
  return [x, begin.top + begin.height / 2, to, end.top + end.height / 2];
}"""


def go(page: Page, address: str) -> None:
    page.evaluate("(address) => { location.hash = address; }", address)


def select(page: Page, words: str, nth: int = 0) -> None:
    """Drags the mouse across words of the article that is shown."""
    x, y, to_x, to_y = page.evaluate(CORNERS, [words, nth])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    expect(page.locator("#picked .quoted")).to_have_text(words)


def annotate(page: Page, words: str, nth: int = 0) -> None:
    """Selects words, and opens the form with them."""
    select(page, words, nth)
    page.get_by_role("button", name="Annotate these words").click()


def fill(page: Page, label: str, **fields: Any) -> None:
    """Fills in the form; a field is named as it is in the file."""
    form = page.locator("#editor form")
    form.locator("[name=verdict]").select_option(label=label)
    for name, value in fields.items():
        field = form.locator(f"[name={name.replace('_', '-', 1)}]")
        if field.evaluate("(node) => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


@contextmanager
def reloading(page: Page, done: str) -> Iterator[None]:
    """Waits for the page that comes with what is saved in it, and for what that says was done."""
    build = page.evaluate("document.body.dataset.build")
    yield
    expect(page.locator("body")).not_to_have_attribute("data-build", build, timeout=20_000)
    expect(page.locator("#done")).to_contain_text(done)


def copied(page: Page) -> str:
    """Copies the record, and returns its YAML."""
    page.get_by_role("button", name="Copy as YAML").click()
    area = page.locator("#yaml textarea")
    expect(area).to_be_visible()
    return area.input_value()
