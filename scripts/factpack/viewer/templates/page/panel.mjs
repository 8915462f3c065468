import { groups, NO_ARTICLE, passages, placed } from "./model/corpus.mjs";
import { $, chipOf, el, named, notice, said, stanceChip, voice } from "./elements.mjs";
import { words } from "./model/offsets.mjs";
import { articles, data, facts, sides, state } from "./state.mjs";

/** The values of a column that the project adds. */
const several = (value) => [value].flat().flatMap((each, index) => [index ? ", " : "", said(each)]);

/** What each annotator says. */
const cast = (votes) => votes.flatMap(([by, vote], index) => [index ? ", " : "", said(by), ": ", said(named(vote))]);

/** Everything that is noted about a mark. */
export function details(mark) {
  if (mark.kind === "problem") return [el("h2", {}, "Problem"), notice(mark)];
  const article = mark.article;
  const rows = [];
  const row = (name, ...value) => rows.push(el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, ...value.filter(Boolean))));
  const fact = facts.get(mark.fact);
  if (mark.speaker) row("Speaker", voice(mark.speaker));
  if (mark.basis) row("Basis", named(mark.basis), data.scheme.bases[mark.basis] ? el("small", { class: "meaning" }, data.scheme.bases[mark.basis]) : "");
  if (mark.reason) row("Reason", named(mark.reason));
  if (mark.correction) row("Correction", mark.correction);
  if (mark.rationale) row("Rationale", mark.rationale);
  if (mark.votes) row("Votes", ...cast(mark.votes));
  if (mark.fact) row("Fact", fact ? el("a", { href: `#/fact/${mark.fact}` }, fact.question) : mark.fact);
  if (mark.value) row("Value", mark.value);
  for (const [name, value] of mark.extra ?? []) row(name.replaceAll("_", " "), ...several(value));
  if (placed(mark)) row("Words", el("q", { lang: article.language }, words(article, mark)), said(` ${article.id}[${mark.start}:${mark.end}]`, { dir: "ltr" }));
  else if (article.id !== NO_ARTICLE) row("Article", el("a", { href: `#/article/${article.id}` }, article.id));
  const parts = [
    el("p", { class: "kind" }, chipOf(mark), mark.kind === "claim" ? " claim" : ""),
    el("h2", { dir: "auto" }, mark.claim ?? (mark.kind === "unaccounted" ? "No annotation covers this sentence" : "Nothing to check here")),
    ...(mark.problems ?? []).map(notice),
    el("dl", {}, ...rows),
  ];
  if (mark.evidence) parts.push(el("h3", {}, "Evidence"), ...grouped(mark));
  if (mark.near) parts.push(el("h3", {}, "Related passages, which decide nothing"), el("ol", { class: "evidence" }, ...passages(mark, mark.near).map((passage, index) => evidence(mark, passage, index, "near"))));
  const others = article.marks.filter((other) => other !== mark && other.claim && placed(other) && placed(mark) && other.start < mark.end && mark.start < other.end);
  if (others.length) {
    const item = (other) => el("li", {}, chipOf(other), el("p", { dir: "auto" }, el("a", { href: other.href }, other.claim)));
    parts.push(el("h3", {}, "Other claims in these words"), el("ul", { class: "others" }, ...others.map(item)));
  }
  parts.push(el("p", { class: "link" }, "Link: ", el("a", { href: mark.href }, mark.href)));
  return parts;
}

/** The evidence of a claim; where passages are needed together, by their groups. */
function grouped(mark) {
  const cited = passages(mark, mark.evidence);
  const all = groups(cited);
  const drawn = (some) => el("ol", { class: "evidence" }, ...some.map((passage) => evidence(mark, passage, cited.indexOf(passage))));
  if (all.size === 1 && all.has("")) return [drawn(cited)];
  const head = el("p", { class: "kind" }, "The passages of a group count together, and one group is enough.");
  return [head, ...[...all].flatMap(([name, some]) => [el("h4", {}, ...(name ? ["Group ", said(name)] : ["Enough alone"])), drawn(some)])];
}

function evidence(mark, passage, index, kind = "evidence") {
  const article = articles.get(passage.article);
  const from = passage.article ? ` article ${passage.article}` : passage.source ? [" ", said(passage.source)] : " of no article";
  const head = el("p", { class: "kind" }, passage.stance ? stanceChip(sides.get(passage.stance), passage.stance) : "", ...[from].flat());
  const more = (passage.extra ?? []).map(([name, value]) => el("p", { class: "kind" }, `${name.replaceAll("_", " ")}: `, ...several(value)));
  if (passage.votes) more.push(el("p", { class: "kind" }, "Votes: ", ...cast(passage.votes)));
  if (!article || passage.quote) return el("li", {}, head, el("p", { class: "passage-words", dir: "auto" }, el("q", {}, passage.quote)), passage.article ? " (not found)" : "", ...more);
  const followed = state.passage === passage;
  const link = el("a", { href: `${mark.href}/${kind}/${index + 1}`, "aria-current": followed ? "true" : undefined });
  link.append(el("q", { lang: article.language }, words(article, passage)));
  return el("li", {}, head, el("p", { class: "passage-words", dir: "auto" }, link), ...more);
}

export function drawPanel() {
  const panel = $("panel");
  const selected = state.mark || state.back;
  panel.classList.toggle("empty", !selected);
  if (!selected) {
    panel.replaceChildren($("hint").content.cloneNode(true));
    drawBegin();
    return;
  }
  const close = el("a", { class: "close", href: `#/article/${state.article.id}`, "aria-label": "Close" }, "✕");
  const back = state.back
    ? el("p", { class: "back" }, el("a", { href: state.back }, state.mark ? "← Back to the claim" : "← Back to the fact"))
    : "";
  panel.replaceChildren(close, ...[back, ...(state.mark ? details(state.mark) : [])].filter(Boolean));
  panel.scrollTop = 0;
}

const MOST_AT_BEGIN = 8;

/** Whether a claim has a label that comes with a correction. */
const isWrong = (mark) => data.scheme.specs.some((spec) => spec.name === mark.label && spec.correction === "required");

/** Lists what is erroneous or in conflict, to begin with. */
function drawBegin() {
  const marks = data.articles.flatMap((article) => article.marks.filter((mark) => mark.contested));
  marks.sort((a, b) => isWrong(b) - isWrong(a));
  const item = (mark) => el("li", {}, chipOf(mark), " ", el("small", {}, mark.article.id === NO_ARTICLE ? "" : mark.article.id), el("p", { dir: "auto" }, el("a", { href: mark.href }, mark.claim)));
  const more = marks.length > MOST_AT_BEGIN ? [el("li", {}, `and ${(marks.length - MOST_AT_BEGIN).toLocaleString("en")} more: filter the list by label`)] : [];
  $("begin").hidden = !marks.length;
  $("begin").querySelector("ul").replaceChildren(...marks.slice(0, MOST_AT_BEGIN).map(item), ...more);
}
