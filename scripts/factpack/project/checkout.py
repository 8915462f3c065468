"""Recognize what Git did to a file in a checkout: other line ends, or a pointer of Git LFS in its place."""

import hashlib
from pathlib import Path
from typing import Literal

#: The file that keeps Git from it: in a project, in a release, and in this repository.
ATTRIBUTES = ".gitattributes"
KEEP_BYTES = b"# Every file is its bytes: Git must not change line ends.\n* -text\n"

#: ``CRLF``: the lines have other ends, and nothing else differs. ``LF``: the same, without carriage returns now.
#: ``pointer``: the content is in the store of Git LFS.
Mishap = Literal["CRLF", "LF", "pointer"]

POINTER = "a Git LFS pointer instead of the file itself"
FETCH_HINT = "Fetch the file with `git lfs pull`."

_POINTER_BEGIN = b"version https://git-lfs.github.com/spec/v1"
_MAX_POINTER = 1_024  # bytes, by the specification of Git LFS
_MAX_COMPARED = 64 * 2**20  # bytes of a file whose line ends are compared: more than a text has, or a page


def pointed(data: bytes) -> bool:
    """Return whether bytes are a pointer of Git LFS."""
    return len(data) < _MAX_POINTER and data.startswith(_POINTER_BEGIN)


def is_pointer(path: Path) -> bool:
    """Return whether a file has been replaced by a pointer of Git LFS."""
    return path.stat().st_size < _MAX_POINTER and pointed(path.read_bytes())


def mishap(data: bytes, wanted: str) -> Mishap | None:
    """Return what Git did to a file that should have the SHA-256 ``wanted``; None if something else differs."""
    if pointed(data):
        return "pointer"
    lines = unix_lines(data)
    forms = (lines.replace(b"\n", end) for end in (b"\n", b"\r\n", b"\r"))
    if any(hashlib.sha256(form).hexdigest() == wanted for form in forms):
        return "CRLF" if b"\r" in data else "LF"
    return None


def wrong_digest(path: Path, name: str, wanted: str, otherwise: str) -> str:
    """Say why a file does not have the SHA-256 it should have, with the next step.

    Args:
        path: The file.
        name: Its name, as Git is given it.
        wanted: The SHA-256 that it should have.
        otherwise: What is said if Git is not the reason.
    """
    found = mishap(path.read_bytes(), wanted) if path.stat().st_size <= _MAX_COMPARED else None
    if found is None:
        return otherwise
    return (
        f"{f'it is {POINTER}' if found == 'pointer' else 'only its line endings differ'}. {restore_hint(found, name)}"
    )


def unix_lines(data: bytes) -> bytes:
    """Return a text with a line feed at the end of each line."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def restore_hint(mishap: Mishap, name: str) -> str:
    """Return the next step after a mishap to a file, whose name is as Git is given it."""
    if mishap == "pointer":
        return FETCH_HINT
    if mishap == "LF":
        return (
            f"Git removes carriage returns when a file is added with `core.autocrlf`. Restore them with `unix2dos "
            f"{name}`. A line `* -text` in {ATTRIBUTES} prevents it."
        )
    return (
        f"Git converts line endings at checkout with `core.autocrlf`. Run `git config core.autocrlf false`, delete the "
        f"file, and restore it with `git checkout -- {name}`. A line `* -text` in {ATTRIBUTES} prevents it."
    )
