import { $, el, said } from "../elements.mjs";
import { NO_ARTICLE } from "../model/corpus.mjs";
import { located } from "../model/quoting.mjs";
import { LISTS } from "../model/record.mjs";
import { articles, byId, data, hooks, state } from "../state.mjs";
import { ask, build, reload } from "../watch.mjs";
import { additions, isComplete, outcome } from "./copy.mjs";
import { draft, keepDraft, recordOf } from "./draft.mjs";
import { openEditor } from "./editor.mjs";

// Saving, in a page that `factpack view --watch` serves.

const DONE = "factpack done";
const OWN = ["id", "quote", "prefix", "suffix", "start", "claim", "speaker", "fact", "value", "label", "basis", "correction", "rationale", "reason", "evidence", "votes"];

const targetOf = (mark) => (mark.id ? { listed: LISTS[mark.kind], id: mark.id } : { listed: LISTS[mark.kind], start: mark.start, end: mark.end });

/** Shows what came of a save once the page is there with it. */
function finish(text, done, address) {
  try {
    sessionStorage.setItem(DONE, JSON.stringify({ text: `${text} ${done.files.join(" and ")}. ${done.summary}`, undo: done.undo }));
  } catch { /* then the page shows the result, and nothing is said */ }
  draft.now = null;
  keepDraft();
  if (address !== undefined) history.replaceState(null, "", address);
  reload();
}

/** Says what the last save did, with a button that takes it back. */
export function showDone() {
  let done;
  try {
    done = JSON.parse(sessionStorage.getItem(DONE) ?? "null");
    sessionStorage.removeItem(DONE);
  } catch {
    done = null;
  }
  if (!done) return;
  const text = el("span", { dir: "auto" }, done.text);
  const undo = el("button", { type: "button" }, "Undo");
  undo.onclick = async () => {
    try {
      finish("Undone in", await ask("undo", {}));
    } catch (error) {
      text.textContent = error.message;
      undo.remove();
    }
  };
  const close = el("button", { type: "button", class: "plain", "aria-label": "Close" }, "✕");
  close.onclick = () => { $("done").hidden = true; };
  $("done").replaceChildren(text, done.undo ? undo : "", close);
  $("done").hidden = false;
}

export async function saveDraft() {
  if (!isComplete()) return;
  const { now } = draft;
  const button = document.querySelector("#editor [name=save]");
  button.disabled = true;
  try {
    const request = { action: now.edit ? "change" : "insert", article: now.article, listed: LISTS[now.kind], record: recordOf(now), ...additions() };
    if (now.edit) request.target = now.edit;
    const done = await ask("save", request);
    finish("Saved in", done, now.kind === "not_checkable" ? `#/at/${now.article}/${now.start}` : `#${now.id}`);
  } catch (error) {
    outcome(el("p", { class: "notice error" }, error.message));
  } finally {
    button.disabled = false;
  }
}

/** Opens the form with a record as its file has it. */
async function change(mark) {
  const target = targetOf(mark);
  const { record, digest } = await ask("record", { article: mark.article.id, target });
  const range = located(mark.article, record) ?? { start: mark.start, end: mark.end };
  const named = Object.fromEntries(["quote", "prefix", "suffix", "start"].filter((key) => key in record).map((key) => [key, record[key]]));
  const columns = (data.scheme.claims ?? []).map(({ name }) => name);
  openEditor({
    ...Object.fromEntries(OWN.map((key) => [key, record[key] ?? ""])),
    ...range,
    article: mark.article.id,
    kind: mark.kind,
    named: record.quote ? named : undefined,
    evidence: typeof record.evidence === "string" ? record.evidence : (record.evidence ?? []).map(passageOf),
    votes: record.votes ?? [],
    extra: Object.fromEntries(columns.map((name) => [name, [record[name] ?? ""].flat().join("\n")])),
    kept: Object.fromEntries(Object.entries(record).filter(([key]) => !OWN.includes(key) && !columns.includes(key))),
    touched: true,
    edit: { ...target, digest },
  });
}

/** A passage of evidence as the form has it: with its place, and as it was written. */
function passageOf(given) {
  if (typeof given === "string") return { given, stance: "" };
  const mark = given.claim ? byId.get(given.claim) : undefined;
  const article = mark?.article ?? articles.get(given.article);
  const range = mark ? { start: mark.start, end: mark.end } : article ? located(article, given) ?? {} : {};
  return { article: article?.id ?? "", ...range, stance: given.stance, votes: given.votes ?? [], given };
}

/** Buttons that change or delete what is selected. */
function drawTools() {
  const { mark } = state;
  const panel = $("panel");
  if (!build || !mark || !LISTS[mark.kind] || mark.article.id === NO_ARTICLE) return;
  const failed = el("p", { role: "alert" });
  const button = (text, act) => {
    const made = el("button", { type: "button" }, text);
    made.onclick = async () => {
      try {
        await act(made);
      } catch (error) {
        failed.replaceChildren(said(error.message));
      }
    };
    return made;
  };
  const remove = async (made) => {
    if (!made.dataset.sure) {
      made.dataset.sure = "yes";
      made.textContent = "Really delete?";
      return;
    }
    const target = targetOf(mark);
    const { digest } = await ask("record", { article: mark.article.id, target });
    finish("Deleted in", await ask("save", { action: "delete", article: mark.article.id, target: { ...target, digest } }), `#/article/${mark.article.id}`);
  };
  panel.append(el("div", { class: "acts tools" }, button("Change", () => change(mark)), button("Delete", remove)), failed);
}

export const listenToTools = () => hooks.gone.push(drawTools);
