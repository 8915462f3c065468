import assert from "node:assert/strict";
import test from "node:test";
import { connect, groups, NO_ARTICLE, passages, placed } from "../../scripts/factpack/viewer/templates/page/model/corpus.mjs";
import { entries, matching } from "../../scripts/factpack/viewer/templates/page/model/search.mjs";

function example() {
  const data = {
    labels: [["supported", "supported", false], ["disputed", "disputed", true], ["true/false", "tone-1", false]],
    claims: [
      { id: "nowhere", claim: "Nobody knows.", label: "true/false", fact: "opened", evidence: [["", 0, 0, "neutral", "شيء"]], given: [{ source: "x" }] },
      { id: "b-year", claim: "Used again.", label: "unknown" },
    ],
    facts: [{ id: "opened", question: "When?" }],
    articles: [
      {
        id: "b",
        text: "🎉 Opened in 1911. שלום עולם.",
        marks: [
          { id: "b-year", start: 2, end: 16, claim: "It opened in 1911.", label: "supported", speaker: "article", fact: "opened" },
          { id: "b-peace", start: 18, end: 22, claim: "Somebody greets.", label: "disputed", speaker: "Mayor" },
          { start: 23, end: 28, kind: "unaccounted" },
        ],
      },
      { id: "none", text: "" },
      { id: "a", text: "Closed.", marks: [{ id: "b-year", start: 0, end: 6, claim: "CLOSED", label: "erroneous", speaker: "Mayor" }] },
    ],
    problems: [
      { note: "b-peace", article: "b" },
      { fact: "opened", article: "" },
      { article: "a", spans: [[0, 6]] },
    ],
  };
  return { data, ...connect(data) };
}

function found(fields = {}, all = false) {
  const { data } = example();
  const matches = matching({ search: "", label: "", speaker: "", fact: "", article: "", ...fields });
  return entries(data.articles, matches, all).map(({ article, mark, found: count }) => (article ? `${article.id}: ${count}` : mark.href));
}

test("the list has the claims of every article in the order of the data, below their article", () => {
  assert.deepEqual(found({}, true), ["b: 2", "#/at/b/2", "#b-peace", "none: 0", "a: 1", "#/at/a/0", `${NO_ARTICLE}: 2`, "#nowhere", "#b-year"]);
  assert.deepEqual(found({ rest: "on" }), ["b: 3", "#/at/b/2", "#b-peace", "#/at/b/23", "a: 1", "#/at/a/0", `${NO_ARTICLE}: 2`, "#nowhere", "#b-year"]);
});

test("the filters narrow it together", () => {
  assert.deepEqual(found({ speaker: "Mayor" }), ["b: 1", "#b-peace", "a: 1", "#/at/a/0"]);
  assert.deepEqual(found({ speaker: "Mayor", article: "a" }), ["a: 1", "#/at/a/0"]);
  assert.deepEqual(found({ label: "disputed", article: "a" }), []);
  assert.deepEqual(found({ fact: "opened" }), ["b: 1", "#/at/b/2", `${NO_ARTICLE}: 1`, "#nowhere"]);
});

test("the search looks at claims and at their words, in any case", () => {
  assert.deepEqual(found({ search: " closed " }), ["a: 1", "#/at/a/0"]);
  assert.deepEqual(found({ search: "שלום" }), ["b: 1", "#b-peace"]);
  assert.deepEqual(found({ search: "עולם" }), []); // next to the words
});

test("what has no id, or one that is used again, has an address by its place; problems lead to what they are about", () => {
  const { data, byId, byPlace, facts } = example();
  assert.equal(byId.get("b-year").article.id, NO_ARTICLE);
  assert.equal(byPlace.get("#/at/b/2").claim, "It opened in 1911.");
  assert.equal(byPlace.get("#/at/b/23").kind, "unaccounted");
  assert.deepEqual(data.problems.map((problem) => problem.href), ["#b-peace", "#/fact/opened", "#/problem/3"]);
  assert.deepEqual(facts.get("opened").answers.map((mark) => mark.claim), ["It opened in 1911.", "Nobody knows."]);
});

test("a claim in no article has an article of its own, and the tone of its label", () => {
  const { byId, articles } = example();
  const mark = byId.get("nowhere");
  assert.equal(articles.get(NO_ARTICLE), mark.article);
  assert.deepEqual([placed(mark), placed(byId.get("b-peace"))], [false, true]);
  assert.deepEqual([mark.tone, mark.contested, mark.described], ["tone-1", false, "label-3"]);
  assert.equal(byId.get("b-peace").contested, true);
  assert.deepEqual(found({ label: "true/false", article: NO_ARTICLE }), [`${NO_ARTICLE}: 1`, "#nowhere"]);
  assert.deepEqual(found({ search: "nobody" }), [`${NO_ARTICLE}: 1`, "#nowhere"]);
  assert.deepEqual(passages(mark, mark.evidence), [{ article: "", start: 0, end: 0, stance: "neutral", quote: "شيء", source: "x" }]);
});

test("a passage is in each of its groups, and without one it suffices alone", () => {
  const [one, both, alone] = [{ groups: ["a"] }, { groups: ["b", "a"] }, {}];
  assert.deepEqual([...groups([one, both, alone])], [["a", [one, both]], ["b", [both]], ["", [alone]]]);
});
