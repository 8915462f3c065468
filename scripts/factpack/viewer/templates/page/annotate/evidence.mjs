import { $, chipOf, el, said, voice } from "../elements.mjs";
import { placed } from "../model/corpus.mjs";
import { words } from "../model/offsets.mjs";
import { articles, data, facts, sides } from "../state.mjs";
import { draft, likelyStance } from "./draft.mjs";
import { highlight } from "./ranges.mjs";
import { hasVotes, passageVotes } from "./voting.mjs";

/** Adds words to the evidence of the draft, or changes their stance. */
export function addEvidence(range, stance) {
  const { evidence } = draft.now;
  const same = evidence.find((each) => each.article === range.article && each.start === range.start && each.end === range.end);
  if (same) same.stance = stance;
  else evidence.push({ article: range.article, start: range.start, end: range.end, stance });
  drawEvidence();
}

/** Whether words can be evidence of the draft: those of its own quote cannot. */
export const canBeEvidence = (range) => draft.now.kind === "claim" && Array.isArray(draft.now.evidence) && !(range.article === draft.now.article && range.start < draft.now.end && draft.now.start < range.end);

function changed() {
  drawEvidence();
  $("editor").dispatchEvent(new Event("changed"));
}

export function drawEvidence() {
  const { now } = draft;
  const all = Array.isArray(now.evidence) ? now.evidence : [];
  $("evidenced").querySelector("ol").replaceChildren(...(Array.isArray(now.evidence) ? all.map(entryOf) : [el("li", {}, `as in the file: ${now.evidence}`)]));
  highlight("chosen", all.filter((entry) => entry.start !== undefined));
  highlight("quote", now.start === undefined ? [] : [now]);
}

function entryOf(entry, index) {
  const select = el("select", { "aria-label": `Stance of passage ${index + 1}` }, ...[...sides.keys()].map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
  select.value = entry.stance;
  if (typeof entry.given === "string") select.hidden = true;
  select.oninput = () => { entry.stance = select.value; };
  const remove = el("button", { type: "button", class: "plain", "aria-label": `Remove passage ${index + 1}` }, "✕");
  remove.onclick = () => {
    draft.now.evidence.splice(index, 1);
    changed();
    ($("evidenced").querySelectorAll("ol button")[Math.max(0, index - 1)] ?? $("editor")).focus();
  };
  const article = articles.get(entry.article);
  const quote = article && entry.start !== undefined ? words(article, entry) : entry.given?.quote ?? entry.given?.claim ?? entry.given ?? "";
  const more = [];
  if (data.scheme.groups !== "forbidden" && data.scheme.groups && !entry.given) more.push(field(entry, "groups", `Groups of passage ${index + 1}, with commas between them`));
  entry.extra ??= {};
  for (const column of entry.given ? [] : data.scheme.evidence ?? []) more.push(field(entry.extra, column.name, `${column.name.replaceAll("_", " ")}${column.required ? "" : " (optional)"}`));
  if (hasVotes() && typeof entry.given !== "string") more.push(passageVotes(entry, index + 1));
  return el("li", {}, el("div", { class: "entry" }, select, el("small", {}, entry.article || ""), remove), el("p", { class: "quoted", dir: "auto" }, el("q", { lang: article?.language }, quote)), ...more);
}

function field(holder, name, text) {
  const input = el("input", { dir: "auto" });
  input.value = holder[name] ?? "";
  input.oninput = () => { holder[name] = input.value; };
  return el("label", {}, text, " ", input);
}

const rangeOf = (mark) => ({ article: mark.article.id, start: mark.start, end: mark.end });

/** An erroneous claim is evidence for or against no other value. */
const isErroneous = (mark) => data.scheme.specs.find((spec) => spec.name === mark.label)?.correction === "required";

/** Shows what other annotations say on the fact of the draft; each can be taken for evidence. */
export function drawOthers() {
  const { now } = draft;
  const fact = facts.get(now.fact);
  const others = (fact?.answers ?? []).filter((mark) => mark.id !== now.edit?.id && !(mark.article.id === now.article && mark.start === now.start));
  const parts = others.map((mark) => other(mark));
  const open = others.filter((mark) => mark.kind === "claim" && placed(mark) && mark.label && !isErroneous(mark) && canBeEvidence(rangeOf(mark)));
  if (open.length > 1 && now.kind === "claim") {
    const all = el("button", { type: "button" }, "Take all: the same value counts for it, others against it");
    all.onclick = () => {
      for (const mark of open) addEvidence(rangeOf(mark), likelyStance(now.value, mark.value));
      changed();
    };
    parts.push(el("p", {}, all));
  }
  const settled = fact?.settled ? [el("p", { class: "hint", dir: "auto" }, "Settled: ", said(fact.settled))] : [];
  const focused = $("others").contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") ?? "" : undefined;
  $("others").replaceChildren(...(others.length ? [el("h3", {}, "Others on this fact"), ...settled, ...parts] : []));
  if (focused !== undefined) [...$("others").querySelectorAll("button")].find((button) => (button.getAttribute("aria-label") ?? "") === focused)?.focus();
  $("values-known").replaceChildren(...[...new Set((fact?.answers ?? []).map((mark) => mark.value).filter(Boolean))].map((value) => el("option", { value })));
}

function other(mark) {
  const acts = [];
  if (placed(mark) && canBeEvidence(rangeOf(mark))) {
    const likely = likelyStance(draft.now.value, mark.value);
    for (const stance of sides.keys()) {
      const button = el("button", { type: "button", class: stance === likely ? "likely" : "plain", "aria-label": `${stance}: ${mark.id}` }, stance.replaceAll("_", " "));
      button.onclick = () => {
        addEvidence(rangeOf(mark), stance);
        changed();
      };
      acts.push(button);
    }
  }
  const by = mark.speaker && mark.speaker !== "article" ? [" ", said(voice(mark.speaker))] : [];
  return el("div", { class: "other" },
    el("p", {}, chipOf(mark), " ", el("small", {}, mark.article.id, ...by), " ", el("b", { dir: "auto" }, mark.value ?? "")),
    el("p", { class: "quoted", dir: "auto" }, el("q", { lang: mark.article.language }, placed(mark) ? words(mark.article, mark) : mark.claim)),
    el("div", { class: "acts" }, ...acts));
}

