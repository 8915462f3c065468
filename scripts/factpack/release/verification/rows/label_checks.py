"""Judge the labels of released claims by the rules that judge annotations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.checks.rule import Rule
from factpack.checks.rules import labels
from factpack.corpus.fold_assignment import mixed
from factpack.corpus.types import LabelledClaim, Labelling
from factpack.dataset.columns import Tables
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Record, SourceFile
from factpack.project.models import Claim
from factpack.release.verification.rows.relations import Numbers, hashed, items_of, numbers
from factpack.release.verification.rows.row_checks import RowProblem, Values

_RULES = [rule for rule in vars(labels).values() if isinstance(rule, Rule) and rule.subject is LabelledClaim]
_NOTHING: Any = dict.fromkeys(("id", "quote", "claim", "speaker", "fact", "value", "label", "basis", "rationale"), "")
#: The place of a claim that is in no annotation file: only the messages of the rules are of use.
_NOWHERE = Record(Claim(**_NOTHING, written=()), SourceFile("", Path(), JsonLinesFormat()))


def label_problems(
    tables: Tables, claims: Values, articles: tuple[Numbers, Numbers], settled: pa.Array
) -> Iterator[RowProblem]:
    """Find what is wrong with the labels of claims.

    Claims that are labelled in the same way, by the same stances of as many articles, are judged once.

    Args:
        tables: The configs of the dataset.
        claims: The claims.
        articles: The number of the article of each claim, and of each passage of evidence.
        settled: The value on which the fact of each claim is settled; null if it is not.
    """
    holders = numbers(pc.list_parent_indices(claims["evidence"]))
    stances = numbers(items_of(claims["evidence"])["stance"])
    own, theirs = articles
    # Of each passage, which passage of the claim is the first of the same article; -1 for the claim's own article.
    _, first, which = np.unique((holders << 32) | theirs, return_index=True, return_inverse=True)
    source = np.where(
        (theirs == own[holders]) & (own[holders] >= 0), -1, first[which] - np.searchsorted(holders, holders)
    )
    place = np.arange(len(holders)) - np.searchsorted(holders, holders)
    passages = np.zeros(len(own), np.uint64)
    np.add.at(passages, holders, mixed(*(each.view(np.uint64) for each in (stances, source, place))))
    same = pc.equal(settled, claims["value"]).fill_null(fill_value=False)
    given = claims["correction"].is_valid()
    flags = [each.to_numpy(zero_copy_only=False).astype(np.uint64) for each in (same, given)]
    ways = mixed(hashed(claims["label"]), hashed(claims["basis"]), *flags, passages)
    _, samples, which = np.unique(ways, return_index=True, return_inverse=True)
    for number, sample in enumerate(samples.tolist()):
        its = slice(*np.searchsorted(holders, (sample, sample + 1)))
        evidence = tuple(
            zip(
                (tables.scheme.stances[tables.stance.names[n]] for n in stances[its]),
                (source[its] + 1).tolist(),
                strict=True,
            )
        )
        for row in (
            np.flatnonzero(which == number).tolist() if any(_judge(tables, claims, sample, evidence, same)) else ()
        ):
            yield from ((row, problem) for problem in _judge(tables, claims, row, evidence, same))


def _judge(
    tables: Tables, claims: Values, row: int, evidence: tuple[tuple[str, int], ...], settled: pa.Array
) -> Iterator[str]:
    label = tables.label.names[claims["label"][row].as_py()]
    number = claims["basis"][row].as_py()
    basis = "" if number is None else tables.basis.names[number]
    value = claims["value"][row].as_py() if settled[row].as_py() else ""
    labelling = Labelling(label, basis, claims["correction"][row].is_valid, value, evidence)
    for rule in _RULES:
        yield from (problem.message for problem in rule.judge(LabelledClaim(labelling, _NOWHERE, tables.scheme)))
