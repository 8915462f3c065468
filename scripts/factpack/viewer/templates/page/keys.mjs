import { $ } from "./elements.mjs";
import { onPickKey, pickByKeys } from "./annotate/pick.mjs";
import { list } from "./list.mjs";
import { go } from "./navigation.mjs";
import { filters, state } from "./state.mjs";
import { drawn } from "./text.mjs";

/** Goes through the rows of the list. */
export function onListKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = [...list.rows].find(([, row]) => row.contains(document.activeElement))?.[0];
  if (!by || from === undefined || !list.entries[from + by]) return;
  event.preventDefault();
  list.show(from + by);
  list.rows.get(from + by).firstElementChild.focus({ preventScroll: true });
}

/** Does what a key does anywhere in the page. */
export function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (onPickKey(event)) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape") {
    if (event.target.name === "search") {
      if (!event.target.value) event.target.blur(); // else the browser empties the field
      return;
    }
    if (typing || state.view !== "articles" || $("panel").matches(".empty")) return;
    const from = drawn.links.find(({ link }) => link.hasAttribute("aria-current"));
    location.hash = state.back ?? `#/article/${state.article.id}`;
    from?.link.focus({ preventScroll: true });
  } else if (typing) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    if (filters.hidden) location.hash = "#/articles";
    filters.hidden = false;
    filters.elements.search.focus();
  } else if (event.key === "v" && state.view === "articles") {
    event.preventDefault();
    pickByKeys();
  } else if ((event.key === "j" || event.key === "k") && state.view === "articles") {
    const next = list.step(event.key === "j" ? 1 : -1);
    if (next) {
      history.replaceState(null, "", next.href); // no step back for every step on
      go();
    }
  }
}
