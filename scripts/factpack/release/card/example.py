"""Choose the claim that the card shows as an example."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from factpack.dataset.columns import Tables
from factpack.dataset.schema import ClassLabel
from factpack.dataset.table_files import all_files

LOOKED_AT = 1_000  # claims: one with a correction shows most, and where there is any, one comes early
MAX_PASSAGES = 2  # of evidence

#: The columns that it has, in the order of the table; those that a release without the texts lacks are not among them.
_SHOWN = ("id", "article", "quote", "start", "end", "claim", "speaker", "fact", "value", "label", "basis", "correction")
_SHOWN_OF_PASSAGE = ("article", "start", "end", "quote", "stance")


def example_claim(folder: Path, tables: Tables) -> dict[str, object]:
    """Return the first claim with a correction and evidence, or else the first one, with the names of its labels.

    Args:
        folder: The release.
        tables: Its tables.
    """
    columns = {column.name: column for column in tables.config("claims").columns}
    wanted = [name for name in (*_SHOWN, "evidence") if name in columns]
    rows = list(_rows(folder, wanted))
    row = next((row for row in rows if row.get("correction") and row.get("evidence")), rows[0])
    shown: dict[str, object] = {name: _named(columns[name].type, row[name]) for name in wanted if name in _SHOWN}
    kind = columns["evidence"].type
    types = {column.name: column.type for column in getattr(kind, "columns", ())}
    passages = (row["evidence"] or [])[:MAX_PASSAGES]
    shown["evidence"] = [
        {name: _named(types[name], passage[name]) for name in _SHOWN_OF_PASSAGE if name in passage}
        for passage in passages
    ]
    return {name: value for name, value in shown.items() if value is not None}


def _rows(folder: Path, columns: list[str]) -> Iterator[Mapping[str, Any]]:
    file = pq.ParquetFile(all_files(folder, "claims")[0], pre_buffer=False)
    yield from next(file.iter_batches(LOOKED_AT, columns=columns)).to_pylist()


def _named(kind: object, value: Any) -> object:
    return kind.names[value] if isinstance(kind, ClassLabel) and value is not None else value
