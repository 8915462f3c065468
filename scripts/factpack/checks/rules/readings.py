"""Judge readings of the same articles: every difference needs a decision with a reason."""

from collections.abc import Iterator

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.votes import Difference
from factpack.formats.locations import Location
from factpack.project.vocabulary import NO_VOTE


@rule("error")
def difference_not_adjudicated(difference: Difference) -> Iterator[Problem]:
    """Decide every difference between readings by an entry in ``adjudications.yaml`` that says what is released, and
    why.

    Bad: the first reading says ``supported``, the second ``unverified``, and there is no decision

    Good: an entry with ``first: supported``, ``second: unverified``, ``released: supported`` and ``why``
    """
    if difference.unit.decision is None:
        unit = difference.unit
        said = ", ".join(f"`{name}` says `{vote}`" for name, vote in zip(difference.readings, unit.votes, strict=True))
        message = f"readings of article {unit.article} differ on ‘{difference.quote}’: {said}"
        hint = f"Add an entry with article, quote, {', '.join(difference.readings)}, released and why."
        yield Problem(Location(f"{difference.folder}/adjudications.yaml", 1, 1), message, hint)


@rule("error")
def decision_not_followed(difference: Difference) -> Iterator[Problem]:
    """Follow each decision in the released annotations.

    Bad: ``released: erroneous`` where the released annotations have those words as ``disputed``

    Good: the label of the claim and ``released`` are the same
    """
    if difference.unit.decision is None:
        return
    decided = difference.unit.decision.value.released
    if decided not in (NO_VOTE, *difference.released):
        found = ", ".join(f"`{vote}`" for vote in difference.released) or "nothing"
        message = f"decision is `{decided}`, but the released annotations have {found} there"
        yield Problem(
            difference.unit.decision.at("released"), message, "Correct the decision, or the released annotations."
        )
