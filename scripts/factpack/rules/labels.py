"""Rules between a claim's label, its basis and its evidence (annotations/GUIDELINES.md gives the rules for people)."""

from collections.abc import Iterator

from factpack.corpus import LabelledClaim
from factpack.model import GROUNDS
from factpack.rules.registry import Finding, rule


def _stances(claim: LabelledClaim) -> set[str]:
    return {evidence.stance for evidence in claim.record.value.evidence}


@rule("error")
def supported_without_support(claim: LabelledClaim) -> Iterator[Finding]:
    """A supported claim has at least one passage that supports it.

    Bad: ``label: supported`` with ``evidence: []``

    Good: a passage of another article with ``stance: supports``; or the passage listed under ``unverified``
    """
    if claim.record.value.label == "supported" and "supports" not in _stances(claim):
        hint = "Add the passage that supports it, or list the claim under `unverified`."
        yield Finding(claim.record.at("label"), "supported, but no evidence supports it", hint)


@rule("error")
def supported_but_refuted(claim: LabelledClaim) -> Iterator[Finding]:
    """A supported claim has no passage that refutes it.

    Bad: ``label: supported`` with a passage of ``stance: refutes``

    Good: ``label: disputed``; or, if the refuting value is itself erroneous, the passage left out
    """
    if claim.record.value.label != "supported":
        return
    for index, evidence in enumerate(claim.record.value.evidence):
        if evidence.stance == "refutes":
            hint = "Label the claim `disputed`, or leave the passage out if its own value is erroneous."
            yield Finding(
                claim.record.at("evidence", index, "stance"), "a supported claim that this passage refutes", hint
            )


def _needs_refutation(claim: LabelledClaim, label: str) -> Iterator[Finding]:
    if claim.record.value.label == label and "refutes" not in _stances(claim):
        hint = "Add the passage that speaks against it, with `stance: refutes`."
        yield Finding(claim.record.at("label"), f"{label}, but no evidence refutes it", hint)


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
    if claim.record.value.label == "erroneous" and not claim.record.value.correction:
        hint = "Add `correction:` with a full sentence."
        yield Finding(claim.record.at("label"), "erroneous, but nothing says what is right", hint)


@rule("error")
def correction_of_no_error(claim: LabelledClaim) -> Iterator[Finding]:
    """Only an erroneous claim has a correction.

    Bad: ``label: disputed`` with ``correction: …``

    Good: ``label: disputed``, and the other values in its evidence
    """
    if claim.record.value.label != "erroneous" and claim.record.value.correction:
        hint = "Delete the correction, or label the claim `erroneous`."
        yield Finding(
            claim.record.at_key("correction"), f"a correction of a claim that is {claim.record.value.label}", hint
        )


@rule("error")
def basis_of_other_label(claim: LabelledClaim) -> Iterator[Finding]:
    """The basis is a ground for the label.

    Bad: ``label: supported`` with ``basis: doubted``

    Good: ``label: supported`` with ``basis: corroborated``
    """
    grounds = GROUNDS[claim.record.value.label]
    if claim.record.value.basis not in grounds:
        message = f"`{claim.record.value.basis}` is no ground for `{claim.record.value.label}`"
        yield Finding(claim.record.at("basis"), message, f"Write one of {', '.join(f'`{g}`' for g in grounds)}.")


@rule("error")
def basis_without_evidence(claim: LabelledClaim) -> Iterator[Finding]:
    """The evidence shows what the basis says.

    ``corroborated`` has support from another article, ``corroborated_within`` from the same article only, and
    ``outweighed`` is refuted by at least two articles.

    Bad: ``basis: outweighed`` with one refuting passage

    Good: ``basis: outweighed`` with refuting passages of two articles
    """
    value = claim.record.value
    if value.basis not in GROUNDS[value.label]:
        return
    supporting = {e.article for e in value.evidence if e.stance == "supports"}
    refuting = {e.article for e in value.evidence if e.stance == "refutes"}
    wrong = ""
    if value.basis == "corroborated" and supporting == {claim.article}:
        wrong, hint = (
            "no other article supports it",
            "Write `corroborated_within`, or add the passage of the other article.",
        )
    elif value.basis == "corroborated_within" and supporting - {claim.article}:
        wrong, hint = "another article supports it", "Write `corroborated`."
    elif value.basis == "outweighed" and len(refuting) == 1:
        wrong, hint = "only one article refutes it", "Add the passages of the others, or label the claim `disputed`."
    if wrong:
        yield Finding(claim.record.at("basis"), f"`{value.basis}`, but {wrong}", hint)


@rule("error")
def settled_but_erroneous(claim: LabelledClaim) -> Iterator[Finding]:
    """A claim that gives the value on which its fact is settled is not erroneous.

    Bad: the fact is settled on ``2022``, and a claim with ``value: "2022"`` is erroneous

    Good: the claim is supported
    """
    if claim.settled and claim.record.value.label == "erroneous" and claim.settled == claim.record.value.value:
        hint = "Correct the label, the value, or the settled value in the file of facts."
        yield Finding(
            claim.record.at("label"), f"erroneous, but the fact is settled on this value, `{claim.settled}`", hint
        )
