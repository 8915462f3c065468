"""Put new files and changed ones in their places: all of them, or none."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from factpack.atomic import scratch_folder
from factpack.errors import CurationError


@dataclass(slots=True)
class _Change:
    path: Path
    data: bytes
    replaces: bytes | None


@dataclass(slots=True)
class FileChanges:
    """Collect what is to be written into a project.

    Attributes:
        root: The project folder.
    """

    root: Path
    _changes: list[_Change] = field(default_factory=list)

    def put(self, path: Path, data: bytes, *, replaces: bytes | None = None) -> None:
        """Add a file.

        Args:
            path: Its place.
            data: Its bytes.
            replaces: The bytes that it is made from; None if there must be no file yet.
        """
        self._changes.append(_Change(path, data, replaces))

    def carry_out(self) -> None:
        """Write the files aside, and move them in.

        Raises:
            CurationError: A file that is to be replaced was changed meanwhile, or one that is to be new is there.
        """
        with scratch_folder(self.root) as scratch:
            for number, change in enumerate(self._changes):
                (scratch / f"{number}.new").write_bytes(change.data)
            for change in self._changes:
                self._refuse_other(change)
            done: list[int] = []
            try:
                for number, change in enumerate(self._changes):
                    self._move_in(change, scratch / f"{number}.new", scratch / f"{number}.old")
                    done.append(number)
            except BaseException:
                for number in reversed(done):
                    self._take_back(self._changes[number], scratch / f"{number}.old")
                raise

    def _refuse_other(self, change: _Change) -> None:
        there = change.path.read_bytes() if change.path.exists() else None
        if there != change.replaces:
            what = "was changed in the meantime" if there and change.replaces is not None else "already exists"
            message = f"{change.path.name} {what}; nothing was written. Try again."
            raise CurationError(message)

    @staticmethod
    def _move_in(change: _Change, new: Path, old: Path) -> None:
        place = Path(os.path.realpath(change.path))
        place.parent.mkdir(parents=True, exist_ok=True)
        if change.replaces is None:
            if place.exists():
                message = f"{change.path.name} already exists; nothing was written. Try again."
                raise CurationError(message)
            new.rename(place)
            return
        shutil.copy2(place, old)
        shutil.copymode(place, new)
        new.replace(place)

    @staticmethod
    def _take_back(change: _Change, old: Path) -> None:
        with suppress(OSError):
            if change.replaces is None:
                change.path.unlink()
            else:
                old.replace(os.path.realpath(change.path))
