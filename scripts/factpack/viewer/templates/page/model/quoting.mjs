import { cutIn, wordEdges } from "./edges.mjs";
import { point, unit } from "./offsets.mjs";

const REACH = 240; // units on each side in which words are looked for that make a quote unique

function isUnique(text, words) {
  return text.indexOf(words, text.indexOf(words) + 1) < 0;
}

/**
 * The words of a range of an article as a record names them: the quote and, if it occurs more than once, the shortest
 * prefix or suffix of whole words that makes it unique, else the offset.
 */
export function quoting(article, range) {
  const { text } = article;
  const [start, end] = [unit(article, range.start), unit(article, range.end)];
  const quote = text.slice(start, end);
  if (article.only_source) return { quote, start: range.start }; // the page has not all of its text
  if (isUnique(text, quote)) return { quote };
  const has = (words) => /[\p{L}\p{N}]/u.test(words);
  const before = wordEdges(text, Math.max(0, start - REACH), start, article.language).filter((at) => at < start && !cutIn(text, at) && /\S/.test(text[at]));
  const after = wordEdges(text, end, Math.min(text.length, end + REACH), article.language).filter((at) => at > end && !cutIn(text, at) && /\S/.test(text[at - 1]));
  const prefix = before.reverse().map((at) => text.slice(at, start)).find((words) => has(words) && isUnique(text, words + quote));
  const suffix = after.map((at) => text.slice(end, at)).find((words) => has(words) && isUnique(text, quote + words));
  if (prefix && (!suffix || [...prefix].length <= [...suffix].length)) return { quote, prefix };
  return suffix ? { quote, suffix } : { quote, start: range.start };
}

/** The range of words that a record names, in code points; nothing if they are not in the article exactly once. */
export function located(article, { quote, prefix = "", suffix = "", start }) {
  const words = prefix + quote + suffix;
  const { text } = article;
  if (!quote || !text) return null;
  const from = start === undefined ? text.indexOf(words) : unit(article, Number(start)) - prefix.length;
  if (from < 0 || text.slice(from, from + words.length) !== words) return null;
  if (start === undefined && !isUnique(text, words)) return null;
  const begin = from + prefix.length;
  return { start: point(article, begin), end: point(article, begin + quote.length) };
}
