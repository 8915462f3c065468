"""Compare the table of evidence with the passages that the claims have."""

import tempfile
from collections.abc import Iterator
from functools import cached_property
from mmap import ACCESS_READ, mmap

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.dataset.arrays import pair_ids
from factpack.release.verification.rows.relations import items_of, numbers
from factpack.release.verification.rows.row_checks import RowProblem, Values, where
from factpack.release.verification.rows.sentence_index import short

_OF_CLAIMS = ("claim", "label", "fact", "split", "fold")


class Passages:
    """Keep the passages of all claims as rows of evidence, in a scratch file, which is mapped into memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the last row in it
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self._compared = 0

    def add(self, claims: Values) -> None:
        """Take the next claims."""
        holders, passage = pc.list_parent_indices(claims["evidence"]), items_of(claims["evidence"])
        names = claims["id"].take(holders)
        ids = pair_ids(names, passage)
        own = {name: claims[name].take(holders) for name in _OF_CLAIMS if name in claims}
        rows = pa.record_batch({"id": ids, "claim_id": names, **own, **passage})
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._file, rows.schema)
        self._writer.write_batch(rows)

    def problems(self, evidence: Values) -> Iterator[RowProblem]:
        """Find the rows that contradict the claims, after all claims were taken; their order is no matter."""
        ids, count = evidence["id"], len(evidence["id"])
        expected = self._rows.slice(self._compared, count)
        numbered = np.arange(self._compared, self._compared + count)
        self._compared += count
        if not expected["id"].equals(pa.chunked_array([ids])):
            numbered = numbers(pc.index_in(ids, value_set=self._rows["id"].combine_chunks()))
            expected = self._rows.take(pa.array(np.maximum(numbered, 0)))
        for row in np.flatnonzero(numbered < 0).tolist():
            yield row, "no claim has this passage"
        self._found[numbered[numbered >= 0]] = True
        for name in expected.column_names if len(expected) else ():
            for row in where(_unequal(expected[name].combine_chunks(), evidence[name])):
                if numbered[row] >= 0:
                    yield row, f"{name} differs from its claim"

    def left(self) -> Iterator[str]:
        """Find the claims with a passage that is not in the table, after all rows were compared."""
        for row in self._rows.take(pa.array(np.flatnonzero(~self._found))).to_pylist() if self._writer else ():
            place = f"{row['article']}[{row['start']}:{row['end']}]" if row["article"] else repr(short(row["quote"]))
            yield f"claims {row['claim_id']}: its passage {place} is not in the table of evidence"

    @cached_property
    def _rows(self) -> pa.Table:
        assert self._writer  # there are claims
        self._writer.close()
        self._file.flush()
        return pa.ipc.open_file(pa.py_buffer(mmap(self._file.fileno(), 0, access=ACCESS_READ))).read_all()

    @cached_property
    def _found(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Tell for each passage whether the table of evidence has it."""
        return np.zeros(len(self._rows), np.bool_)


def _unequal(one: pa.Array, other: pa.Array) -> pa.Array:
    """Tell in which rows two columns differ; null equals null alone."""
    if pa.types.is_list(one.type):
        pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
        return pa.array([before != after for before, after in pairs], pa.bool_())
    differ = pc.not_equal(one, other).fill_null(fill_value=False)
    return pc.or_(differ, pc.xor(one.is_null(), other.is_null()))
