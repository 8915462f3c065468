"use strict";
// Draws what is in view from the data in the page. The address (`#…`) says what is selected, so that every claim has a
// link and the browser's own Back works:
//
//   #claim-id            a claim, or an unverified passage, in its article
//   #claim-id/evidence/2 the same, and its second passage of evidence marked in the article that it stands in
//   #/article/002        an article          #/facts, #/overview, #/problems   the other views
//   #/fact/delay-length  a fact in its row   #/fact/delay-length/1   the first passage that settles it
//   #/at/002/120         what has no id and begins at that offset    #/problem/3   a problem at its words

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const filters = $("filters");
const narrow = matchMedia("(max-width: 60rem)");

/** An element; texts among the children become text nodes, never markup. */
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

const NAMES = { not_checkable: "not checkable", unaccounted: "not accounted for" };
const named = (style) => NAMES[style] ?? style.replaceAll("_", " ");
const voice = (speaker) => (speaker === "article" ? "the article itself" : speaker);
const style = (mark) => mark.label ?? mark.kind;

// The corpus, with what the data leave to be found.

/** The passages that a claim or a fact names; made when they are needed, because most never are. */
function passages(holder, rows) {
  holder.cited ??= (rows ?? []).map(([article, start, end, stance, quote]) => ({ article, start, end, stance, quote }));
  return holder.cited;
}

const articles = new Map();
const facts = new Map();
for (const fact of data.facts) facts.set(fact.id, { ...fact, answers: [], problems: [] });
const byId = new Map();
const byPlace = new Map();
for (const [number, article] of data.articles.entries()) {
  article.number = number;
  article.problems = [];
  article.marks ??= [];
  articles.set(article.id, article);
  for (const mark of article.marks) {
    mark.article = article;
    mark.kind ??= "claim";
    mark.href = `#${mark.id}`;
    const unnamed = mark.id ? byId.get(mark.id) : mark; // an id that is there already names the later one
    if (unnamed) {
      unnamed.href = `#/at/${unnamed.article.id}/${unnamed.start}`;
      byPlace.set(unnamed.href, unnamed);
    }
    if (mark.id) byId.set(mark.id, mark);
    if (mark.fact) facts.get(mark.fact)?.answers.push(mark);
  }
}
for (const [number, problem] of data.problems.entries()) {
  const article = articles.get(problem.article);
  const note = byId.get(problem.note);
  problem.href = note ? note.href : problem.fact ? `#/fact/${problem.fact}` : `#/problem/${number + 1}`;
  problem.kind = "problem";
  problem.article = article;
  if (note) (note.problems ??= []).push(problem);
  else if (problem.fact) facts.get(problem.fact)?.problems.push(problem);
  else article?.problems.push(problem);
}

/** How many of the sorted numbers are below a limit. */
function below(numbers, limit) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The offset in a JavaScript string, which counts UTF-16 units, of an offset in code points: a character beyond U+FFFF
 * is one code point and two units. This is the only place that converts; everything else is in code points.
 */
function unit(article, offset) {
  if (!article.astral) {
    article.astral = [];
    for (const match of article.text.matchAll(/[\u{10000}-\u{10FFFF}]/gu)) {
      article.astral.push(match.index - article.astral.length);
    }
  }
  return offset + below(article.astral, offset);
}
const words = (article, range) => article.text.slice(unit(article, range.start), unit(article, range.end));

// What is shown

const state = { view: "articles", article: data.articles[0], mark: null, passage: null, back: null };

/** Whether a filter leaves a mark in. */
function matcher() {
  const [label, speaker, fact, article] = ["label", "speaker", "fact", "article"].map((name) => filters.elements[name].value);
  const rest = filters.elements.rest.checked;
  const wanted = filters.elements.search.value.trim().toLowerCase();
  return (mark) =>
    (rest || mark.kind === "claim") &&
    (!label || mark.label === label) &&
    (!speaker || mark.speaker === speaker) &&
    (!fact || mark.fact === fact) &&
    (!article || mark.article.id === article) &&
    (!wanted || (mark.hay ??= `${mark.claim ?? ""}\n${words(mark.article, mark)}`.toLowerCase()).includes(wanted));
}

function filtered() {
  return [...filters.elements].some((field) => field.type !== "checkbox" && field.value);
}

/** The selection that the address names. */
function read(address) {
  const [first, ...rest] = address.replace(/^#/, "").split("/");
  const to = { view: "articles", article: state.article, mark: null, passage: null, back: null };
  const follow = (passage, back) => {
    if (passage && articles.has(passage.article) && !passage.quote) {
      to.passage = passage;
      to.article = articles.get(passage.article);
      to.back = back;
    }
  };
  if (first) {
    to.mark = byId.get(first) ?? null;
    to.article = to.mark?.article ?? to.article;
    if (to.mark && rest[0] === "evidence") follow(passages(to.mark, to.mark.evidence)[rest[1] - 1], to.mark.href);
    to.unknown = to.mark ? undefined : first;
  } else if (rest[0] === "article") {
    to.article = articles.get(rest[1]) ?? to.article;
  } else if (rest[0] === "at") {
    to.mark = byPlace.get(address) ?? null;
    to.article = to.mark?.article ?? to.article;
  } else if (rest[0] === "problem") {
    to.mark = data.problems[rest[1] - 1] ?? null;
    to.article = to.mark?.article ?? to.article;
  } else if (rest[0] === "fact") {
    to.view = "facts";
    to.fact = facts.get(rest[1]);
    if (to.fact) follow(passages(to.fact, to.fact.passages)[rest[2] - 1], `#/fact/${rest[1]}`);
    if (to.passage) to.view = "articles";
  } else if (["facts", "overview", "problems"].includes(rest[0]) && $(rest[0])) {
    to.view = rest[0];
  }
  return to;
}

/** Goes where the address leads. */
function go() {
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
  if (before.article !== state.article || before.passage !== state.passage || !drawn.marks.has(state.mark)) drawArticle();
  mark();
  drawPanel();
  list.reveal();
  const target = document.querySelector(state.passage ? "#text .passage" : "#text .selected");
  if (target) {
    target.closest(".seg").scrollIntoView({ block: narrow.matches ? "start" : "center" });
    if (state.passage) target.closest(".seg").focus({ preventScroll: true });
  } else if (before.article !== state.article || before.view !== state.view) {
    scroller().scrollTop = 0;
  }
  if (state.unknown) say(`There is nothing with the id ${state.unknown} here.`);
  else if (state.mark) say(`${named(style(state.mark))}: ${state.mark.claim ?? state.mark.message ?? ""}`);
}

/** What scrolls the text: a part of the page on a wide screen, all of it on a narrow one. */
function scroller() {
  return narrow.matches ? document.scrollingElement : $("reader");
}

/** Says it to a screen reader. */
function say(text) {
  $("status").textContent = text;
}

// The text of an article

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
  return own.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Gives every mark a line of its own under the text, the shortest nearest to it, so that nested ones can be told. */
function lanes(marks) {
  const taken = [];
  for (const mark of [...marks].sort((a, b) => a.end - a.start - (b.end - b.start))) {
    let lane = 0;
    while ((taken[lane] ??= []).some((other) => mark.start < other.end && other.start < mark.end)) lane += 1;
    taken[lane].push(mark);
    mark.lane = Math.min(lane, 3);
  }
}

/** Cuts the text where a mark begins or ends; every piece knows the marks that cover it. */
function* pieces(article, marks) {
  const cuts = new Set([0, article.text.length]);
  const ranges = marks.map((mark) => ({ mark, start: unit(article, mark.start), end: unit(article, mark.end) }));
  for (const { start, end } of ranges) cuts.add(start).add(end);
  for (let at = article.text.indexOf("\n"); at >= 0; at = article.text.indexOf("\n", at + 1)) cuts.add(at + 1);
  const sorted = [...cuts].sort((a, b) => a - b);
  let next = 0;
  let open = [];
  for (let index = 0; index + 1 < sorted.length; index += 1) {
    const [start, end] = [sorted[index], sorted[index + 1]];
    while (next < ranges.length && ranges[next].start <= start) open.push(ranges[next++]);
    open = open.filter((range) => range.end > start);
    yield { text: article.text.slice(start, end), marks: open.map((range) => range.mark) };
  }
}

// What is drawn in the text: the marks, and the links, each with the marks that cover it, innermost first.
const drawn = { marks: new Set(), links: [] };

function drawArticle() {
  const article = state.article;
  const claims = article.marks.filter((mark) => mark.kind === "claim").length;
  const known = [article.title && `Article ${article.id}`, article.publisher, article.date, `${claims} claim${claims === 1 ? "" : "s"}`];
  $("byline").replaceChildren(known.filter(Boolean).join(" · "));
  $("headline").replaceChildren(article.title || `Article ${article.id}`);
  $("headline").lang = article.title ? article.language : "en";
  const beside = (step, text) => {
    const other = data.articles[article.number + step];
    return other ? el("a", { href: `#/article/${other.id}` }, text.replace("#", other.id)) : "";
  };
  $("turn").replaceChildren(...[beside(-1, "← #"), beside(1, "# →")].filter(Boolean));
  $("notices").replaceChildren(...article.problems.filter((problem) => !problem.spans).map((problem) => notice(problem)));

  const marks = visibleMarks(article);
  lanes(marks);
  drawn.marks = new Set([null, ...marks.map((mark) => mark.of ?? mark)]);
  drawn.links = [];
  const lines = document.createDocumentFragment();
  let line = el("p");
  for (const piece of pieces(article, marks)) {
    if (!piece.marks.length) {
      line.append(piece.text);
    } else {
      const empty = !piece.text.trim(); // white space needs no link, and would be one without a name
      const link = el(empty ? "span" : "a", { class: "seg" });
      let inner = link;
      for (const mark of piece.marks) {
        inner = inner.appendChild(el("span", { class: `u ${style(mark)} lane${mark.lane}${mark.problems ? " faulty" : ""}` }));
        inner.mark = mark.of ?? mark;
      }
      inner.append(piece.text);
      if (!empty) {
        const kinds = piece.marks.flatMap((mark) => [style(mark), ...(mark.problems ? ["problem"] : [])]);
        link.setAttribute("aria-describedby", [...new Set(kinds)].map((kind) => `is-${kind}`).join(" "));
        drawn.links.push({ link, covering: piece.marks.toReversed() });
      }
      line.append(link);
    }
    if (piece.text.endsWith("\n")) {
      if (!line.textContent.trim()) line.className = "blank";
      lines.append(line);
      line = el("p");
    }
  }
  lines.append(line);
  const text = $("text");
  text.lang = article.language;
  text.className = `lanes${Math.max(0, ...marks.map((mark) => mark.lane))}`;
  text.replaceChildren(lines);
}

/** Shows what is selected in the text as it is drawn; every link there leads to the next of the claims at its place. */
function mark() {
  for (const span of document.querySelectorAll("#text .u")) span.classList.toggle("selected", span.mark === state.mark);
  for (const { link, covering } of drawn.links) {
    const at = covering.findIndex((mark) => (mark.of ?? mark) === state.mark);
    link.href = covering[(at + 1) % covering.length].href;
    if (at >= 0) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// The panel beside the text

const chip = (kind, text = named(kind)) => el("span", { class: `chip ${kind}` }, text);

function notice(problem) {
  return el(
    "div",
    { class: `notice ${problem.severity}` },
    el("p", {}, el("b", {}, `${problem.severity}: `), problem.message),
    el("p", {}, problem.hint ?? ""),
    el("p", { class: "where" }, `${problem.where} · ${problem.rule}`),
  );
}

/** Everything that is noted about a mark. */
function details(mark) {
  if (mark.kind === "problem") return [el("h2", {}, "Problem"), notice(mark)];
  const article = mark.article;
  const rows = [];
  const row = (name, ...value) => rows.push(el("div", {}, el("dt", {}, name), el("dd", {}, ...value)));
  const quoted = el("q", { lang: article.language }, words(article, mark));
  const fact = facts.get(mark.fact);
  if (mark.speaker) row("Speaker", voice(mark.speaker));
  if (mark.basis) row("Basis", named(mark.basis));
  if (mark.reason) row("Reason", named(mark.reason));
  if (mark.correction) row("Correction", mark.correction);
  if (mark.rationale) row("Rationale", mark.rationale);
  if (mark.fact) row("Fact", fact ? el("a", { href: `#/fact/${mark.fact}` }, fact.question) : mark.fact);
  if (mark.value) row("Value", mark.value);
  row("Words", quoted, ` ${article.id}[${mark.start}:${mark.end}]`);
  const parts = [
    el("p", { class: "kind" }, chip(style(mark)), mark.kind === "claim" ? " claim" : ""),
    el("h2", {}, mark.claim ?? (mark.kind === "unaccounted" ? "Nothing accounts for this sentence" : "Nothing to check here")),
    ...(mark.problems ?? []).map(notice),
    el("dl", {}, ...rows),
  ];
  if (mark.evidence) {
    parts.push(el("h3", {}, "Evidence"), el("ol", { class: "evidence" }, ...passages(mark, mark.evidence).map((passage, index) => evidence(mark, passage, index))));
  }
  const others = article.marks.filter((other) => other !== mark && other.claim && other.start < mark.end && mark.start < other.end);
  if (others.length) {
    const item = (other) => el("li", {}, chip(style(other)), " ", el("a", { href: other.href }, other.claim));
    parts.push(el("h3", {}, "Also in these words"), el("ul", { class: "others" }, ...others.map(item)));
  }
  parts.push(el("p", { class: "link" }, "Link: ", el("a", { href: mark.href }, mark.href)));
  return parts;
}

function evidence(mark, passage, index) {
  const article = articles.get(passage.article);
  const head = el("p", { class: "kind" }, chip(passage.stance), ` article ${passage.article}`);
  if (!article || passage.quote) return el("li", {}, head, el("q", {}, passage.quote), " (not found)");
  const followed = state.passage === passage;
  const link = el("a", { href: `${mark.href}/evidence/${index + 1}`, "aria-current": followed ? "true" : undefined });
  link.append(el("q", { lang: article.language }, words(article, passage)));
  return el("li", {}, head, link);
}

function drawPanel() {
  const panel = $("panel");
  const selected = state.mark || state.back;
  panel.classList.toggle("empty", !selected);
  if (!selected) {
    panel.replaceChildren($("hint").content.cloneNode(true));
    return;
  }
  const close = el("a", { class: "close", href: `#/article/${state.article.id}`, "aria-label": "Close" }, "✕");
  const back = state.back
    ? el("p", { class: "back" }, el("a", { href: state.back }, state.mark ? "← Back to the claim" : "← Back to the fact"))
    : "";
  panel.replaceChildren(close, ...[back, ...(state.mark ? details(state.mark) : [])].filter(Boolean));
  panel.scrollTop = 0;
}

// The list of claims: only the rows in view are in the document

const list = {
  ROW: 68, // heights that the style sheet relies on
  HEAD: 44,
  EXTRA: 6, // rows drawn beyond what is in view, for quick scrolling
  entries: [],
  tops: [0], // where each row begins, and where the last one ends
  rows: new Map(),

  fill() {
    const matches = matcher();
    const chosen = filters.elements.article.value;
    this.entries = [];
    let found = 0;
    for (const article of data.articles) {
      const marks = article.marks.filter(matches);
      found += marks.length;
      if (marks.length || (!filtered() && !chosen)) this.entries.push({ article, found: marks.length }, ...marks.map((mark) => ({ mark })));
    }
    this.tops = [0];
    for (const entry of this.entries) this.tops.push(this.tops.at(-1) + (entry.article ? this.HEAD : this.ROW));
    $("counted").textContent = filters.elements.rest.checked ? "Marked passages" : "Claims";
    $("found").textContent = found.toLocaleString("en");
    this.found = found;
    this.rows.clear();
    $("list").firstElementChild.replaceChildren();
    $("list").firstElementChild.style.height = `${this.tops.at(-1)}px`;
    this.draw();
  },

  index() {
    const at = this.entries.findIndex((entry) => entry.mark && entry.mark === state.mark);
    return at >= 0 ? at : this.entries.findIndex((entry) => entry.article && entry.article === state.article);
  },

  /** The row at a height. */
  under(height) {
    return below(this.tops, height + 1) - 1;
  },

  draw() {
    const view = $("list");
    const first = Math.max(0, this.under(view.scrollTop) - this.EXTRA);
    const last = Math.min(this.entries.length, this.under(view.scrollTop + view.clientHeight) + this.EXTRA);
    for (const [index, row] of this.rows) {
      if ((index < first || index >= last) && !row.contains(document.activeElement)) {
        row.remove();
        this.rows.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) {
      if (!this.rows.has(index)) this.rows.set(index, this.row(index));
    }
    const ordered = [...this.rows].sort(([a], [b]) => a - b).map(([, row]) => row);
    ordered.forEach((row, index) => {
      if (view.firstElementChild.children[index] !== row) view.firstElementChild.insertBefore(row, view.firstElementChild.children[index] ?? null);
    });
    this.mark();
  },

  row(index) {
    const { article, mark, found } = this.entries[index];
    const row = el("li", { "aria-setsize": this.entries.length, "aria-posinset": index + 1 });
    row.style.top = `${this.tops[index]}px`;
    if (article) {
      row.className = "head";
      row.append(el("a", { href: `#/article/${article.id}` }, el("b", {}, article.id), ` ${article.title ?? ""}`, el("i", {}, ` ${found}`)));
    } else {
      const said = mark.speaker && mark.speaker !== "article" ? el("i", {}, ` ${mark.speaker}`) : "";
      const text = el("span", { class: "claim" }, mark.claim ?? words(mark.article, mark));
      row.append(el("a", { href: mark.href }, chip(style(mark)), mark.problems ? chip("problem") : "", said, text));
    }
    return row;
  },

  /** One row is in the tab order: the selected one, else the first; the arrow keys go on from there. */
  mark() {
    const selected = this.index();
    const stop = this.rows.has(selected) ? selected : Math.min(...this.rows.keys());
    for (const [index, row] of this.rows) {
      row.firstElementChild.tabIndex = index === stop ? 0 : -1;
      if (index === selected && state.mark) row.firstElementChild.setAttribute("aria-current", "true");
      else row.firstElementChild.removeAttribute("aria-current");
    }
  },

  show(index) {
    const view = $("list");
    const [top, bottom] = [this.tops[index], this.tops[index + 1]];
    if (top < view.scrollTop) view.scrollTop = top;
    else if (bottom > view.scrollTop + view.clientHeight) view.scrollTop = bottom - view.clientHeight;
    this.draw();
  },

  reveal() {
    const index = this.index();
    if (index >= 0) this.show(index);
    else this.mark();
  },

  /** The next or previous claim of the list, from the one selected or else from the article that is shown. */
  step(by) {
    for (let at = this.index() + by; at >= 0 && at < this.entries.length; at += by) {
      if (this.entries[at].mark) return this.entries[at].mark;
    }
    return null;
  },
};

// The facts

const PAGE = 100; // rows drawn at once; a table of thousands of rows and columns is of no use to the eye either
let page = 0;

function drawFacts() {
  const matches = matcher();
  const kept = [...facts.values()].filter((fact) => fact.answers.some(matches) || (!filtered() && !fact.answers.length));
  const [quiet, contested] = [kept.filter((fact) => !isContested(fact)), kept.filter(isContested)];
  const shown = [...contested, ...quiet];
  if (state.fact && !shown.includes(state.fact)) shown.unshift(state.fact);
  if (state.fact) page = Math.floor(shown.indexOf(state.fact) / PAGE);
  page = Math.max(0, Math.min(page, Math.ceil(shown.length / PAGE) - 1));
  const rows = shown.slice(page * PAGE, (page + 1) * PAGE);
  const answering = new Set(rows.flatMap((fact) => fact.answers.map((mark) => mark.article)));
  const columns = data.articles.length <= 12 ? data.articles : data.articles.filter((article) => answering.has(article));

  const head = el("tr", {}, el("th", { scope: "col" }, "Fact"), el("th", { scope: "col" }, "Settled"));
  for (const article of columns) {
    head.append(el("th", { scope: "col" }, el("a", { href: `#/article/${article.id}` }, article.id), el("small", {}, ` ${article.publisher || article.title || ""}`)));
  }
  const body = rows.map((fact) => {
    const row = el("tr", { class: fact === state.fact ? "selected" : undefined });
    const question = el("a", { href: `#/fact/${fact.id}` }, fact.question);
    row.append(el("th", { scope: "row" }, question, ...fact.problems.map(notice)));
    const settled = el("td", { class: "settled" }, fact.settled ?? "");
    for (const [index, passage] of passages(fact, fact.passages).entries()) {
      if (!passage.quote) settled.append(" ", el("a", { href: `#/fact/${fact.id}/${index + 1}`, "aria-label": `settled by a passage of article ${passage.article}` }, passage.article));
    }
    row.append(settled);
    const cells = Map.groupBy(fact.answers, (mark) => mark.article);
    for (const article of columns) row.append(el("td", {}, ...(cells.get(article) ?? []).map(answer)));
    return row;
  });
  document.querySelector("#facts table").replaceChildren(el("thead", {}, head), el("tbody", {}, ...body));
  drawPages(shown.length, contested.length);
  say(`${shown.length} facts`);
  document.querySelector("#facts tr.selected")?.scrollIntoView({ block: "center" });
}

/** Whether the answers differ, or one is labelled as disputed or erroneous. */
function isContested(fact) {
  return new Set(fact.answers.map((mark) => mark.value)).size > 1 || fact.answers.some((mark) => ["disputed", "erroneous"].includes(mark.label));
}

function answer(mark) {
  const said = mark.speaker && mark.speaker !== "article" ? ` ${mark.speaker}` : "";
  return el("a", { class: `answer ${style(mark)}`, href: mark.href }, el("b", {}, mark.value ?? ""), el("small", {}, " ", el("b", {}, named(style(mark))), said));
}

function drawPages(count, contested) {
  const turn = (to, text) => {
    const button = el("button", { type: "button" }, text);
    button.disabled = to < 0 || to * PAGE >= count;
    button.onclick = () => {
      page = to;
      state.fact = undefined;
      drawFacts();
    };
    return button;
  };
  const range = count > PAGE ? `${page * PAGE + 1} to ${Math.min((page + 1) * PAGE, count)} of ` : "";
  const text = `${range}${count.toLocaleString("en")} facts; with more than one value, or one that is disputed or erroneous, and therefore first: ${contested.toLocaleString("en")}`;
  $("pages").replaceChildren(...(range ? [turn(page - 1, "← Previous"), turn(page + 1, "Next →")] : []), el("span", {}, text));
}

// Filters and keys

function options(name, entries) {
  filters.elements[name].append(...entries.map(([value, text]) => el("option", { value }, text)));
}

/** Shows again what depends on the filters. */
function select() {
  document.body.classList.toggle("rest", filters.elements.rest.checked);
  if (filters.elements.search.value) $("finder").open = true; // or what is found would not be seen on a phone
  list.fill();
  if (state.view === "facts") {
    state.fact = undefined;
    page = 0;
    drawFacts();
  } else if (state.article) {
    drawArticle();
    mark();
    list.reveal();
    say(`${list.found.toLocaleString("en")} found`);
  }
  keep();
}

filters.addEventListener("input", (event) => {
  select();
  if (event.target.name === "article" && event.target.value) location.hash = `#/article/${event.target.value}`;
});
filters.addEventListener("reset", () => setTimeout(select)); // the fields are empty only after the event
filters.addEventListener("submit", (event) => event.preventDefault());
$("list").addEventListener("scroll", () => list.draw(), { passive: true });
$("list").addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = [...list.rows].find(([, row]) => row.contains(document.activeElement))?.[0];
  if (!by || from === undefined || !list.entries[from + by]) return;
  event.preventDefault();
  list.show(from + by);
  list.rows.get(from + by).firstElementChild.focus({ preventScroll: true });
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input[type=search], select");
  if (event.key === "Escape") {
    if (event.target.name === "search") {
      if (!event.target.value) event.target.blur(); // else the browser empties the field
      return;
    }
    if (state.view !== "articles" || $("panel").matches(".empty")) return;
    const from = drawn.links.find(({ link }) => link.hasAttribute("aria-current"));
    location.hash = state.back ?? `#/article/${state.article.id}`;
    from?.link.focus({ preventScroll: true });
  } else if (typing) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    if (filters.hidden) location.hash = "#/articles";
    filters.hidden = false;
    filters.elements.search.focus();
  } else if ((event.key === "j" || event.key === "k") && state.view === "articles") {
    const next = list.step(event.key === "j" ? 1 : -1);
    if (next) {
      history.replaceState(null, "", next.href); // no step back for every step on
      go();
    }
  }
});
addEventListener("hashchange", go);
addEventListener("resize", () => list.draw());
const fold = () => { $("finder").open = !narrow.matches; };
narrow.addEventListener("change", fold);
$("finder").addEventListener("toggle", () => list.draw());

// Printing: the claims of the article follow its text, because paper has no panel

addEventListener("beforeprint", () => {
  const matches = matcher();
  const marks = state.view === "articles" ? (state.article?.marks.filter(matches) ?? []) : [];
  $("print").replaceChildren(...marks.map((mark) => el("article", {}, ...details(mark))));
});
addEventListener("afterprint", () => $("print").replaceChildren());

// A page that `factpack view --watch` writes looks for its next build. A page from disk may not read files, and this one
// may not run other scripts, but it may hold itself in a frame: the copy there says which build it is. Reloading on a
// timer instead would flicker, and take the focus from who reads.

const KEPT = "factpack view";

function keep() {
  const fields = [...filters.elements].map((field) => (field.type === "checkbox" ? field.checked : field.value));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ fields, scroll: scroller().scrollTop }));
  } catch { /* a browser may refuse storage to files; then a reload starts without filters */ }
}

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    kept?.fields.forEach((value, index) => {
      const field = filters.elements[index];
      if (field?.type === "checkbox") field.checked = value;
      else if (field?.name) field.value = value;
    });
    return kept?.scroll;
  } catch {
    return undefined;
  }
}

function lookForNextBuild() {
  const frame = el("iframe", { hidden: "", title: "next build", src: location.href.split("#")[0] });
  frame.addEventListener("load", () => setTimeout(() => {
    frame.remove();
    lookForNextBuild();
  }, 1000));
  document.body.append(frame);
}

const { build } = document.body.dataset; // empty if this is no page of --watch

function start() {
  fold();
  list.fill();
  go();
  performance.mark("drawn");
  setTimeout(complete);
}

/** What takes a moment in a large corpus and can follow the first drawing. */
function complete() {
  options("label", data.labels.map((label) => [label, label]));
  const speakers = [...new Set([...byId.values()].map((mark) => mark.speaker))].sort((a, b) => (b === "article") - (a === "article") || a.localeCompare(b));
  options("speaker", speakers.map((speaker) => [speaker, voice(speaker)]));
  $("problems")?.querySelector("ol").append(
    ...data.problems.map((problem) => {
      const lead = problem.article || problem.note ? el("a", { href: problem.href }, "Show it in the text") : problem.fact ? el("a", { href: `#/fact/${problem.fact}` }, "Show the fact") : "";
      return el("li", {}, notice(problem), lead);
    }),
  );
  options("fact", data.facts.map((fact) => [fact.id, fact.question]));
  options("article", data.articles.map((article) => [article.id, [article.id, article.title].filter(Boolean).join(" ")]));
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const scroll = reloaded ? restore() : undefined;
  if (scroll !== undefined) {
    select();
    scroller().scrollTop = scroll;
  }
  if (build) {
    addEventListener("message", (event) => {
      if (typeof event.data === "string" && event.data !== build) {
        keep();
        location.reload();
      }
    });
    lookForNextBuild();
  }
}

if (build && window.parent !== window) window.parent.postMessage(build, "*");
else start();
