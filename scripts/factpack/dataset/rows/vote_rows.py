"""Make the rows of votes, and the votes on claims."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from factpack.agreement.alignment import Comparison
from factpack.corpus.types import NO_SPAN, AnchoredArticle
from factpack.dataset.arrays import found_span, label_numbers, schema
from factpack.dataset.columns import Tables
from factpack.project.models import Claim
from factpack.project.vocabulary import NO_VOTE
from factpack.text.sentences import Span

Row = dict[str, Any]
ClaimVotes = Mapping[str, Sequence[Row]]  # the votes of the readings, by the id of the claim


def vote_rows(tables: Tables, comparison: Comparison) -> pa.Table:
    """Make a row of each vote of the readings on an article."""
    return _table(tables, _of_readings(label_numbers(tables.vote), comparison))


def given_vote_rows(tables: Tables, articles: Iterable[AnchoredArticle], pairs: Iterable[str]) -> pa.Table:
    """Make a row of each vote that annotators gave with claims and with passages, claim by claim.

    Args:
        tables: The configs of the dataset.
        articles: The articles with the claims.
        pairs: The ids of the passages of all claims in the table of evidence, in their order.
    """
    return _table(tables, _given(tables, articles, iter(pairs)))


def claim_votes(tables: Tables, comparison: Comparison) -> dict[str, list[Row]]:
    """Return what each reading makes of the words of each released claim, by the id of the claim."""
    votes = label_numbers(tables.vote)  # NO_VOTE has no number
    given = {unit.claim: unit.votes for unit in comparison.units}
    none = (NO_VOTE,) * len(comparison.readings)
    return {
        value.id: [
            {"reading": reading, "vote": votes.get(vote)}
            for reading, vote in zip(comparison.readings, given.get(value.id, none), strict=True)
        ]
        for value in comparison.article.claims.records.values
    }


def annotator_votes(tables: Tables, claim: Claim) -> list[Row]:
    """Return what annotators make of a claim."""
    votes = label_numbers(tables.vote) if claim.votes else {}
    return [{"reading": each.by, "vote": votes[each.vote]} for each in claim.votes]


def _table(tables: Tables, rows: Iterable[Row]) -> pa.Table:
    made = [row | {"id": f"{row['unit']}@{row['reading']}"} for row in rows]
    return pa.Table.from_pylist(made, schema=schema(tables, "votes"))


def _of_readings(votes: Mapping[str, int], comparison: Comparison) -> Iterator[Row]:
    article, text = comparison.article.text.article, comparison.article.text.text
    seen: Counter[Span] = Counter()
    for unit in comparison.units:
        span = unit.span
        seen[span] += 1
        shared = {
            "unit": f"{article}:{span.start}-{span.end}" + (f"#{seen[span]}" if seen[span] > 1 else ""),
            "article": article,
            "released": votes.get(unit.released),
            "claim_id": unit.claim,
            "why": unit.decision.value.why if unit.decision else None,
        }
        for reading, vote in zip(comparison.readings, unit.given, strict=True):
            if vote:
                start, end = vote.span
                own = {"reading": reading, "quote": text[start:end], "start": start, "end": end}
                yield shared | own | {"vote": votes[vote.vote]}


def _given(tables: Tables, articles: Iterable[AnchoredArticle], pairs: Iterator[str]) -> Iterator[Row]:
    votes, stances = label_numbers(tables.vote), label_numbers(tables.stance)
    for article in articles:
        for claim in article.claims:
            value = claim.record.value
            on_claim = {"unit": value.id, "claim_id": value.id, "released": votes[value.label]}
            place = _place(article.text.article, value.quote, claim.span)
            for own in value.votes:
                yield {**on_claim, **place, "reading": own.by, "vote": votes[own.vote]}
            # What is released is the stance of the pair, no label.
            for anchored, passage in zip(claim.evidence, value.evidence, strict=True):
                pair = next(pairs)
                on_passage = {"unit": pair, "claim_id": value.id, "evidence_id": pair}
                place = _place(passage.article, passage.quote, found_span(anchored))
                for each in passage.votes:
                    yield {**on_passage, **place, "reading": each.by, "stance": stances[each.vote]}


def _place(article: str, quote: str, span: Span) -> Row:
    """Return the columns of a place, as far as there is one."""
    if span == NO_SPAN:
        return {"article": article or None}
    return {"article": article, "quote": quote, "start": span.start, "end": span.end}
