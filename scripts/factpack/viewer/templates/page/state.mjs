import { connect, passages } from "./model/corpus.mjs";
import { $ } from "./elements.mjs";
import { finding, matching } from "./model/search.mjs";

export const data = JSON.parse($("data").textContent);
export const { articles, facts, byId, byPlace } = connect(data);
export const sides = new Map(data.stances); // for, against or neither, by stance
/** What is to be done after the text of an article is drawn, and after the address has led somewhere, and after the form is closed. */
export const hooks = { drawn: [], gone: [], closed: [] };
/** The article that is opened first: the first one with a claim that the evidence is against. */
const begin = data.articles.find((article) => article.marks.some((mark) => mark.contested)) ?? data.articles[0];
export const state = { view: "articles", article: begin, mark: null, passage: null, back: null };

export const filters = $("filters");

/** Returns what says whether the filters leave a mark in. */
export const matcher = () => matching(Object.fromEntries(new FormData(filters)));
/** Returns what finds the words of the search in a text, if it is to be searched. */
export const hits = () => finding(Object.fromEntries(new FormData(filters)));
export const filtered = () => [...filters.elements].some((field) => field.type !== "checkbox" && field.value);

// The address (`#…`) says what is selected, so that every claim has a link and the browser's own Back works:
//
//   #claim-id            a claim, or an unverified passage, in its article
//   #claim-id/evidence/2 the same, and its second passage of evidence marked in its article
//   #passage-id/near/1   the same of a passage that comes near an unverified one
//   #/article/002        an article          #/facts, #/overview, #/problems   the other views
//   #/fact/delay-length  a fact in its row   #/fact/delay-length/1   the first passage that settles it
//   #/words/002/120/131  words of an article
//   #/at/002/120         what has no id and begins at that offset    #/problem/3   a problem at its words
//
// No id has a sign that has to be percent-encoded in an address; browsers encode letters beyond ASCII there.

const decoded = (address) => {
  try {
    return decodeURIComponent(address);
  } catch {
    return address; // somebody's own, with a lone %
  }
};

/** The selection that the address names. */
export function read(encoded) {
  const address = decoded(encoded);
  const [first, ...rest] = address.replace(/^#/, "").split("/");
  const to = { view: "articles", article: state.article, mark: null, passage: null, back: null, found: false };
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
    if (to.mark && ["evidence", "near"].includes(rest[0])) follow(passages(to.mark, to.mark[rest[0]])[rest[1] - 1], to.mark.href);
    to.unknown = to.mark ? undefined : first;
  } else if (rest[0] === "article") {
    to.article = articles.get(rest[1]) ?? to.article;
  } else if (rest[0] === "at") {
    to.mark = byPlace.get(address) ?? null;
    to.article = to.mark?.article ?? to.article;
  } else if (rest[0] === "words" && articles.has(rest[1])) {
    to.article = articles.get(rest[1]);
    to.passage = { article: rest[1], start: Number(rest[2]), end: Number(rest[3]) };
    to.found = true;
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
