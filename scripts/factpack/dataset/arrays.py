"""Make Arrow arrays and tables of values."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from factpack.corpus.id_index import Strings
from factpack.corpus.types import NO_SPAN, AnchoredPassage
from factpack.dataset.columns import VERSION_COLUMNS, Tables
from factpack.dataset.schema import ClassLabel
from factpack.dataset.schema import schema as arrow_schema
from factpack.text.sentences import Span


def label_numbers(label: ClassLabel) -> dict[str, int]:
    """Return the number of each name of a ClassLabel."""
    return {name: number for number, name in enumerate(label.names)}


@lru_cache
def schema(tables: Tables, config: str) -> pa.Schema:
    """Return the Arrow schema of a table, without its metadata and the columns that are added on writing."""
    columns = tables.config(config).columns
    return arrow_schema(tuple(column for column in columns if column.name not in VERSION_COLUMNS))


def table(tables: Tables, config: str, values: Mapping[str, Any]) -> pa.Table:
    """Make rows of a table from values or arrays by column."""
    fields = schema(tables, config)
    return pa.table([_array(values[field.name], field.type) for field in fields], schema=fields)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, kind)


def lists(counts: Iterable[int], items: Any, kind: pa.DataType) -> pa.Array:
    """Make a column of lists.

    Args:
        counts: How many items each list has.
        items: The items of all lists, one after another; of structs, by field.
        kind: The type of the column.
    """
    if pa.types.is_struct(kind.value_type):
        fields = list(kind.value_type)
        items = pa.StructArray.from_arrays([_array(items[field.name], field.type) for field in fields], fields=fields)
    ends = pa.array(accumulate(counts, initial=0), pa.int32())
    return pa.ListArray.from_arrays(ends, _array(items, kind.value_type), type=kind)


def regrouped(tables: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """Yield the rows of tables, one after another, so many at a time; the last ones may be fewer."""
    waiting: list[pa.Table] = []
    count = 0
    for some in tables:
        waiting.append(some)
        count += len(some)
        while count >= size:
            rows = pa.concat_tables(waiting)
            yield rows.slice(0, size)
            waiting, count = [rows.slice(size)], count - size
    if count:
        yield pa.concat_tables(waiting)


def row_counts(rows: Iterable[int], number: int) -> list[int]:
    """Count how often each of a number of rows is named."""
    counted = Counter(rows)
    return [counted[row] for row in range(number)]


def span_ids(*names: pa.Array, start: pa.Array, end: pa.Array) -> pa.Array:
    """Make the ids of passages, such as ``001:17-42``, from the names before the offsets; null if any is null."""
    offsets = pc.binary_join_element_wise(start.cast(pa.string()), end.cast(pa.string()), "-")
    return pc.binary_join_element_wise(*names, offsets, ":")


def pair_ids(claims: pa.Array, passages: Mapping[str, pa.Array]) -> pa.Array:
    """Make the ids of pairs: claim, article and offsets; the number of the passage where it has no article."""
    ids = span_ids(claims, passages["article"], start=passages["start"], end=passages["end"])
    if not ids.null_count:
        return ids
    seen: Counter[str] = Counter()
    made = []
    for claim, pair in zip(claims.to_pylist(), ids.to_pylist(), strict=True):
        seen[claim] += pair is None
        made.append(pair or f"{claim}:{seen[claim]}")
    return pa.array(made, pa.string())


def texts(strings: Strings, numbers: pa.Array) -> pa.Array:
    """Take some of many texts, by their numbers."""
    bounds, data = pa.py_buffer(strings.bounds), pa.py_buffer(strings.data)
    return pa.LargeStringArray.from_buffers(len(strings), bounds, data).take(numbers).cast(pa.string())


def found_span(anchored: AnchoredPassage) -> Span:
    """Return the span of a passage that is known to be found; NO_SPAN if it is given without its article."""
    assert anchored.found  # a project with a quote that was not found is refused
    return anchored.span or NO_SPAN


def offsets(spans: Iterable[Span]) -> dict[str, list[int | None]]:
    """Return the columns of offsets; null for a record without a quote."""
    pairs = [span if span != NO_SPAN else (None, None) for span in spans]
    return {"start": [start for start, _ in pairs], "end": [end for _, end in pairs]}
