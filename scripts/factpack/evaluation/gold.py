"""Read what predictions are compared with from the tables of a release: labels, facts, folds and passages.

Labels and stances are those that the tables themselves name, so that a release with any vocabulary can be scored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factpack.dataset.table_files import all_files, table_files
from factpack.errors import NotAReleaseError

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]


class Passage(NamedTuple):
    """Place words in an article; the stance is the number of its name, -1 if there is none."""

    article: str
    start: int
    end: int
    stance: int


def read_columns(folder: Path, config: str, columns: Sequence[str], splits: Collection[str] = ()) -> pa.Table:
    """Read columns of a config, of some splits or of all; those that a release does not have are left out."""
    found = table_files(folder, config).items()
    files = [path for split, paths in found if not splits or split in splits for path in paths]
    if not files:
        return pa.table({})
    present = [name for name in columns if name in pq.read_schema(files[0]).names]
    return pa.concat_tables([pq.ParquetFile(path).read(columns=present) for path in files])


def evaluated_splits(folder: Path) -> list[str]:
    """Return the splits of a release that are for evaluation: one for training has no folds."""

    def trains(file: pq.ParquetFile) -> bool:
        rows = file.read(columns=["fold"]) if {"split", "fold"} <= set(file.schema_arrow.names) else None
        return bool(rows and rows["fold"].null_count == len(rows))

    found = table_files(folder, "claims").items()
    return [split for split, paths in found if not all(trains(pq.ParquetFile(path)) for path in paths)]


def coded(values: Sequence[Any]) -> tuple[Integers, list[Any]]:
    """Give each value a number, in the order in which they first occur; each null is a value of its own."""
    numbers: dict[Any, int] = {}
    keys = ((None, row) if value is None else (value,) for row, value in enumerate(values))
    codes = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64, len(values))
    return codes, [key[0] for key in numbers]


def sentence_bounds(folder: Path) -> dict[str, tuple[Integers, Integers]]:
    """Return the starts and the ends of the sentences of each article of a release, in order."""
    table = read_columns(folder, "sentences", ["article", "start", "end"])
    if not table.num_rows:
        return {}
    codes, names = coded(table["article"].to_pylist())
    starts, ends = (table[name].to_numpy() for name in ("start", "end"))
    order = np.lexsort((starts, codes))
    cuts = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {
        name: (starts[order[low:high]], ends[order[low:high]])
        for name, low, high in zip(names, cuts[:-1], cuts[1:], strict=True)
    }


@dataclass(frozen=True)
class Gold:
    """Hold the claims of a release, as far as predictions are compared with them.

    Attributes:
        folder: The folder of the release.
        labels: The names of the labels.
        stances: The names of the stances.
        ids: The ids of the claims.
        label: The number of the label of each claim.
        fact: The number of the fact that each claim answers.
        facts: The ids of the facts; None for a claim that answers none.
        answer: The number of the pair of fact and value of each claim.
        fold: The fold of each claim, if it has one.
        passages: The passages of evidence, as Arrow has them.
        neutral: The numbers of the stances that are on neither side.
    """

    folder: Path
    labels: tuple[str, ...]
    stances: tuple[str, ...]
    ids: Sequence[str]
    label: Integers
    fact: Integers
    facts: Sequence[str | None]
    answer: Integers
    fold: Sequence[int | None]
    passages: pa.Array
    neutral: frozenset[int] = frozenset()

    @cached_property
    def row(self) -> Mapping[str, int]:
        """Return the number of each claim by its id."""
        return {name: number for number, name in enumerate(self.ids)}

    @cached_property
    def lengths(self) -> Mapping[str, int]:
        """Return the length of each article in code points; where there are no texts, the end of its last sentence."""
        lengths = {article: ends[-1] if len(ends) else 0 for article, (_, ends) in self.sentences.items()}
        for path in all_files(self.folder, "articles"):
            for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(64, columns=["id", "text"]):
                sizes = pc.utf8_length(batch["text"]).to_pylist()
                for name, size in zip(batch["id"].to_pylist(), sizes, strict=True):
                    lengths[name] = lengths.get(name, 0) if size is None else size
        return lengths

    @cached_property
    def sentences(self) -> Mapping[str, tuple[Integers, Integers]]:
        """Return the starts and the ends of the sentences of each article, in order."""
        return sentence_bounds(self.folder)

    def evidence(self, row: int) -> Iterator[tuple[Passage, tuple[str, ...]]]:
        """Yield the passages of a claim, each with the names of its groups; one without a group suffices alone.

        A passage that is given without its article has no span, so that nobody can find it; see :meth:`has_places`.
        """
        for each in self.passages[row].as_py() or ():
            if None not in (each["article"], each["start"], each["end"]):
                stance = -1 if each["stance"] is None else each["stance"]
                groups = each.get("groups") or [name for name in (each.get("group"),) if name]
                yield Passage(each["article"], each["start"], each["end"], stance), tuple(groups)

    def has_places(self, row: int) -> bool:
        """Tell whether a passage that decides on a claim, if any does, has a place by which a prediction can name it.

        Args:
            row: The number of the claim.
        """
        deciding = [each for each in self.passages[row].as_py() or () if each["stance"] not in self.neutral]
        return not deciding or any(None not in (each["article"], each["start"], each["end"]) for each in deciding)


def read_gold(folder: Path, neutral: Collection[str] = (), split: str = "") -> Gold:
    """Read the claims of a release.

    Args:
        folder: The folder of the release.
        neutral: The stances that are on neither side.
        split: The split that they are of; by default all splits for evaluation.

    Raises:
        NotAReleaseError: It has no labelled claims, or no such split.
    """
    known = table_files(folder, "claims")
    if split and split not in known:
        message = f"{folder} has no claims in the split {split!r}; its splits are {', '.join(known)}"
        raise NotAReleaseError(message)
    columns = ["id", "label", "fact", "value", "fold", "evidence"]
    table = read_columns(folder, "claims", columns, [split] if split else evaluated_splits(folder))
    if not {"id", "label", "evidence"} <= set(table.column_names):
        message = f"{folder} has no claims with `id`, `label` and `evidence`"
        raise NotAReleaseError(message)
    features = datasets.Features.from_arrow_schema(table.schema)
    table = table.filter(pc.is_valid(table["label"]))
    if not table.num_rows:
        message = f"{folder} has no labelled claims"
        raise NotAReleaseError(message)
    nothing = [None] * table.num_rows
    given = {
        name: table[name].to_pylist() if name in table.column_names else nothing for name in ("fact", "value", "fold")
    }
    fact, facts = coded(given["fact"])
    pairs = [
        None if None in (one, other) else (one, other) for one, other in zip(given["fact"], given["value"], strict=True)
    ]
    stances = tuple(features["evidence"].feature["stance"].names)
    return Gold(
        folder=folder,
        labels=tuple(features["label"].names),
        stances=stances,
        neutral=frozenset(number for number, name in enumerate(stances) if name in neutral),
        ids=table["id"].to_pylist(),
        label=table["label"].to_numpy(),
        fact=fact,
        facts=facts,
        answer=coded(pairs)[0],
        fold=given["fold"],
        passages=table["evidence"].combine_chunks(),
    )
