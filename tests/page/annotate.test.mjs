import assert from "node:assert/strict";
import test from "node:test";
import { point, unit, within } from "../../scripts/factpack/viewer/templates/page/model/offsets.mjs";
import { cutIn, cuts, inPair, sentences, whole } from "../../scripts/factpack/viewer/templates/page/model/edges.mjs";
import { located, quoting } from "../../scripts/factpack/viewer/templates/page/model/quoting.mjs";
import { missing, suggestId, toRecord } from "../../scripts/factpack/viewer/templates/page/model/record.mjs";
import { scalar, toYaml } from "../../scripts/factpack/viewer/templates/page/model/yaml.mjs";

test("a place in the text is the code point that it is in, also within a pair", () => {
  const article = { text: "a🎉b\r\nשלום 𝕏" };
  const points = [...article.text];
  for (let offset = 0; offset <= points.length; offset += 1) assert.equal(point(article, unit(article, offset)), offset);
  assert.equal(point(article, 2), 1);
  assert.deepEqual([inPair(article.text, 1), inPair(article.text, 2), inPair(article.text, 3)], [false, true, false]);
});

test("of excerpts only what is there can be a range", () => {
  const article = { text: "", only_source: true, excerpts: [[2, 5], [9, 12]] };
  assert.deepEqual([within(article, 2, 5), within(article, 4, 10), within(article, 9, 12)], [true, false, true]);
});

test("a selection that cuts words, numbers or characters is told, and lengthened to what is whole", () => {
  const text = "It took 1,250 kW – 👨‍👩‍👧 e\u0301t\u00e9.";
  const at = (words, more = 0) => text.indexOf(words) + more;
  assert.equal(cuts(text, at("took", 1), at("1,250", 2)), "begins within a word and ends within a number");
  assert.deepEqual(whole(text, at("took", 1), at("1,250", 2)), { start: at("took"), end: at("1,250", 5) });
  assert.equal(cutIn(text, at("👨", 1)), "character");
  assert.equal(cutIn(text, at("👨", 2)), "character");
  assert.deepEqual(whole(text, at("👨", 1), at("👨", 4)), { start: at("👨"), end: at(" e\u0301") });
  assert.equal(cutIn(text, at("e\u0301", 1)), "character");
  assert.equal(cuts(text, at("took"), at("took", 4)), "");
  assert.equal(cutIn("乗客は90人", 1), "");
});

test("the quote is made unique by the shortest words beside it, else by its offset", () => {
  const article = { text: "He said yes. She said yes again. 🎉 yes.", language: "en" };
  const second = { start: 22, end: 25 };
  assert.deepEqual(quoting(article, second), { quote: "yes", suffix: " again" });
  assert.deepEqual(quoting(article, { start: 8, end: 11 }), { quote: "yes", suffix: ". She" });
  assert.deepEqual(quoting(article, { start: 3, end: 7 }), { quote: "said", prefix: "He " });
  assert.deepEqual(quoting(article, { start: 13, end: 16 }), { quote: "She" });
  assert.deepEqual(quoting({ text: "ja ja ja", language: "de" }, { start: 3, end: 5 }), { quote: "ja", start: 3 });
  for (const range of [second, { start: 3, end: 7 }, { start: 35, end: 38 }]) assert.deepEqual(located(article, quoting(article, range)), range);
});

test("a scalar is plain only where YAML and other programs take it for the same text", () => {
  for (const text of ["40 minutes", "Nobody was hurt", "“It took", "2023年に就航した"]) assert.equal(scalar(text), text);
  for (const text of ["no", "12:30", "a: b", "a #b", "1e3", " x", "x ", "- x", "#x", "x:", "", "~", "[x", "a\nb", "\u2028", "👍"]) {
    assert.equal(scalar(text).at(0), '"', text);
    if (!text.includes("\u2028")) assert.equal(JSON.parse(scalar(text)), text);
  }
  assert.equal(toYaml({ id: "x", evidence: [{ article: "002", stance: "supports" }], groups: ["a"] }), `  - id: x
    evidence:
      - article: "002"
        stance: supports
    groups: ["a"]
`);
});

test("an id is suggested from the quote, and is free", () => {
  const draft = { article: "A1", claim: "He came.", fact: "arrival", value: "1911" };
  assert.equal(suggestId(draft, "Grüße – it opened in 1911 in Ålesund", () => false), "grusse-it-opened-in-1911-a1");
  assert.equal(suggestId(draft, "opened", (id) => id === "opened-a1"), "opened-a1-2");
  assert.equal(suggestId({ ...draft, claim: "فتح" }, "فُتح", () => false), "arrival-1911-a1");
  assert.equal(suggestId({ article: "١" }, "فُتح", () => false), "claim");
});

const SCHEME = {
  specs: [
    { name: "supported", basis: ["corroborated"], needs: ["for"], never: ["against"] },
    { name: "half true", needs: ["for", "against"], correction: "required" },
  ],
  bases: {},
  optional: ["fact", "value"],
  claims: [{ name: "subject", type: "list of text", description: "", required: true }],
  evidence: [{ name: "page", type: "integer", description: "" }],
  groups: "optional",
};
const SIDES = new Map([["yes", "for"], ["no", "against"]]);
const ARTICLES = new Map([["a", { id: "a", text: "It opened in 1911.", language: "en" }], ["b", { id: "b", text: "Opened 1911; closed.", language: "en" }]]);

test("a record has its keys in the order of the files, and only those that are filled", () => {
  const draft = {
    article: "a", start: 3, end: 9, kind: "claim", id: "opened-a", claim: "It opened.", speaker: "article", label: "supported", basis: "corroborated",
    rationale: "b", fact: "", value: "", correction: "", extra: { subject: "x\n\n y " },
    evidence: [{ article: "b", start: 0, end: 6, stance: "yes", groups: "g, h", extra: { page: "7" } }, { stance: "no", given: { claim: "c", stance: "yes", votes: [] } }],
  };
  assert.deepEqual(Object.entries(toRecord(draft, SCHEME, ARTICLES)), Object.entries({
    id: "opened-a", quote: "opened", claim: "It opened.", speaker: "article", label: "supported", basis: "corroborated", rationale: "b", subject: ["x", "y"],
    evidence: [{ article: "b", quote: "Opened", stance: "yes", groups: ["g", "h"], page: "7" }, { claim: "c", stance: "no", votes: [] }],
  }));
  assert.deepEqual(toRecord({ ...draft, kind: "not_checkable", reason: "opinion" }, SCHEME, ARTICLES), { quote: "opened", reason: "opinion" });
});

test("what a record lacks follows from the scheme of the project", () => {
  const lacking = (draft) => missing({ kind: "claim", evidence: [], extra: {}, ...draft }, SCHEME, SIDES).map(([name]) => name);
  assert.deepEqual(lacking({}), ["claim", "id", "speaker", "label", "rationale", "extra-subject"]);
  const full = { claim: "c", id: "i", speaker: "article", rationale: "r", extra: { subject: "s" }, evidence: [{ stance: "yes" }] };
  assert.deepEqual(lacking({ ...full, label: "supported" }), ["basis"]);
  assert.deepEqual(lacking({ ...full, label: "supported", basis: "corroborated" }), []);
  assert.deepEqual(lacking({ ...full, label: "half true" }), ["correction", "evidence"]);
  assert.deepEqual(lacking({ ...full, id: "Not This", label: "supported", basis: "corroborated" }), ["id"]);
  assert.deepEqual(missing({ kind: "not_checkable", reason: "" }, SCHEME, SIDES).map(([name]) => name), ["reason"]);
});

test("votes are those that are given, and each has an annotator of its own", () => {
  const votes = [{ by: "anna", vote: "supported" }, { by: "", vote: "" }];
  const passage = { stance: "yes", given: { claim: "c", stance: "yes", votes: [{ by: "ben", vote: "no" }] } };
  const draft = {
    article: "a", start: 3, end: 9, kind: "claim", id: "i", claim: "It opened.", speaker: "article", label: "supported", basis: "corroborated", rationale: "r",
    extra: { subject: "s" }, votes, evidence: [{ ...passage, votes: [{ by: "ben", vote: "yes" }] }, { ...passage, votes: [] }, "same-fact"].map((entry) => (entry === "same-fact" ? { given: entry } : entry)),
  };
  const record = toRecord(draft, SCHEME, ARTICLES);
  assert.deepEqual(record.votes, [votes[0]]);
  assert.deepEqual(record.evidence, [{ claim: "c", stance: "yes", votes: [{ by: "ben", vote: "yes" }] }, { claim: "c", stance: "yes" }, "same-fact"]);
  const lacking = (more, presence = "optional") => missing({ ...draft, ...more }, { ...SCHEME, votes: presence }, SIDES).map(([name]) => name);
  assert.deepEqual(lacking({}), []);
  assert.deepEqual(lacking({}, "required"), ["votes-2-by-0"]);
  assert.deepEqual(lacking({ votes: [] }, "required"), ["votes-by-0", "votes-2-by-0"]);
  assert.deepEqual(lacking({ votes: [votes[1], { by: "anna", vote: "" }] }), ["votes-vote-1"]);
  assert.deepEqual(lacking({ votes: [{ by: "", vote: "supported" }] }), ["votes-by-0"]);
  assert.deepEqual(lacking({ votes: [votes[0], votes[0]] }), ["votes-by-1"]);
  assert.deepEqual(lacking({ kind: "not_checkable", reason: "tone", votes: [] }), ["label"]);
  assert.deepEqual(lacking({ kind: "unverified", votes: [], evidence: [] }), []);
});

test("sentences lie where their words are", () => {
  const text = "One. Two!\nDrei „vier“. ";
  assert.deepEqual(sentences(text, 0, text.length, "de").map(({ start, end }) => text.slice(start, end)), ["One.", "Two!", "Drei „vier“."]);
});
