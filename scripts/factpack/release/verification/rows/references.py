"""Find ids that a table names and that are not there."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from factpack.release.verification.load import read_batches
from factpack.release.verification.rows.row_checks import Values, where

#: Where ids are named (a path of columns), and the configs that they are ids of.
KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("claims", ("article",), "articles"),
    ("claims", ("fact",), "facts"),
    ("claims", ("evidence", "article"), "articles"),
    ("propositions", ("article",), "articles"),
    ("propositions", ("fact",), "facts"),
    ("propositions", ("near", "article"), "articles"),
    ("evidence", ("claim_id",), "claims"),
    ("evidence", ("fact",), "facts"),
    ("evidence", ("article",), "articles"),
    ("sentences", ("article",), "articles"),
    ("sentences", ("claims",), "claims"),
    ("facts", ("settled_by", "article"), "articles"),
    ("facts", ("answers", "article"), "articles"),
    ("votes", ("article",), "articles"),
    ("votes", ("claim_id",), "claims"),
)

TARGETS = sorted({target for _, _, target in KEYS})


class References:
    """Collect the ids of tables, and those that tables name; rows come from any thread."""

    def __init__(self) -> None:
        self._ids: dict[str, list[pa.Array]] = {target: [] for target in TARGETS}
        self._named: dict[str, list[pa.Array]] = {target: [] for target in TARGETS}

    def add(self, config: str, values: Values) -> None:
        """Take the next rows of a table."""
        if config in TARGETS:
            self._ids[config].append(values["id"])
        for holder, path, target in KEYS:
            if holder == config:
                self._named[target].append(pc.unique(_named(values, *path)).drop_null())

    def problems(self, folder: Path) -> Iterator[str]:
        """Find every row that names an id which is not there. To be asked once: the ids are dropped.

        Looking them up takes as much memory as they do.
        """
        unknown = {target: self._unknown(target) for target in TARGETS}
        for config, path, target in KEYS:
            if not len(unknown[target]):
                continue
            for batch in read_batches(folder, config, ["id", path[0]]):
                values = dict(zip(batch.schema.names, batch.columns, strict=True))
                names, lists = _named(values, *path), values[path[0]]
                for number in where(pc.is_in(names, value_set=unknown[target])):
                    row = pc.list_parent_indices(lists)[number].as_py() if pa.types.is_list(lists.type) else number
                    yield f"{config} {values['id'][row]}: {names[number]} is not in {target}"

    def _unknown(self, target: str) -> pa.Array:
        """Return the ids that are named and not there, each once."""
        ids, named = (pa.chunked_array(each.pop(target), pa.string()) for each in (self._ids, self._named))
        known = pc.is_in(named, value_set=ids.combine_chunks())
        return pc.unique(named.filter(pc.invert(known)))


def _named(values: Values, column: str, field: str | None = None) -> pa.Array:
    """Return the ids in a column, or in a field of its items."""
    array = values[column]
    items = array.flatten() if pa.types.is_list(array.type) else array
    return items.field(field) if field else items
