"""Recognize the files that operating systems leave in a folder: never part of a project or of a release."""

from collections.abc import Iterator
from pathlib import Path

#: In lower case: the file systems of these systems ignore case.
_NAMES = frozenset({".ds_store", "desktop.ini", "thumbs.db"})
_APPLE_DOUBLE = "._"


def is_clutter(name: str) -> bool:
    """Return whether an operating system leaves files of this name, given without the folder."""
    return name.lower() in _NAMES or name.startswith(_APPLE_DOUBLE)


def is_empty(folder: Path) -> bool:
    """Return whether a folder has nothing in it that somebody put there."""
    return next(without_clutter(folder), None) is None


def without_clutter(folder: Path) -> Iterator[Path]:
    """Yield what else is in a folder."""
    return (path for path in folder.iterdir() if path.is_dir() or not is_clutter(path.name))
