import assert from "node:assert/strict";
import test from "node:test";
import { inOrder, lanes, pieces } from "../../scripts/factpack/viewer/templates/page/model/marks.mjs";

const TEXT = "🎉 The 𝕏 bridge\nopened שלום in 1911.\n\n🎉";

/** Every way to put three marks at a few places, so that they nest, cross, touch, repeat each other and span lines. */
function* triples() {
  const places = [0, 1, 6, 9, 16, 20, TEXT.length];
  const ranges = places.flatMap((start) => places.filter((end) => end > start).map((end) => ({ start, end })));
  for (const a of ranges) for (const b of ranges) for (const c of ranges) yield [{ ...a }, { ...b }, { ...c }].sort(inOrder);
}

test("marks are in the order of their places, the longer before what it contains", () => {
  const marks = [[4, 9], [0, 2], [4, 12], [0, 9]].map(([start, end]) => ({ start, end }));
  assert.deepEqual(marks.sort(inOrder).map(({ start, end }) => [start, end]), [[0, 9], [0, 2], [4, 12], [4, 9]]);
});

test("the pieces are the text, and every piece knows the marks that cover it", () => {
  const all = [...TEXT];
  for (const marks of triples()) {
    let at = 0;
    for (const piece of pieces({ text: TEXT }, marks)) {
      const end = at + [...piece.text].length;
      assert.equal(piece.text, all.slice(at, end).join(""));
      assert.deepEqual(piece.marks, marks.filter((mark) => mark.start < end && at < mark.end));
      assert.deepEqual(piece.marks, marks.filter((mark) => mark.start <= at && end <= mark.end));
      assert.ok(!piece.text.slice(0, -1).includes("\n"));
      at = end;
    }
    assert.equal(at, all.length);
  }
});

test("marks at the same words have lines of their own, what is inside nearer to them than what is around it", () => {
  for (const marks of triples()) {
    lanes(marks);
    for (const one of marks) {
      for (const other of marks) {
        if (one === other || one.start >= other.end || other.start >= one.end) continue;
        assert.notEqual(one.lane, other.lane);
        const inside = other.start <= one.start && one.end <= other.end && one.end - one.start < other.end - other.start;
        if (inside) assert.ok(one.lane < other.lane);
      }
    }
  }
});
