"""Messages on evidence that refers to other claims, by their ids or by ``same-fact``."""

from factpack.checks.messages.similar import did_you_mean, listed
from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.citations import (
    CitesItself,
    ClaimWithoutPassage,
    OwnRepetition,
    PassageGivenTwice,
    SameFactOfNothing,
    SameFactUnclear,
    UnknownClaim,
)

_OTHERWISE = "Write the id of a claim or of an unverified passage, or the passage itself: `article:` and `quote:`."


@message("error")
def unknown_claim(claim: UnknownClaim) -> Problem:
    """Cite as evidence only claims and unverified passages that exist.

    Bad: ``- claim: opened-1811-a2``, and no claim has this id

    Good: ``- claim: opened-1911-a2``
    """
    hint = did_you_mean(claim.name, claim.near, _OTHERWISE)
    return Problem(claim.place, f"unknown claim or unverified passage `{claim.name}`", hint)


@message("error")
def claim_without_passage(claim: ClaimWithoutPassage) -> Problem:
    """Cite as evidence only a claim that has a passage: one that is in an article and has a quote.

    Bad: ``- claim: said-on-tv``, a claim that is in no article

    Good: ``- quote: He said so on television.`` with ``source:``
    """
    hint = "Write the passage itself: its words, and where they come from."
    return Problem(claim.place, f"claim `{claim.name}` has no passage in an article", hint)


@message("error")
def evidence_of_itself(claim: CitesItself) -> Problem:
    """Cite no claim as evidence for itself.

    Bad: the claim ``opened-1911-a1`` with the evidence ``- claim: opened-1911-a1``

    Good: ``- claim: opened-1911-a2``
    """
    return Problem(
        claim.place, "claim cites itself as evidence", "Cite a claim of another article, or delete this entry."
    )


@message("error")
def own_repetition(claim: OwnRepetition) -> Problem:
    """Take support for a claim from another article or another speaker: an article that repeats itself does not support
    itself. An article that contradicts itself does refute itself.

    Bad: ``- claim: opened-again-a1`` with ``stance: supports``, in the same article and by the same speaker

    Good: ``- claim: opened-1911-a2``
    """
    voice = "the article itself" if claim.speaker == "article" else claim.speaker
    what = f"claim `{claim.name}` comes from the same article and the same speaker ({voice})"
    return Problem(claim.place, what, "Delete this entry, or cite a claim of another article or another speaker.")


@message("error")
def passage_given_twice(entry: PassageGivenTwice) -> Problem:
    """Give the passage of an entry of evidence in one way: by a claim, or by article and quote.

    Bad: ``- {claim: opened-1911-a2, quote: opened in 1911, stance: supports}``

    Good: ``- {claim: opened-1911-a2, stance: supports}``
    """
    what = f"`{entry.key}` repeats what `claim` gives already: the article and the quote"
    return Problem(entry.place, what, f"Delete `{entry.key}:`, or replace `claim:` with `article:` and `quote:`.")


@message("error")
def same_fact_unclear(entry: SameFactUnclear) -> Problem:
    """Write ``same-fact`` only where it can be expanded without doubt: each passage gets a stance for the claim or
    against it, and needs no other key.

    Bad: ``evidence: [same-fact]`` where ``dataset.yaml`` requires ``groups`` for every passage

    Good: an entry for each passage, with its groups
    """
    return Problem(entry.place, f"`same-fact` cannot be expanded: {entry.why}", entry.hint)


@message("warning")
def same_fact_of_nothing(entry: SameFactOfNothing) -> Problem:
    """Write ``same-fact`` only if it finds at least one claim on the fact in another article. A claim that is erroneous
    is no evidence unless it gives the same value. A claim by the same speaker is none either, because one utterance is
    one source.

    Bad: ``evidence: same-fact`` for the only claim on a fact

    Good: the passage that bears on it; or the claim listed under ``unverified``
    """
    hint = "Delete `same-fact`, and write the passages that bear on the claim, if there are any."
    if entry.left_out:
        hint = f"Claims that are erroneous or by the same speaker do not count: {listed(entry.left_out)}. {hint}"
    return Problem(entry.place, f"no other article has a claim on the fact `{entry.fact}` that can be evidence", hint)
