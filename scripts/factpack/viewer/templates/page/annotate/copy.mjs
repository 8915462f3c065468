import { $, el } from "../elements.mjs";
import { data, facts, sides } from "../state.mjs";
import { LISTS, missing } from "../model/record.mjs";
import { scalar, toYaml } from "../model/yaml.mjs";
import { draft, recordOf } from "./draft.mjs";

const fieldOf = (name) => document.querySelector("#editor form").elements[name === "label" ? "verdict" : name];

export const outcome = (...parts) => $("outcome").replaceChildren(...parts);

/** Whether the draft has everything; if not, says what it lacks, and goes to the first field of it. */
export function isComplete() {
  const lacking = missing(draft.now, data.scheme, sides);
  for (const field of document.querySelectorAll("#editor [aria-invalid]")) field.removeAttribute("aria-invalid");
  if (!lacking.length) return true;
  for (const [name] of lacking) fieldOf(name)?.setAttribute("aria-invalid", "true");
  outcome(el("p", {}, `Missing: ${lacking.map(([, title]) => title).join(", ")}.`));
  (fieldOf(lacking[0][0]) ?? $("evidenced").querySelector("button, select") ?? $("editor")).focus();
  return false;
}

/** What else has to be written, where the record names what the project does not have yet. */
export function additions() {
  const { now } = draft;
  const added = {};
  if (now.kind === "not_checkable") return added;
  if (now.speaker && now.speaker !== "article" && !(data.scheme.speakers ?? []).includes(now.speaker)) added.speaker = now.speaker;
  if (now.fact && !facts.has(now.fact)) added.fact = { id: now.fact, question: now.question };
  return added;
}

/** Copies the record as YAML, and says where it belongs. */
export async function copyYaml() {
  if (!isComplete()) return;
  const { now } = draft;
  const yaml = toYaml(recordOf(now));
  const { speaker, fact } = additions();
  const area = $("yaml").querySelector("textarea");
  area.value = yaml;
  $("yaml").hidden = false;
  const parts = [el("p", {}, await written(area), " Paste it under ", el("code", {}, `${LISTS[now.kind]}:`), ` in annotations/${now.article}.yaml.`)];
  if (fact) parts.push(el("p", {}, "The fact is new; add it under ", el("code", {}, "facts:"), " in annotations/facts.yaml:"), el("pre", {}, toYaml(fact)));
  if (speaker) parts.push(el("p", {}, "The speaker is new; add this to the list ", el("code", {}, "speakers:"), " in annotations/dataset.yaml:"), el("pre", {}, scalar(speaker)));
  outcome(...parts);
}

async function written(area) {
  try {
    await navigator.clipboard.writeText(area.value);
    return "Copied.";
  } catch { // the page has no right to the clipboard: the selected text can be copied by hand
    area.focus();
    area.select();
    return document.execCommand("copy") ? "Copied." : "Copy the selected text below.";
  }
}
