// Draws what is in view from the data in the page. Only this module does something when it is loaded.
import { NO_ARTICLE } from "./model/corpus.mjs";
import { CONTESTED } from "./model/search.mjs";
import { copyYaml } from "./annotate/copy.mjs";
import { draft, keptDraft } from "./annotate/draft.mjs";
import { drawEvidence } from "./annotate/evidence.mjs";
import { actsOn, form, onChange, onDiscard, openEditor } from "./annotate/editor.mjs";
import { drawPick, pick, pickByKeys, pickMark, setPick, takeSelection } from "./annotate/pick.mjs";
import { listenToTools, saveDraft, showDone } from "./annotate/save.mjs";
import { selectAcrossLinks } from "./annotate/ranges.mjs";
import { $, el, narrow, notice, say, scroller, voice } from "./elements.mjs";
import { onKey, onListKey } from "./keys.mjs";
import { list } from "./list.mjs";
import { go, markFound, select, showContested } from "./navigation.mjs";
import { details } from "./panel.mjs";
import { articles, byId, data, filters, hooks, matcher, state } from "./state.mjs";
import { drawn } from "./text.mjs";
import { build, lookForNextBuild, reload, restore } from "./watch.mjs";

function options(name, entries) {
  filters.elements[name].append(...entries.map(([value, text]) => el("option", { value, dir: "auto" }, text)));
  filters.elements[name].parentElement.hidden = !entries.length;
}

filters.addEventListener("input", (event) => {
  select(true);
  if (event.target.name === "article" && event.target.value) location.hash = `#/article/${event.target.value}`;
});
filters.addEventListener("reset", () => setTimeout(() => select())); // the fields are empty only after the event
filters.addEventListener("submit", (event) => event.preventDefault());
$("list").addEventListener("scroll", () => list.draw(), { passive: true });
$("list").addEventListener("keydown", onListKey);
addEventListener("keydown", onKey);
addEventListener("hashchange", () => {
  document.body.classList.remove("start");
  go();
});
addEventListener("resize", () => list.measureAll());
const fold = () => {
  $("finder").open = !narrow.matches;
  $("more").open = !narrow.matches;
};
$("more").addEventListener("toggle", () => { if (!narrow.matches) $("more").open = true; });
narrow.addEventListener("change", fold);
$("finder").addEventListener("toggle", () => list.draw());

// Annotating: the words that are picked, and the form.
let waiting;
pick.acts = actsOn;
hooks.drawn.push(markFound, drawPick, () => draft.now && drawEvidence());
hooks.gone.push((before) => {
  if (before.article !== state.article) setPick(null);
  if (before.mark !== state.mark && !pick.byKeys) pickMark();
});
const selectSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(takeSelection, 150);
};
document.addEventListener("selectionchange", selectSoon);
$("text").addEventListener("pointerdown", (event) => { pick.isDragging = event.pointerType === "mouse"; });
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => {
    pick.isDragging = false;
    selectSoon();
  });
}
selectAcrossLinks($("text"));
$("picking").addEventListener("click", pickByKeys);
form.addEventListener("input", onChange);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (build) saveDraft();
  else copyYaml();
});
if (build) form.elements.copy.addEventListener("click", copyYaml);
form.elements.discard.addEventListener("click", onDiscard);
$("editor").addEventListener("changed", () => onChange());

// Printing: the claims of the article follow its text, because paper has no panel; numbers connect them.
addEventListener("beforeprint", () => {
  const matches = matcher();
  const marks = state.view === "articles" ? (state.article?.marks.filter(matches) ?? []) : [];
  const numbers = new Map(marks.map((mark, index) => [mark, index + 1]));
  const begun = new Set();
  for (const { link, covering } of drawn.links) {
    const own = covering.filter((mark) => numbers.has(mark) && !begun.has(mark));
    for (const mark of own) begun.add(mark);
    if (own.length) link.dataset.numbers = own.map((mark) => numbers.get(mark)).sort((a, b) => a - b).join(" ");
  }
  $("print").replaceChildren(...marks.map((mark) => el("article", {}, el("b", { class: "number" }, `${numbers.get(mark)}`), ...details(mark))));
});
addEventListener("afterprint", () => {
  $("print").replaceChildren();
  for (const { link } of drawn.links) delete link.dataset.numbers;
});

function start() {
  fold();
  if (![...byId.values()].some((mark) => mark.kind === "claim")) { // what a new project has are stubs
    filters.elements.rest.checked = true;
    document.body.classList.add("rest");
  }
  list.fill();
  go();
  document.body.classList.toggle("start", !location.hash);
  if (!location.hash) showContested();
  performance.mark("drawn");
  setTimeout(complete);
}

/** What takes a moment in a large corpus and can follow the first drawing. */
function complete() {
  const against = data.labels.filter(([, , contested]) => contested).map(([label]) => label.replaceAll("_", " "));
  const either = against.length > 1 ? [[CONTESTED, new Intl.ListFormat("en", { type: "disjunction" }).format(against)]] : [];
  options("label", [...either, ...data.labels.map(([label]) => [label, label])]);
  const speakers = [...new Set([...byId.values()].map((mark) => mark.speaker))].filter(Boolean).sort((a, b) => (b === "article") - (a === "article") || a.localeCompare(b));
  options("speaker", speakers.map((speaker) => [speaker, voice(speaker)]));
  $("problems")?.querySelector("ol").append(
    ...data.problems.map((problem) => {
      const lead = problem.article || problem.note ? el("a", { href: problem.href }, "Show it in the text") : problem.fact ? el("a", { href: `#/fact/${problem.fact}` }, "Show the fact") : "";
      return el("li", {}, notice(problem), lead);
    }),
  );
  options("fact", data.facts.map((fact) => [fact.id, fact.question]));
  const annotated = data.articles.filter((article) => !article.only_source);
  const shown = annotated.length > 1 || !articles.has(NO_ARTICLE) ? annotated : [];
  options("article", shown.map((article) => [article.id, [article.id === NO_ARTICLE ? "" : article.id, article.title].filter(Boolean).join(" ")]));
  filters.elements.rest.parentElement.hidden = data.articles.every((article) => article.marks.every((mark) => mark.kind === "claim"));
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const scroll = reloaded ? restore() : undefined;
  if (scroll !== undefined) {
    select();
    scroller().scrollTop = scroll;
  }
  const kept = keptDraft();
  if (kept) openEditor(kept);
  if (build) {
    listenToTools();
    showDone();
    if (state.view === "articles" && state.mark) go();
    let isNewer = false;
    hooks.closed.push(() => isNewer && reload());
    lookForNextBuild(() => {
      isNewer = true;
      if (draft.now) say("The project has changed; this page updates when you close the form.");
      else reload();
      return Boolean(draft.now);
    });
  }
}

start();
