"""Count a corpus while its articles and facts pass by.

The charts, the overview of the page, the card of a release and `factpack stats` take all their numbers from here. Parts
of a corpus can be counted in several processes and merged. What is kept grows with the articles and the speakers, not
with the claims: 240 bytes an article.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from factpack.corpus.types import UNACCOUNTED, AnchoredArticle, AnchoredFact
from factpack.corpus.votes import Unit
from factpack.project.models import Claim
from factpack.project.scheme import DEFAULT, Scheme
from factpack.project.vocabulary import STATUSES

NONE = "none"  # the name of the row of claims without a speaker, a basis or an article


def count_labels(labels: Sequence[str | None], names: Iterable[str]) -> list[int]:
    """Count each label, in the order of the names; ``None`` is not counted."""
    return [labels.count(name) for name in names]


class Origin(NamedTuple):
    """Tell where an article comes from; what is not known is empty."""

    title: str
    url: str
    archived_url: str
    retrieved: str
    license: str


class CountTable:
    """Count in named rows, with a number for every column.

    Attributes:
        columns: The names of the columns.
        rows: The numbers of each row; the rows are in the order in which they were first counted.
        total: The sum of all numbers.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.rows: dict[str, list[int]] = {}
        self.total = 0

    def add(self, rows: Mapping[str, Sequence[int]]) -> None:
        """Add the numbers of rows to those of the same name."""
        for name, numbers in rows.items():
            own = self.rows.setdefault(name, [0] * len(self.columns))
            own[:] = map(int.__add__, own, numbers)
            self.total += sum(numbers)

    def count(self, cells: Iterable[tuple[str, str]]) -> None:
        """Count one for each cell, a row and a column."""
        for (row, column), number in Counter(cells).items():
            self.rows.setdefault(row, [0] * len(self.columns))[self.columns.index(column)] += number
            self.total += number

    @property
    def totals(self) -> list[int]:
        """Add up each column."""
        return [sum(numbers) for numbers in zip(*self.rows.values(), strict=True)] or [0] * len(self.columns)

    def with_totals(self) -> list[tuple[str, list[int]]]:
        """Return the rows that count anything, sorted by name, and one for all of them; each ends in its total."""
        rows = [*sorted((name, row) for name, row in self.rows.items() if any(row)), ("all", self.totals)]
        return [(name, [*row, sum(row)]) for name, row in rows]


class Counts:
    """Count a corpus, or a part of it.

    Attributes:
        scheme: The scheme of the corpus.
        claims_by_article: Claims of each label, by article.
        claims_by_speaker: The same by speaker.
        claims_by_basis: The same by basis.
        claims_by_fold: The same by fold, of those in splits for evaluation, which whoever builds a release adds.
        claims_by_split: The same by split, if there are splits.
        evidence_by_label: Passages of evidence of each stance, by the label of the claim.
        sentences_by_article: Sentences of each status, by article.
        facts: The number of facts.
        votes: Spans on which at least two readings voted, by the votes of all readings.
        given: Claims, and passages of evidence, with at least two votes of annotators, by these votes.
        origins: Where each article comes from of which anything of that is known.
    """

    def __init__(self, scheme: Scheme = DEFAULT) -> None:
        labels = tuple(scheme.labels)
        self.scheme = scheme
        self.claims_by_article = CountTable(labels)
        self.claims_by_speaker = CountTable(labels)
        self.claims_by_basis = CountTable(labels)
        self.claims_by_fold = CountTable(labels)
        self.claims_by_split = CountTable(labels)
        self.evidence_by_label = CountTable(tuple(scheme.stances))
        self.sentences_by_article = CountTable(STATUSES)
        self.facts = 0
        self.votes: Counter[tuple[str, ...]] = Counter()
        self.given: dict[str, Counter[tuple[str, ...]]] = {"claims": Counter(), "passages": Counter()}
        self.origins: dict[str, Origin] = {}

    @property
    def claims(self) -> int:
        """Count the claims."""
        return self.claims_by_article.total

    @property
    def accounted(self) -> int:
        """Count the sentences that something accounts for."""
        return self.sentences_by_article.total - self.sentences_by_article.totals[UNACCOUNTED]

    @property
    def sources(self) -> set[str]:
        """Find the articles that are only sources: none of their sentences has to be accounted for."""
        counted = self.sentences_by_article.rows
        articles = ((name, claims) for name, claims in self.claims_by_article.rows.items() if name in counted)
        return {name for name, claims in articles if not any((*claims, *counted[name]))}

    def add(self, item: AnchoredArticle | AnchoredFact) -> None:
        """Count an article with its claims, evidence and sentences, or a fact."""
        if isinstance(item, AnchoredFact):
            self.facts += 1
            return
        name, claims, statuses = item.text.article, item.claims.records.values, item.accounts.statuses
        known = item.record.value
        self.add_origin(name, Origin(known.title, known.url, known.archived_url, known.retrieved, known.license))
        labels: list[str] = [claim.label for claim in claims]
        self.claims_by_article.add({name or NONE: count_labels(labels, self.scheme.labels)})
        self.claims_by_speaker.count(zip([claim.speaker or NONE for claim in claims], labels, strict=True))
        self.claims_by_basis.count(zip([claim.basis or NONE for claim in claims], labels, strict=True))
        if self.scheme.splits:
            self.claims_by_split.count([(claim.split or known.split, claim.label) for claim in claims])
        self.evidence_by_label.count([(claim.label, each.stance) for claim in claims for each in claim.evidence])
        if self.scheme.votes != "forbidden":
            self.add_given(claims)
        if item.is_registered:
            self.sentences_by_article.add({name: [statuses.count(number) for number in range(len(STATUSES))]})

    def add_origin(self, article: str, origin: Origin) -> None:
        """Take where an article comes from, if more is known than its title."""
        if any(origin[1:]):
            self.origins[article] = origin

    def add_votes(self, units: Iterable[Unit]) -> None:
        """Count the spans on which at least two readings voted."""
        self.votes.update(unit.votes for unit in units if len(unit.cast) > 1)

    def add_given(self, claims: Sequence[Claim]) -> None:
        """Count the claims, and the passages, that annotators voted on."""
        on_claims = [[str(vote.vote) for vote in claim.votes] for claim in claims]
        on_passages = [[str(vote.vote) for vote in each.votes] for claim in claims for each in claim.evidence]
        for name, given in (("claims", on_claims), ("passages", on_passages)):
            self.given[name].update(tuple(sorted(votes)) for votes in given if len(votes) > 1)

    def merge(self, later: "Counts") -> None:
        """Take the counts of the part of the corpus that follows."""
        self.facts += later.facts
        self.votes.update(later.votes)
        self.origins |= later.origins
        for kind, votes in later.given.items():
            self.given[kind].update(votes)
        for name, table in vars(self).items():
            if isinstance(table, CountTable):
                table.add(getattr(later, name).rows)
