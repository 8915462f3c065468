import { $, narrow, said, say, scroller, title } from "./elements.mjs";
import { drawFacts, drawPage } from "./facts.mjs";
import { list } from "./list.mjs";
import { drawPanel } from "./panel.mjs";
import { filtered, filters, hits, hooks, read, state } from "./state.mjs";
import { isBeside, markBeside } from "./beside.mjs";
import { drawArticle, drawn, markSelected } from "./text.mjs";
import { drawnRange, highlight } from "./annotate/ranges.mjs";
import { NO_ARTICLE, placed } from "./model/corpus.mjs";
import { keep } from "./watch.mjs";

/** Goes where the address leads. */
export function go() {
  const before = { ...state };
  Object.assign(state, { fact: undefined, unknown: undefined }, read(location.hash));
  if (state.mark && !["claim", "problem"].includes(state.mark.kind) && !filters.elements.rest.checked) {
    filters.elements.rest.checked = true; // a link to what is left out shows it
    select();
  }
  for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== state.view;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  filters.hidden = !["articles", "facts"].includes(state.view);
  if (state.view === "facts") {
    drawFacts();
    return;
  }
  if (state.view !== "articles" || !state.article) return;
  if (before.article !== state.article || before.passage !== state.passage || !(drawn.marks.has(state.mark) || isBeside(state.mark))) drawArticle();
  markSelected();
  drawPanel();
  list.reveal();
  const target = document.querySelector(state.passage ? "#text .passage" : "#text .selected")?.closest(".seg") ?? markBeside();
  if (target) {
    target.scrollIntoView({ block: narrow.matches ? "start" : "center" });
    if (state.passage) target.focus({ preventScroll: true });
  } else if (before.article !== state.article || before.view !== state.view) {
    scroller().scrollTop = 0;
  }
  if (state.unknown) say(`Nothing here has the id ${state.unknown}.`);
  else if (state.mark) say(`${title(state.mark)}: `, said(state.mark.claim ?? state.mark.message ?? ""));
  for (const hook of hooks.gone) hook(before);
}

/** Where the list has something first in an article: the mark or the words. */
const firstOf = (article) => list.entries.find(({ mark, hit }) => (mark ?? hit)?.article === article && (hit || placed(mark)));

/** Scrolls to the first hit, unless one is in view; to another article, if there is none in this one. */
function showFirst() {
  if (state.mark || state.passage) return;
  const first = firstOf(state.article) ?? list.entries.find(({ mark, hit }) => hit || mark);
  const article = (first?.mark ?? first?.hit)?.article;
  if (!article) return;
  if (article !== state.article) {
    history.replaceState(null, "", `#/article/${article.id}`);
    state.article = article;
    drawArticle();
    drawPanel();
  }
  const target = first.mark && drawn.links.find(({ covering }) => covering.includes(first.mark))?.link;
  const range = first.hit && drawnRange(first.hit);
  const box = (target ?? range)?.getBoundingClientRect();
  const view = narrow.matches ? { top: 0, bottom: innerHeight } : $("reader").getBoundingClientRect();
  if (narrow.matches && $("finder").open) return; // the list is what is read then
  if (!box || (box.top >= view.top && box.bottom <= view.bottom)) return;
  scroller().scrollBy(0, box.top - view.top - (view.bottom - view.top) / 3);
}

/** Scrolls to the first claim of the article that the evidence is against. */
export function showContested() {
  const target = drawn.links.find(({ covering }) => covering.some((mark) => mark.contested))?.link;
  if (target && !narrow.matches) target.scrollIntoView({ block: "center" });
}

/** Marks the words of the search in the text that is drawn. */
export function markFound() {
  highlight("found", state.article ? (hits()?.(state.article) ?? []).map((hit) => ({ ...hit, article: state.article.id })) : []);
}

/** Says how many there are, and in which articles. */
function counts() {
  const by = list.entries.filter(({ article, found }) => article && found).map(({ article, found }) => `${article.id === NO_ARTICLE ? "no article" : article.id}: ${found.toLocaleString("en")}`);
  const few = by.length > 12 ? [...by.slice(0, 12), `${by.length - 12} more articles`] : by;
  const all = list.entries.reduce((sum, { article, found }) => sum + (article ? found : 0), 0);
  return `${all.toLocaleString("en")} found${filtered() && by.length ? ` (${few.join(", ")})` : ""}`;
}

/** Shows again what depends on the filters; `chosen` says that somebody has changed one. */
export function select(chosen = false) {
  document.body.classList.toggle("rest", filters.elements.rest.checked);
  if (chosen) document.body.classList.remove("start");
  const used = [...$("more").querySelectorAll("select, input")].filter((field) => (field.type === "checkbox" ? field.checked : field.value)).length;
  $("chosen").textContent = used ? `${used}` : "";
  if (filters.elements.search.value) $("finder").open = true; // or what is found would not be seen on a phone
  list.fill();
  if (state.view === "facts") {
    drawPage(0);
  } else if (state.article) {
    drawArticle();
    markSelected();
    list.reveal();
    if (chosen && filtered()) showFirst();
    say(counts());
  }
  keep();
}
