"""Whether rows of a release are right. Nothing here says what is wrong with those that are not."""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BufferedRandom
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.columns import Column, Items, Names
from factpack.content import text_bytes

CACHED_TEXTS = 16  # articles whose texts are kept, each of which can be as large as a text may be

Values = Mapping[str, pa.Array]  # columns of the same rows, by their names


class Texts:
    """The texts of a release by the ids of the articles, in a scratch file; any thread may ask for one."""

    def __init__(self, scratch: BufferedRandom) -> None:
        self._scratch = scratch
        self._lock = Lock()
        self._places: dict[str, tuple[int, int]] = {}
        self._sums: dict[str, bytes] = {}
        self._end = 0
        self.get = lru_cache(maxsize=CACHED_TEXTS)(self._get)

    def add(self, names: pa.Array, texts: pa.Array) -> None:
        """Takes the next articles, whose texts are UTF-8; all are there before one is asked for."""
        data, start = text_bytes(texts), 0
        for name, size in zip(names.to_pylist(), pc.binary_length(texts).fill_null(0).to_pylist(), strict=True):
            self._places[name] = (self._end + start, size)
            self._sums[name] = hashlib.sha256(data[start : start + size]).digest()
            start += size
        self._end += self._scratch.write(data)
        self._scratch.flush()

    def sha256(self, name: str) -> str:
        """The sum of a text, in hexadecimal digits; that of no bytes for an article that is not there."""
        return (self._sums.get(name) or hashlib.sha256().digest()).hex()

    def _get(self, name: str) -> str:
        offset, size = self._places.get(name, (0, 0))
        with self._lock:  # and past the buffer, which would read more than the text
            self._scratch.raw.seek(offset)
            data = self._scratch.raw.read(size) or b""
        return data.decode()


def accepted(values: Values, columns: Sequence[Column], texts: Texts | None, articles: pa.Array | None) -> bool:
    """Whether nothing at all is wrong in these rows; :mod:`factpack.faults` would find nothing either.

    ``articles`` are those of the rows, or of the rows that hold them.
    """
    if not all(holds(values[column.name], column, texts) for column in columns):
        return False
    if "sha256" in values and texts is not None:
        names, sums = values["id"].to_pylist(), values["sha256"].to_pylist()
        if [texts.sha256(name) for name in names] != sums:
            return False
    articles = values.get("article", articles)
    if "start" in values and not _spans_hold(values, articles, texts):
        return False
    for column in columns:
        if isinstance(column.type, Items):
            lists = values[column.name]
            items = lists.flatten()
            parts = {each.name: items.field(each.name) for each in column.type.columns}
            theirs = None if articles is None else articles.take(pc.list_parent_indices(lists))
            if not accepted(parts, column.type.columns, texts, theirs):
                return False
    return True


def holds(values: pa.Array, column: Column, texts: Texts | None) -> bool:
    """Whether null stands only where it may, and every label has a name."""
    if texts is None and column.reads != "nothing":
        return bool(values.null_count == len(values))
    if values.null_count and not column.nullable:
        return False
    if not isinstance(column.type, Names) or values.null_count == len(values):
        return True
    ends = pc.min_max(values).as_py()
    return bool(ends["min"] >= 0 and ends["max"] < len(column.type.names))


def _spans_hold(values: Values, articles: pa.Array | None, texts: Texts | None) -> bool:
    """Whether the words at every span are the quote; without the texts, whether they are as long."""
    start, end = values["start"], values["end"]
    words = values["quote"] if "quote" in values else values["text"]
    as_long = pc.equal(pc.utf8_length(words), pc.subtract(end, start))  # the difference may overflow
    if pc.all(pc.and_(as_long, pc.less_equal(start, end))).as_py() is False:
        return False
    if texts is None:
        return True
    if pc.any(pc.less(start, 0)).as_py():  # those would count from the end
        return False
    assert articles is not None  # a row with a span has an article, or is held by one that has
    order = pc.array_sort_indices(articles.dictionary_encode().indices)  # so that each text is read once
    columns = (column.take(order).to_pylist() for column in (articles, start, end, words))
    name, text = None, ""
    for article, first, last, quote in zip(*columns, strict=True):
        if article != name:
            name, text = article, texts.get(article)
        if text[first:last] != quote:
            return False
    return True


def distinct(hashes: "array[int]") -> bool:
    """Whether no two hashes are equal, nor the ids that they are of; they take a tenth of the memory of the ids."""
    ordered = np.sort(np.asarray(hashes))
    return not bool(np.any(ordered[1:] == ordered[:-1]))


#: Where ids stand (a path of columns), and the configs that they are ids of.
KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("claims", ("article",), "articles"),
    ("claims", ("fact",), "facts"),
    ("claims", ("evidence", "article"), "articles"),
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

TARGETS = {target for _, _, target in KEYS}


class Keys:
    """The ids of tables, and those that tables name; rows come from any thread."""

    def __init__(self) -> None:
        self._ids: dict[str, list[pa.Array]] = {target: [] for target in TARGETS}
        self._named: dict[str, list[pa.Array]] = {target: [] for target in TARGETS}

    def add(self, config: str, values: Values) -> None:
        """Takes the next rows of a table."""
        if config in TARGETS:
            self._ids[config].append(values["id"])
        for holder, (column, *field), target in KEYS:
            if holder == config:
                named = values[column].flatten() if pa.types.is_list(values[column].type) else values[column]
                self._named[target].append(pc.unique(named.field(field[0]) if field else named).drop_null())

    def lacks(self, target: str) -> bool:
        """Whether a table lacks an id that is named. To be asked once: its ids are dropped.

        Looking them up takes as much memory as they do.
        """
        ids, named = (pa.chunked_array(each.pop(target), pa.string()) for each in (self._ids, self._named))
        return not pc.all(pc.is_in(named, value_set=ids.combine_chunks()), min_count=0).as_py()
