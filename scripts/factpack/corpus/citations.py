"""Describe what is wrong where evidence refers to other claims; the rules put it into words."""

from dataclasses import dataclass

from factpack.formats.locations import LazyLocation


@dataclass(frozen=True, slots=True)
class UnknownClaim:
    """Report the id of a claim that does not exist, where evidence refers to it.

    Attributes:
        name: The id.
        place: Where it is.
        near: Ids that are like it.
    """

    name: str
    place: LazyLocation
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimWithoutPassage:
    """Report that evidence refers to a claim that has no article, or no quote.

    Attributes:
        name: The id of the claim.
        place: Where it is.
    """

    name: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class CitesItself:
    """Report that the evidence of a claim refers to the claim itself.

    Attributes:
        place: Where it does.
    """

    place: LazyLocation


@dataclass(frozen=True, slots=True)
class OwnRepetition:
    """Report that a claim is supported by a claim of the same article in the same voice.

    Attributes:
        name: The id of that claim.
        speaker: Whose voice it is.
        place: Where the evidence refers to it.
    """

    name: str
    speaker: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class PassageGivenTwice:
    """Report an entry of evidence that has the id of a claim and words beside it.

    Attributes:
        key: The key beside the id.
        place: Where it is.
    """

    key: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class SameFactUnclear:
    """Report that ``same-fact`` cannot be written out.

    Attributes:
        why: What keeps it from that.
        hint: The next step.
        place: Where it is.
    """

    why: str
    hint: str
    place: LazyLocation


@dataclass(frozen=True, slots=True)
class SameFactOfNothing:
    """Report ``same-fact`` where no other article has a claim that it could stand for.

    Attributes:
        fact: The id of the fact.
        left_out: The ids of claims in other articles that are left out: erroneous, or by the same speaker.
        place: Where it is.
    """

    fact: str
    left_out: tuple[str, ...]
    place: LazyLocation
