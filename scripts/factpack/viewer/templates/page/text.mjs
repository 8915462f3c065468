import { NO_ARTICLE, placed } from "./model/corpus.mjs";
import { drawBeside, markBeside } from "./beside.mjs";
import { $, el, notice, said, style } from "./elements.mjs";
import { inOrder, lanes, pieces } from "./model/marks.mjs";
import { articles, data, hooks, matcher, state } from "./state.mjs";

/** What is marked in the article: what the filters leave, what is selected, and every problem. */
function visibleMarks(article) {
  const matches = matcher();
  const own = article.marks.filter((mark) => mark === state.mark || matches(mark));
  for (const problem of article.problems) {
    for (const [start, end] of problem.spans ?? []) own.push({ kind: "problem", start, end, href: problem.href, of: problem });
  }
  if (state.passage && articles.get(state.passage.article) === article) {
    own.push({ kind: "passage", start: state.passage.start, end: state.passage.end, href: location.hash, of: state.passage });
  }
  return own;
}

// What is drawn in the text: the marks, and the links, each with the marks that cover it, innermost first.
// The lines stay the same elements as long as the article is the same, so that no text moves.
export const drawn = { article: null, marks: new Set(), links: [] };

const MANY_LINES = 2_000; // of a book, of which a browser draws only what is in view

export function drawArticle() {
  const article = state.article;
  const claims = article.marks.filter((mark) => mark.kind === "claim").length;
  const known = [article.id !== NO_ARTICLE && article.title && `Article ${article.id}`, article.publisher && said(article.publisher), article.date, article.only_source ? "" : `${claims.toLocaleString("en")} claim${claims === 1 ? "" : "s"}`];
  $("byline").replaceChildren(...known.filter(Boolean).flatMap((part, index) => [index ? " · " : "", part]));
  $("headline").replaceChildren(article.title || `Article ${article.id}`);
  $("headline").lang = article.title ? (article.language ?? "en") : "en";
  const beside = (step, text) => {
    const other = data.articles[article.number + step];
    return other ? el("a", { href: `#/article/${other.id}` }, text.replace("#", other.id === NO_ARTICLE ? "no article" : other.id)) : "";
  };
  $("turn").replaceChildren(...[beside(-1, "← #"), beside(1, "# →")].filter(Boolean));
  $("notices").replaceChildren(...about(article), ...article.problems.filter((problem) => !problem.spans).map((problem) => notice(problem)));

  const visible = visibleMarks(article);
  const marks = visible.filter(placed).sort(inOrder);
  lanes(marks);
  drawn.marks = new Set([null, ...marks.map((mark) => mark.of ?? mark)]);
  drawBeside(visible.filter((mark) => !placed(mark)));
  drawn.links = [];
  const lines = [];
  let nodes = [];
  let at = 0;
  const begun = new Set();
  for (const piece of pieces(article, marks)) {
    nodes.push(piece.marks.length ? drawnPiece(piece, begun) : piece.text);
    at += piece.text.length;
    if (piece.text.endsWith("\n") || at === article.text.length) {
      lines.push({ nodes, end: at });
      nodes = [];
    }
  }
  const text = $("text");
  text.lang = article.language ?? "en";
  if (drawn.article !== article) {
    text.className = `lanes${article.lanes ??= deepest(article)}${lines.length > MANY_LINES ? " long" : ""}`;
    text.replaceChildren(...lines.map(() => el("p", { dir: "auto" })));
    drawn.article = article;
  }
  for (const [index, line] of lines.entries()) {
    const row = text.children[index];
    row.from = index ? lines[index - 1].end : 0;
    row.replaceChildren(...line.nodes);
    row.classList.toggle("blank", !row.textContent.trim());
  }
  for (const hook of hooks.drawn) hook();
}

/** What is said above a text that is not all there. */
function about(article) {
  if (article.only_source) return [el("p", { class: "source" }, `This article is only a source of evidence. ${article.excerpts ? "The page shows the passages cited from it, and what is around them." : "No passage of it is cited."}`)];
  if (article.text || article.id === NO_ARTICLE) return [];
  return [el("p", { class: "source" }, "This release has no texts of the articles, so nothing can be marked or selected here. If you have the texts, add them with ", el("code", {}, "factpack hydrate"), ".")];
}

/** How many lines lie below each other where all marks of an article are drawn: its lines are as high under any filter. */
function deepest(article) {
  const all = article.marks.filter(placed).map(({ start, end }) => ({ start, end }));
  lanes(all);
  return Math.max(0, ...all.map((mark) => mark.lane));
}

/** Words with the marks that cover them. */
function drawnPiece(piece, begun) {
  const empty = !piece.text.trim(); // white space needs no link, and would be one without a name
  const link = el(empty ? "span" : "a", { class: "seg", draggable: "false" });
  let inner = link;
  for (const mark of piece.marks) {
    const first = begun.has(mark) ? "" : " first";
    begun.add(mark);
    inner = inner.appendChild(el("span", { class: `u ${style(mark)} lane${mark.lane}${first}${mark.problems ? " faulty" : ""}` }));
    inner.mark = mark.of ?? mark;
  }
  inner.append(piece.text);
  if (!empty) {
    const kinds = piece.marks.flatMap((mark) => [mark.described ?? mark.kind, ...(mark.problems ? ["problem"] : [])]);
    link.setAttribute("aria-describedby", [...new Set(kinds)].map((kind) => `is-${kind}`).join(" "));
    drawn.links.push({ link, covering: piece.marks.toReversed() });
  }
  return link;
}

/** Shows what is selected in the text as it is drawn; every link there leads to the next of the claims at its place. */
export function markSelected() {
  for (const span of document.querySelectorAll("#text .u")) span.classList.toggle("selected", span.mark === state.mark);
  markBeside();
  for (const { link, covering } of drawn.links) {
    const at = covering.findIndex((mark) => (mark.of ?? mark) === state.mark);
    link.href = covering[(at + 1) % covering.length].href;
    if (at >= 0) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
