"""The columns of the tables, made from the joined articles a batch at a time."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from factpack import columns
from factpack.columns import (
    BASIS,
    CONFIGS,
    FOLDS,
    LABEL,
    REASON,
    STANCE,
    VOTE,
    Names,
)
from factpack.corpus import NOT_CHECKABLE, AnchoredArticle, AnchoredFact, AnchoredPassage
from factpack.ledger import Strings
from factpack.model import NO_VOTE, Unverified
from factpack.project import READINGS
from factpack.readings import Comparison
from factpack.sentences import Span

Row = dict[str, Any]
Votes = Mapping[str, Sequence[Row]]  # those of two readings, by the claim's id

#: The columns that a row gets when it is written: since when it is there, and when it last changed.
STAMPS = ("added_in", "changed_in")


def _numbers(names: Names) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.names)}


_BASES, _LABELS, _REASONS = _numbers(BASIS), _numbers(LABEL), _numbers(REASON)
_STANCES, _VOTES = _numbers(STANCE), _numbers(VOTE)  # NO_VOTE has no number


def fold(fact: str) -> int:
    """The fold of every claim that answers a fact; it follows from the fact's id alone, so it never changes."""
    return int.from_bytes(hashlib.sha256(fact.encode()).digest()[:8], "big") % FOLDS


@lru_cache
def schema(config: str) -> pa.Schema:
    """The Arrow schema of a table, without its metadata."""
    return columns.schema(next(each.columns for each in CONFIGS if each.name == config))


def _table(config: str, values: Mapping[str, Any]) -> pa.Table:
    """Rows of a table, without their stamps, from values or arrays by column."""
    fields = [field for field in schema(config) if field.name not in STAMPS]
    return pa.table([_array(values[field.name], field.type) for field in fields], schema=pa.schema(fields))


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _lists(counts: Iterable[int], items: Mapping[str, Any], kind: pa.DataType) -> pa.Array:
    """A column of lists of structs, given how many items each list has, and all items by column."""
    fields = list(kind.value_type)
    structs = pa.StructArray.from_arrays([_array(items[field.name], field.type) for field in fields], fields=fields)
    return pa.ListArray.from_arrays(_ends(counts), structs, type=kind)


def _ends(counts: Iterable[int]) -> pa.Array:
    return pa.array(accumulate(counts, initial=0), pa.int32())


def _counts(rows: Iterable[int], number: int) -> list[int]:
    """How often each of a number of rows is named."""
    counted = Counter(rows)
    return [counted[row] for row in range(number)]


def batches(articles: Sequence[AnchoredArticle], votes: Votes) -> dict[str, pa.Table]:
    """The rows that articles have in each table but those of facts and votes."""
    claims, evidence = _claims_and_evidence(articles, votes)
    return {"articles": _articles(articles), "sentences": _sentences(articles), "claims": claims, "evidence": evidence}


def _claims_and_evidence(articles: Sequence[AnchoredArticle], votes: Votes) -> tuple[pa.Table, pa.Table]:
    claims = [article.claims for article in articles]
    values = [value for each in claims for value in each.records.values]
    quotes = [span for each in claims for span in each.spans]
    given = [each for value in values for each in value.evidence]
    found = [passage for each in claims for passages in each.evidence for passage in passages]
    spans = [_span(each) for each in found]
    text, integer = pa.string(), pa.int64()
    passages = {
        "article": pa.array([each.article for each in given], text),
        "quote": pa.array([each.quote for each in given], text),
        "start": pa.array([span.start for span in spans], integer),
        "end": pa.array([span.end for span in spans], integer),
        "stance": pa.array([_STANCES[each.stance] for each in given], integer),
    }
    ids = [value.id for value in values]
    own = {
        "id": pa.array(ids, text),
        "claim": pa.array([value.claim for value in values], text),
        "label": pa.array([_LABELS[value.label] for value in values], integer),
        "fact": pa.array([value.fact for value in values], text),
        "fold": pa.array([fold(value.fact) for value in values], integer),
    }
    types = schema("claims")
    evidence = _lists([len(value.evidence) for value in values], passages, types.field("evidence").type)
    voted = [votes.get(name, ()) for name in ids]
    both = [vote for each in voted for vote in each]
    claims_table = _table(
        "claims",
        {
            **own,
            "article": [article.text.article for article in articles for _ in article.claims.spans],
            "quote": [value.quote for value in values],
            "start": [span.start for span in quotes],
            "end": [span.end for span in quotes],
            "context": [context for each in claims for context in each.contexts],
            "speaker": [value.speaker for value in values],
            "value": [value.value for value in values],
            "basis": [_BASES[value.basis] for value in values],
            "correction": [value.correction or None for value in values],
            "rationale": [value.rationale for value in values],
            "evidence": evidence,
            "votes": _lists(
                [len(each) for each in voted],
                {name: [vote[name] for vote in both] for name in ("reading", "vote")},
                types.field("votes").type,
            ),
        },
    )
    holders = pc.list_parent_indices(evidence)
    claim_ids = own["id"].take(holders)
    evidence_table = _table(
        "evidence",
        {
            "id": _ids(claim_ids, passages["article"], start=passages["start"], end=passages["end"]),
            "claim_id": claim_ids,
            "context": [each.context for each in found],
            **passages,
            **{name: own[name].take(holders) for name in ("claim", "label", "fact", "fold")},
        },
    )
    return claims_table, evidence_table


def _span(anchored: AnchoredPassage) -> Span:
    assert anchored.span is not None  # a project with a quote that was not found is refused
    return anchored.span


def _articles(articles: Sequence[AnchoredArticle]) -> pa.Table:
    return pa.Table.from_pylist([_article(each) for each in articles], schema=_unstamped("articles"))


def _unstamped(config: str) -> pa.Schema:
    return pa.schema([field for field in schema(config) if field.name not in STAMPS])


def _article(article: AnchoredArticle) -> Row:
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
        "text": article.text.text,
    }


def _sentences(articles: Sequence[AnchoredArticle]) -> pa.Table:
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
    types = schema("sentences")
    unverified = {
        "id": [value.id for value in values],
        "claim": [value.claim for value in values],
        "quote": [value.quote for value in values],
        "start": [span.start for span in spans],
        "end": [span.end for span in spans],
        "speaker": [value.speaker for value in values],
        "fact": [value.fact or None for value in values],
        "value": [value.value or None for value in values],
    }
    claims = pa.ListArray.from_arrays(
        _ends(_counts(claimed, len(names))), pa.array(ids, pa.string()), type=types.field("claims").type
    )
    place = {
        "article": pa.array(names, pa.string()),
        "start": pa.array(starts, pa.int64()),
        "end": pa.array(ends, pa.int64()),
    }
    return _table(
        "sentences",
        {
            "id": _ids(place["article"], start=place["start"], end=place["end"]),
            **place,
            "text": texts,
            "status": list(statuses),
            "claims": claims,
            "unverified": _lists(_counts(noted, len(names)), unverified, types.field("unverified").type),
            "reason": reasons,
        },
    )


def _ids(*names: pa.Array, start: pa.Array, end: pa.Array) -> pa.Array:
    """The ids of passages, such as ``001:17-42``, from the names before the offsets."""
    offsets = pc.binary_join_element_wise(start.cast(pa.string()), end.cast(pa.string()), "-")
    return pc.binary_join_element_wise(*names, offsets, ":")


def facts(found: Sequence[AnchoredFact]) -> pa.Table:
    """The rows of facts."""
    values = [fact.record.value for fact in found]
    types = schema("facts")
    settled = [passage for fact in found for passage in fact.settled]
    spans = [_span(passage) for passage in settled]
    return _table(
        "facts",
        {
            "id": [value.id for value in values],
            "question": [value.question for value in values],
            "settled_value": [None if value.settled is UNSET else value.settled.value for value in values],
            "settled_by": _lists(
                [len(fact.settled) for fact in found],
                {
                    "article": [passage.passage.article for passage in settled],
                    "quote": [passage.passage.quote for passage in settled],
                    "start": [span.start for span in spans],
                    "end": [span.end for span in spans],
                },
                types.field("settled_by").type,
            ),
            "answers": _lists([len(fact.answers) for fact in found], _answers(found), types.field("answers").type),
            "fold": [fold(value.id) for value in values],
        },
    )


def _answers(found: Sequence[AnchoredFact]) -> dict[str, pa.Array]:
    """The answers to facts of one corpus, by column."""
    ledger = found[0].answers.ledger
    chosen = array("I")
    for fact in found:
        chosen.extend(fact.answers.numbers)
    # Through numpy they become Arrow's without a copy.
    numbers, holding, labels = (pa.array(np.asarray(each)) for each in (chosen, ledger.holding, ledger.labels))
    return {
        "article": _text(ledger.articles, holding.take(numbers)),
        "value": _text(ledger.values, numbers),
        "claim_id": _text(ledger.ids, numbers),
        "label": pa.array([*_LABELS.values(), None], pa.int64()).take(labels.take(numbers)),
    }


def _text(strings: Strings, numbers: pa.Array) -> pa.Array:
    """Some of many texts, by their numbers."""
    bounds, data = pa.py_buffer(strings.bounds), pa.py_buffer(strings.data)
    return pa.LargeStringArray.from_buffers(len(strings), bounds, data).take(numbers).cast(pa.string())


def votes(comparisons: Sequence[Comparison]) -> pa.Table:
    """The rows of the units of comparisons."""
    rows = [row for comparison in comparisons for row in _vote_rows(comparison)]
    return pa.Table.from_pylist(rows, schema=_unstamped("votes"))


def votes_on_claims(comparison: Comparison) -> dict[str, list[Row]]:
    """What each reading makes of the words of each released claim, by the claim's id."""
    given = {unit.claim: unit.votes for unit in comparison.units}
    return {
        value.id: [
            {"reading": reading, "vote": _VOTES.get(vote)}
            for reading, vote in zip(READINGS, given.get(value.id, (NO_VOTE, NO_VOTE)), strict=True)
        ]
        for value in comparison.article.claims.records.values
    }


def _vote_rows(comparison: Comparison) -> Iterator[Row]:
    """A row per unit of the comparison of an article."""
    article = comparison.article.text.article
    seen: Counter[Span] = Counter()
    for unit in comparison.units:
        span = unit.span
        seen[span] += 1
        first, second = unit.votes
        yield {
            "id": f"{article}:{span.start}-{span.end}" + (f"#{seen[span]}" if seen[span] > 1 else ""),
            "article": article,
            "quote": comparison.article.text.text[span.start : span.end],
            "start": span.start,
            "end": span.end,
            "first": _VOTES.get(first),
            "second": _VOTES.get(second),
            "released": _VOTES.get(unit.released),
            "claim_id": unit.claim,
            "why": unit.decision.value.why if unit.decision else None,
        }
