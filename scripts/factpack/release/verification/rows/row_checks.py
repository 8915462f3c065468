"""Find what is wrong in rows of a release by themselves: nulls, labels without a name, spans that are not the quote."""

import hashlib
import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from sys import getsizeof
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.dataset.rows.row_versions import Hashes
from factpack.dataset.schema import ClassLabel, Column, ListOf
from factpack.dataset.table_digest import text_bytes

CACHED_BYTES = 32 * 2**20  # of texts that are kept; the last one is kept, however large

Values = Mapping[str, pa.Array]  # columns of the same rows, by their names
RowProblem = tuple[int, str]  # the number of a row, from 0, and what is wrong in it


class ReleasedTexts:
    """Keep the texts of a release in scratch files, by the ids of the articles; any thread or process may ask for one.

    Args:
        path: The file for the texts that are added.

    Attributes:
        files: The files.
        places: The number of the file of each text, and offset and size in it, in bytes.
        digests: The SHA-256 of each text that was added here.
    """

    def __init__(self, path: Path) -> None:
        self.files = [path]
        self.places: dict[str, tuple[int, int, int]] = {}
        self.digests: dict[str, bytes] = {}
        self._end = 0
        self._begin()

    def _begin(self) -> None:
        self._lock = Lock()
        self._cached: dict[str, str] = {}  # those that were asked for last come last
        self._room = CACHED_BYTES

    def __getstate__(self) -> tuple[Any, ...]:
        """Return the state for another process, which only reads: which files there are, and what is where in them."""
        return self.files, self.places

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.files, self.places = state
        self.digests, self._end = {}, 0
        self._begin()

    def add(self, names: pa.Array, texts: pa.Array) -> None:
        """Take the next articles, whose texts are UTF-8; all are there before one is asked for."""
        data, start = text_bytes(texts), 0
        for name, size in zip(names.to_pylist(), pc.binary_length(texts).fill_null(0).to_pylist(), strict=True):
            self.places[name] = (0, self._end + start, size)
            self.digests[name] = hashlib.sha256(data[start : start + size]).digest()
            start += size
        with self.files[0].open("ab") as stream:
            self._end += stream.write(data)

    def merge(self, other: "ReleasedTexts") -> None:
        """Take the articles of another one, in its files."""
        first = len(self.files)
        self.files += other.files
        self.places |= {name: (first + file, start, size) for name, (file, start, size) in other.places.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def sha256(self, name: str) -> str:
        """Return the digest of a text, in hexadecimal digits; that of no bytes for an article that is not there."""
        return (self.digests.get(name) or hashlib.sha256().digest()).hex()

    def get(self, name: str) -> str:
        """Return the text of an article; nothing for one that is not there."""
        with self._lock:
            text = self._cached.pop(name, None)
            if text is None:
                text = self._read(name)
                self._room -= getsizeof(text)
            while self._room < 0 and self._cached:
                self._room += getsizeof(self._cached.pop(next(iter(self._cached))))
            self._cached[name] = text
        return text

    def _read(self, name: str) -> str:
        if name not in self.places:
            return ""
        file, offset, size = self.places[name]
        # There can be more files than a process may have open.
        opened = os.open(self.files[file], os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            os.lseek(opened, offset, os.SEEK_SET)
            return os.read(opened, size).decode()
        finally:
            os.close(opened)


def row_problems(
    values: Values,
    columns: Sequence[Column],
    texts: ReleasedTexts | None,
    articles: pa.Array | None = None,
    *,
    spans: bool = True,
) -> Iterator[RowProblem]:
    """Find everything that is wrong in rows, or in the items of a list.

    Args:
        values: The rows.
        columns: Their columns.
        texts: The texts of the articles; None if the release is without them.
        articles: The articles that the rows with the list are of.
        spans: Whether to compare the words at the spans.
    """
    articles = values.get("article", articles)
    if "sha256" in values and texts is not None:
        digests = pa.array([texts.sha256(name) for name in values["id"].to_pylist()], pa.string())
        yield from _named(pc.not_equal(digests, values["sha256"]), "the SHA-256 does not match the text")
    if spans and "start" in values and articles is not None:
        yield from _span_problems(values, articles, texts)
    for column in columns:
        array = values[column.name]
        if texts is None and column.reads != "nothing":
            yield from _named(array.is_valid(), f"{column.name} is given in a release without the texts")
        elif array.null_count and not column.nullable:
            yield from _named(array.is_null(), f"{column.name} is null")
        if isinstance(column.type, ClassLabel):
            for row in where(pc.or_(pc.less(array, 0), pc.greater_equal(array, len(column.type.names)))):
                yield row, f"{column.name} is {array[row]}, which has no name"
        elif isinstance(column.type, ListOf):
            holders = pc.list_parent_indices(array)
            items = dict(zip((each.name for each in column.type.columns), array.flatten().flatten(), strict=True))
            theirs = None if articles is None else articles.take(holders)
            for item, problem in row_problems(items, column.type.columns, texts, theirs):
                yield holders[item].as_py(), problem


def where(mask: pa.Array) -> list[int]:
    """Return the numbers of the rows for which something is true."""
    return list(np.flatnonzero(mask.fill_null(fill_value=False).to_numpy(zero_copy_only=False)).tolist())


def _named(mask: pa.Array, problem: str) -> Iterator[RowProblem]:
    return ((row, problem) for row in where(mask))


def _span_problems(values: Values, articles: pa.Array, texts: ReleasedTexts | None) -> Iterator[RowProblem]:
    """Compare the words at each span with the quote; without the texts, their length."""
    start, end = values["start"], values["end"]
    words = values["quote"] if "quote" in values else values["text"]
    if texts is not None:
        for row in other_words(articles, start, end, words, texts):
            yield row, f"{articles[row]}[{start[row]}:{end[row]}] is not {words[row].as_py()!r}"
        return
    as_long = pc.equal(pc.utf8_length(words), pc.subtract(end, start))  # the difference may overflow
    for row in where(pc.invert(pc.and_(as_long, pc.less_equal(start, end)))):
        yield row, f"{words[row].as_py()!r} is not as long as {articles[row]}[{start[row]}:{end[row]}]"


def other_words(articles: pa.Array, start: pa.Array, end: pa.Array, words: pa.Array, texts: ReleasedTexts) -> list[int]:
    """Return the numbers of the rows whose words are not those at their span; null is passed over."""
    as_long = pc.equal(pc.utf8_length(words), pc.subtract(end, start))  # the difference may overflow
    fits = pc.and_(pc.and_(as_long, pc.less_equal(start, end)), pc.greater_equal(start, 0))
    found = where(pc.invert(fits))  # a negative offset would count from the end
    which = articles.dictionary_encode()
    order = np.argsort(which.indices.fill_null(-1).to_numpy(), kind="stable")  # so that each text is read once
    names = which.dictionary.to_pylist()
    counts = np.bincount(which.indices.drop_null().to_numpy(), minlength=len(names))
    stops = (np.cumsum(counts) + which.null_count).tolist()
    grouped = bool(np.all(order[1:] > order[:-1]))  # as they mostly are
    columns = [(column if grouped else column.take(pa.array(order))).to_pylist() for column in (start, end, words)]
    rows = order.tolist()
    for name, count, stop in zip(names, counts.tolist(), stops, strict=True):
        its = slice(stop - count, stop)
        text, each = texts.get(name), zip(rows[its], *(column[its] for column in columns), strict=True)
        found += [row for row, first, last, quote in each if text[first:last] != quote]
    return sorted({row for row in found if fits[row].as_py() is not None})


Rows = np.ndarray[tuple[int], np.dtype[np.int64]]  # numbers of rows


def equal_pairs(hashes: "array[int] | Hashes") -> tuple[Rows, Rows]:
    """Return the numbers of the rows whose hash another row before them has, after the numbers of those."""
    numbers = np.asarray(hashes)
    order = np.argsort(numbers, kind="stable")
    again = np.flatnonzero(numbers[order[1:]] == numbers[order[:-1]])
    return order[again], order[again + 1]
