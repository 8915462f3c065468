"""Compare the files beside the tables of two releases."""

import filecmp
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from factpack.checks.report import printable
from factpack.errors import NotAReleaseError
from factpack.evaluation.tasks.files import is_task_file
from factpack.limits import limit_of, read_within
from factpack.project.checkout import ATTRIBUTES, unix_lines
from factpack.project.files import printable as printable_path
from factpack.project.layout import CHANGELOG, GUIDELINES
from factpack.release.layout import FULL, MANIFEST, PAGE, SUMS, present_files
from factpack.release.manifest import OF_THE_CARD, Manifest
from factpack.release.version_policy import Change
from factpack.versioning.changes import Difference

#: For Git, or written from the diff, or from everything else in the release: no change of their own.
FOLLOWING_FILES = (ATTRIBUTES, SUMS, CHANGELOG)


def compare_files(old: Path, old_manifest: Manifest, new: Path, new_manifest: Manifest) -> Iterator[Difference]:
    """Find the files beside the tables that came, went or changed."""
    before, after = _files(old), _files(new)
    versions = (old_manifest.version, new_manifest.version)
    other_form = set()
    if old_manifest.text != new_manifest.text:  # the page has the texts in it, and prompts have what texts there are
        other_form = {name for name in (*before, *after) if name == PAGE or is_task_file(name)}
    for name in sorted({*before, *after} - other_form):
        if name not in after:
            yield Difference(Change.FILE_GONE, "", name)
        elif name not in before:
            yield Difference(Change.FILE_ADDED, "", name)
        elif not same_bytes(before[name], after[name]):
            with reading(f"{before[name]} or {after[name]}"):
                one, other = (_without_followers(path, versions) for path in (before[name], after[name]))
            if one != other:
                yield Difference(Change.FILE_CHANGED, "", name)


#: What follows from the bytes of the tables: the version that `datasets` caches a table by, digests, sizes.
_FOLLOWS = re.compile(
    rb"(?m)^ *version: \S+$"
    rb"|^[ -]*(?:num_bytes|download_size|dataset_size): \d+$"
    rb'|"contentSize": "\d+ B"'
    rb"|\b[0-9a-f]{64}\b"
)


def _without_followers(path: Path, versions: tuple[str, str]) -> bytes:
    """Return a file without what follows from the version number, and from the bytes of the tables."""
    data = unix_lines(read_within(path, limit_of(path.name)))  # a checkout can have others
    if path.name == MANIFEST:  # what it repeats from the card is compared there
        try:
            document = msgspec.json.decode(data, type=dict[str, Any])
        except (
            ValueError,
            msgspec.MsgspecError,
        ):  # that of the full release beside one without the texts, which nobody has read
            return data
        data = msgspec.json.format(
            msgspec.json.encode({key: document[key] for key in document if key not in OF_THE_CARD})
        )
    if path.name == GUIDELINES:  # nothing in them follows from anything
        return data
    for version in sorted(versions, key=len, reverse=True):  # one may begin with the other
        data = data.replace(version.encode(), b"")
    return data if path.name == PAGE else _FOLLOWS.sub(b"", data)  # the page can be large, and has none of that


def _files(folder: Path) -> dict[str, Path]:
    """Return the files beside the tables by their names; those of the full release, where they are there too."""
    names = {name for name in present_files(folder) if not name.endswith(".parquet")}
    full = {name for name in names if name.startswith(f"{FULL}/")}
    found = {name: name for name in names - full} | {name.removeprefix(f"{FULL}/"): name for name in full}
    return {printable_path(name): folder / path for name, path in found.items() if name not in FOLLOWING_FILES}


def same_bytes(one: Path, other: Path) -> bool:
    """Tell whether two files have the same bytes."""
    return filecmp.cmp(one, other, shallow=False)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what a damaged file leads to into NotAReleaseError."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeError) as error:
        message = printable(f"{what} cannot be read: {error}")
        raise NotAReleaseError(message) from error
