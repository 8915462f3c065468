"""Write aside, and move in at the end: a reader never finds half a result."""

import ctypes
import errno
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from factpack.errors import FactpackError, FolderInUseError
from factpack.limits import TooLargeError

if sys.platform != "win32":
    import fcntl

_PREFIX = ".factpack-"
_OWNER = ".owner"  # in a scratch folder: locked for as long as its process lives


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a temporary folder on the file system of the target, so that a finished release can be moved in one step.

    It is removed at the end, as are those that killed processes left in ``parent``.
    """
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(parent)
        with _folder_in(parent) as scratch, _owned(scratch):
            yield scratch
    finally:
        for folder in made:
            with suppress(OSError):  # it holds the release
                folder.rmdir()


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Make a folder aside; it comes to its place when all is written.

    Raises:
        FolderInUseError: Something is there already, other than an empty folder.
    """
    if out.exists() and not (out.is_dir() and next(out.iterdir(), None) is None):
        message = f"{out} exists; choose another folder"
        raise FolderInUseError(message)
    with scratch_folder(out.absolute().parent) as scratch:
        made = scratch / "new"
        made.mkdir()
        yield made
        if out.exists():
            out.rmdir()
        made.rename(out)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder where the system wants what is temporary; it is removed at the end."""
    with scratch_folder(Path(tempfile.gettempdir())) as scratch:
        folder = scratch / "files"  # without what marks the other one as in use
        folder.mkdir()
        yield folder


@contextmanager
def _folder_in(parent: Path) -> Iterator[Path]:
    """Make a folder with a new name; it is removed at the end, whenever a signal ends the process."""
    folder = parent / f"{_PREFIX}{secrets.token_hex(8)}"  # known before the folder is there, as mkdtemp's is not
    try:
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            error.filename = str(parent)  # nobody knows the other name
            raise
        with _naming(folder):
            yield folder
    finally:
        try:
            _remove(folder)
        except BaseException:  # a signal in the middle of it; the next one is ignored
            _remove(folder)
            raise


def _remove(folder: Path) -> None:
    """Remove a scratch folder, its mark last: what a worker elsewhere still writes there is removed by the next run."""
    with suppress(OSError):
        left = [path for path in folder.iterdir() if path.name != _OWNER]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):  # a file
                path.unlink()
        if all(path.name == _OWNER for path in folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)


def told_as_full(error: BaseException) -> OSError | None:
    """Return the error of a full disk that led to an exception, alone: what led to one does not go between processes.

    Args:
        error: The exception.
    """
    number = _full(error)
    named = error.filename if isinstance(error, OSError) else None
    return OSError(number, os.strerror(number), named) if number else None


def is_full(error: BaseException | None) -> bool:
    """Tell whether a full disk, a quota or a limit of the process led to an exception."""
    return _full(error) != 0


def _full(error: BaseException | None) -> int:
    """Return the number of the error of a full disk that led to an exception, or 0."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL and not isinstance(error, TooLargeError):
            return error.errno
        if isinstance(error, OSError) and str(error).startswith("Not enough disk space"):  # `datasets` looks first
            return errno.ENOSPC
        error = error.__cause__ or error.__context__
    return 0


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """Have the error of a full disk name the folder of a temporary one, and not what nobody knows or nothing."""
    try:
        yield
    except FactpackError:
        raise
    except Exception as error:
        number = _full(error)
        named = isinstance(error, OSError) and (error.filename2 or error.filename)  # of a link, where it goes
        if number and not (named and not Path(str(named)).is_relative_to(folder)):
            raise OSError(number, os.strerror(number), str(folder.parent)) from error
        raise


@contextmanager
def _owned(scratch: Path) -> Iterator[None]:
    """Mark a folder as in use; the lock ends with the process, however that ends."""
    if sys.platform == "win32":
        yield
        return
    with FileIO(scratch / f"{_OWNER}.new", "x") as owner:
        with suppress(OSError):  # a file system without locks: nothing is cleared there either
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (scratch / f"{_OWNER}.new").rename(scratch / _OWNER)  # there from the first moment with its lock
        yield


def _clear_abandoned(parent: Path) -> None:
    """Remove the scratch folders whose processes are gone."""
    if sys.platform == "win32":
        return
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), FileIO(folder / _OWNER, "r+") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(folder)


def move_in(folder: Path, target: Path, old: Path) -> None:
    """Move a finished folder into its place.

    Args:
        folder: The finished folder.
        target: Its place. What is there ends up as ``old`` or as ``folder``.
        old: A free name on the same file system.
    """
    if not target.exists():
        folder.rename(target)
    elif not _exchange(folder, target):
        target.rename(old)
        try:
            folder.rename(target)
        except OSError:
            old.rename(target)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step where the system can (renameat2(2) of Linux); return whether it was done."""
    at_fdcwd, rename_exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0)
