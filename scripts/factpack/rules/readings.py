"""Rules on two readings of the same articles: where they differ, somebody has decided, and said why."""

from collections.abc import Iterator

from factpack.corpus import Departure, Difference, IdleDecision
from factpack.model import NO_VOTE
from factpack.records import Spot
from factpack.rules.registry import Finding, rule


@rule("error")
def difference_not_adjudicated(difference: Difference) -> Iterator[Finding]:
    """Where two readings differ, ``adjudications.yaml`` says what is released, and why.

    Bad: the first reading says ``supported``, the second ``unverified``, and nobody has decided

    Good: an entry with ``first: supported``, ``second: unverified``, ``released: supported`` and ``why``
    """
    if difference.unit.decision is None:
        first, second = difference.unit.votes
        article = difference.unit.article
        message = f"article {article}: the first reading makes ‘{difference.quote}’ {first}, the second {second}"
        hint = "Add an entry with article, quote, first, second, released and why."
        yield Finding(Spot(f"{difference.folder}/adjudications.yaml", 1, 1), message, hint)


@rule("error")
def readings_not_followed(departure: Departure) -> Iterator[Finding]:
    """Where both readings say the same, that is what is released.

    Bad: both readings say ``disputed``, and the released claim says ``erroneous``

    Good: the released claim says ``disputed``; or the readings were made again, and say ``erroneous``
    """
    vote = departure.unit.votes[0]
    found = ", ".join(f"`{vote}`" for vote in departure.released) or "nothing"
    message = f"both readings make ‘{departure.quote}’ `{vote}`, and the released annotations have {found} there"
    hint = "Label it as the readings do." if departure.released else "Add it as the readings have it."
    yield Finding(departure.spot, message, hint)


@rule("error")
def decision_not_followed(difference: Difference) -> Iterator[Finding]:
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
        yield Finding(
            difference.unit.decision.at("released"), message, "Correct the decision, or the released annotations."
        )


@rule("error")
def idle_decision(idle: IdleDecision) -> Iterator[Finding]:
    """A decision is on a difference between the two readings.

    Bad: an entry for words on which both readings say ``supported``

    Good: the entry is gone; or ``quote``, ``first`` and ``second`` are those of the readings
    """
    hint = "Delete the entry, or correct its quote, `first` or `second`."
    yield Finding(idle.decision.at("quote"), "the readings do not differ here in this way", hint)
