/** How many of the sorted numbers are below a limit. */
export function below(numbers, limit) {
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
 * Joins the excerpts of an article that is only a source. What is left out is a line with an ellipsis; `shifts` has, for
 * the begin of each excerpt, how far it is moved by that.
 */
export function join(article) {
  article.begins = [];
  article.shifts = [];
  let length = 0; // in code points
  let reached = 0;
  for (const [start, end, text] of article.excerpts ?? []) {
    const gap = start > reached ? `${length ? "\n" : ""}…\n` : "";
    article.text += gap + text;
    length += gap.length;
    article.begins.push(start);
    article.shifts.push(length - start);
    length += end - start;
    reached = end;
  }
}

/** Where the characters beyond U+FFFF are in the text: each is one code point and two UTF-16 units. */
function astral(article) {
  if (!article.pairs) {
    article.pairs = [...article.text.matchAll(/[\u{10000}-\u{10FFFF}]/gu)].map((match) => match.index); // in units
    article.astral = article.pairs.map((index, before) => index - before); // in code points
  }
  return article;
}

/**
 * The offset in a JavaScript string, which counts UTF-16 units, of an offset in code points. This function and `point`,
 * which is its inverse, are the only ones that convert; everything else is in code points of the whole text, also where
 * only excerpts of it are there.
 */
export function unit(article, offset) {
  const at = offset + (article.shifts?.[below(article.begins, offset + 1) - 1] ?? 0);
  return at + below(astral(article).astral, at);
}

/** The offset in code points of an offset in the JavaScript string; within a pair, that of the character. */
export function point(article, index) {
  const at = index - below(astral(article).pairs, index);
  const shifts = article.shifts ?? [];
  let shift = 0;
  for (let part = 0; part < shifts.length && article.begins[part] + shifts[part] <= at; part += 1) shift = shifts[part];
  return at - shift;
}

/** Whether a range of the text lies within one of the excerpts, where there is no more of it. */
export function within(article, start, end) {
  if (!article.only_source) return true;
  return (article.excerpts ?? []).some(([from, to]) => from <= start && end <= to);
}

/** The words of a range of an article; none where there is no range. */
export const words = (article, range) => (range.start === undefined ? "" : article.text.slice(unit(article, range.start), unit(article, range.end)));
