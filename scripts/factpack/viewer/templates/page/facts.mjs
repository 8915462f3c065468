import { NO_ARTICLE, passages } from "./model/corpus.mjs";
import { $, el, notice, said, say, style, title } from "./elements.mjs";
import { data, facts, filtered, matcher, state } from "./state.mjs";

const PAGE = 100; // rows drawn at once; a table of thousands of rows and columns is of no use to the eye either
let page = 0;

export function drawFacts() {
  const matches = matcher();
  const kept = [...facts.values()].filter((fact) => !filtered() || fact.answers.some(matches));
  const [quiet, contested] = [kept.filter((fact) => !isContested(fact)), kept.filter(isContested)];
  const shown = [...contested, ...quiet];
  if (state.fact && !shown.includes(state.fact)) shown.unshift(state.fact);
  if (state.fact) page = Math.floor(shown.indexOf(state.fact) / PAGE);
  page = Math.max(0, Math.min(page, Math.ceil(shown.length / PAGE) - 1));
  const rows = shown.slice(page * PAGE, (page + 1) * PAGE);
  const answering = new Set(rows.flatMap((fact) => fact.answers.map((mark) => mark.article)));
  const annotated = data.articles.filter((article) => !article.only_source);
  const few = annotated.length <= 12;
  const columns = annotated.filter((article) => (few && article.id !== NO_ARTICLE) || answering.has(article));

  const head = el("tr", { role: "row" }, el("th", { scope: "col", role: "columnheader" }, "Fact"), el("th", { scope: "col", role: "columnheader" }, "Settled"));
  for (const article of columns) {
    const name = article.publisher || article.title || "";
    head.append(el("th", { scope: "col", role: "columnheader" }, el("a", { href: `#/article/${article.id}` }, article.id === NO_ARTICLE ? name : article.id), article.id === NO_ARTICLE ? "" : el("small", {}, " ", said(name))));
  }
  const body = rows.map((fact) => {
    const row = el("tr", { role: "row", class: fact === state.fact ? "selected" : undefined });
    const question = el("p", { dir: "auto" }, el("a", { href: `#/fact/${fact.id}` }, fact.question));
    row.append(el("th", { scope: "row", role: "rowheader" }, question, ...fact.problems.map(notice)));
    const settled = el("td", { class: "settled", dir: "auto", role: "cell" }, fact.settled ?? "");
    for (const [index, passage] of passages(fact, fact.passages).entries()) {
      if (!passage.quote) settled.append(" ", el("a", { href: `#/fact/${fact.id}/${index + 1}`, "aria-label": `settled by a passage of article ${passage.article}` }, passage.article));
    }
    row.append(settled);
    const cells = Map.groupBy(fact.answers, (mark) => mark.article);
    for (const article of columns) row.append(el("td", { role: "cell", "data-article": article.id === NO_ARTICLE ? "no article" : article.id, class: cells.has(article) ? undefined : "empty" }, ...(cells.get(article) ?? []).map(answer)));
    return row;
  });
  document.querySelector("#facts table").replaceChildren(el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, ...body));
  drawPages(shown.length, contested.length);
  say(`${shown.length} facts`);
  document.querySelector("#facts tr.selected")?.scrollIntoView({ block: "center" });
}

/** Whether the answers differ, or the label of one needs evidence against it. */
function isContested(fact) {
  return new Set(fact.answers.map((mark) => mark.value).filter(Boolean)).size > 1 || fact.answers.some((mark) => mark.contested);
}

function answer(mark) {
  const by = mark.speaker && mark.speaker !== "article" ? [" ", said(mark.speaker)] : [];
  return el("a", { class: `answer ${style(mark)}`, href: mark.href }, el("b", { dir: "auto" }, mark.value ?? ""), el("small", {}, " ", el("b", {}, title(mark)), ...by));
}

export function drawPage(number) {
  page = number;
  state.fact = undefined;
  drawFacts();
}

function drawPages(count, contested) {
  const turn = (to, text) => {
    const button = el("button", { type: "button" }, text);
    button.disabled = to < 0 || to * PAGE >= count;
    button.onclick = () => drawPage(to);
    return button;
  };
  const range = count > PAGE ? `${page * PAGE + 1} to ${Math.min((page + 1) * PAGE, count)} of ` : "";
  const against = data.labels.filter((label) => label[2]).map(([label]) => label.replaceAll("_", " "));
  const labelled = against.length ? `, or one that is ${new Intl.ListFormat("en", { type: "disjunction" }).format(against)}` : "";
  const text = `${range}${count.toLocaleString("en")} facts; ${contested.toLocaleString("en")} with more than one value${labelled}, listed first`;
  $("pages").replaceChildren(...(range ? [turn(page - 1, "← Previous"), turn(page + 1, "Next →")] : []), el("span", {}, text));
}
