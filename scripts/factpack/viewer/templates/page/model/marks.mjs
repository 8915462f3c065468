import { unit } from "./offsets.mjs";

/** Sorts marks by place, the longer before what it contains. */
export const inOrder = (a, b) => a.start - b.start || b.end - a.end;

/** Gives every mark a line of its own under the text, the shortest nearest to it, so that nested ones can be told. */
export function lanes(marks) {
  const taken = [];
  for (const mark of [...marks].sort((a, b) => a.end - a.start - (b.end - b.start))) {
    let lane = 0;
    while ((taken[lane] ??= []).some((other) => mark.start < other.end && other.start < mark.end)) lane += 1;
    taken[lane].push(mark);
    mark.lane = Math.min(lane, 3);
  }
}

/** Cuts the text at its lines and where a mark, given in order, begins or ends; every piece knows the marks that cover it. */
export function* pieces(article, marks) {
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
