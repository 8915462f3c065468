"""Rules between a claim's label, its basis and its evidence (annotations/GUIDELINES.md gives the rules for people)."""

from collections.abc import Iterator

from factpack.corpus import LabelledClaim
from factpack.model import GROUNDS
from factpack.rules.registry import Finding, rule

OWN = 0  # the number of the claim's own article


def _stances(claim: LabelledClaim) -> set[str]:
    return {stance for stance, _ in claim.labelling.evidence}


@rule("error")
def supported_without_support(claim: LabelledClaim) -> Iterator[Finding]:
    """A supported claim has at least one passage that supports it.

    Bad: ``label: supported`` with ``evidence: []``

    Good: a passage of another article with ``stance: supports``; or the passage listed under ``unverified``
    """
    if claim.labelling.label == "supported" and "supports" not in _stances(claim):
        hint = "Add the passage that supports it, or list the claim under `unverified`."
        yield Finding(claim.place.at("label"), "supported, but no evidence supports it", hint)


@rule("error")
def supported_but_refuted(claim: LabelledClaim) -> Iterator[Finding]:
    """A supported claim has no passage that refutes it.

    Bad: ``label: supported`` with a passage of ``stance: refutes``

    Good: ``label: disputed``; or, if the refuting value is itself erroneous, the passage left out
    """
    if claim.labelling.label != "supported":
        return
    for index, (stance, _) in enumerate(claim.labelling.evidence):
        if stance == "refutes":
            hint = "Label the claim `disputed`, or leave the passage out if its own value is erroneous."
            yield Finding(
                claim.place.at("evidence", index, "stance"), "a supported claim that this passage refutes", hint
            )


def _needs_refutation(claim: LabelledClaim, label: str) -> Iterator[Finding]:
    if claim.labelling.label == label and "refutes" not in _stances(claim):
        hint = "Add the passage that speaks against it, with `stance: refutes`."
        yield Finding(claim.place.at("label"), f"{label}, but no evidence refutes it", hint)


@rule("error")
def disputed_without_refutation(claim: LabelledClaim) -> Iterator[Finding]:
    """A disputed claim has at least one passage that contradicts or doubts it.

    Bad: ``label: disputed`` with supporting passages only

    Good: the passage that gives the other value, with ``stance: refutes``
    """
    yield from _needs_refutation(claim, "disputed")


@rule("error")
def erroneous_without_refutation(claim: LabelledClaim) -> Iterator[Finding]:
    """An erroneous claim has at least one passage that refutes it.

    Bad: ``label: erroneous`` with ``evidence: []``

    Good: the passage that corrects it, with ``stance: refutes``
    """
    yield from _needs_refutation(claim, "erroneous")


@rule("error")
def erroneous_without_correction(claim: LabelledClaim) -> Iterator[Finding]:
    """An erroneous claim says what the articles give instead.

    Bad: ``label: erroneous`` alone

    Good: ``correction: The account was reinstated in November 2022.``
    """
    if claim.labelling.label == "erroneous" and not claim.labelling.corrected:
        hint = "Add `correction:` with a full sentence."
        yield Finding(claim.place.at("label"), "erroneous, but nothing says what is right", hint)


@rule("error")
def correction_of_no_error(claim: LabelledClaim) -> Iterator[Finding]:
    """Only an erroneous claim has a correction.

    Bad: ``label: disputed`` with ``correction: …``

    Good: ``label: disputed``, and the other values in its evidence
    """
    if claim.labelling.label != "erroneous" and claim.labelling.corrected:
        hint = "Delete the correction, or label the claim `erroneous`."
        yield Finding(
            claim.place.at_key("correction"), f"a correction of a claim that is {claim.labelling.label}", hint
        )


@rule("error")
def basis_of_other_label(claim: LabelledClaim) -> Iterator[Finding]:
    """The basis is a ground for the label.

    Bad: ``label: supported`` with ``basis: doubted``

    Good: ``label: supported`` with ``basis: corroborated``
    """
    grounds = GROUNDS[claim.labelling.label]
    if claim.labelling.basis not in grounds:
        message = f"`{claim.labelling.basis}` is no ground for `{claim.labelling.label}`"
        yield Finding(claim.place.at("basis"), message, f"Write one of {', '.join(f'`{g}`' for g in grounds)}.")


@rule("error")
def basis_without_evidence(claim: LabelledClaim) -> Iterator[Finding]:
    """The evidence shows what the basis says.

    ``corroborated`` has support from another article, ``corroborated_within`` from the same article only, and
    ``outweighed`` is refuted by at least two articles.

    Bad: ``basis: outweighed`` with one refuting passage

    Good: ``basis: outweighed`` with refuting passages of two articles
    """
    value = claim.labelling
    if value.basis not in GROUNDS[value.label]:
        return
    supporting = {article for stance, article in value.evidence if stance == "supports"}
    refuting = {article for stance, article in value.evidence if stance == "refutes"}
    wrong = ""
    if value.basis == "corroborated" and supporting == {OWN}:
        wrong, hint = (
            "no other article supports it",
            "Write `corroborated_within`, or add the passage of the other article.",
        )
    elif value.basis == "corroborated_within" and supporting - {OWN}:
        wrong, hint = "another article supports it", "Write `corroborated`."
    elif value.basis == "outweighed" and len(refuting) == 1:
        wrong, hint = "only one article refutes it", "Add the passages of the others, or label the claim `disputed`."
    if wrong:
        yield Finding(claim.place.at("basis"), f"`{value.basis}`, but {wrong}", hint)


@rule("error")
def settled_but_erroneous(claim: LabelledClaim) -> Iterator[Finding]:
    """A claim that gives the value on which its fact is settled is not erroneous.

    Bad: the fact is settled on ``2022``, and a claim with ``value: "2022"`` is erroneous

    Good: the claim is supported
    """
    settled = claim.labelling.settled
    if settled and claim.labelling.label == "erroneous":
        hint = "Correct the label, the value, or the settled value in the file of facts."
        yield Finding(claim.place.at("label"), f"erroneous, but the fact is settled on this value, `{settled}`", hint)
