import { $, chipOf, el, problemChip, said } from "./elements.mjs";
import { state } from "./state.mjs";

const MOST = 100; // claims drawn at once

/** The claims beside the text: at no words of the article, or in no article. */
const aside = { article: null, marks: [], links: new Map(), page: 0 };

/** Draws a part of them: the one in which the selected claim is, if none is given. */
export function drawBeside(marks, page = undefined) {
  const selected = marks.indexOf(state.mark);
  const last = aside.article === state.article ? aside.page : 0;
  const wanted = page ?? (selected >= 0 ? Math.floor(selected / MOST) : last);
  aside.page = Math.max(0, Math.min(wanted, Math.ceil(marks.length / MOST) - 1));
  aside.article = state.article;
  aside.marks = marks;
  const from = aside.page * MOST;
  const link = (mark) => el("a", { href: mark.href, dir: "auto" }, mark.claim);
  aside.links = new Map(marks.slice(from, from + MOST).map((mark) => [mark, link(mark)]));
  const rows = [...aside.links].map(([mark, claim]) => {
    const by = mark.speaker && mark.speaker !== "article" ? el("small", {}, " ", said(mark.speaker)) : "";
    return el("li", {}, el("p", {}, chipOf(mark), mark.problems ? problemChip() : "", by), claim);
  });
  const parts = rows.length ? [el("ul", {}, ...rows)] : [];
  if (marks.length > MOST) {
    const range = el("span", {}, `${from + 1} to ${from + rows.length} of ${marks.length.toLocaleString("en")} claims`);
    parts.unshift(el("div", { class: "pages" }, turn(-1, "← Previous"), turn(1, "Next →"), range));
  }
  if (rows.length && state.article.text) parts.unshift(el("h3", {}, "Claims without a place in the text"));
  $("beside").replaceChildren(...parts);
}

function turn(by, text) {
  const button = el("button", { type: "button" }, text);
  const to = aside.page + by;
  button.disabled = to < 0 || to * MOST >= aside.marks.length;
  button.onclick = () => {
    drawBeside(aside.marks, to);
    markBeside();
  };
  return button;
}

export const isBeside = (mark) => aside.links.has(mark);

/** Shows which of them is selected; returns its link. */
export function markBeside() {
  for (const [mark, link] of aside.links) {
    if (mark === state.mark) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  return aside.links.get(state.mark);
}
