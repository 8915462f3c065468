"""THE table of columns: every config of the dataset with its columns, their types and what they mean.

The Arrow schemas, the features of `datasets`, the dataset card, the Croissant file and the README are all made from it.
To add a column, add a line here and its value in :mod:`factpack.batches`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from factpack.model import BASES, LABELS, REASONS, STANCES, VOTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import datasets
    import pyarrow as pa

SPLIT = "test"  # one split, because the dataset is for evaluation
FOLDS = 5
STATUSES = ("claim", "unverified", "not_checkable", "unaccounted")


@dataclass(frozen=True, slots=True)
class Names:
    """A ClassLabel: the data holds the index of one of these names, or null. Append names, never reorder them."""

    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of structs with these columns."""

    columns: tuple[Column, ...]


Type = Literal["text", "integer", "texts"] | Names | Items


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``nullable`` says whether a row may have null there.

    ``reads`` says what it takes from the article's text beyond the quotes: all of it, the words from ``start`` to
    ``end``, or the sentences around them. Such a column is null in a release without the texts.
    """

    name: str
    type: Type
    description: str
    nullable: bool = False
    reads: Literal["nothing", "text", "span", "context"] = "nothing"


@dataclass(frozen=True, slots=True)
class Config:
    """A table of the dataset. ``key`` names the column that identifies a row, if one does."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: str = "id"


LABEL = Names("label", LABELS)
STANCE = Names("stance", STANCES)
BASIS = Names("basis", BASES)
REASON = Names("reason", REASONS)
STATUS = Names("status", STATUSES)
VOTE = Names("vote", VOTES)

_START = Column(
    "start", "integer", "offset of the first character of the quote in the article's text, in Unicode code points"
)
_END = Column("end", "integer", "offset after the last character of the quote, so that text[start:end] is the quote")
_PASSAGE = (
    Column("article", "text", "id of the article that the passage stands in"),
    Column("quote", "text", "exact words of that article"),
    _START,
    _END,
)
_STANCE = Column(
    "stance", STANCE, "whether the passage supports or refutes the claim; one that only casts doubt on it refutes"
)

#: What every row of every table says of itself.
STAMPS = (
    Column("added_in", "text", "version of the dataset that first carried the row"),
    Column("changed_in", "text", "version of the dataset in which the row last changed"),
)

CONFIGS: tuple[Config, ...] = (
    Config(
        "claims",
        "one row per labelled claim",
        (
            Column("id", "text", "stable, readable id of the claim"),
            Column("article", "text", "id of the article that makes the claim"),
            Column("claim", "text", "the proposition, restated so that it stands alone"),
            Column("quote", "text", "the exact words of the article that state it"),
            _START,
            _END,
            Column(
                "context", "text", "the sentence or sentences of the article that the quote stands in", reads="context"
            ),
            Column(
                "speaker",
                "text",
                "whose statement it is: `article` for the article's own voice, also where it reports words of somebody "
                "that are not checkable themselves; else who is quoted",
            ),
            Column("fact", "text", "id of the shared question that the claim answers"),
            Column("value", "text", "the answer that it gives"),
            Column("label", LABEL, "what the corpus says of the claim"),
            Column("basis", BASIS, "the ground on which the label was reached"),
            Column("correction", "text", "what the articles say instead; null unless erroneous", nullable=True),
            Column("rationale", "text", "which passages decide, and by which rule"),
            Column(
                "evidence",
                Items((*_PASSAGE, _STANCE)),
                "the passages of the corpus that support or refute the claim",
            ),
            Column(
                "votes",
                Items(
                    (
                        Column("reading", "text", "`first` or `second`"),
                        Column(
                            "vote",
                            VOTE,
                            "what it makes of these words; null if it has no record of them",
                            nullable=True,
                        ),
                    )
                ),
                "what two independent readings made of the claim before adjudication; empty if there were none",
            ),
            Column("fold", "integer", f"0 to {FOLDS - 1}, for cross-validation: no fact lies in two folds"),
            *STAMPS,
        ),
    ),
    Config(
        "evidence",
        "one row per pair of claim and passage, for entailment models",
        (
            Column("id", "text", "id of the pair: claim, article and offsets of the passage"),
            Column("claim_id", "text", "id of the claim"),
            Column("claim", "text", "the claim, restated so that it stands alone (the hypothesis)"),
            Column(
                "context", "text", "the sentence or sentences that the passage stands in (the premise)", reads="context"
            ),
            *_PASSAGE,
            _STANCE,
            Column("label", LABEL, "label of the claim"),
            Column("fact", "text", "id of the fact that the claim answers"),
            Column("fold", "integer", "fold of the claim"),
            *STAMPS,
        ),
    ),
    Config(
        "articles",
        "one row per article, with its full text where the release holds the texts",
        (
            Column("id", "text", "id of the article"),
            Column("file", "text", "name of its file"),
            Column("sha256", "text", "SHA-256 of the UTF-8 bytes of the text"),
            Column("language", "text", "ISO 639 code"),
            Column("title", "text", "title as printed; null if the text has none", nullable=True),
            Column("publisher", "text", "publisher, where the text names it", nullable=True),
            Column("publisher_quote", "text", "the passage that names the publisher", nullable=True),
            Column("date", "text", "date of publication, YYYY-MM-DD, where the text gives it", nullable=True),
            Column("date_origin", "text", "`stated` or `inferred`", nullable=True),
            Column(
                "date_quote", "text", "the passage that states the date, or that it is inferred from", nullable=True
            ),
            Column("text", "text", "the text, to the character", reads="text"),
            *STAMPS,
        ),
    ),
    Config(
        "sentences",
        "one row per sentence of every article, and what accounts for it",
        (
            Column("id", "text", "id of the sentence: article and offsets"),
            Column("article", "text", "id of the article"),
            Column("start", "integer", "offset of its first character in the article's text, in Unicode code points"),
            Column("end", "integer", "offset after its last character"),
            Column("text", "text", "the sentence", reads="span"),
            Column("status", STATUS, "what it was accounted for as; a claim goes before an unverified passage"),
            Column("claims", "texts", "ids of the claims in it"),
            Column(
                "unverified",
                Items(
                    (
                        Column("id", "text", "stable, readable id"),
                        Column("claim", "text", "the proposition, restated so that it stands alone"),
                        *_PASSAGE[1:],
                        Column("speaker", "text", "whose statement it is"),
                        Column(
                            "fact", "text", "id of the fact that it answers, if claims answer it too", nullable=True
                        ),
                        Column("value", "text", "the answer that it gives", nullable=True),
                    )
                ),
                "checkable passages in it on which no other passage of the corpus bears",
            ),
            Column("reason", REASON, "why it is not checkable; null if it is", nullable=True),
            *STAMPS,
        ),
    ),
    Config(
        "facts",
        "one row per fact: a question, and the answer that each article gives",
        (
            Column("id", "text", "id of the fact"),
            Column("question", "text", "the question"),
            Column(
                "settled_value", "text", "the answer that the articles settle on; null if they do not", nullable=True
            ),
            Column("settled_by", Items(_PASSAGE), "the passages that settle it"),
            Column(
                "answers",
                Items(
                    (
                        Column("article", "text", "id of the article"),
                        Column("value", "text", "the answer that it gives"),
                        Column("claim_id", "text", "id of the claim, or of the unverified passage"),
                        Column("label", LABEL, "label of the claim; null if unverified", nullable=True),
                    )
                ),
                "every answer, in the order of the articles",
            ),
            Column("fold", "integer", "fold of the claims that answer it"),
            *STAMPS,
        ),
    ),
    Config(
        "votes",
        "one row per span on which one or both of two independent readings voted, with the decision where they differ",
        (
            Column("id", "text", "article and offsets; a number is added where the same span has several rows"),
            Column("article", "text", "id of the article"),
            Column(
                "quote", "text", "the words of the first reading, or of the second if it alone has any", reads="span"
            ),
            _START,
            _END,
            Column("first", VOTE, "what the first reading makes of it; null if it has no record of it", nullable=True),
            Column(
                "second", VOTE, "what the second reading makes of it; null if it has no record of it", nullable=True
            ),
            Column("released", VOTE, "what is released; null if nothing is", nullable=True),
            Column(
                "claim_id",
                "text",
                "id of the released claim that the span became, which has these votes; null if none",
                nullable=True,
            ),
            Column("why", "text", "why it was decided so; null if the readings agree", nullable=True),
            *STAMPS,
        ),
    ),
)


def table_path(config: str) -> str:
    """Where the Parquet file of a config lies in a release."""
    return f"{config}/{SPLIT}-00000-of-00001.parquet"


def withheld() -> Iterator[tuple[str, Column]]:
    """The columns that are null in a release without the texts, each after the name of its config."""
    for config in CONFIGS:
        yield from ((config.name, column) for column in config.columns if column.reads != "nothing")


def class_labels(
    columns: tuple[Column, ...], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Column, Names]]:
    """Every ClassLabel among ``columns``, nested ones too, with its path."""
    for column in columns:
        if isinstance(column.type, Names):
            yield (*path, column.name), column, column.type
        elif isinstance(column.type, Items):
            yield from class_labels(column.type.columns, (*path, column.name))


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of a table as :func:`features` gives it, without the metadata, and without `datasets`."""
    import pyarrow as pa  # noqa: PLC0415 - checking does not need it

    def kind(column: Column) -> pa.DataType:
        if isinstance(column.type, Items):
            return pa.list_(pa.struct([(each.name, kind(each)) for each in column.type.columns]))
        if column.type == "texts":
            return pa.list_(pa.string())
        return pa.string() if column.type == "text" else pa.int64()

    return pa.schema([(column.name, kind(column)) for column in columns])


def features(columns: tuple[Column, ...]) -> datasets.Features:
    """The features of a table, which know their Arrow schema and the metadata that carries them through Parquet."""
    import datasets  # noqa: PLC0415 - takes most of a second, and checking does not need it

    def feature(kind: Type) -> Any:
        if isinstance(kind, Names):
            return datasets.ClassLabel(names=list(kind.names))
        if isinstance(kind, Items):
            return datasets.List({column.name: feature(column.type) for column in kind.columns})
        if kind == "texts":
            return datasets.List(datasets.Value("string"))
        return datasets.Value("string" if kind == "text" else "int64")

    return datasets.Features({column.name: feature(column.type) for column in columns})
