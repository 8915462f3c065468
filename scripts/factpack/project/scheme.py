"""Define the annotation scheme of a project: its labels and stances, what each needs, and the keys and columns it adds.

``dataset.yaml`` gives it in ``vocabulary`` and ``columns``. A project without these sections has the scheme of
:data:`DEFAULT`.
"""

from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from factpack.project.characters import IN_NO_NAME
from factpack.project.vocabulary import BASES, GROUNDS, RESERVED, STANCES

Side = Literal["for", "against", "neither"]
Presence = Literal["required", "optional", "forbidden"]
OptionalKey = Literal["article", "quote", "speaker", "fact", "value", "basis", "correction", "rationale"]
Ids = Literal["slug", "any"]
Purpose = Literal["training", "evaluation"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "list of text"]

#: The tables that a project can add columns to, each with the records that give the values.
EXTENDED = ("claims", "evidence", "articles")

# ClassLabel takes any name; this one can be read in a chart, a table in Markdown and a terminal, in any script.
_SIGNS = r" !$%&'()+,\-./:;=@_"
_UNSEEN = rf"\x00-\x1f\"#*{IN_NO_NAME}"
Name = Annotated[
    str,
    Meta(
        pattern=rf"^[^{_SIGNS}{_UNSEEN}]([^{_UNSEEN}]{{0,98}}[^ {_UNSEEN}])?(?!\n)$",
        description="letters and digits of any script, then also blanks and ! $ % & ' ( ) + , - . / : ; = @ _",
    ),
]
# `datasets` takes letters, digits and _; `all` means every split to it, and `shared` is what none is.
SplitName = Annotated[
    str,
    Meta(pattern=r"^(?!(all|shared)$)[a-z][a-z0-9_]{0,31}(?!\n)$", description="lower-case letters, digits and _"),
]
#: The splits of a project, in their order, and what each is for.
Splits = Annotated[
    dict[SplitName, Purpose],
    Meta(
        min_length=1,
        description="the splits in their order, and what each is for; `split:` of a claim, or of its article in the "
        "register, names one, and only splits for evaluation have folds",
    ),
]
ColumnName = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}(?!\n)$", description="lower-case letters, digits and _")
]


class LabelSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A label, and what a claim needs to carry it."""

    needs: Annotated[tuple[Side, ...], Meta(description="evidence on each of these sides has to be there")] = ()
    never: Annotated[tuple[Side, ...], Meta(description="evidence on none of these sides may be there")] = ()
    evidence: Annotated[Presence, Meta(description="whether any passage has to be there")] = "optional"
    basis: Annotated[tuple[Name, ...], Meta(description="the grounds on which the label can rest")] = ()
    correction: Annotated[Presence, Meta(description="whether a claim with the label has a correction")] = "forbidden"


class Vocabulary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The words of the annotations, where they are not those of factpack."""

    stances: (
        Annotated[
            dict[Name, Side],
            Meta(min_length=1, description="each stance, and the side that it counts on, in the order of their ids"),
        ]
        | UnsetType
    ) = UNSET
    labels: (
        Annotated[
            dict[Name, LabelSpec],
            Meta(min_length=1, description="each label, and what it needs, in the order of their ids"),
        ]
        | UnsetType
    ) = UNSET
    optional: Annotated[
        tuple[OptionalKey, ...],
        Meta(description="keys that a claim need not have; `article` allows claims that are in no article"),
    ] = ()
    groups: Annotated[
        Presence, Meta(description="whether passages of evidence belong to groups, of which one suffices")
    ] = "forbidden"
    votes: Annotated[Presence, Meta(description="whether claims and passages carry the votes of single annotators")] = (
        "forbidden"
    )
    ids: Annotated[
        Ids,
        Meta(
            description="any: ids as other datasets have them, also with capitals, letters of any script "
            "and signs such as _ . : ( )"
        ),
    ] = "slug"


class ColumnSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column that the project adds; a record gives its value under the name of the column."""

    type: ColumnType
    description: Annotated[str, Meta(min_length=1, description="what the values mean, for people")]
    presence: Annotated[Literal["required", "optional"], Meta(description="whether every record has a value")] = (
        "optional"
    )


class ExtraColumns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The columns that the project adds to a table."""

    claims: dict[ColumnName, ColumnSpec] = {}
    evidence: dict[ColumnName, ColumnSpec] = {}
    articles: dict[ColumnName, ColumnSpec] = {}


_SIDES: tuple[Side, ...] = ("for", "against")  # of the stances of factpack
_LABELS = {
    "supported": LabelSpec(needs=("for",), never=("against",), basis=GROUNDS["supported"]),
    "disputed": LabelSpec(needs=("against",), basis=GROUNDS["disputed"]),
    "erroneous": LabelSpec(needs=("against",), basis=GROUNDS["erroneous"], correction="required"),
}


class Scheme(Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """Define what annotations may say.

    Attributes:
        stances: The side that each stance counts on.
        labels: What each label needs.
        optional: The keys that a claim need not have.
        groups: Whether passages of evidence belong to groups, of which one suffices.
        votes: Whether claims and passages carry the votes of single annotators.
        ids: What ids may be made of.
        columns: The columns that the project adds.
        splits: The splits, and what each is for; none if all claims are in one split for evaluation.
    """

    stances: dict[str, Side] = field(default_factory=lambda: dict(zip(STANCES, _SIDES, strict=True)))
    labels: dict[str, LabelSpec] = field(default_factory=lambda: dict(_LABELS))
    optional: tuple[OptionalKey, ...] = ()
    groups: Presence = "forbidden"
    votes: Presence = "forbidden"
    ids: Ids = "slug"
    columns: ExtraColumns = ExtraColumns()
    splits: dict[str, Purpose] = {}

    @cached_property
    def training(self) -> frozenset[str]:
        """Name the splits for training, which have no folds and no tasks."""
        return frozenset(name for name, purpose in self.splits.items() if purpose == "training")

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Name the grounds of all labels; those of factpack where no label names any."""
        return tuple(dict.fromkeys(basis for spec in self.labels.values() for basis in spec.basis)) or BASES

    @property
    def basis_optional(self) -> bool:
        """Tell whether a claim can have no basis: because the key is optional, or because a label has no grounds."""
        return "basis" in self.optional or any(not spec.basis for spec in self.labels.values())

    @cached_property
    def vote_names(self) -> tuple[str, ...]:
        """Name what a reading can make of a passage."""
        return (*self.labels, "unverified", "not_checkable")

    def stances_on(self, side: Side) -> tuple[str, ...]:
        """Return the stances that count on a side."""
        return tuple(name for name, its in self.stances.items() if its == side)

    @cached_property
    def key(self) -> bytes:
        """Give the scheme as bytes, which are equal if two schemes are."""
        return msgspec.msgpack.encode(self)


DEFAULT = Scheme()
#: What a reading makes of a passage that it gives no label.
NOT_LABELS = frozenset({"unverified", "not_checkable"})


def scheme_of(
    vocabulary: Vocabulary | UnsetType, columns: ExtraColumns | UnsetType, splits: Splits | UnsetType
) -> Scheme:
    """Return the scheme that the sections of ``dataset.yaml`` give."""
    if vocabulary is UNSET and columns is UNSET and splits is UNSET:
        return DEFAULT
    words = Vocabulary() if vocabulary is UNSET else vocabulary
    return Scheme(
        stances=DEFAULT.stances if words.stances is UNSET else words.stances,
        labels=DEFAULT.labels if words.labels is UNSET else words.labels,
        optional=words.optional,
        groups=words.groups,
        votes=words.votes,
        ids=words.ids,
        columns=ExtraColumns() if columns is UNSET else _free(columns),
        splits={} if splits is UNSET else splits,
    )


class Sections(Struct, frozen=True):
    """Read the sections of ``dataset.yaml`` that give the scheme; whatever else is there is passed over."""

    vocabulary: Vocabulary | UnsetType = UNSET
    columns: ExtraColumns | UnsetType = UNSET
    splits: Splits | UnsetType = UNSET

    @property
    def scheme(self) -> Scheme:
        """Give the scheme."""
        return scheme_of(self.vocabulary, self.columns, self.splits)


def _free(columns: ExtraColumns) -> ExtraColumns:
    """Return the columns whose names are free; the others are errors."""
    return ExtraColumns(
        **{
            table: {name: spec for name, spec in getattr(columns, table).items() if name not in RESERVED[table]}
            for table in EXTENDED
        }
    )
