"""Find where a problem shows in the articles: the words that it concerns, or the fact.

A problem names a file, a line and a column. They lead to an entry of the annotation file, and the entry to its words.
It is read as plain data, so that an entry that is only half written counts too.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from factpack.checks.problem import Problem
from factpack.corpus.types import ArticleText, RegisteredText
from factpack.formats.format import Entry
from factpack.formats.registry import source_file
from factpack.project.layout import SEEDS, ProjectFiles
from factpack.text.locate import Ambiguous, Misplaced, locate
from factpack.text.sentences import Span


@dataclass(frozen=True, slots=True)
class ProblemSpan:
    """Give a problem and what it concerns; a field is empty if it does not apply or is not known.

    Attributes:
        problem: The problem.
        article: The id of the article that it shows in.
        note: The id of the claim or unverified passage.
        fact: The id of the fact.
        spans: The words of the quote or, if the quote is wrong, the words that it may mean.
    """

    problem: Problem
    article: str = ""
    note: str = ""
    fact: str = ""
    spans: tuple[Span, ...] = ()


def locate_problems(
    problems: Iterable[Problem], project: ProjectFiles, articles: Mapping[str, RegisteredText]
) -> Iterator[ProblemSpan]:
    """Yield every problem with what it concerns.

    Args:
        problems: The problems of a project.
        project: The project.
        articles: The articles that could be read, by their ids.
    """
    problems = list(problems)
    lines: dict[str, set[int]] = defaultdict(set)
    for problem in problems:
        lines[problem.path].add(problem.line)
    paths = {project.name(path): path for path in project.sources}
    files: dict[str, list[Entry]] = {}
    text_files = {f"{SEEDS}/{article.record.value.file}": article.text for article in articles.values()}
    line_starts: dict[str, array[int]] = {}  # of an article, by its file
    texts = {name: article.text for name, article in articles.items()}
    for problem in problems:
        if problem.path in text_files:
            text = text_files[problem.path]
            if problem.path not in line_starts:
                line_starts[problem.path] = array("I", [0, *(end.end() for end in re.finditer("\n", text.text))])
            yield _in_text(problem, text, line_starts[problem.path][problem.line - 1])
            continue
        if problem.path not in files:
            path = paths.get(problem.path)
            files[problem.path] = _entries(problem.path, path, lines[problem.path]) if path else []
        entries = files[problem.path]
        index = bisect_right(entries, (problem.line, problem.column), key=lambda entry: entry.position)
        yield _in_entry(problem, entries[index - 1], texts) if index else ProblemSpan(problem)


def _in_text(problem: Problem, text: ArticleText, line_start: int) -> ProblemSpan:
    """Locate a problem of an article itself: the sentence at its place."""
    start = line_start + problem.column - 1
    character = Span(start, min(start + 1, len(text.text)))
    return ProblemSpan(problem, text.article, spans=text.sentences_of(character) or (character,))


def _entries(name: str, path: Path, lines: Collection[int]) -> list[Entry]:
    """Return the entries of an annotation file in its order, at least those in which any of the lines can be."""
    if not path.is_file():
        return []
    source = source_file(name, path)
    return sorted(source.format.entries(source, lines), key=lambda entry: entry.position)


def _in_entry(problem: Problem, entry: Entry, texts: Mapping[str, ArticleText]) -> ProblemSpan:
    """Locate a problem of an entry: its words, or those that it may mean."""
    fields = entry.plain if isinstance(entry.plain, dict) else {}
    entry_id = str(fields.get("id") or "")
    if entry.kind == "facts":
        return ProblemSpan(problem, fact=entry_id)
    if entry.kind == "articles":
        return ProblemSpan(problem, article=entry_id if entry_id in texts else "")
    article = str(fields.get("article") or entry.article)
    text = texts.get(article)
    if text is None:  # a claim in no article, or in one that is not known
        return ProblemSpan(problem, note=entry_id)
    words = (str(fields.get(key) or "") for key in ("quote", "prefix", "suffix"))
    quote, prefix, suffix = (unicodedata.normalize("NFC", each) for each in words)  # as annotations are read
    start = str(fields.get("start", ""))
    at = int(start) if _OFFSET.fullmatch(start) else None
    return ProblemSpan(problem, article, entry_id, spans=_spans(text.text, quote, prefix, suffix, at) if quote else ())


_OFFSET = re.compile(r"[0-9]{1,18}")


def _spans(text: str, quote: str, prefix: str, suffix: str, at: int | None) -> tuple[Span, ...]:
    match locate(text, quote, prefix, suffix, start=at):
        case Span() as span:
            return (span,)
        case Ambiguous(starts) | Misplaced(places=Ambiguous(starts)):
            return tuple(Span(start, start + len(quote)) for start in starts)
        case missing:
            start = text.find(missing.nearest)
            return (Span(start, start + len(missing.nearest)),) if missing.nearest and start >= 0 else ()
