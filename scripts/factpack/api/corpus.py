"""Hold the anchored annotations of a project."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from factpack.agreement.alignment import Comparison
from factpack.corpus.counts import Counts
from factpack.corpus.types import AnchoredArticle, AnchoredClaim, AnchoredFact
from factpack.project.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from factpack.agreement.figures import AgreementReport


@dataclass(frozen=True)
class Corpus:
    """Hold the anchored annotations of a project in memory.

    All offsets are Unicode code points of an article's text, start inclusive, end exclusive.

    Attributes:
        articles: The articles with everything that is annotated in them, in the order of the annotation files;
            what nothing annotates comes last.
        facts: The facts, each with the answers that the articles give.
        comparisons: Each article as the readings have it; empty if there are no readings.
        scheme: What the annotations may say.
    """

    articles: tuple[AnchoredArticle, ...]
    facts: tuple[AnchoredFact, ...]
    comparisons: tuple[Comparison, ...] = ()
    scheme: Scheme = DEFAULT

    @property
    def claims(self) -> Iterator[AnchoredClaim]:
        """Iterate over the claims of all articles."""
        return (claim for article in self.articles for claim in article.claims)

    @cached_property
    def agreement(self) -> "AgreementReport | None":
        """Measure how far the readings agree, and the annotators who voted; None if nobody did."""
        counts = Counts()
        for article in self.articles:
            counts.add_given(article.claims.records.values)
        if not self.comparisons and not any(counts.given.values()):
            return None
        from factpack.agreement.metrics import report  # noqa: PLC0415 - scipy loads slowly

        return report(self.comparisons, counts.given)
