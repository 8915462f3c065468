"""Define the words and the columns that several tables share, as the scheme of a project makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from factpack.dataset.schema import ClassLabel, Column
from factpack.project.scheme import DEFAULT, ColumnSpec, OptionalKey, Scheme
from factpack.project.vocabulary import NOT_ENOUGH_INFO, REASONS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from factpack.dataset.schema import Type

REASON = ClassLabel("reason", REASONS)
STATUS = ClassLabel("status", STATUSES)

START = Column(
    "start",
    "integer",
    "offset of the first character of the quote in the article's text, in Unicode code points",
)
END = Column("end", "integer", "offset after the last character of the quote, so that text[start:end] is the quote")
QUOTE = (Column("quote", "text", "exact words of that article"), START, END)
PASSAGE = (Column("article", "text", "id of the article with the passage"), *QUOTE)

VERSIONS = (
    Column("added_in", "text", "version of the dataset in which the row first appeared"),
    Column("changed_in", "text", "version of the dataset in which the row last changed"),
)


@dataclass(frozen=True, eq=False)
class Words:
    """Give the ClassLabels of a dataset, and the columns that depend on its scheme.

    Attributes:
        scheme: The scheme.
    """

    scheme: Scheme

    @cached_property
    def label(self) -> ClassLabel:
        """Name the labels."""
        return ClassLabel("label", tuple(self.scheme.labels))

    @cached_property
    def stance(self) -> ClassLabel:
        """Name the stances."""
        return ClassLabel("stance", tuple(self.scheme.stances))

    @cached_property
    def basis(self) -> ClassLabel:
        """Name the grounds of labels."""
        return ClassLabel("basis", self.scheme.bases)

    @cached_property
    def verdict(self) -> ClassLabel:
        """Name the labels, and what an unverified passage has in the place of one."""
        return ClassLabel("verdict", tuple(dict.fromkeys((*self.scheme.labels, NOT_ENOUGH_INFO))))

    @cached_property
    def vote(self) -> ClassLabel:
        """Name what a reading can make of a passage."""
        return ClassLabel("vote", self.scheme.vote_names)

    @property
    def stance_column(self) -> Column:
        """Return the column of what a passage says of the claim."""
        meaning = "whether the passage supports or refutes the claim; one that only casts doubt on it refutes"
        if self.scheme.stances != DEFAULT.stances:
            meaning = "what the passage says of the claim"
        return Column("stance", self.stance, meaning)

    @property
    def passage_columns(self) -> tuple[Column, ...]:
        """Return the columns of a passage of evidence."""
        place = tuple(replace(column, nullable=self.optional("article")) for column in (*PASSAGE[:1], *QUOTE))
        return (*place[:1], replace(place[1], nullable=False), *place[2:])

    @property
    def given_columns(self) -> tuple[Column, ...]:
        """Return the columns of a passage behind its stance."""
        source = Column(
            "source", "text", "where the passage is from, if it is given without its article", nullable=True
        )
        groups = Column("groups", "texts", "passages of a group are needed together; without one it suffices alone")
        return (
            *(source,) * self.optional("article"),
            *(groups,) * (self.scheme.groups != "forbidden"),
            *extra_columns(self.scheme.columns.evidence),
        )

    @property
    def split_column(self) -> tuple[Column, ...]:
        """Return the column of the split, if there are splits."""
        return (Column("split", "text", "the split that the row is in"),) * bool(self.scheme.splits)

    def fold_column(self, description: str) -> Column:
        """Return a column of folds, which splits for training do not have."""
        trains = bool(self.scheme.training)
        return Column("fold", "integer", description + "; null in a split for training" * trains, nullable=trains)

    def own(self, key: OptionalKey, description: str) -> Column:
        """Return a column of text that is null where a claim may leave the key out, and does."""
        return Column(key, "text", description, nullable=self.optional(key))

    def optional(self, *keys: OptionalKey) -> bool:
        """Tell whether a claim may leave out one of some keys."""
        return any(key in self.scheme.optional for key in keys)


def extra_columns(columns: Mapping[str, ColumnSpec]) -> Iterator[Column]:
    """Yield the columns that a project adds to a table."""
    for name, spec in columns.items():
        kind: Type = "texts" if spec.type == "list of text" else spec.type
        yield Column(name, kind, spec.description, nullable=spec.presence == "optional" and kind != "texts")
