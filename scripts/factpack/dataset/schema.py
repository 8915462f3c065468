"""Derive the Arrow schema and the features of a table from its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import datasets
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ClassLabel:
    """Name the values of a column that has their index, or null. Append names, never reorder them.

    Attributes:
        name: The name of the ClassLabel.
        names: The names of its values.
    """

    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Describe a list of structs with these columns."""

    columns: tuple[Column, ...]


Plain = Literal["text", "integer", "number", "boolean", "date", "texts"]
Type = Plain | ClassLabel | ListOf

#: The types of values, by their names in Arrow, `datasets` and Croissant.
NAMES: dict[Plain, tuple[str, str]] = {
    "text": ("string", "sc:Text"),
    "integer": ("int64", "sc:Integer"),
    "number": ("float64", "sc:Float"),
    "boolean": ("bool", "sc:Boolean"),
    "date": ("date32", "sc:Date"),
    "texts": ("string", "sc:Text"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """Describe a column.

    Attributes:
        name: Its name.
        type: Its type.
        description: Its meaning, for people.
        nullable: Whether a row may have null there.
        reads: What it takes from the text of the article beyond the quotes: all of it, the words from ``start`` to
            ``end``, or the sentences around them. Such a column is null in a release without the texts.
    """

    name: str
    type: Type
    description: str
    nullable: bool = False
    reads: Literal["nothing", "text", "span", "context"] = "nothing"


@dataclass(frozen=True, slots=True)
class Config:
    """Describe a table of the dataset.

    Attributes:
        name: Its name.
        description: What a row is, for people.
        columns: Its columns, in their order.
        key: The name of the column that identifies a row.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: str = "id"


def class_labels(
    columns: tuple[Column, ...], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Column, ClassLabel]]:
    """Yield every ClassLabel among columns, nested ones too: its path, its column, and itself."""
    for column in columns:
        if isinstance(column.type, ClassLabel):
            yield (*path, column.name), column, column.type
        elif isinstance(column.type, ListOf):
            yield from class_labels(column.type.columns, (*path, column.name))


def value_type(kind: Type) -> str:
    """Return the name of the type of a value, or of the items of a list of values, in Arrow and `datasets`."""
    return "int64" if isinstance(kind, ClassLabel | ListOf) else NAMES[kind][0]


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema that :func:`features` has, without its metadata, and without importing `datasets`."""
    import pyarrow as pa  # noqa: PLC0415 - checking does not need it

    def kind(column: Column) -> pa.DataType:
        if isinstance(column.type, ListOf):
            return pa.list_(pa.struct([(each.name, kind(each)) for each in column.type.columns]))
        if column.type == "texts":
            return pa.list_(pa.string())
        return pa.type_for_alias(value_type(column.type))

    return pa.schema([(column.name, kind(column)) for column in columns])


def features(columns: tuple[Column, ...]) -> datasets.Features:
    """Return the features of a table, with their Arrow schema and the metadata that carries them through Parquet."""
    import datasets  # noqa: PLC0415 - takes most of a second, and checking does not need it

    def feature(kind: Type) -> Any:
        if isinstance(kind, ClassLabel):
            return datasets.ClassLabel(names=list(kind.names))
        if isinstance(kind, ListOf):
            return datasets.List({column.name: feature(column.type) for column in kind.columns})
        if kind == "texts":
            return datasets.List(datasets.Value("string"))
        return datasets.Value(value_type(kind))

    return datasets.Features({column.name: feature(column.type) for column in columns})
