import { articles, byId, data, sides } from "../state.mjs";
import { suggestId, toRecord } from "../model/record.mjs";
import { words } from "../model/offsets.mjs";

// The annotation that is being written, if there is one; it outlives a reload of the page.
export const draft = { now: null };
const DRAFT = `factpack draft ${location.pathname}`;

export function keepDraft() {
  try {
    if (draft.now) sessionStorage.setItem(DRAFT, JSON.stringify(draft.now));
    else sessionStorage.removeItem(DRAFT);
  } catch { /* a browser may refuse storage to files */ }
}

/** The annotation that was being written before the page was loaded again. */
export function keptDraft() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
    return kept && articles.has(kept.article) ? kept : null;
  } catch {
    return null;
  }
}

/** A new annotation of a range. */
export function newDraft({ article, start, end }) {
  const quote = words(articles.get(article), { start, end });
  const claim = quote.replace(/\s+/g, " ");
  const made = {
    article, start, end, kind: "claim", label: "", basis: "", reason: "", speaker: "article", fact: "", value: "", question: "",
    claim: claim.charAt(0).toUpperCase() + claim.slice(1) + (/[.!?。؟…”"]$/.test(claim) ? "" : "."), correction: "", rationale: "", evidence: [], votes: [], extra: {},
  };
  made.id = suggestion(made);
  return made;
}

/** The id that is suggested for a draft. */
export function suggestion(of) {
  const quote = of.start === undefined ? "" : words(articles.get(of.article), of);
  return suggestId(of, quote, (id) => byId.has(id) && id !== of.edit?.id);
}

export const recordOf = (of) => toRecord(of, data.scheme, articles);

/** The stance that words on a fact take towards a value: what says the same counts for it, what says something else against. */
export function likelyStance(value, other) {
  const side = !value || !other || value === other ? "for" : "against";
  return [...sides].find(([, its]) => its === side)?.[0] ?? [...sides.keys()][0];
}
