"""Where a problem shows in the articles: the words that it concerns, or the fact.

A problem names a file, a line and a column. Here the way back is found: from there to the entry of the annotation file
that stands at that place, and from the entry to its words. It is read as plain data, so that an entry counts that is
only half written.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as FilePath

from factpack.anchor import Ambiguous, locate
from factpack.corpus import ArticleText, RegisteredText
from factpack.lines import WHOLE_FILE, split_lines
from factpack.problems import Problem
from factpack.project import Project
from factpack.records import read_raw
from factpack.sentences import Span
from factpack.sources import MAX_YAML_BYTES
from factpack.syntax import Path, Plain, Position, Positions, read_yaml


@dataclass(frozen=True, slots=True)
class Place:
    """What a problem concerns; what is empty does not apply or cannot be told.

    ``note`` is the id of the claim or unverified passage, ``spans`` are the words: those of its quote, or, if the quote
    is wrong, those that it may mean.
    """

    problem: Problem
    article: str = ""
    note: str = ""
    fact: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item of a list, or a line: ``kind`` is the name of the list or the file, ``article`` that of the file."""

    at: Position
    kind: str
    article: str
    plain: Plain


def place(problems: Iterable[Problem], project: Project, articles: Mapping[str, RegisteredText]) -> Iterator[Place]:
    """The place of every problem, given the articles that could be read."""
    problems = list(problems)
    lines: dict[str, set[int]] = defaultdict(set)
    for problem in problems:
        lines[problem.path].add(problem.line)
    paths = {project.name(path): path for path in project.sources}
    files: dict[str, list[_Entry]] = {}
    by_file = {f"seeds/{article.record.value.file}": article.text for article in articles.values()}
    texts = {name: article.text for name, article in articles.items()}
    for problem in problems:
        if problem.path in by_file:
            yield _in_text(problem, by_file[problem.path])
            continue
        if problem.path not in files:
            path = paths.get(problem.path)
            files[problem.path] = _entries(path, lines[problem.path]) if path else []
        entries = files[problem.path]
        index = bisect_right(entries, (problem.line, problem.column), key=lambda entry: entry.at)
        yield _of_entry(problem, entries[index - 1], texts) if index else Place(problem)


def _in_text(problem: Problem, text: ArticleText) -> Place:
    """A problem of the article itself: the sentence at its place."""
    lines = text.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: problem.line - 1]) + problem.column - 1
    at = Span(start, min(start + 1, len(text.text)))
    return Place(problem, text.article, spans=text.sentences_of(at) or (at,))


def _entries(path: FilePath, numbers: Collection[int]) -> list[_Entry]:
    """The entries of an annotation file, in its order: of YAML all, after the file itself; of lines those that have one
    of the numbers.
    """
    if not path.is_file():
        return []
    if path.suffix == ".jsonl":
        return list(_lines(path, numbers))
    raw = read_raw(path.name, path, MAX_YAML_BYTES)
    return [] if raw.too_large else list(_items(raw.data.decode(errors="replace"), path.stem))


def _items(text: str, stem: str) -> Iterator[_Entry]:
    positions: dict[Path, Positions] = {}
    plain, _ = read_yaml(text, positions)
    holder = plain if isinstance(plain, dict) else {}
    article = str(holder.get("article", stem))
    yield _Entry(Position(1, 1), "", article, None)
    for path, found in positions.items():
        match path:
            case (str(kind), int(index)) if 0 <= index < len(holder.get(kind) or ()):
                yield _Entry(found.value, kind, article, holder[kind][index])


def _lines(path: FilePath, numbers: Collection[int]) -> Iterator[_Entry]:
    with path.open("rb") as stream:
        for line, data in islice(split_lines(path.name, path, stream, WHOLE_FILE), max(numbers)):
            if line.number not in numbers:
                continue
            try:
                plain = json.loads(data)
            except (ValueError, RecursionError):
                plain = None  # what is wrong with it has no place in an article, nor one in the line before
            yield _Entry(Position(line.number, 1), path.stem, "", plain)


def _of_entry(problem: Problem, entry: _Entry, texts: Mapping[str, ArticleText]) -> Place:
    """A problem of an entry: its words where they stand, or else where they may stand."""
    value = entry.plain if isinstance(entry.plain, dict) else {}
    own = str(value.get("id") or "")
    if entry.kind == "facts":
        return Place(problem, fact=own)
    if entry.kind == "articles":
        return Place(problem, article=own if own in texts else "")
    article = str(value.get("article") or entry.article)
    text = texts.get(article)
    if text is None:
        return Place(problem)
    quote, prefix, suffix = (str(value.get(key) or "") for key in ("quote", "prefix", "suffix"))
    return Place(problem, article, own, spans=_spans(text.text, quote, prefix, suffix) if quote else ())


def _spans(text: str, quote: str, prefix: str, suffix: str) -> tuple[Span, ...]:
    match locate(text, quote, prefix, suffix):
        case Span() as span:
            return (span,)
        case Ambiguous(starts):
            return tuple(Span(start, start + len(quote)) for start in starts)
        case missing:
            at = text.find(missing.nearest)
            return (Span(at, at + len(missing.nearest)),) if missing.nearest and at >= 0 else ()
