"""Bound what is read and kept: a project, a release or a hub can have anything."""

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

from factpack.errors import FactpackError

MAX_LINE_BYTES = 4 * 2**20  # one record: a claim with 1,000 evidence quotes takes a tenth of it
MAX_YAML_BYTES = 16 * 2**20  # about 20,000 claims; long before that JSON Lines is the better choice
MAX_EXPORT_BYTES = 64 * 2**20  # of an annotation tool, which is read whole
MAX_ARTICLE_BYTES = 16 * 2**20
MAX_HISTORY_BYTES = 4 * 2**30  # the rows of ten million claims, which are read line by line
MAX_PAGE_BYTES = 2**30  # far more than a browser can open
MAX_FILE_BYTES = 16 * 2**20  # all other text: changelog, card, manifest, digests, Croissant, chart


class Limits(NamedTuple):
    """Bound what a check keeps in memory, whatever a project has.

    Attributes:
        max_shown: Problems that are kept in full: nobody reads more at once, and a million of them take a gigabyte.
        cached: Code points of all texts in memory; one text is always there, whatever its length.
        long_text: Code points from which on an index of a text pays: a text as long has thousands of quotes.
        index_after: Quotes that are searched for in a long text before it gets an index, which takes about as long.
    """

    max_shown: int = 1_000
    cached: int = 8 * 2**20
    long_text: int = 200_000
    index_after: int = 500


DEFAULT_LIMITS = Limits()


class TooLargeError(FactpackError, OSError):
    """Report that a file is larger than what is read of its kind."""

    def __init__(self, path: Path, size: int, limit: int) -> None:
        super().__init__(errno.EFBIG, too_large(size, limit), str(path))

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def too_large(size: int, limit: int) -> str:
    """Say what is wrong with a file of this size."""
    return f"{size:,} bytes exceed the limit of {limit:,}"


def read_within(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a file.

    Raises:
        TooLargeError: It is larger than the limit; nothing of it is read.
        OSError: It cannot be opened or read.
    """
    with open(path, "rb", opener=_open_at_once) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        size = status.st_size
        if size > limit:
            raise TooLargeError(path, size, limit)
        return stream.read(limit)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting until something writes to it, as a named pipe would."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def limit_of(name: str) -> int:
    """Return how many bytes of a file beside the tables of a release are read at most."""
    return MAX_PAGE_BYTES if name.endswith(".html") else MAX_FILE_BYTES
