import { point, within, words } from "./offsets.mjs";

export const MAX_HITS = 50; // places of an article in the list

export const CONTESTED = "\u0000"; // stands for every label that is against a claim; no label is named so

/** Whether the fields of the filters leave a mark in. A search looks at all marks, also those that are no claims. */
export function matching({ search, label, speaker, fact, article, rest }) {
  const wanted = search.trim().toLowerCase();
  return (mark) =>
    (rest || mark.kind === "claim" || (wanted && mark.kind !== "unaccounted")) &&
    (!label || mark.label === label || (label === CONTESTED && mark.contested)) &&
    (!speaker || mark.speaker === speaker) &&
    (!fact || mark.fact === fact) &&
    (!article || mark.article.id === article) &&
    (!wanted || (mark.hay ??= `${mark.claim ?? ""}\n${words(mark.article, mark)}`.toLowerCase()).includes(wanted));
}

/** Returns what finds the places of words in the text of an article; nothing if none are searched for, or something else is chosen. */
export function finding({ search, label, speaker, fact, article: only }) {
  const wanted = search.trim();
  if (!wanted || label || speaker || fact) return undefined;
  const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
  return (article) => {
    if (only && article.id !== only) return [];
    const found = [];
    for (const { index, 0: match } of article.text.matchAll(pattern)) {
      const hit = { article, at: index, to: index + match.length, start: point(article, index), end: point(article, index + match.length) };
      if (within(article, hit.start, hit.end)) found.push(hit);
    }
    return found;
  };
}

/**
 * What the list shows: every article in which something matches, or `all` that are annotated, each before its marks that
 * match, and before the places in its text that are in none of them.
 */
export function entries(articles, matches, all, find = () => []) {
  return articles.flatMap((article) => {
    const marks = article.marks.filter(matches);
    const places = find(article).filter((hit) => !marks.some((mark) => mark.start <= hit.start && hit.end <= mark.end));
    if (!marks.length && !places.length && !(all && !article.only_source)) return [];
    const more = places.length > MAX_HITS ? [{ more: places.length - MAX_HITS }] : [];
    return [{ article, found: marks.length + places.length }, ...marks.map((mark) => ({ mark })), ...places.slice(0, MAX_HITS).map((hit) => ({ hit })), ...more];
  });
}
