export const $ = (id) => document.getElementById(id);
export const narrow = matchMedia("(max-width: 60rem)");

/** An element; texts among the children become text nodes, never markup. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

const NAMES = { not_checkable: "not checkable", unaccounted: "not accounted for" };
export const named = (key) => NAMES[key] ?? key.replaceAll("_", " ");
export const voice = (speaker) => (speaker === "article" ? "the article itself" : speaker);

/** The class of what is drawn for a mark: the tone of its label, or its kind. */
export const style = (mark) => mark.tone ?? mark.kind;
export const title = (mark) => mark.label?.replaceAll("_", " ") ?? named(mark.kind);
const chip = (kind, text) => el("span", { class: `chip ${kind}` }, text);
export const chipOf = (mark) => chip(style(mark), title(mark));
export const problemChip = () => chip("problem", named("problem"));
export const stanceChip = (side, stance) => chip(side, stance.replaceAll("_", " "));

/** Words of the data among those of the page, which may run in the other direction. */
export const said = (text, attributes = {}) => el("bdi", attributes, text);

export function notice(problem) {
  return el(
    "div",
    { class: `notice ${problem.severity}` },
    el("p", {}, el("b", {}, `${problem.severity}: `), problem.message),
    el("p", {}, problem.hint ?? ""),
    el("p", { class: "where" }, `${problem.where} · ${problem.rule}`),
  );
}

/** What scrolls the text: a part of the page on a wide screen, all of it on a narrow one. */
export const scroller = () => (narrow.matches ? document.scrollingElement : $("reader"));

/** Says it to a screen reader. */
export function say(...text) {
  $("status").replaceChildren(...text);
}
