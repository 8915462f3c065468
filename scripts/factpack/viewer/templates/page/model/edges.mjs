// Tells whether a quote begins and ends where words, numbers and characters do, as `factpack check` does. Offsets are
// UTF-16 units here: what a selection of the browser gives may lie within a character.

const MAX_WORD = 100; // code points that a quote is lengthened by at one end
const JOINER = "\u200d";
const IN_NUMBERS = ".,'’\u00a0\u202f";
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const DIGIT = /\p{Nd}/u;
// Scripts without spaces between words: those of South-East Asia, and what East Asian Width calls wide or narrow.
const UNSPACED = [
  [0x0e00, 0x109f], [0x1780, 0x17ff], [0x1950, 0x1aaf], [0x1b00, 0x1b7f], [0xa980, 0xaadf], [0x1100, 0x115f], [0x2e80, 0xa4cf], [0xa960, 0xa97f], [0xac00, 0xd7a3],
  [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff01, 0xffdc], [0x16fe0, 0x18dff], [0x1aff0, 0x1b2ff], [0x1f200, 0x1f2ff], [0x20000, 0x3fffd],
];
const FLAG = /[\u{1f1e6}-\u{1f1ff}]/u;
const SKIN = /[\u{1f3fb}-\u{1f3ff}]/u;
const MARK = /\p{M}/u;

const isUnspaced = (sign) => UNSPACED.some(([low, high]) => low <= sign.codePointAt(0) && sign.codePointAt(0) <= high);
const last = (text, at) => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
const first = (text, at) => [...text.slice(at, at + 2)][0] ?? "";

/** Whether an offset is between the two halves of a character beyond U+FFFF. */
export const inPair = (text, at) => at > 0 && text.codePointAt(at - 1) > 0xffff;

/** What an offset is within: "word", "number", "character" (one of several code points, or half of one), or "". */
export function cutIn(text, at) {
  if (at <= 0 || at >= text.length) return "";
  if (inPair(text, at)) return "character";
  const [before, after] = [last(text, at), first(text, at)];
  if (before === " " || after === " ") return "";
  if (joins(before, after) || (FLAG.test(before) && FLAG.test(after) && flags(text, at) % 2)) return "character";
  if (LETTER_OR_DIGIT.test(before) && LETTER_OR_DIGIT.test(after)) {
    if (isUnspaced(before) || isUnspaced(after)) return "";
    return DIGIT.test(before) && DIGIT.test(after) ? "number" : "word";
  }
  const digitsBefore = DIGIT.test(before) && IN_NUMBERS.includes(after) && DIGIT.test(first(text, at + after.length));
  const digitsAfter = DIGIT.test(after) && IN_NUMBERS.includes(before) && DIGIT.test(last(text, at - before.length));
  return digitsBefore || digitsAfter ? "number" : "";
}

/** Whether a reader takes two code points for one character. */
function joins(before, after) {
  if (after <= "\x7f") return before === JOINER || (before === "\r" && after === "\n");
  return before === JOINER || after === JOINER || SKIN.test(after) || MARK.test(after);
}

/** Counts the letters of flags right before an offset. */
function flags(text, at) {
  const letters = [...text.slice(Math.max(0, at - 2 * MAX_WORD), at)];
  let count = 0;
  while (count < letters.length && count < MAX_WORD && FLAG.test(letters.at(-1 - count))) count += 1;
  return count;
}

/** Lengthens a range to whole words, without blanks at its edges. */
export function whole(text, start, end) {
  while (start < end && /\s/.test(text[start])) start += 1;
  while (start < end && /\s/.test(text[end - 1])) end -= 1;
  for (let step = 0; step < MAX_WORD; step += 1) {
    if (cutIn(text, start)) start -= inPair(text, start) ? 1 : last(text, start).length;
    if (cutIn(text, end)) end += inPair(text, end) ? 1 : first(text, end).length;
  }
  return { start, end };
}

/** Says what is cut by a range, and where; nothing if its edges are those of words. */
export function cuts(text, start, end) {
  return [["begins", cutIn(text, start)], ["ends", cutIn(text, end)]].filter(([, what]) => what).map(([where, what]) => `${where} within a ${what}`).join(" and ");
}

/** The offsets at which words begin or end in a part of a text. */
export function wordEdges(text, from, to, language) {
  const edges = [];
  for (const { index } of segmenter(language, "word").segment(text.slice(from, to))) {
    if (!cutIn(text, from + index)) edges.push(from + index);
  }
  return [...edges, to];
}

/** The sentences of a part of a text, each without the blanks around it. */
export function sentences(text, from, to, language) {
  const found = [];
  for (const { index, segment } of segmenter(language, "sentence").segment(text.slice(from, to))) {
    const start = from + index + (segment.length - segment.trimStart().length);
    const end = from + index + segment.trimEnd().length;
    if (start < end) found.push({ start, end });
  }
  return found;
}

function segmenter(language, granularity) {
  try {
    return new Intl.Segmenter(language, { granularity });
  } catch { // no language that the browser knows
    return new Intl.Segmenter("en", { granularity });
  }
}
