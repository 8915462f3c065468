import { $ } from "../elements.mjs";
import { point, unit, within } from "../model/offsets.mjs";
import { state } from "../state.mjs";

// Between places of the document and offsets in the text of the article that is drawn, in UTF-16 units.

/** The offset of a place of the document; nothing if it is not in the text. */
export function offsetAt(node, offset) {
  const text = $("text");
  if (!text.contains(node)) return undefined;
  if (node === text) return text.children[offset]?.from ?? state.article.text.length;
  const line = (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("#text > p");
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(node, offset);
  return line.from + before.toString().length;
}

/** The place of an offset. */
function placeAt(offset) {
  const rows = $("text").children;
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle].from <= offset) low = middle;
    else high = middle - 1;
  }
  const walker = document.createTreeWalker(rows[low], NodeFilter.SHOW_TEXT);
  let rest = offset - rows[low].from;
  let node = walker.nextNode();
  while (node && rest > node.length) {
    rest -= node.length;
    node = walker.nextNode();
  }
  return node ? [node, Math.min(rest, node.length)] : [rows[low], 0];
}

/** The part of the document that shows a range of the article that is drawn. */
export function drawnRange(range) {
  const shown = document.createRange();
  shown.setStart(...placeAt(unit(state.article, range.start)));
  shown.setEnd(...placeAt(unit(state.article, range.end)));
  return shown;
}

/** Marks ranges without a change of the document, so that no text moves; `name` is that of a rule in the style sheet. */
export function highlight(name, ranges) {
  if (!globalThis.CSS?.highlights) return; // an old browser: the form shows the words, too
  const here = $("text").childElementCount ? ranges.filter((range) => range.article === state.article.id) : [];
  CSS.highlights.set(name, new Highlight(...here.map(drawnRange)));
}

/** The selection of the browser as a range of the article, without blanks at its edges, in units; nothing if there is none. */
export function selectedUnits() {
  const selection = getSelection();
  const text = $("text");
  if (!selection.rangeCount || selection.isCollapsed || !selection.getRangeAt(0).intersectsNode(text)) return null;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  let start = offsetAt(startContainer, startOffset) ?? 0;
  let end = offsetAt(endContainer, endOffset) ?? state.article.text.length;
  while (start < end && /\s/.test(state.article.text[start])) start += 1;
  while (start < end && /\s/.test(state.article.text[end - 1])) end -= 1;
  return start < end ? { start, end } : null;
}

/** A range in units as one in code points of the whole text; nothing if it leaves what the page has of the text. */
export function inPoints(article, { start, end }) {
  const range = { article: article.id, start: point(article, start), end: point(article, end) };
  const same = unit(article, range.start) <= start && unit(article, range.end) <= end;
  return same && within(article, range.start, range.end) ? range : null;
}

/**
 * Lets a selection begin within a link, which browsers refuse: while the pointer is down the link under it is none. A
 * click follows it all the same, unless it ends a selection.
 */
export function selectAcrossLinks(text) {
  let held = [];
  const release = () => {
    for (const [link, href] of held) link.href = href;
    held = [];
  };
  text.addEventListener("pointerdown", (event) => {
    release();
    const link = event.target.closest("a.seg");
    if (!link || event.button) return;
    held.push([link, link.getAttribute("href")]);
    link.removeAttribute("href");
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, release, true);
  text.addEventListener("click", (event) => {
    const link = event.target.closest("a.seg");
    if (!getSelection().isCollapsed) event.preventDefault();
    else if (link && event.detail) link.focus({ preventScroll: true });
  });
}
