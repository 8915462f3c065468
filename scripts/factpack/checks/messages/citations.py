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
    """Evidence refers to a claim, or to an unverified passage, that exists.

    Bad: ``- claim: opened-1811-a2``, and no claim has this id

    Good: ``- claim: opened-1911-a2``
    """
    hint = did_you_mean(claim.name, claim.near, _OTHERWISE)
    return Problem(claim.place, f"there is no claim and no unverified passage `{claim.name}`", hint)


@message("error")
def claim_without_passage(claim: ClaimWithoutPassage) -> Problem:
    """A claim that evidence refers to has a passage: it is in an article, and has a quote.

    Bad: ``- claim: said-on-tv``, a claim that is in no article

    Good: ``- quote: He said so on television.`` with ``source:``
    """
    hint = "Write the passage itself: its words, and where they are from."
    return Problem(claim.place, f"the claim `{claim.name}` has no passage in an article", hint)


@message("error")
def evidence_of_itself(claim: CitesItself) -> Problem:
    """A claim is no evidence for itself.

    Bad: the claim ``opened-1911-a1`` with the evidence ``- claim: opened-1911-a1``

    Good: ``- claim: opened-1911-a2``
    """
    return Problem(claim.place, "the claim refers to itself", "Refer to the claim of another article, or leave it out.")


@message("error")
def own_repetition(claim: OwnRepetition) -> Problem:
    """An article that repeats itself does not support itself: support is from another article, or in another voice.
    Where it contradicts itself, that refutes.

    Bad: ``- claim: opened-again-a1`` with ``stance: supports``, in the same article and by the same speaker

    Good: ``- claim: opened-1911-a2``
    """
    voice = "the article itself" if claim.speaker == "article" else claim.speaker
    what = f"the claim `{claim.name}` is of the same article, and in the same voice: {voice}"
    return Problem(claim.place, what, "Leave it out, or refer to a claim of another article or another speaker.")


@message("error")
def passage_given_twice(entry: PassageGivenTwice) -> Problem:
    """An entry of evidence says in one way where its passage is: by a claim, or by article and quote.

    Bad: ``- {claim: opened-1911-a2, quote: opened in 1911, stance: supports}``

    Good: ``- {claim: opened-1911-a2, stance: supports}``
    """
    what = f"`{entry.key}` beside `claim`, which gives the article and the quote already"
    return Problem(entry.place, what, f"Delete `{entry.key}:`, or `claim:` and write `article:` and `quote:`.")


@message("error")
def same_fact_unclear(entry: SameFactUnclear) -> Problem:
    """``same-fact`` is written out without any doubt: each passage gets a stance that counts for the claim, or against
    it, and nothing else has to be said of it.

    Bad: ``evidence: [same-fact]`` where ``dataset.yaml`` wants ``groups`` of every passage

    Good: an entry for each passage, with its groups
    """
    return Problem(entry.place, f"`same-fact` cannot be written out: {entry.why}", entry.hint)


@message("warning")
def same_fact_of_nothing(entry: SameFactOfNothing) -> Problem:
    """``same-fact`` stands for something: another article has a claim on the fact. One that is erroneous is no
    evidence, unless it gives the same value; nor is one of the same speaker, because one utterance is one source.

    Bad: ``evidence: same-fact`` for the only claim on a fact

    Good: the passage that bears on it; or the claim listed under ``unverified``
    """
    hint = "Delete it, and write the passages that bear on the claim, if there are any."
    if entry.left_out:
        hint = f"Left out, as erroneous or by the same speaker: {listed(entry.left_out)}. {hint}"
    return Problem(entry.place, f"no other article has a claim on the fact `{entry.fact}` that is evidence", hint)
