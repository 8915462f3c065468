/** The votes that are given; a row of the form that is empty again is none. */
export const givenVotes = (votes) => (votes ?? []).filter(({ by, vote }) => by || vote);

/** What can have votes in a draft, the claim and its passages: its votes, the begin of their fields' names, and its name. */
function voted(draft) {
  const passages = Array.isArray(draft.evidence) ? draft.evidence : [];
  const own = passages.map((entry, index) => ({ votes: entry.votes, field: `votes-${index + 1}`, name: `passage ${index + 1}`, isFree: typeof entry.given === "string" }));
  return [{ votes: draft.votes, field: "votes", name: "the claim" }, ...own];
}

export const hasAny = (draft) => voted(draft).some(({ votes }) => givenVotes(votes).length);

/** What the votes of a claim and of its passages lack, each with the field that it concerns. */
export const lackingVotes = (draft, scheme) => voted(draft).flatMap((each) => lackingIn(each, scheme.votes));

function lackingIn({ votes = [], field, name, isFree }, presence) {
  if (presence === "required" && !isFree && !givenVotes(votes).length) return [[`${field}-by-0`, `votes on ${name}`]];
  const half = votes.findIndex(({ by, vote }) => Boolean(by) !== Boolean(vote));
  if (half >= 0) return votes[half].by ? [[`${field}-vote-${half}`, `the vote of ${votes[half].by} on ${name}`]] : [[`${field}-by-${half}`, `the annotator of a vote on ${name}`]];
  const twice = votes.findIndex(({ by }, index) => by && votes.findIndex((other) => other.by === by) < index);
  return twice >= 0 ? [[`${field}-by-${twice}`, `another annotator for the second vote of ${votes[twice].by} on ${name}`]] : [];
}
