"""Anchor quotes in the texts, and collect what is wrong with them."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from factpack.anchoring.references import KnownNames, References
from factpack.anchoring.state import AnchoringState
from factpack.anchoring.text_store import Cut
from factpack.checks.problem import Problems
from factpack.checks.registry import judge
from factpack.corpus.subjects import CutQuote, PlaceWithoutArticle, QuoteNotLocated, UnknownName
from factpack.corpus.types import NO_SPAN, AnchoredPassage, ArticleText
from factpack.formats.format import ReadError
from factpack.formats.locations import Record, Records
from factpack.project.models import Passage
from factpack.text.locate import Misplaced
from factpack.text.sentences import Span

Steps = tuple[str | int, ...]


class PassageAnchorer:
    """Anchor quotes in the texts.

    Args:
        references: The texts, and the names that annotations may use.
        state: What annotations add up to; the problems are counted there.
    """

    def __init__(self, references: References, state: AnchoringState) -> None:
        self.references = references
        self.state = state
        self.limits = references.texts.limits
        self.problems = Problems((), self.limits.max_shown)
        self.text: ArticleText | None = None  # of the article that is annotated

    def judge(self, subject: object) -> None:
        """Apply the rules to a value. When enough problems are reported already, its problems are only counted."""
        for problem in judge(subject):
            enough = self.state.reported["error"] + (0 if problem.failed else self.state.reported["warning"])
            (self.problems.add if enough < self.limits.max_shown else self.problems.add_counted)(problem)

    def drain_problems(self) -> Iterator[Problems]:
        """Yield the problems so far, and forget them."""
        if self.problems:
            self.state.reported.update(self.problems.counts)
            yield self.problems
            self.problems = Problems((), self.limits.max_shown)

    def unknown(self, names: KnownNames, name: str, record: Record[Any], *path: str | int) -> None:
        """Report the name at ``path`` of a record, if it is none of the known names."""
        if name not in names.numbers and names.complete:
            self.judge(UnknownName(names.kind, name, record.at(*path), names.numbers.keys(), names.register))

    def spans_of(self, records: Records[Any], text: ArticleText | None) -> list[Span | None]:
        """Return the span of the quote of each record in its article; ``None`` where something is wrong with it."""
        if text is None:
            return [None] * len(records)
        spans: list[Span | None] = []
        for index, value in enumerate(records.values):
            if value.quote and not text.article:
                self.judge(PlaceWithoutArticle(records[index].at("quote"), "quote"))
                spans.append(None)
                continue
            found = self.references.texts.find(text, value) if value.quote else NO_SPAN
            # A record is made only where something is wrong, as most of them are right.
            if isinstance(found, Span):
                spans.append(found)
            else:
                spans.append(self.anchor(records[index], (), value, text))
        return spans

    def anchor(self, record: Record[Any], path: Steps, words: Any, text: ArticleText) -> Span | None:
        """Return the span of a quote, or report what is wrong with it."""
        found = self.references.texts.find(text, words)
        if isinstance(found, Cut):
            self.judge(CutQuote(record.at(*path, "quote"), found.span, text.text))
            return found.span
        if not isinstance(found, Span):
            key = "start" if isinstance(found, Misplaced) else "quote"
            elsewhere = self.references.texts.article_with
            self.judge(QuoteNotLocated(record.at(*path, key), text.article, found, elsewhere))
            return None
        return found

    def placeless(self, record: Record[Any], path: Steps, passage: Passage) -> None:
        """Report what a passage that is given without its article says of a place in it, and words that are blank."""
        for key in ("prefix", "suffix", "start"):
            if getattr(passage, key) not in ("", UNSET):
                self.judge(PlaceWithoutArticle(record.at(*path, key), key))
        if passage.quote.isspace():
            self.judge(ReadError("minLength", record.at(*path, "quote"), passage.quote, 1))

    def passage(self, record: Record[Any], path: Steps, passage: Passage) -> AnchoredPassage:
        """Anchor a passage of any article."""
        text = self.references.texts.get(passage.article)
        if text is None:
            self.unknown(self.references.articles, passage.article, record, *path, "article")
            return AnchoredPassage(passage, None, "", -1)
        span = self.anchor(record, path, passage, text)
        return text.anchored(passage, span) if span else AnchoredPassage(passage, None, "", -1)
