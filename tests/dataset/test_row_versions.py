"""Rows are known again by the digest of their values."""

import hashlib
import json
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from factpack.dataset.rows.row_versions import row_digests

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ['"\\/', "\b\f\n\r\t\x00\x1f\x7f"]
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
ROWS = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "Größe": st.none() | NUMBERS,
        "end": st.none() | TEXTS,
        "names": st.none() | st.lists(st.none() | TEXTS, max_size=3),
        "passages": st.lists(st.fixed_dictionaries({"start": st.none() | NUMBERS, "quote": TEXTS}), max_size=3),
    }
)


@given(st.lists(ROWS, max_size=5))
def test_rows_have_the_digests_of_their_json(rows: list[dict[str, Any]]) -> None:
    """Those of released versions were made of it row by row."""
    passage = pa.struct({"start": pa.int64(), "quote": pa.string()})
    texts, number = pa.list_(pa.string()), pa.int64()
    kinds = {"id": pa.string(), "Größe": number, "end": pa.string(), "names": texts, "passages": pa.list_(passage)}
    made = list(row_digests(pa.Table.from_pylist(rows, schema=pa.schema(kinds))))
    plain = [json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows]
    assert made == [hashlib.sha256(text.encode()).hexdigest()[:32] for text in plain]
