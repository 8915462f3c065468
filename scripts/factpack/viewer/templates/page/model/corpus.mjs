import { join } from "./offsets.mjs";

/** The passages that a claim or a fact names; made when they are needed, because most never are. */
export function passages(holder, rows) {
  holder.cited ??= (rows ?? []).map(([article, start, end, stance, quote], index) => (
    { article, start, end, stance, quote, ...holder.given?.[index] }
  ));
  return holder.cited;
}

export const NO_ARTICLE = ":"; // which no article has for its id

/** Whether a mark is at words of an article; else it is of the whole article, or of none. */
export const placed = (mark) => mark.start !== undefined;

/** What passages of evidence need each other: each group of them, by its name, and those that suffice alone, by "". */
export function groups(cited) {
  const found = new Map();
  for (const passage of cited) {
    for (const name of passage.groups ?? [""]) found.set(name, [...(found.get(name) ?? []), passage]);
  }
  return found;
}

/** Connects articles, marks, facts and problems with each other; returns the maps to find them in. */
export function connect(data) {
  const articles = new Map();
  const facts = new Map(data.facts.map((fact) => [fact.id, { ...fact, answers: [], problems: [] }]));
  const byId = new Map();
  const byPlace = new Map();
  const labels = new Map(data.labels.map(([label, tone, contested], index) => [label, { tone, contested, described: `label-${index + 1}` }]));
  if (data.claims.length) data.articles.push({ id: NO_ARTICLE, text: "", title: "Claims in no article", marks: data.claims });
  for (const [number, article] of data.articles.entries()) {
    article.number = number;
    article.problems = [];
    article.marks ??= [];
    if (article.only_source) join(article);
    articles.set(article.id, article);
    for (const [index, mark] of article.marks.entries()) {
      mark.article = article;
      Object.assign(mark, labels.get(mark.label));
      mark.kind ??= "claim";
      mark.href = `#${mark.id}`;
      const unnamed = mark.id ? byId.get(mark.id) : mark; // an id that is there already names the later one
      if (unnamed) {
        unnamed.href = `#/at/${unnamed.article.id}/${unnamed.start ?? `-${index}`}`;
        byPlace.set(unnamed.href, unnamed);
      }
      if (mark.id) byId.set(mark.id, mark);
      if (mark.fact) facts.get(mark.fact)?.answers.push(mark);
    }
  }
  for (const [number, problem] of data.problems.entries()) {
    const article = articles.get(problem.article);
    const note = byId.get(problem.note);
    problem.href = note ? note.href : problem.fact ? `#/fact/${problem.fact}` : `#/problem/${number + 1}`;
    problem.kind = "problem";
    problem.article = article;
    if (note) (note.problems ??= []).push(problem);
    else if (problem.fact) facts.get(problem.fact)?.problems.push(problem);
    else article?.problems.push(problem);
  }
  return { articles, facts, byId, byPlace };
}
