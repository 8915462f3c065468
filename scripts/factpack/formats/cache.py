"""Keep what YAML files were parsed to: parsing one takes longer than everything else that is done with it.

An entry is named by the SHA-256 of the file's bytes. It is plain data as MessagePack, behind its own SHA-256; whatever
else is in the folder is passed over. To lose it costs nothing but time.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from platformdirs import user_cache_path

from factpack import __version__
from factpack.formats.locations import Plain

KEPT = 3 / 4  # of the bytes is left when entries go, so that it is seldom


@dataclass(slots=True)
class ParseCache:
    """Keep parsed files in a folder.

    Attributes:
        folder: Where the entries are; made when the first is put there.
        max_bytes: The size of all entries; the oldest go first.
        min_source: The size in bytes from which a file is worth an entry.
    """

    folder: Path
    max_bytes: int = 256 * 2**20
    min_source: int = 1_000
    _size: int | None = field(default=None, init=False)  # of all entries, counted up from what was there at first

    def get(self, source: bytes) -> list[Plain] | None:
        """Return what a text was parsed to before, as the one item of a list; ``None`` if that is not known."""
        try:
            data = self._path(source).read_bytes()
            digest, packed = data[:32], data[32:]
            if hashlib.sha256(packed).digest() != digest:
                return None
            return [msgspec.msgpack.decode(packed)]
        except (OSError, ValueError, RecursionError):
            return None

    def put(self, source: bytes, plain: Plain) -> None:
        """Keep what a text was parsed to, if that can be done."""
        if len(source) < self.min_source:
            return
        packed = msgspec.msgpack.encode(plain)
        entry = hashlib.sha256(packed).digest() + packed
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room(len(entry))
            handle, new = tempfile.mkstemp(dir=self.folder, suffix=".new")
            with os.fdopen(handle, "wb") as stream:
                stream.write(entry)
            Path(new).replace(self._path(source))

    def _path(self, source: bytes) -> Path:
        return self.folder / hashlib.sha256(source).hexdigest()

    def _make_room(self, wanted: int) -> None:
        if self._size is None:
            self._size = sum(path.stat().st_size for path in self.folder.iterdir())
        self._size += wanted
        if self._size <= self.max_bytes:
            return
        found = sorted((stat.st_mtime, stat.st_size, path) for path in self.folder.iterdir() for stat in (path.stat(),))
        size = wanted + sum(each for _, each, _ in found)
        for _, each, path in found:
            if size <= self.max_bytes * KEPT:
                break
            path.unlink(missing_ok=True)
            size -= each
        self._size = size


def user_cache() -> ParseCache:
    """Return the cache of the user, for this version of factpack."""
    return ParseCache(user_cache_path("factpack") / f"parsed-{__version__}")
