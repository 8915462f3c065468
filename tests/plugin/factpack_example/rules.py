"""A rule as another package may add it."""

from collections.abc import Iterator

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.types import AnchoredRecords


@rule("warning")
def claim_in_capitals(records: AnchoredRecords) -> Iterator[Problem]:
    """Write a claim in lower case, as any sentence.

    Bad: ``claim: THE FERRY LEFT LATE.``

    Good: ``claim: The ferry left late.``
    """
    for claim in records.claims:
        text = claim.record.value.claim
        if text.isupper():
            yield Problem(claim.record.at("claim"), "a claim in capitals", f"Write: {text.capitalize()}")
