import { NO_ARTICLE } from "./model/corpus.mjs";
import { $, chipOf, el, problemChip, said } from "./elements.mjs";
import { below, words } from "./model/offsets.mjs";
import { entries } from "./model/search.mjs";
import { data, filtered, filters, hits, matcher, state } from "./state.mjs";

/** How high a row may be, by its words; it is measured once it is drawn. */
function guess({ article, mark }) {
  return article ? 44 : 32 + 19 * Math.ceil(((mark?.claim?.length ?? 60) + 1) / 42);
}

/** Words that were found, among those beside them. */
function around({ article, at, to }) {
  const { text } = article;
  const from = Math.max(0, text.lastIndexOf(" ", at - 30), text.lastIndexOf("\n", at - 1));
  const until = [text.indexOf(" ", to + 40), text.indexOf("\n", to)].filter((index) => index >= to);
  return [text.slice(from, at).trimStart(), el("mark", {}, text.slice(at, to)), text.slice(to, Math.min(text.length, ...until))];
}

/** Says where was searched, and how much was found; nothing while nothing is searched for. */
function searched(all) {
  if (!filters.elements.search.value.trim()) return "";
  const texts = data.articles.filter((article) => article.text).length;
  const places = all.reduce((sum, entry) => sum + (entry.hit ? 1 : (entry.more ?? 0)), 0);
  const others = all.filter((entry) => entry.mark && entry.mark.kind !== "claim").length;
  const where = `Searched: claims, their quotes, ${texts ? `other marked passages, and the texts of ${texts.toLocaleString("en")} article${texts === 1 ? "" : "s"}` : "and other marked passages"}.`;
  const some = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
  const claims = all.filter((entry) => entry.mark).length - others;
  return `${where} ${some(claims, "claim", "claims")}, ${some(others, "other passage", "other passages")}, ${some(places, "further place", "further places")} in the text.`;
}

/** The list of claims; only the rows in view are in the document. */
export const list = {
  EXTRA: 6, // rows drawn beyond what is in view, for quick scrolling
  entries: [],
  heights: [], // of the rows: guessed, until they are drawn
  tops: [0], // where each row begins, and where the last one ends
  rows: new Map(),

  fill() {
    this.entries = entries(data.articles, matcher(), !filtered(), hits());
    const { rest } = filters.elements;
    this.found = this.entries.filter(({ mark }) => mark && (rest.checked || mark.kind === "claim")).length;
    $("counted").textContent = rest.checked ? "Marked passages" : "Claims";
    $("found").textContent = this.found.toLocaleString("en");
    $("searched").textContent = searched(this.entries);
    this.measureAll();
  },

  /** Forgets what was drawn, because other rows are wanted, or the rows have another width. */
  measureAll() {
    this.heights = this.entries.map(guess);
    this.rows.clear();
    $("list").firstElementChild.replaceChildren();
    this.place(0);
    this.draw();
  },

  /** Says where each row begins, from one on. */
  place(first) {
    for (let index = first; index < this.heights.length; index += 1) this.tops[index + 1] = this.tops[index] + this.heights[index];
    this.tops.length = this.heights.length + 1;
    $("list").firstElementChild.style.height = `${this.tops.at(-1)}px`;
    for (const [index, row] of this.rows) row.style.top = `${this.tops[index]}px`;
  },

  index() {
    const { passage } = state;
    const at = this.entries.findIndex((entry) => (entry.mark ? entry.mark === state.mark : state.found && entry.hit?.start === passage.start && entry.hit.article === state.article));
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
    if (this.measure()) this.draw();
    else this.mark();
  },

  /** Takes the heights of the rows that are drawn; says whether any was guessed wrong. What is in view stays there. */
  measure() {
    const view = $("list");
    const anchor = this.under(view.scrollTop);
    const before = this.tops[anchor];
    let first = this.heights.length;
    for (const [index, row] of this.rows) {
      const height = row.offsetHeight;
      if (!height || height === this.heights[index]) continue;
      this.heights[index] = height;
      first = Math.min(first, index);
    }
    if (first === this.heights.length) return false;
    this.place(first);
    if (this.tops[anchor] !== before) view.scrollTop += this.tops[anchor] - before;
    return true;
  },

  row(index) {
    const { article, mark, found, hit, more } = this.entries[index];
    const row = el("li", { "aria-setsize": this.entries.length, "aria-posinset": index + 1 });
    row.style.top = `${this.tops[index]}px`;
    if (article) {
      row.className = "head";
      row.append(el("a", { href: `#/article/${article.id}` }, article.id === NO_ARTICLE ? "" : el("b", {}, article.id), " ", said(article.title ?? ""), el("i", {}, ` ${found}`)));
    } else if (hit) {
      const text = el("span", { class: "claim", dir: "auto" }, ...around(hit));
      row.append(el("a", { href: `#/words/${hit.article.id}/${hit.start}/${hit.end}` }, el("span", { class: "chip" }, "in the text"), text));
    } else if (more) {
      row.append(el("p", { class: "kind" }, `and ${more.toLocaleString("en")} more places in the text`));
    } else {
      const by = mark.speaker && mark.speaker !== "article" ? el("i", {}, " ", said(mark.speaker)) : "";
      const text = el("span", { class: "claim", dir: "auto" }, mark.claim ?? words(mark.article, mark));
      row.append(el("a", { href: mark.href }, chipOf(mark), mark.problems ? problemChip() : "", by, text));
    }
    return row;
  },

  /** One row is in the tab order: the selected one, else the first; the arrow keys go on from there. */
  mark() {
    const selected = this.index();
    const stop = this.rows.has(selected) ? selected : Math.min(...[...this.rows.keys()]);
    for (const [index, row] of this.rows) {
      if (row.firstElementChild.href) row.firstElementChild.tabIndex = index === stop ? 0 : -1;
      if (index === selected && (state.mark || state.found)) row.firstElementChild.setAttribute("aria-current", "true");
      else row.firstElementChild.removeAttribute("aria-current");
    }
  },

  show(index) {
    const view = $("list");
    for (let again = 0; again < 4; again += 1) {
      const [before] = [this.tops[index]];
      this.bring(view, index);
      if (this.tops[index] === before) break;
    }
  },

  bring(view, index) {
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
