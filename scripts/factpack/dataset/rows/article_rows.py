"""Make the rows of articles, their sentences, claims and evidence."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET, Struct

from factpack.corpus.types import NO_SPAN, NO_STATUS, NOT_CHECKABLE, AnchoredArticle, AnchoredPassage, Notes
from factpack.dataset.arrays import (
    found_span,
    label_numbers,
    lists,
    offsets,
    pair_ids,
    row_counts,
    schema,
    span_ids,
    table,
)
from factpack.dataset.columns import SOURCE_COLUMNS, Tables
from factpack.dataset.rows.vote_rows import ClaimVotes, annotator_votes, given_vote_rows
from factpack.dataset.words import REASON
from factpack.project.models import Claim, Unverified
from factpack.project.record_models import extra_values
from factpack.project.scheme import ColumnSpec
from factpack.project.vocabulary import NOT_ENOUGH_INFO
from factpack.text.sentences import Span

_REASONS = label_numbers(REASON)


def article_rows(tables: Tables, articles: Sequence[AnchoredArticle], votes: ClaimVotes) -> dict[str, pa.Table]:
    """Make the rows that articles have in each table but that of facts, without the votes of readings.

    Args:
        tables: The configs of the dataset.
        articles: The articles.
        votes: The votes of readings on their claims, if there are readings.

    Returns:
        The rows by config, without the columns of their versions.
    """
    claims, evidence = _claims_and_evidence(tables, articles, votes)
    registered = [article for article in articles if article.is_registered]
    given = tables.scheme.votes != "forbidden"
    return {
        **({"votes": given_vote_rows(tables, articles, evidence["id"].to_pylist())} if given else {}),
        "propositions": _propositions(tables, articles, claims),
        "articles": _articles(tables, registered),
        "sentences": _sentences(tables, registered),
        "claims": claims,
        "evidence": evidence,
    }


def _claims_and_evidence(
    tables: Tables, articles: Sequence[AnchoredArticle], votes: ClaimVotes
) -> tuple[pa.Table, pa.Table]:
    claims = [article.claims for article in articles]
    values = [value for each in claims for value in each.records.values]
    given = [each for value in values for each in value.evidence]
    found = [passage for each in claims for passages in each.evidence for passage in passages]
    labels, bases, stances = map(label_numbers, (tables.label, tables.basis, tables.stance))
    text, integer = pa.string(), pa.int64()
    passages = {
        "article": pa.array([each.article or None for each in given], text),
        "quote": pa.array([each.quote for each in given], text),
        **{name: pa.array(each, integer) for name, each in offsets(map(found_span, found)).items()},
        "stance": pa.array([stances[each.stance] for each in given], integer),
        "source": [each.source or None for each in given],
        "groups": [each.groups for each in given],
        **_extra(tables.scheme.columns.evidence, given),
    }
    ids = [value.id for value in values]
    own = {
        "id": pa.array(ids, text),
        "claim": pa.array([value.claim for value in values], text),
        "label": pa.array([labels[value.label] for value in values], integer),
        "fact": pa.array([value.fact or None for value in values], text),
        **_splits(tables, articles, claims),
        "fold": pa.nulls(len(values), integer),  # until all of the corpus is known
    }
    types = schema(tables, "claims")
    evidence = lists([len(value.evidence) for value in values], passages, types.field("evidence").type)
    voted = [(*votes.get(value.id, ()), *annotator_votes(tables, value)) for value in values]
    cast = [vote for each in voted for vote in each]
    claims_table = table(
        tables,
        "claims",
        {
            **own,
            "article": [article.text.article or None for article in articles for _ in article.claims.spans],
            "quote": [value.quote or None for value in values],
            **offsets(span for each in claims for span in each.spans),
            "context": [context or None for each in claims for context in each.contexts],
            "speaker": [value.speaker or None for value in values],
            "value": [value.value or None for value in values],
            "basis": [bases.get(value.basis) for value in values],
            "correction": [value.correction or None for value in values],
            "rationale": [value.rationale or None for value in values],
            "evidence": evidence,
            "votes": lists(
                [len(each) for each in voted],
                {name: [vote[name] for vote in cast] for name in ("reading", "vote")},
                types.field("votes").type,
            ),
            **_extra(tables.scheme.columns.claims, values),
        },
    )
    holders = pc.list_parent_indices(evidence)
    claim_ids = own["id"].take(holders)
    evidence_table = table(
        tables,
        "evidence",
        {
            "id": pair_ids(claim_ids, passages),
            "claim_id": claim_ids,
            "context": [each.context for each in found],
            **passages,
            "sentence_id": _sentence_ids(passages["article"], found),
            **{name: values.take(holders) for name, values in own.items() if name != "id"},
        },
    )
    return claims_table, evidence_table


def _splits(
    tables: Tables, articles: Sequence[AnchoredArticle], records: Sequence[Notes[Claim] | Notes[Unverified]]
) -> dict[str, pa.Array]:
    """Return the column of the split that each record is in, if there are splits."""
    splits = (
        value.split or article.record.value.split
        for article, each in zip(articles, records, strict=True)
        for value in each.records.values
    )
    return {"split": pa.array(splits, pa.string())} if tables.scheme.splits else {}


def _sentence_ids(articles: pa.Array, found: Sequence[AnchoredPassage]) -> pa.Array:
    """Return the ids of the sentences that passages are in; null where one is not within a sentence."""
    within = [each.sentence >= 0 for each in found]
    starts = [each.sentence if one else None for each, one in zip(found, within, strict=True)]
    ends = [each.sentence + len(each.context) if one else None for each, one in zip(found, within, strict=True)]
    return span_ids(articles, start=pa.array(starts, pa.int64()), end=pa.array(ends, pa.int64()))


def _propositions(tables: Tables, articles: Sequence[AnchoredArticle], claims: pa.Table) -> pa.Table:
    """Make the rows of claims and of unverified passages, those of an article one after another."""
    notes = [(article, note) for article in articles for note in article.unverified]
    values = [note.record.value for _, note in notes]
    near = [passage for article in articles for passages in article.unverified.near for passage in passages]
    types, verdicts = schema(tables, "propositions"), label_numbers(tables.verdict)
    passages = {
        "article": [each.passage.article for each in near],
        "quote": [each.passage.quote for each in near],
        **offsets(map(found_span, near)),
    }
    unverified = table(
        tables,
        "propositions",
        {
            "id": [value.id for value in values],
            "article": [article.text.article or None for article, _ in notes],
            "claim": [value.claim for value in values],
            "quote": [value.quote or None for value in values],
            **offsets(note.span for _, note in notes),
            "context": [article.text.context(note.span) if note.span != NO_SPAN else None for article, note in notes],
            "speaker": [value.speaker or None for value in values],
            "fact": [value.fact or None for value in values],
            "value": [value.value or None for value in values],
            "verdict": [verdicts[NOT_ENOUGH_INFO]] * len(values),
            "rationale": [value.rationale or None for value in values],
            "near": lists([len(value.near) for value in values], passages, types.field("near").type),
            **_splits(tables, articles, [article.unverified for article in articles]),
            "fold": [None] * len(values),
            **_extra(tables.scheme.columns.claims, values),
        },
    )
    none: dict[str, Any] = {name: [] for name in passages}
    own = {"verdict": claims["label"], "near": lists([0] * len(claims), none, types.field("near").type)}
    labelled = table(tables, "propositions", {**{name: claims[name] for name in types.names if name not in own}, **own})
    # In this order, whatever articles are made into rows together.
    place = [at for at, article in enumerate(articles) for _ in article.claims.spans]
    place += [at for at, article in enumerate(articles) for _ in article.unverified]
    return pa.concat_tables([labelled, unverified]).take(pa.array(np.argsort(place, kind="stable")))


def _extra(columns: Mapping[str, ColumnSpec], records: Sequence[Struct]) -> dict[str, list[Any]]:
    """Return the columns that the project adds."""
    return {name: extra_values(records, name, spec) for name, spec in columns.items()}


def _articles(tables: Tables, articles: Sequence[AnchoredArticle]) -> pa.Table:
    rows = pa.Table.from_pylist([_article(each) for each in articles], schema=schema(tables, "articles"))
    for name, values in _extra(tables.scheme.columns.articles, [each.record.value for each in articles]).items():
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
    return rows


def _article(article: AnchoredArticle) -> dict[str, Any]:
    value = article.record.value
    publisher = None if value.publisher is UNSET else value.publisher
    date = None if value.date is UNSET else value.date
    return {
        "id": value.id,
        "file": value.file,
        "sha256": value.sha256,
        "language": value.language,
        "title": value.title or None,
        "publisher": publisher.name if publisher else None,
        "publisher_quote": publisher.quote if publisher else None,
        "date": date.value if date else None,
        "date_origin": ("stated" if date.stated else "inferred") if date else None,
        "date_quote": (date.stated or date.inferred) if date else None,
        **{name: getattr(value, name) or None for name in SOURCE_COLUMNS},
        "text": article.text.text,
    }


def _sentences(tables: Tables, articles: Sequence[AnchoredArticle]) -> pa.Table:
    names: list[str] = []
    starts, ends, statuses = array("I"), array("I"), bytearray()
    texts: list[str] = []
    reasons: list[int | None] = []
    ids: list[str] = []
    values: list[Unverified] = []
    spans: list[Span] = []
    claimed, noted = array("I"), array("I")  # the row of each of these
    for article in articles:
        text, bounds, accounts = article.text.text, article.text.bounds, article.accounts
        first = len(names)
        claimed.extend([first + number for number, _ in accounts.claims])
        ids += [article.claims.records.values[note].id for _, note in accounts.claims]
        noted.extend([first + number for number, _ in accounts.unverified])
        values += [article.unverified.records.values[note] for _, note in accounts.unverified]
        spans += [article.unverified.spans[note] for _, note in accounts.unverified]
        reasons += [None] * len(accounts.statuses)
        for number, note in reversed(accounts.not_checkable):  # of several reasons the first one is given
            if accounts.statuses[number] == NOT_CHECKABLE:
                reasons[first + number] = _REASONS[article.not_checkable.records.values[note].reason]
        statuses += accounts.statuses
        names += [article.text.article] * len(accounts.statuses)
        starts.extend(bounds[::2])
        ends.extend(bounds[1::2])
        texts += [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    types = schema(tables, "sentences")
    unverified = {
        "id": [value.id for value in values],
        "claim": [value.claim for value in values],
        "quote": [value.quote for value in values],
        "start": [span.start for span in spans],
        "end": [span.end for span in spans],
        "speaker": [value.speaker or None for value in values],
        "fact": [value.fact or None for value in values],
        "value": [value.value or None for value in values],
    }
    place = {
        "article": pa.array(names, pa.string()),
        "start": pa.array(starts, pa.int64()),
        "end": pa.array(ends, pa.int64()),
    }
    return table(
        tables,
        "sentences",
        {
            "id": span_ids(place["article"], start=place["start"], end=place["end"]),
            **place,
            "text": texts,
            "status": [None if status == NO_STATUS else status for status in statuses],
            "claims": lists(row_counts(claimed, len(names)), ids, types.field("claims").type),
            "unverified": lists(row_counts(noted, len(names)), unverified, types.field("unverified").type),
            "reason": reasons,
        },
    )
