import assert from "node:assert/strict";
import test from "node:test";
import { join, unit, words } from "../../scripts/factpack/viewer/templates/page/model/offsets.mjs";

const TEXTS = {
  "letters of one unit": "The bridge opened in 1911.",
  "an emoji at either end": "🎉 opened 🎉",
  "an emoji of several code points": "a 👨‍👩‍👧‍👦 family, 👍🏽 and 🇩🇰",
  "right-to-left": "הגשר נפתח ב־1911. فُتح الجسر",
  "right-to-left beyond U+FFFF": "𞤀𞤣𞤤𞤢𞤥 🎉 שלום 𞤆",
  "combining marks": "e\u0301𝕏a\u0308",
  nothing: "",
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`every range of code points gives its words: ${name}`, () => {
    const points = [...text];
    const article = { text };
    for (let start = 0; start <= points.length; start += 1) {
      assert.equal(unit(article, start), points.slice(0, start).join("").length);
      for (let end = start; end <= points.length; end += 1) {
        assert.equal(words(article, { start, end }), points.slice(start, end).join(""));
      }
    }
  });
}

test("offsets are those of the whole text where only excerpts of it are there", () => {
  const points = [..."𝕏 first, left out, second 👍🏽 שלום, out, third"];
  for (const cuts of [[[0, 7], [19, 33], [38, 43]], [[3, 5], [9, 12]], [[40, points.length]], []]) {
    const article = { text: "", excerpts: cuts.map(([start, end]) => [start, end, points.slice(start, end).join("")]) };
    join(article);
    for (const [from, to] of cuts) {
      for (let start = from; start < to; start += 1) {
        for (let end = start + 1; end <= to; end += 1) {
          assert.equal(words(article, { start, end }), points.slice(start, end).join(""));
        }
      }
    }
    assert.equal(article.text.split("…").length - 1, cuts.length - (cuts[0]?.[0] === 0 ? 1 : 0));
  }
});

test("what is at no words has none", () => {
  assert.equal(words({ text: "The bridge" }, { claim: "It is long." }), "");
});
