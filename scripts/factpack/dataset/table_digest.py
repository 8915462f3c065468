"""Compute the digest of the values of a table.

It does not depend on batches, row groups, the file format or the version of pyarrow. A table is taken apart into
streams of bytes, each over all rows in their order, and every stream has its SHA-256:

- a column of text has two, ``NAME`` with the UTF-8 of its values one after another, and ``NAME#`` with their lengths in
  bytes; the length of null is -1;
- a column of whole numbers has two, ``NAME`` with the values, 0 for null, and ``NAME?`` with a byte per value, 1 or,
  for null, 0; so has one of booleans, as 0 and 1, of dates, as days since 1970, and of other numbers, as the bits of
  a double;
- a list has ``NAME*`` with the lengths of the lists, and the streams of its items, all lists one after another, as
  those of a column ``NAME[]``; items that are structs have those of ``NAME[].FIELD`` for each field.

Values and lengths are written as 8 bytes, little-endian, in two's complement. The digest of the table is the SHA-256 of
a line ``DIGEST  STREAM`` for each stream, in the order of the columns.
"""

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc


class TableDigest:
    """Compute the digest of a table whose rows come batch by batch.

    Attributes:
        size: The number of bytes of all values so far.
    """

    def __init__(self) -> None:
        self._streams: dict[str, hashlib._Hash] = {}
        self.size = 0

    def add(self, batch: pa.Table) -> None:
        """Add the next rows."""
        for name in batch.column_names:
            for chunk in batch[name].chunks:
                for stream, data in _streams(name, chunk):
                    self._streams.setdefault(stream, hashlib.sha256()).update(data)
                    self.size += len(data)

    @property
    def streams(self) -> dict[str, str]:
        """Give the digest of each stream so far, in hexadecimal digits."""
        return {stream: digest.hexdigest() for stream, digest in self._streams.items()}

    def hexdigest(self) -> str:
        """Return the digest of all rows so far, in hexadecimal digits."""
        lines = "".join(f"{digest}  {stream}\n" for stream, digest in self.streams.items())
        return hashlib.sha256(lines.encode()).hexdigest()


def _streams(name: str, array: pa.Array) -> Iterator[tuple[str, memoryview]]:
    """Yield the streams of a column, with the bytes that some rows of it add to each."""
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        yield f"{name}*", _numbers(pc.list_value_length(array), -1)
        items = array.flatten()
        if pa.types.is_struct(items.type):
            for field, values in zip(items.type, items.flatten(), strict=True):
                yield from _streams(f"{name}[].{field.name}", values)
        else:
            yield from _streams(f"{name}[]", items)
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        yield name, text_bytes(array)
        yield f"{name}#", _numbers(pc.binary_length(array), -1)
    else:
        yield name, _numbers(array, 0)
        yield f"{name}?", _buffer(array.is_valid().cast(pa.uint8()), 1)


def _numbers(array: pa.Array, null: int) -> memoryview:
    if pa.types.is_floating(array.type):
        array = array.view(pa.int64())
    elif pa.types.is_date32(array.type):
        array = array.view(pa.int32())
    elif pa.types.is_boolean(array.type):
        array = array.cast(pa.int64())
    return _buffer(_filled(array, null).cast(pa.int64()), 8)


def _buffer(array: pa.Array, width: int) -> memoryview:
    """Return the bytes of an array of values of fixed width, without nulls."""
    if not len(array):
        return memoryview(b"")
    return memoryview(array.buffers()[1])[array.offset * width : (array.offset + len(array)) * width]


def text_bytes(array: pa.Array) -> memoryview:
    """Return the UTF-8 of all values of an array of text, one after another."""
    array = _filled(array, "")
    _, offsets, data = array.buffers()
    if data is None or not len(array):
        return memoryview(b"")
    ends = memoryview(offsets).cast("q" if pa.types.is_large_string(array.type) else "i")
    return memoryview(data)[ends[array.offset] : ends[array.offset + len(array)]]


def _filled(array: pa.Array, value: str | int) -> pa.Array:
    """Replace null by a value. An array without null is returned as it is, because Arrow would copy it."""
    return array.fill_null(value) if array.null_count else array
