import { $, el, say } from "../elements.mjs";
import { words } from "../model/offsets.mjs";
import { quoting } from "../model/quoting.mjs";
import { articles, byId, data, facts, hooks, sides } from "../state.mjs";
import { draft, keepDraft, newDraft, suggestion } from "./draft.mjs";
import { addEvidence, canBeEvidence, drawEvidence, drawOthers } from "./evidence.mjs";
import { highlight } from "./ranges.mjs";
import { setPick } from "./pick.mjs";
import { annotators, claimVotes, hasVotes } from "./voting.mjs";

// The form in which an annotation is written. Its fields follow the scheme of the project.

export const form = document.querySelector("#editor form");
const TYPED = ["verdict", "reason", "basis", "claim", "speaker", "fact", "question", "value", "correction", "rationale", "id"];
const NO_LABEL = { unverified: "unverified: no evidence for or against it", not_checkable: "not checkable: it states nothing to check" };

const specOf = (label) => data.scheme.specs.find((spec) => spec.name === label);
const option = (value, text) => el("option", { value }, text);

/** What can be done with picked words: begin an annotation, or make them the evidence or the quote of the one that is open. */
export function actsOn(range) {
  const button = (text, act) => {
    const made = el("button", { type: "button" }, text);
    made.onclick = () => {
      setPick(null);
      getSelection().removeAllRanges();
      act();
    };
    return made;
  };
  if (!draft.now) return [button("Annotate these words", () => openEditor(newDraft(range)))];
  const stances = canBeEvidence(range) ? [...sides.keys()] : [];
  const acts = stances.map((stance) => button(`Evidence: ${stance.replaceAll("_", " ")}`, () => {
    addEvidence(range, stance);
    onChange();
    say(`Evidence added: ${stance}`);
  }));
  acts.push(button("Use as the quote", () => {
    Object.assign(draft.now, range, { named: undefined });
    if (!draft.now.touched) draft.now.id = suggestion(draft.now);
    drawEditor();
  }));
  return acts;
}

/** Opens the form with a draft. */
export function openEditor(with_) {
  draft.now = with_;
  fillLists();
  document.body.classList.add("editing");
  $("editor").hidden = false;
  $("outcome").replaceChildren();
  $("yaml").hidden = true;
  drawEditor();
  $("editor").scrollTop = 0;
  form.elements.verdict.focus({ preventScroll: true });
}

function closeEditor() {
  draft.now = null;
  keepDraft();
  document.body.classList.remove("editing");
  $("editor").hidden = true;
  for (const name of ["quote", "chosen"]) highlight(name, []);
  $("reader").focus({ preventScroll: true });
  for (const hook of hooks.closed) hook();
}

/** Fills the lists of what the project has. */
function fillLists() {
  const { scheme } = data;
  const speakers = new Set(["article", ...(scheme.speakers ?? []), ...[...byId.values()].map((mark) => mark.speaker).filter(Boolean)]);
  $("speakers").replaceChildren(...[...speakers].map((name) => option(name, name === "article" ? "the article itself" : name)));
  $("facts-known").replaceChildren(...data.facts.map((fact) => option(fact.id, fact.question)));
  $("annotators").replaceChildren(...(hasVotes() ? annotators() : []).map((name) => option(name)));
  form.elements.reason.replaceChildren(option("", "choose"), ...(scheme.reasons ?? []).map((name) => option(name, name)));
  form.elements.verdict.replaceChildren(option("", "choose"), ...scheme.specs.map(({ name }) => option(`=${name}`, name.replaceAll("_", " "))), ...Object.entries(NO_LABEL).map(([name, text]) => option(name, text)));
  $("extra").replaceChildren(...(scheme.claims ?? []).map((column) => {
    const text = `${column.name.replaceAll("_", " ")}${column.required ? "" : " (optional)"}: ${column.description}`;
    const input = column.type === "boolean" ? el("select", {}, option("", "–"), option("true", "true"), option("false", "false")) : el(column.type === "list of text" ? "textarea" : "input", { dir: "auto" });
    input.name = `extra-${column.name}`;
    input.dataset.extra = column.name;
    return el("label", {}, column.type === "list of text" ? `${text}, one a line` : text, " ", input);
  }));
}

/** Draws the form from the draft. */
export function drawEditor() {
  const { now } = draft;
  const { elements } = form;
  $("editing").textContent = now.edit ? "Change the annotation" : "New annotation";
  for (const name of TYPED) elements[name].value = now[name] ?? "";
  elements.verdict.value = now.kind === "claim" ? (now.label ? `=${now.label}` : "") : now.kind;
  for (const input of form.querySelectorAll("[data-extra]")) input.value = now.extra[input.dataset.extra] ?? "";
  $("cast").replaceChildren(...(hasVotes() ? [claimVotes(now)] : []));
  drawDependent();
}

/** Draws what depends on other fields. */
function drawDependent() {
  const { now } = draft;
  const { elements } = form;
  const article = articles.get(now.article);
  const here = now.start !== undefined;
  form.querySelector(".quoted").replaceChildren(here ? el("q", { lang: article.language }, words(article, now)) : "");
  const named = here ? (now.named ?? quoting(article, now)) : {};
  const context = [["prefix", named.prefix], ["suffix", named.suffix]].filter(([, text]) => text).map(([name, text]) => ` · ${name} “${text}”`).join("");
  form.querySelector(".where").textContent = here ? `${now.article}[${now.start}:${now.end}]${context}${named.start === undefined ? "" : " · by its offset"}` : "";
  for (const part of form.querySelectorAll("[data-of]")) part.hidden = !part.dataset.of.split(" ").includes(now.kind);
  const spec = now.kind === "claim" ? specOf(now.label) : undefined;
  $("meaning").textContent = spec?.meaning ?? "";
  elements.basis.replaceChildren(option("", "choose"), ...(spec?.basis ?? []).map((name) => option(name, name.replaceAll("_", " "))));
  if (!(spec?.basis ?? []).includes(now.basis)) now.basis = spec?.basis?.length === 1 ? spec.basis[0] : "";
  elements.basis.value = now.basis;
  elements.basis.parentElement.hidden = now.kind !== "claim" || !spec?.basis?.length;
  $("ground").textContent = data.scheme.bases[now.basis] ?? "";
  $("corrected").hidden = !spec || (spec.correction ?? "forbidden") === "forbidden";
  if ($("corrected").hidden) now.correction = "";
  const known = facts.get(now.fact);
  now.asked = Boolean(now.fact) && !known;
  $("asked").textContent = known?.question ?? "";
  $("question").hidden = !now.asked || now.kind === "not_checkable";
  $("evidenced").hidden = now.kind !== "claim" || spec?.evidence === "forbidden";
  drawOthers();
  drawEvidence();
  keepDraft();
}

/** Takes what was typed into the draft. */
export function onChange(event) {
  const { now } = draft;
  const field = event?.target;
  if (!now) return;
  if (field?.name === "verdict") {
    now.kind = field.value in NO_LABEL ? field.value : "claim";
    now.label = now.kind === "claim" ? field.value.slice(1) : "";
  } else if (field?.dataset.extra) {
    now.extra[field.dataset.extra] = field.value;
  } else if (TYPED.includes(field?.name)) {
    now[field.name] = field.value;
  }
  if (field?.name === "id") now.touched = true;
  else if (!now.touched && !now.edit && ["fact", "value", "claim"].includes(field?.name)) form.elements.id.value = now.id = suggestion(now);
  const isItsOwn = field?.closest("#evidenced, #cast"); // they take what is typed themselves, and stay as they are drawn
  if (isItsOwn || field?.tagName === "TEXTAREA" || field?.name === "id") keepDraft();
  else drawDependent();
}

/** Ends the draft; words that were typed are asked for once more. */
export function onDiscard(event) {
  const button = event.target;
  if (button.dataset.sure || !(draft.now.rationale || draft.now.evidence.length || draft.now.label)) {
    delete button.dataset.sure;
    button.textContent = "Discard";
    closeEditor();
    return;
  }
  button.dataset.sure = "yes";
  button.textContent = "Really discard?";
  button.onblur = () => {
    delete button.dataset.sure;
    button.textContent = "Discard";
  };
}
