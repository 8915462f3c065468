"""Keep what annotations add up to besides their articles: ids, answers, coverage and counts."""

from collections import Counter
from dataclasses import dataclass, field

from factpack.checks.problem import Problem, Problems, Severity
from factpack.checks.registry import judge
from factpack.corpus.id_index import IdIndex
from factpack.corpus.types import AnchoredArticle
from factpack.corpus.wordings import Wordings
from factpack.formats.locations import Record
from factpack.limits import DEFAULT_LIMITS


class Coverage:
    """Keep the problems of whole articles until all annotations are read, as another file may annotate them too.

    Args:
        max_shown: How many are kept in full, of all articles together.
    """

    def __init__(self, max_shown: int = DEFAULT_LIMITS.max_shown) -> None:
        self.found: dict[str, Problems] = {}
        self.max_shown = max_shown
        self._kept = 0
        self._last: Problem | None = None

    def judge(self, article: AnchoredArticle) -> None:
        """Judge an article as a whole."""
        problems = Problems((), self.max_shown)
        problems.add_sorted(judge(article))
        self.add(article.text.article, problems)

    def add(self, article: str, problems: Problems) -> None:
        """Add the problems of an article."""
        if not problems:
            return
        if self._last:
            problems.cut(self._last)
        self.found[article] = problems
        self._kept += len(problems.shown)
        if self._kept > 2 * self.max_shown:
            self._last = sorted(problem for each in self.found.values() for problem in each.shown)[self.max_shown - 1]
            for each in self.found.values():
                each.cut(self._last)
            self._kept = self.max_shown

    def drop(self, article: str) -> None:
        """Forget an article, which is annotated elsewhere too."""
        if dropped := self.found.pop(article, None):
            self._kept -= len(dropped.shown)


@dataclass(slots=True)
class AnchoringState:
    """Keep what annotations add up to besides the articles that they are in.

    Attributes:
        coverage: The problems of whole articles.
        index: The ids and answers of claims and unverified passages.
        wordings: What they say, by hashes.
        annotated: Where each article is annotated.
        splits: The split of each annotated article, if there are splits.
        claims: The number of claims.
        reported: The number of problems that records have, by severity.
        whole: Whether all annotations could be read.
        named: Whether the article of every annotation is known.
    """

    coverage: Coverage = field(default_factory=Coverage)
    index: IdIndex = field(default_factory=IdIndex)
    wordings: Wordings = field(default_factory=Wordings)
    annotated: dict[str, Record[None]] = field(default_factory=dict)
    splits: dict[str, str] = field(default_factory=dict)
    claims: int = 0
    reported: Counter[Severity] = field(default_factory=Counter)
    whole: bool = True
    named: bool = True

    def merge(self, later: "AnchoringState") -> bool:
        """Add the state of a later part of the annotations.

        Returns:
            Whether it was added; it is not, if an article is annotated in both parts.
        """
        if not self.annotated.keys().isdisjoint(later.annotated):
            return False
        self.annotated |= later.annotated
        self.splits |= later.splits
        self.index.merge(later.index)
        self.wordings.merge(later.wordings)
        for article, problems in later.coverage.found.items():
            self.coverage.add(article, problems)
        self.claims += later.claims
        self.reported.update(later.reported)
        self.whole = self.whole and later.whole
        self.named = self.named and later.named
        return True
