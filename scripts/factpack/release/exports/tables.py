"""Read the rows of a release one by one, labels and stances by their names."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

import datasets
import numpy as np
import pyarrow.parquet as pq

from factpack.dataset.table_files import table_files
from factpack.errors import NotAReleaseError
from factpack.evaluation.gold import Integers, sentence_bounds
from factpack.project.scheme import DEFAULT, Side
from factpack.release.manifest import Manifest, read_manifest

_ROWS = 1_024  # that are read at once


@dataclass(frozen=True)
class ExportedRelease:
    """Read a release that is exported.

    Attributes:
        folder: The folder of the release.
    """

    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        """Read what the release says of itself."""
        return read_manifest(self.folder)

    def refuse_without_texts(self) -> None:
        """Refuse a release that was built without the texts of its articles.

        Raises:
            NotAReleaseError: It was.
        """
        if self.manifest.text == "none":
            message = f"{self.folder} has no texts; restore them with `factpack hydrate` first"
            raise NotAReleaseError(message)

    @property
    def splits(self) -> tuple[str, ...]:
        """Return the splits of its claims."""
        return tuple(table_files(self.folder, "claims"))

    @property
    def sides(self) -> dict[str, Side]:
        """Return the side that each stance counts on."""
        return self.manifest.dataset.scheme.stances if self.manifest.dataset else DEFAULT.stances

    def rows(self, config: str, *columns: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a config, labels by their names; columns that it does not have are left out."""
        for split in table_files(self.folder, config):
            yield from self.rows_of(config, split, *columns)

    def rows_of(self, config: str, split: str, *columns: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a split of a config, in the same way."""
        for path in table_files(self.folder, config).get(split, ()):
            file = pq.ParquetFile(path)
            features = datasets.Features.from_arrow_schema(file.schema_arrow)
            present = [name for name in columns if name in features]
            for batch in file.iter_batches(_ROWS, columns=present):
                for row in batch.to_pylist():
                    yield {name: _named(value, features[name]) for name, value in row.items()}

    @cached_property
    def _sentences(self) -> dict[str, tuple[Integers, Integers]]:
        return sentence_bounds(self.folder)

    def lines_of(self, claim: str, passage: dict[str, Any]) -> tuple[str, Sequence[int]]:
        """Return the page that a passage is on, and the numbers of its lines there, from 0.

        The page of an article has its sentences as lines. Words that are given without their document are a line of a
        page that is named after their source or, without one, after their claim.

        Args:
            claim: The id of the claim.
            passage: A passage of its evidence.
        """
        if passage["article"] is not None:
            start, end = passage["start"], passage["end"]
            return passage["article"], () if start is None else self.sentences_of(passage["article"], start, end)
        page = passage.get("source") or claim
        while page in self._sentences:
            page += " (source)"
        lines = self.loose.setdefault(page, {})
        words = " ".join((passage["quote"] or "").split())
        return page, [lines.setdefault(words, len(lines))]

    @cached_property
    def loose(self) -> dict[str, dict[str, int]]:
        """Give the numbered lines of each page of words without a document that :meth:`lines_of` was asked for."""
        return {}

    def sentences_of(self, article: str, start: int, end: int) -> range:
        """Return the numbers of the sentences of an article that a span touches, from 0."""
        starts, ends = self._sentences.get(article, (np.zeros(0, np.int64),) * 2)
        first = int(np.searchsorted(ends, start, side="right"))
        return range(first, max(first, int(np.searchsorted(starts, end, side="left"))))


def _named(value: Any, feature: Any) -> Any:
    """Return a value with the names of its labels."""
    if value is None:
        return None
    if isinstance(feature, datasets.ClassLabel):
        return feature.int2str(value)
    if isinstance(feature, dict):
        return {name: _named(part, feature[name]) for name, part in value.items()}
    if isinstance(feature, datasets.List):
        return [_named(part, feature.feature) for part in value]
    return value


def write_line(stream: TextIO, value: Any) -> None:
    """Write a line of JSON."""
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
