"""Rules between a claim's label, its basis and its evidence, by what the scheme of the project says of each label.

annotations/GUIDELINES.md gives the rules for people. Stances count on a side: for the claim, against it, or neither.
"""

from collections.abc import Iterator

from factpack.checks.messages.similar import listed
from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.types import LabelledClaim
from factpack.project.scheme import DEFAULT, LabelSpec, Side

OWN = 0  # the number of the claim's own article

_VERBS: dict[Side, str] = {"for": "supports", "against": "refutes", "neither": "is neutral to"}
_ADD: dict[Side, str] = {
    "for": "Add a passage that supports it, or list the claim under `unverified`.",
    "against": "Add a passage that contradicts or doubts it, with `stance: refutes`.",
}


def _sides(claim: LabelledClaim) -> set[str]:
    return {side for side, _ in claim.labelling.evidence}


def _spec(claim: LabelledClaim) -> LabelSpec:
    return claim.scheme.labels[claim.labelling.label]


def _needed(claim: LabelledClaim, side: Side) -> Iterator[Problem]:
    """Yield the problem that no evidence is on a side on which the label needs some."""
    if side in _spec(claim).needs and side not in _sides(claim):
        stances = claim.scheme.stances_on(side)
        hint = f"Add a passage with `stance: {stances[0]}`, or correct the label." if stances else ""
        if stances == DEFAULT.stances_on(side):
            hint = _ADD.get(side, hint)
        message = f"claim is `{claim.labelling.label}`, but no evidence {_VERBS[side]} it"
        yield Problem(claim.place.at("label"), message, hint)


def _unwanted(claim: LabelledClaim) -> Iterator[tuple[int, Side]]:
    """Yield the number of each passage that is on a side on which the label has none, with the side."""
    never = _spec(claim).never
    for index, (side, _) in enumerate(claim.labelling.evidence):
        if side in never:
            yield index, side


@rule("error")
def supported_without_support(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a supported claim at least one passage that supports it.

    Bad: ``label: supported`` with ``evidence: []``

    Good: a passage of another article with ``stance: supports``; or the passage listed under ``unverified``
    """
    if claim.labelling.label == "supported":
        yield from _needed(claim, "for")


@rule("error")
def supported_but_refuted(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a supported claim no passage that refutes it.

    Bad: ``label: supported`` with a passage of ``stance: refutes``

    Good: ``label: disputed``; or, if the refuting value is itself erroneous, no such passage
    """
    for index, side in _unwanted(claim) if claim.labelling.label == "supported" else ():
        if side == "against":
            hint = "Label the claim `disputed`, or leave the passage out if its own value is erroneous."
            place = claim.place.at(*claim.place.value.evidence_path(index), "stance")
            yield Problem(place, "claim is `supported`, but this passage refutes it", hint)


@rule("error")
def disputed_without_refutation(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a disputed claim at least one passage that contradicts or doubts it.

    Bad: ``label: disputed`` with only supporting passages

    Good: the passage that gives the other value, with ``stance: refutes``
    """
    if claim.labelling.label == "disputed":
        yield from _needed(claim, "against")


@rule("error")
def erroneous_without_refutation(claim: LabelledClaim) -> Iterator[Problem]:
    """Give an erroneous claim at least one passage that refutes it.

    Bad: ``label: erroneous`` with ``evidence: []``

    Good: the passage that corrects it, with ``stance: refutes``
    """
    if claim.labelling.label == "erroneous":
        yield from _needed(claim, "against")


#: What the four rules above decide.
_OF_DEFAULT: tuple[tuple[str, Side], ...] = (("supported", "for"), ("disputed", "against"), ("erroneous", "against"))


@rule("error")
def label_without_evidence(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a claim the evidence that its label needs according to ``vocabulary`` in dataset.yaml.

    Bad: ``label: partially_supported``, which has ``needs: [for]``, with ``evidence: []``

    Good: the passage that supports a part of the claim
    """
    label, spec = claim.labelling.label, _spec(claim)
    for side in spec.needs:
        if (label, side) not in _OF_DEFAULT:
            yield from _needed(claim, side)
    if spec.evidence == "required" and not claim.labelling.evidence:
        yield Problem(
            claim.place.at("label"), f"claim is `{label}` but has no evidence", "Add the passages that decide."
        )


@rule("error")
def label_against_evidence(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a claim no evidence that its label excludes according to ``vocabulary`` in dataset.yaml.

    Bad: ``label: not_enough_info``, which has ``never: [for, against]``, with a passage of ``stance: supports``

    Good: ``label: supported``; or the passage with a stance that counts on neither side
    """
    label = claim.labelling.label
    for index, side in _unwanted(claim):
        if (label, side) != ("supported", "against"):
            message = f"claim is `{label}`, but this passage {_VERBS[side]} it"
            hint = "Correct the label or the stance, or leave the passage out."
            yield Problem(claim.place.at(*claim.place.value.evidence_path(index), "stance"), message, hint)
    if _spec(claim).evidence == "forbidden" and claim.labelling.evidence:
        message = f"claim is `{label}` but has evidence"
        yield Problem(claim.place.at_key("evidence"), message, "Delete the evidence, or correct the label.")


@rule("error")
def erroneous_without_correction(claim: LabelledClaim) -> Iterator[Problem]:
    """Correct a claim whose label needs a correction, as ``erroneous`` does: say what the articles give instead.

    Bad: ``label: erroneous`` without ``correction``

    Good: ``correction: The account was reinstated in November 2022.``
    """
    if (
        _spec(claim).correction == "required"
        and not claim.labelling.corrected
        and not _is_optional(claim, "correction")
    ):
        hint = "Add `correction:` with a full sentence."
        yield Problem(claim.place.at("label"), f"claim is `{claim.labelling.label}` but has no correction", hint)


@rule("error")
def correction_of_no_error(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a correction only to a claim whose label allows one, as ``erroneous`` does.

    Bad: ``label: disputed`` with ``correction: …``

    Good: ``label: disputed``, and the other values in its evidence
    """
    label = claim.labelling.label
    if _spec(claim).correction == "forbidden" and claim.labelling.corrected:
        others = [name for name, spec in claim.scheme.labels.items() if spec.correction != "forbidden"]
        hint = f"Delete the correction, or label the claim {listed(others)}." if others else "Delete the correction."
        yield Problem(claim.place.at_key("correction"), f"claim is `{label}` but has a correction", hint)


@rule("error")
def basis_of_other_label(claim: LabelledClaim) -> Iterator[Problem]:
    """Give a claim a basis that its label allows.

    Bad: ``label: supported`` with ``basis: doubted``

    Good: ``label: supported`` with ``basis: corroborated``
    """
    label, basis = claim.labelling.label, claim.labelling.basis
    grounds, given = _spec(claim).basis, f"label `{label}` does not allow the basis `{basis}`"
    place, write = claim.place.at("basis"), f"Write one of {', '.join(f'`{ground}`' for ground in grounds)}."
    if basis and not grounds and any(spec.basis for spec in claim.scheme.labels.values()):
        yield Problem(place, given, "Delete the basis, or correct the label.")
    elif basis and grounds and basis not in grounds:
        yield Problem(place, given, write)
    elif not basis and grounds and not _is_optional(claim, "basis"):
        yield Problem(claim.place.at("label"), f"claim is `{label}` but has no basis", f"Add `basis:`. {write}")


@rule("error")
def basis_without_evidence(claim: LabelledClaim) -> Iterator[Problem]:
    """Choose a basis that matches the evidence.

    ``corroborated`` has support from another article, ``corroborated_within`` only from the same article, and
    ``outweighed`` is refuted by at least two articles.

    Bad: ``basis: outweighed`` with one refuting passage

    Good: ``basis: outweighed`` with refuting passages of two articles
    """
    value = claim.labelling
    if value.basis not in _spec(claim).basis:
        return
    supporting = {article for side, article in value.evidence if side == "for"}
    refuting = {article for side, article in value.evidence if side == "against"}
    wrong = ""
    if value.basis == "corroborated" and supporting == {OWN}:
        wrong, hint = (
            "no other article supports the claim",
            "Write `corroborated_within`, or add a passage of another article.",
        )
    elif value.basis == "corroborated_within" and supporting - {OWN}:
        wrong, hint = "another article supports the claim", "Write `corroborated`."
    elif value.basis == "outweighed" and len(refuting) == 1:
        wrong, hint = (
            "only one article refutes the claim",
            "Add the passages of the others, or label the claim `disputed`.",
        )
    if wrong:
        yield Problem(claim.place.at("basis"), f"basis is `{value.basis}`, but {wrong}", hint)


@rule("error")
def settled_but_erroneous(claim: LabelledClaim) -> Iterator[Problem]:
    """Give no label that needs a correction, as ``erroneous`` does, to a claim with the value on which its fact is
    settled.

    Bad: the fact is settled on ``2022``, and a claim with ``value: "2022"`` is erroneous

    Good: the claim is supported
    """
    settled = claim.labelling.settled
    if settled and _spec(claim).correction == "required":
        hint = "Correct the label, the value, or the settled value in the file of facts."
        message = f"claim is `{claim.labelling.label}`, but the fact is settled on its value `{settled}`"
        yield Problem(claim.place.at("label"), message, hint)


def _is_optional(claim: LabelledClaim, key: str) -> bool:
    return key in claim.scheme.optional
