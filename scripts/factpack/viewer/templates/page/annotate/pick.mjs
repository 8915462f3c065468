import { $, el, narrow, say, scroller } from "../elements.mjs";
import { cutIn, cuts, sentences, whole, wordEdges } from "../model/edges.mjs";
import { placed } from "../model/corpus.mjs";
import { unit } from "../model/offsets.mjs";
import { state } from "../state.mjs";
import { drawnRange, highlight, inPoints, offsetAt, selectedUnits } from "./ranges.mjs";

// The words that are picked: with the mouse, with the keyboard, or by selecting a claim while a form is open. Their
// offsets are UTF-16 units until they are used, because a selection may begin in half a character.
export const pick = { units: null, byKeys: false, isDragging: false, acts: () => [] };
const REACH_OF_A_WORD = 400;

const cutsCharacter = () => [pick.units.start, pick.units.end].some((at) => cutIn(state.article.text, at) === "character");

/** What is picked, in code points of the article; nothing if there is nothing, or it is not in the text as a whole. */
export const picked = () => (pick.units && !cutsCharacter() ? inPoints(state.article, pick.units) : null);

export function setPick(units) {
  pick.units = units;
  if (!units) pick.byKeys = false;
  drawPick();
}

/** Takes the selection of the browser; a click in the text that selects nothing ends what was picked there. */
export function takeSelection() {
  if (state.view !== "articles" || pick.byKeys || pick.isDragging) return; // the bar must not come under the pointer
  const units = selectedUnits();
  if (units) {
    setPick(units);
  } else if (pick.units && $("text").contains(getSelection().anchorNode)) {
    setPick(null);
  }
}

/** While a form is open, a claim that is selected offers its words. */
export function pickMark() {
  const { mark, article } = state;
  setPick(mark && placed(mark) && document.body.matches(".editing") ? { start: unit(article, mark.start), end: unit(article, mark.end) } : null);
}

export function drawPick() {
  const { units } = pick;
  const bar = $("picked");
  bar.hidden = !units;
  const range = units && picked();
  highlight("pick", range ? [range] : []);
  if (!units) return;
  const { text, language, id } = state.article;
  const cut = cuts(text, units.start, units.end);
  const parts = [el("p", { class: "quoted", dir: "auto" }, el("q", { lang: language }, text.slice(units.start, units.end)))];
  if (cut) {
    const full = whole(text, units.start, units.end);
    const take = el("button", { type: "button" }, "Take ", el("q", { dir: "auto", lang: language }, text.slice(full.start, full.end)));
    take.onclick = () => setPick(full);
    parts.push(el("p", { class: "cut" }, `The selection ${cut}. `, take));
  }
  const acts = range ? pick.acts(range) : [];
  if (!range && !cut) parts.push(el("p", { class: "cut" }, "The page has only excerpts of this article; select words within one of them."));
  const close = el("button", { type: "button", class: "plain", "aria-label": "Clear the selection" }, "✕");
  close.onclick = () => {
    getSelection().removeAllRanges();
    setPick(null);
    $("reader").focus({ preventScroll: true });
  };
  const where = range ? el("small", {}, `${id}[${range.start}:${range.end}]`) : "";
  parts.push(el("div", { class: "acts" }, ...acts, ...steps(), where, close));
  if (pick.byKeys) parts.push(el("p", { class: "kind" }, "↑ ↓ choose a sentence · ← → move the end, with Shift the start · Enter annotates · Esc cancels"));
  bar.replaceChildren(...parts);
}

/** Buttons that move an edge by a word. */
function steps() {
  const step = (edge, by, sign, text) => {
    const button = el("button", { type: "button", class: "plain", "aria-label": text, title: text }, sign);
    button.onclick = () => {
      moveEdge(edge, by);
      [...$("picked").querySelectorAll("button")].find((each) => each.title === text)?.focus();
    };
    return button;
  };
  return [
    el("span", { class: "edges" }, "start ", step("start", -1, "−", "Start one word earlier"), step("start", 1, "+", "Start one word later")),
    el("span", { class: "edges" }, "end ", step("end", -1, "−", "End one word earlier"), step("end", 1, "+", "End one word later")),
  ];
}

/** Moves an edge of what is picked to the next place where a word begins or ends. */
function moveEdge(edge, by) {
  const { text, language } = state.article;
  const at = pick.units[edge];
  const [from, to] = by < 0 ? [Math.max(0, at - REACH_OF_A_WORD), at] : [at, Math.min(text.length, at + REACH_OF_A_WORD)];
  const isEdge = (index) => (edge === "start" ? /\S/.test(text[index] ?? " ") : /\S/.test(text[index - 1] ?? " "));
  const edges = wordEdges(text, from, to, language).filter((index) => (by < 0 ? index < at : index > at) && isEdge(index));
  const next = by < 0 ? edges.at(-1) : edges[0];
  if (next === undefined || (edge === "start" ? next >= pick.units.end : next <= pick.units.start)) return;
  setPick({ ...pick.units, [edge]: next });
  announce();
}

function announce() {
  say(state.article.text.slice(pick.units.start, pick.units.end));
  const range = picked();
  const box = range && drawnRange(range).getBoundingClientRect();
  const limits = narrow.matches ? { top: 120, bottom: innerHeight - 40 } : $("reader").getBoundingClientRect();
  if (box && (box.top < limits.top + 20 || box.bottom > limits.bottom - 160)) scroller().scrollBy(0, box.top - limits.top - (limits.bottom - limits.top) / 3);
}

/** The sentences of the article that is shown, in units, line by line. */
function allSentences() {
  const { text, language } = state.article;
  return [...$("text").children].flatMap((line) => sentences(text, line.from, line.from + line.textContent.length, language));
}

/** Begins to select with the keyboard: the sentence that has the focus or is selected, else the first one in view. */
export function pickByKeys() {
  const all = allSentences();
  if (!all.length) {
    say("There is no text to select in.");
    return;
  }
  const focused = document.activeElement.closest("#text .seg") ?? document.querySelector("#text .selected");
  const top = narrow.matches ? 0 : $("reader").getBoundingClientRect().top;
  const line = focused?.closest("p") ?? [...$("text").children].find((each) => each.textContent.trim() && each.getBoundingClientRect().bottom > top + 10);
  const from = line?.from ?? 0;
  const at = focused ? offsetAt(focused, 0) : from;
  getSelection().removeAllRanges();
  pick.byKeys = true;
  $("reader").focus({ preventScroll: true });
  setPick(all.find((sentence) => sentence.end > at) ?? all.at(-1));
  announce();
}

const lineOf = (offset) => Math.max(0, [...$("text").children].findLastIndex((line) => line.from <= offset));

/** Does what a key does while words are selected with the keyboard; says whether it did anything. */
export function onPickKey(event) {
  if (!pick.byKeys || !$("reader").contains(document.activeElement) || $("picked").contains(document.activeElement)) return false;
  const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (along) {
    const rtl = getComputedStyle($("text").children[lineOf(pick.units.start)]).direction === "rtl";
    moveEdge(event.shiftKey ? "start" : "end", rtl ? -along : along);
  } else if (down) {
    const all = allSentences();
    const next = down > 0 ? all.find((each) => each.start > pick.units.start) : all.findLast((each) => each.start < pick.units.start);
    if (next) setPick(next);
    announce();
  } else if (event.key === "Enter") {
    $("picked").querySelector(".acts button")?.click();
  } else if (event.key === "Escape") {
    setPick(null);
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}
