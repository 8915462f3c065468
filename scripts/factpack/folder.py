"""A release as a folder: which files it has, what it says of itself, and how it comes to its place in one step."""

import ctypes
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from factpack.columns import CONFIGS, Config, table_path
from factpack.model import ReleasedVersion

MANIFEST = "release.json"
SUMS = "SHA256SUMS"

_OF_THE_HUB = (".cache", ".git", ".gitattributes")

#: ``full``: the articles with their texts. ``none``: quotes, offsets and sums only.
Text = Literal["full", "none"]


class NotAReleaseError(Exception):
    """A folder is not a release, or not the one that is wanted; the message says what to do."""


class BrokenReleaseError(Exception):
    """A release does not hold what it promises; the message lists what, a line each."""


class Table(Struct, frozen=True, kw_only=True):
    """A table of a release: ``path`` relative to its folder, ``content_sha256`` the sum of its rows."""

    path: str
    rows: int
    content_sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a release says of itself in ``release.json``.

    ``tables`` are by config. ``built_with`` is everything that the bytes depend on besides the sources.
    """

    name: str
    version: ReleasedVersion
    text: Text
    tables: dict[str, Table]
    built_with: dict[str, Any]


def read_manifest(folder: Path) -> Manifest:
    """What a release says of itself.

    Raises NotAReleaseError if it says nothing that could be read.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        message = f"{folder / MANIFEST} cannot be read as that of a release: {error}"
        raise NotAReleaseError(message) from error


def table_sums(manifest: Manifest) -> dict[str, str]:
    """The sum of the rows of each table, by its config."""
    return {name: table.content_sha256 for name, table in manifest.tables.items()}


def is_release(folder: Path) -> bool:
    """Whether a folder holds a release and nothing else."""
    found = (folder / SUMS).is_file() and (folder / MANIFEST).is_file()
    return found and present_files(folder) <= listed_sums(folder).keys()


def configs_in(folder: Path) -> list[Config]:
    """The configs that have a table in a release: those with rows."""
    return [config for config in CONFIGS if (folder / table_path(config.name)).is_file()]


def present_files(folder: Path) -> set[str]:
    """The paths of all files but the list of sums and what a hub or a download from it adds, with forward slashes."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return {path.as_posix() for path in paths if path.parts[0] not in _OF_THE_HUB} - {SUMS}


def listed_sums(folder: Path) -> dict[str, str]:
    """The files in the list of sums of a folder, each with its sum."""
    return listed((folder / SUMS).read_bytes())


def listed(sums: bytes) -> dict[str, str]:
    """The files in a list of sums, each with its sum."""
    lines = sums.decode(errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def sha256(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(folder: Path, known: dict[str, str]) -> None:
    """Writes the list of sums of all files; those that are ``known`` are not read again."""
    lines = (f"{known.get(name) or sha256(folder / name)}  {name}\n" for name in sorted(present_files(folder)))
    (folder / SUMS).write_bytes("".join(lines).encode())


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder on the file system of the target, so that the finished release can be moved in one step."""
    made = not parent.exists()
    parent.mkdir(parents=True, exist_ok=True)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".factpack-", dir=parent))
    except OSError as error:
        error.filename = str(parent)  # nobody knows the other name
        raise
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if made:
            with suppress(OSError):  # it holds the release
                parent.rmdir()


def refuse_other_folder(target: Path) -> None:
    """Raises NotAReleaseError if ``target`` holds something that is not a release, which must not be lost."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not is_release(target) or any((target / name).exists() for name in _OF_THE_HUB):
        message = f"{target} exists and is not a release; move it away, or choose another folder"
        raise NotAReleaseError(message)


def move_in(folder: Path, target: Path, old: Path) -> None:
    """Puts the finished folder in place of the one that is there, which ends up in ``old`` or as ``folder``."""
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
    """Exchanges two folders in one step, where the system can (Linux renameat2(2)), so that no moment has neither."""
    at_fdcwd, rename_exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0)
