"""Give the script of the page what annotations may say, so that a form can be made of it, and what the labels mean."""

from collections.abc import Mapping

from msgspec import Struct

from factpack.project.models import Dataset
from factpack.project.scheme import DEFAULT, ColumnSpec, ColumnType, LabelSpec, Scheme
from factpack.project.vocabulary import REASONS

#: What the labels of the default scheme say of a claim. Only the articles of the dataset count.
_LABELS = {
    "supported": "another of these articles says so, or another voice in the same article",
    "disputed": "a passage of these articles contradicts or doubts it, and nothing settles which is right",
    "erroneous": "these articles show that it is wrong, and give what is right instead",
}
#: What each basis of the default scheme says; the dataset card has the same words.
_BASES = {
    "corroborated": "another article states or entails it",
    "corroborated_within": "only another voice in the same article does",
    "contradicted": "a passage gives a value that cannot be true together with it, and nothing settles which is right",
    "doubted": "a passage casts doubt on it without giving another value",
    "corrected": "an article says that it is wrong",
    "outweighed": "at least two articles give another value, and at most one gives this one",
    "magnitude": "every other passage on the fact excludes it by a factor of ten or more",
}
_SIDES = {"for": "for it", "against": "against it", "neither": "on neither side"}


class PageLabelSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Give what a label needs, and what it means in words."""

    name: str
    basis: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    evidence: str = "optional"
    correction: str = "forbidden"
    meaning: str = ""


class PageColumn(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Give a column that the project adds."""

    name: str
    type: ColumnType
    description: str
    required: bool = False


class PageScheme(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Give what a record may say: the words of the project, the keys that it need not have, and those it adds.

    Attributes:
        specs: The labels.
        bases: What each basis means, where that is known.
        reasons: Why a sentence is not checkable.
        speakers: Everybody named as a speaker.
        optional: The keys that a claim need not have.
        groups: Whether passages of evidence belong to groups.
        votes: Whether claims carry the votes of single annotators.
        any_id: Whether ids may also have capitals and ``_ . : -``.
        claims: The columns that the project adds to claims.
        evidence: Those that it adds to passages of evidence.
    """

    specs: tuple[PageLabelSpec, ...]
    bases: dict[str, str]
    reasons: tuple[str, ...]
    speakers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    groups: str = "forbidden"
    votes: str = "forbidden"
    any_id: bool = False
    claims: tuple[PageColumn, ...] = ()
    evidence: tuple[PageColumn, ...] = ()


def page_scheme(scheme: Scheme, dataset: Dataset | None) -> PageScheme:
    """Return the scheme of a dataset as the page has it; without the speakers if the dataset cannot be read."""
    specs = tuple(
        PageLabelSpec(
            name=name,
            basis=spec.basis,
            needs=spec.needs,
            never=spec.never,
            evidence=spec.evidence,
            correction=spec.correction,
            meaning=label_meaning(name, spec),
        )
        for name, spec in scheme.labels.items()
    )
    return PageScheme(
        specs=specs,
        bases={name: _BASES.get(name, "") for name in scheme.bases},
        reasons=REASONS,
        speakers=tuple(dict.fromkeys(dataset.speakers)) if dataset else (),
        optional=scheme.optional,
        groups=scheme.groups,
        votes=scheme.votes,
        any_id=scheme.ids == "any",
        claims=_columns(scheme.columns.claims),
        evidence=_columns(scheme.columns.evidence),
    )


def label_meaning(name: str, spec: LabelSpec) -> str:
    """Say what a label means, as far as that follows from what it needs."""
    if spec == DEFAULT.labels.get(name):
        return _LABELS[name]
    words = [f"there is evidence {_SIDES[side]}" for side in spec.needs]
    if spec.evidence == "forbidden":
        words.append("there is no evidence")
    elif spec.evidence == "required" and not words:
        words.append("there is evidence")
    words += [f"none is {_SIDES[side]}" for side in spec.never]
    return ", and ".join(words)


def _columns(columns: Mapping[str, ColumnSpec]) -> tuple[PageColumn, ...]:
    return tuple(
        PageColumn(name=name, type=spec.type, description=spec.description, required=spec.presence == "required")
        for name, spec in columns.items()
    )
