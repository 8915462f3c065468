import { el } from "../elements.mjs";
import { byId, data, sides } from "../state.mjs";

// The votes of single annotators: a row for each, and an empty one for the next.

const NO_VOTE = { by: "", vote: "" };

export const hasVotes = () => (data.scheme.votes ?? "forbidden") !== "forbidden";

/** The fields for the votes on the claim of a draft. */
export const claimVotes = (draft) => fieldsOf(draft, "votes", "the claim", [...data.scheme.specs.map(({ name }) => name), "unverified", "not_checkable"]);

/** The fields for the votes on a passage of evidence, by its number from 1. */
export const passageVotes = (entry, number) => fieldsOf(entry, `votes-${number}`, `passage ${number}`, [...sides.keys()]);

/** Everybody who votes in this project. */
export function annotators() {
  const all = [...byId.values()].flatMap((mark) => [mark, ...(mark.given ?? [])].flatMap(({ votes }) => votes ?? []));
  return [...new Set(all.map(([by]) => by))];
}

function fieldsOf(holder, prefix, where, names) {
  holder.votes ??= [];
  const fields = el("fieldset", { class: "votes" });
  drawRows(fields, { holder, prefix, where, names });
  return fields;
}

function drawRows(fields, of) {
  const rows = [...of.holder.votes, NO_VOTE].map((vote, index) => voteRow(fields, of, vote, index));
  fields.replaceChildren(el("legend", {}, `Votes on ${of.where}`), ...rows);
}

function voteRow(fields, of, vote, index) {
  const { holder: { votes }, prefix, where, names } = of;
  const by = el("input", { name: `${prefix}-by-${index}`, list: "annotators", placeholder: "annotator", dir: "auto", "aria-label": `Annotator ${index + 1} of ${where}` });
  const choice = el("select", { name: `${prefix}-vote-${index}`, "aria-label": `Vote ${index + 1} on ${where}` }, el("option", { value: "" }, "choose"), ...names.map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
  const remove = el("button", { type: "button", class: "plain", "aria-label": `Remove vote ${index + 1} on ${where}` }, "✕");
  by.value = vote.by;
  choice.value = vote.vote;
  remove.hidden = index === votes.length;
  by.oninput = choice.oninput = () => {
    const isNew = index === votes.length;
    votes[index] = { by: by.value.trim(), vote: choice.value };
    remove.hidden = false;
    if (isNew) fields.append(voteRow(fields, of, NO_VOTE, index + 1));
  };
  remove.onclick = () => {
    votes.splice(index, 1);
    drawRows(fields, of);
    fields.querySelectorAll("input")[index].focus();
    fields.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return el("div", { class: "entry" }, by, choice, remove);
}
