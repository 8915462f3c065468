import { scroller } from "./elements.mjs";
import { filters } from "./state.mjs";

// A page that `factpack view --watch` serves asks for its next build, and reloads where it was.

export const { build } = document.body.dataset; // empty if this is no page of --watch
const KEPT = "factpack view";

export function keep() {
  const fields = [...filters.elements].map((field) => (field.type === "checkbox" ? field.checked : field.value));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ fields, scroll: scroller().scrollTop }));
  } catch { /* a browser may refuse storage to files; then a reload starts without filters */ }
}

export function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    kept?.fields.forEach((value, index) => {
      const field = filters.elements[index];
      if (field?.type === "checkbox") field.checked = value;
      else if (field?.name) field.value = value;
    });
    return kept?.scroll;
  } catch {
    return undefined;
  }
}

let isLeaving = false;

/** Reloads the page where it is, once: what was saved and the next build may ask for it at the same time. */
export function reload() {
  if (isLeaving) return;
  isLeaving = true;
  keep();
  location.reload();
}

let posted = Promise.resolve(); // settled when the server has answered the last thing that was sent to it

/** Asks the server for something; it answers with JSON, or says why not. */
export function ask(path, body) {
  const asked = request(path, body);
  if (body !== undefined) posted = asked.catch(() => {});
  return asked;
}

async function request(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, { ...options, cache: "no-store" });
  } catch {
    throw new Error("factpack view --watch no longer answers, and nothing was written. Start it again, and open its new address.");
  }
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

/** Waits for the next build; `follow` is called for each, and says whether to wait for more. */
export async function lookForNextBuild(follow) {
  for (let known = build; ;) {
    try {
      const next = await ask(`next?build=${known}`);
      if (next.build !== known) {
        known = next.build;
        await posted; // first the result of a save is shown
        if (!follow()) return;
      }
    } catch {
      await new Promise((done) => { setTimeout(done, 2000); }); // the server has ended, or begins again
    }
  }
}
