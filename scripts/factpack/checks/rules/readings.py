"""Rules on readings of the same articles: where they differ, somebody has decided, and said why."""

from collections.abc import Iterator

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.votes import Difference
from factpack.formats.locations import Location
from factpack.project.vocabulary import NO_VOTE


@rule("error")
def difference_not_adjudicated(difference: Difference) -> Iterator[Problem]:
    """Where readings differ, ``adjudications.yaml`` says what is released, and why.

    Bad: the first reading says ``supported``, the second ``unverified``, and nobody has decided

    Good: an entry with ``first: supported``, ``second: unverified``, ``released: supported`` and ``why``
    """
    if difference.unit.decision is None:
        unit, (first, *others) = difference.unit, difference.readings
        said = ", ".join(
            [
                f"the {first} reading makes ‘{difference.quote}’ {unit.votes[0]}",
                *(f"the {name} {vote}" for name, vote in zip(others, unit.votes[1:], strict=True)),
            ]
        )
        message = f"article {unit.article}: {said}"
        hint = f"Add an entry with article, quote, {first}, {', '.join(others)}, released and why."
        yield Problem(Location(f"{difference.folder}/adjudications.yaml", 1, 1), message, hint)


@rule("error")
def decision_not_followed(difference: Difference) -> Iterator[Problem]:
    """What was decided is what is released.

    Bad: ``released: erroneous`` where the released annotations have those words as ``disputed``

    Good: the label of the claim and ``released`` are the same
    """
    if difference.unit.decision is None:
        return
    decided = difference.unit.decision.value.released
    if decided not in (NO_VOTE, *difference.released):
        found = ", ".join(f"`{vote}`" for vote in difference.released) or "nothing"
        message = f"decided as `{decided}`, but the released annotations have {found} there"
        yield Problem(
            difference.unit.decision.at("released"), message, "Correct the decision, or the released annotations."
        )
