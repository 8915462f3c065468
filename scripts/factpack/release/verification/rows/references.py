"""Find ids that a table names and that are not there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.dataset.rows.row_versions import Hashes, text_hashes
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
    """Collect the ids of tables, and those that tables name, by hashes.

    Args:
        seed: What the hashes are made with.

    Attributes:
        ids: The ids of each table, by config.
        named: The ids that tables name, by the config that they are ids of.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.ids: dict[str, list[Hashes]] = {target: [] for target in TARGETS}
        self.named: dict[str, list[Hashes]] = {target: [] for target in TARGETS}

    def add(self, config: str, values: Values, ids: Hashes) -> None:
        """Take the next rows of a table, and the hashes of their ids."""
        if config in TARGETS:
            self.ids[config].append(ids)
        for holder, path, target in KEYS:
            if holder == config:
                named = self._hashes(pc.unique(_named(values, *path)).drop_null())
                self.named[target].append(np.sort(named))  # which makes them fast to look up

    def merge(self, other: "References") -> None:
        """Take what other rows have."""
        for target in TARGETS:
            self.ids[target] += other.ids[target]
            self.named[target] += other.named[target]

    def _hashes(self, names: pa.Array) -> Hashes:
        return text_hashes(names.to_pylist(), len(names), self._seed)

    def problems(self, folder: Path) -> Iterator[str]:
        """Find every row that names an id which is not there. To be asked once: the ids are dropped."""
        unknown = {target: self._unknown(target) for target in TARGETS}
        for config, path, target in KEYS:
            if not len(unknown[target]):
                continue
            for batch in read_batches(folder, config, ["id", path[0]]):
                values = dict(zip(batch.schema.names, batch.columns, strict=True))
                names, lists = _named(values, *path), values[path[0]]
                found = np.isin(self._hashes(names.fill_null("")), unknown[target])
                for number in where(pc.and_(pa.array(found), names.is_valid())):
                    row = pc.list_parent_indices(lists)[number].as_py() if pa.types.is_list(lists.type) else number
                    yield f"{config} {values['id'][row]}: {names[number]} is not in {target}"

    def _unknown(self, target: str) -> Hashes:
        """Return the hashes of the ids that are named and not there, each once."""
        nothing = np.zeros(0, np.uint64)
        ids = np.sort(np.concatenate([nothing, *self.ids.pop(target)]))
        unknown = [nothing]
        for named in self.named.pop(target):
            places = np.searchsorted(ids, named)
            places[places == len(ids)] = 0
            unknown.append(named[ids[places] != named] if len(ids) else named)
        return np.unique(np.concatenate(unknown))


def _named(values: Values, column: str, field: str | None = None) -> pa.Array:
    """Return the ids in a column, or in a field of its items."""
    array = values[column]
    items = array.flatten() if pa.types.is_list(array.type) else array
    return items.field(field) if field else items
