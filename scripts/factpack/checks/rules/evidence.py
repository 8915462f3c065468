"""Rules on the passages of evidence, and the groups that they belong to."""

from collections.abc import Iterator

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.types import AnchoredRecords
from factpack.project.models import Claim, Evidence


def _has_groups(records: AnchoredRecords) -> bool:
    """Tell whether passages can have groups: where no scheme gives them any, all have the none of their class."""
    claims = records.claims.records.values
    first = next((claim.evidence[0] for claim in claims if claim.evidence), None)
    return first is not None and type(first).groups != ()


def _groups(claim: Claim) -> dict[str, set[int]]:
    """Return the numbers of the passages in each group."""
    groups: dict[str, set[int]] = {}
    for number, passage in enumerate(claim.evidence):
        for name in passage.groups:
            groups.setdefault(name, set()).add(number)
    return groups


@rule("warning")
def group_within_group(records: AnchoredRecords) -> Iterator[Problem]:
    """Give no group all passages of another group: the smaller group suffices, so the larger one adds nothing.

    Bad: the groups ``a`` of two passages, and ``b`` of the same two and a third

    Good: the group ``a`` alone
    """
    for index, claim in enumerate(records.claims.records.values) if _has_groups(records) else ():
        groups = sorted(_groups(claim).items(), key=lambda item: len(item[1]))
        larger = [
            (name, smaller)
            for number, (name, passages) in enumerate(groups)
            for smaller in [next((other for other, its in groups[:number] if its <= passages), None)]
            if smaller is not None
        ]
        if larger:
            name, smaller = larger[0]
            more = f" ({len(larger) - 1} more like it)" if len(larger) > 1 else ""
            message = f"group `{name}` contains all passages of group `{smaller}`, which suffices by itself{more}"
            more = " and the others" if len(larger) > 1 else ""
            hint = f"Delete `{name}`{more}, or remove the passages that it does not need."
            yield Problem(records.claims.records[index].at("evidence"), message, hint)


@rule("error")
def group_on_two_sides(records: AnchoredRecords) -> Iterator[Problem]:
    """Give all passages of a group the same stance, because they decide together.

    Bad: a group with a passage that supports the claim and one that refutes it

    Good: two groups
    """
    for index, claim in enumerate(records.claims.records.values) if _has_groups(records) else ():
        for name, passages in _groups(claim).items():
            stances = {claim.evidence[number].stance for number in passages}
            if len(stances) > 1:
                place = records.claims.records[index].at(*claim.evidence_path(max(passages)), "stance")
                message = f"group `{name}` has passages with different stances: {', '.join(sorted(stances))}"
                yield Problem(place, message, "Give its passages one stance, or split them into two groups.")


@rule("error")
def evidence_overlaps_claim(records: AnchoredRecords) -> Iterator[Problem]:
    """Take no claim as evidence for itself: the passages of its evidence are outside its own quote.

    Bad: the claim's own sentence as its evidence

    Good: a passage of another article
    """
    claims = records.claims
    for claim, (own, passages) in enumerate(zip(claims.spans, claims.evidence, strict=True)):
        for index, passage in enumerate(passages):
            if passage.passage.article == records.article and passage.span and passage.span.overlaps(own):
                hint = "Quote another passage, or shorten one of the two."
                record = claims.records[claim]
                place = record.at(*record.value.evidence_path(index), "quote")
                yield Problem(place, "evidence overlaps the claim's own quote", hint)


@rule("error")
def repeated_evidence(records: AnchoredRecords) -> Iterator[Problem]:
    """List a passage once in the evidence of a claim.

    Bad: the same quote of the same article twice

    Good: once
    """
    for claim, passages in enumerate(records.claims.evidence):
        seen = set()
        for index, passage in enumerate(passages):
            which = (passage.passage.article, passage.span)
            if passage.span and which in seen:
                record = records.claims.records[claim]
                place = record.at(*record.value.evidence_path(index))
                hint = "Delete one of the two."
                if isinstance(passage.passage, Evidence) and passage.passage.groups:
                    hint = "Write one entry that names all its groups: `groups: [A, B]`."
                yield Problem(place, "passage is already listed", hint)
            seen.add(which)
