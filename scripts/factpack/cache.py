"""What was read from YAML files before: parsing one takes longer than everything else that is done with it.

It is kept in the user's cache folder, by the sum of the file's bytes and the version of factpack. An entry is plain
data as MessagePack, behind its own SHA-256; whatever else lies there is passed over. To lose it costs nothing but time.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec
from platformdirs import user_cache_path

from factpack import __version__
from factpack.syntax import Plain

MAX_BYTES = 256 * 2**20  # of all entries; the oldest go first
KEPT = 3 / 4  # of that is left when they go, so that it is seldom
MIN_SOURCE = 1_000  # bytes of a file that is worth an entry


@cache
def folder() -> Path:
    """Where the entries are."""
    return user_cache_path("factpack") / f"yaml-{__version__}"


def get(source: bytes) -> list[Plain] | None:
    """What a YAML text was parsed to before, as the one item of a list; ``None`` if that is not known."""
    try:
        data = _path(source).read_bytes()
        digest, packed = data[:32], data[32:]
        if hashlib.sha256(packed).digest() != digest:
            return None
        return [msgspec.msgpack.decode(packed)]
    except (OSError, ValueError, RecursionError):
        return None


def put(source: bytes, plain: Plain) -> None:
    """Keeps what a YAML text was parsed to, if that can be done."""
    if len(source) < MIN_SOURCE:
        return
    packed = msgspec.msgpack.encode(plain)
    entry = hashlib.sha256(packed).digest() + packed
    path = _path(source)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_room(path.parent, len(entry))
        handle, new = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as stream:
            stream.write(entry)
        Path(new).replace(path)


def _path(source: bytes) -> Path:
    return folder() / hashlib.sha256(source).hexdigest()


_sizes: dict[Path, int] = {}  # of all entries in a folder, counted up from what was there when the run began


def _make_room(entries: Path, wanted: int) -> None:
    if entries not in _sizes:
        _sizes[entries] = sum(path.stat().st_size for path in entries.iterdir())
    _sizes[entries] += wanted
    if _sizes[entries] <= MAX_BYTES:
        return
    found = sorted((stat.st_mtime, stat.st_size, path) for path in entries.iterdir() for stat in (path.stat(),))
    size = wanted + sum(each for _, each, _ in found)
    for _, each, path in found:
        if size <= MAX_BYTES * KEPT:
            break
        path.unlink(missing_ok=True)
        size -= each
    _sizes[entries] = size
