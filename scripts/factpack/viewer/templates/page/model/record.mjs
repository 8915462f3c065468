import { quoting } from "./quoting.mjs";
import { givenVotes, hasAny, lackingVotes } from "./votes.mjs";

export const LISTS = { claim: "claims", unverified: "unverified", not_checkable: "not_checkable" };
const MAX_ID = 48;

/** Words joined by hyphens, as an id is made of them. */
export function slug(text, most = MAX_ID) {
  const plain = text.replaceAll("ß", "ss").replaceAll("ø", "o").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let made = "";
  for (const word of plain.match(/[a-z0-9]+/g) ?? []) {
    if (made.length + word.length + 1 > most) break;
    made += (made ? "-" : "") + word;
  }
  return made;
}

/** An id that is free: a few words of the quote, or of the fact and its value, and the article. */
export function suggestId(draft, quote, taken) {
  const few = (text) => slug(text).split("-").slice(0, 5).join("-");
  const what = [few(quote), few(draft.claim ?? ""), [draft.fact, few(draft.value ?? "")].filter(Boolean).join("-"), "claim"];
  const base = [what.find((each) => /[a-z]/.test(each)), slug(draft.article)].filter(Boolean).join("-");
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken(id)) return id;
  }
}

/** Puts the keys of a record in their order, and leaves out what is empty. */
function filled(entries) {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)));
}

/** The values of a column that the project adds, as they are typed. */
const typed = (column, text) => (column.type === "list of text" ? (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean) : text);

const extra = (columns, values = {}) => columns.map((column) => [column.name, typed(column, values[column.name])]);

/** A passage of evidence as a record has it; one that the form has not changed stays as it was read. */
function passage(entry, scheme, articles) {
  if (typeof entry.given === "string") return entry.given;
  const votes = givenVotes(entry.votes);
  if (entry.given) {
    const kept = { ...entry.given, stance: entry.stance };
    if (votes.length) kept.votes = votes;
    else if (kept.votes?.length) delete kept.votes;
    return kept;
  }
  const groups = scheme.groups === "forbidden" ? [] : (entry.groups ?? "").split(",").map((name) => name.trim()).filter(Boolean);
  const own = [["stance", entry.stance], ["groups", groups], ...extra(scheme.evidence ?? [], entry.extra), ["votes", votes]];
  return filled([["article", entry.article], ...Object.entries(quoting(articles.get(entry.article), entry)), ...own]);
}

/** The record that a form describes, with its keys in the order of the annotation files. */
export function toRecord(draft, scheme, articles) {
  const named = draft.start === undefined ? [] : Object.entries(draft.named ?? quoting(articles.get(draft.article), draft));
  if (draft.kind === "not_checkable") return filled([...named, ["reason", draft.reason]]);
  const said = [["id", draft.id], ...named, ["claim", draft.claim], ["speaker", draft.speaker], ["fact", draft.fact], ["value", draft.value]];
  const kept = Object.entries(draft.kept ?? {});
  const added = extra(scheme.claims ?? [], draft.extra);
  if (draft.kind === "unverified") return filled([...said, ["rationale", draft.rationale], ...added, ...kept]);
  const evidence = typeof draft.evidence === "string" ? draft.evidence : draft.evidence.map((entry) => passage(entry, scheme, articles));
  const judged = [["label", draft.label], ["basis", draft.basis], ["correction", draft.correction], ["rationale", draft.rationale]];
  return filled([...said, ...judged, ...added, ...kept, ["votes", givenVotes(draft.votes)], ["evidence", evidence]]);
}

/** What a record lacks by the scheme, each with the field that it concerns. */
export function missing(draft, scheme, sides) {
  const isClaim = draft.kind === "claim";
  const lacking = [];
  if (!isClaim && hasAny(draft)) lacking.push(["label", "a label, because only a claim has votes"]);
  if (draft.kind === "not_checkable") return draft.reason ? lacking : [...lacking, ["reason", "Reason"]];
  const optional = new Set(scheme.optional);
  const spec = scheme.specs.find((each) => each.name === draft.label);
  const need = (name, title, wanted = true) => {
    if (wanted && !draft[name] && !optional.has(name)) lacking.push([name, title]);
  };
  need("claim", "Claim");
  need("id", "Id");
  need("speaker", "Speaker");
  need("fact", "Fact", isClaim);
  need("value", "Value", isClaim || Boolean(draft.fact));
  if (draft.asked && !draft.question) lacking.push(["question", "Question of the new fact"]);
  if (isClaim) {
    need("label", "Label");
    need("basis", "Basis", Boolean(spec?.basis?.length));
    if (spec?.correction === "required" && !draft.correction) lacking.push(["correction", "Correction"]);
    need("rationale", "Rationale");
  }
  for (const column of scheme.claims ?? []) {
    if (column.required && !draft.extra?.[column.name]) lacking.push([`extra-${column.name}`, column.name.replaceAll("_", " ")]);
  }
  if (isClaim && spec && Array.isArray(draft.evidence)) lacking.push(...lackingEvidence(draft, spec, sides));
  if (isClaim) lacking.push(...lackingVotes(draft, scheme));
  if (draft.id && !(scheme.any_id ? /^[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$/ : /^[a-z0-9]+(-[a-z0-9]+)*$/).test(draft.id)) {
    lacking.push(["id", scheme.any_id ? "an id of letters, digits and _ . : -" : "an id of lower-case words and digits joined by hyphens"]);
  }
  return lacking;
}

/** What the evidence lacks for the label. */
function lackingEvidence(draft, spec, sides) {
  const words = { for: "for the claim", against: "against the claim", neither: "on neither side" };
  const given = new Set(draft.evidence.map((entry) => sides.get(entry.stance)));
  const lacking = (spec.needs ?? []).filter((side) => !given.has(side)).map((side) => ["evidence", `evidence ${words[side]}`]);
  if (spec.evidence === "required" && !draft.evidence.length && !lacking.length) lacking.push(["evidence", "evidence"]);
  for (const side of spec.never ?? []) if (given.has(side)) lacking.push(["evidence", `another label, because this one allows no evidence ${words[side]}`]);
  if (spec.evidence === "forbidden" && draft.evidence.length) lacking.push(["evidence", "another label, because this one allows no evidence"]);
  return lacking;
}
