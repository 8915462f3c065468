"""Say which files a release has, and read what it says of itself."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml
from huggingface_hub.repocard import REGEX_YAML_BLOCK

from factpack.checks.report import printable
from factpack.errors import NotAReleaseError
from factpack.limits import read_within
from factpack.project.checkout import ATTRIBUTES
from factpack.project.clutter import is_clutter, is_empty
from factpack.project.vocabulary import Texts

MANIFEST = "release.json"
SUMS = "SHA256SUMS"
CARD = "README.md"
CROISSANT = "croissant.json"
CITATION = "CITATION.cff"
PAGE = "view.html"
CHARTS = "charts"  # folder
FULL = "full"  # folder of a release without the texts: what else the full release has
DIST = "dist"  # folder of a project: its releases

#: What to do about a file that somebody added to a release.
EXTRA_HINT = (
    "Move it out of the folder. Put text for users into annotations/dataset.yaml or "
    "annotations/GUIDELINES.md; then build the release again"
)

_OF_THE_HUB = (".cache", ".git")

#: What the ``.gitattributes`` that a hub makes says: which files are large.
_RULES_OF_THE_HUB = b"filter=lfs"
_MAX_ATTRIBUTES = 2**20  # bytes that are looked at


def folder_name(name: str, version: str, text: Texts = "full") -> str:
    """Return the name of the folder of a release, if nobody chooses another one."""
    return f"{name}-{version}" + ("" if text == "full" else f"-text-{text}")


def chart_path(chart: str) -> str:
    """Return where a chart is in a release, by its name."""
    return f"{CHARTS}/{chart}.svg"


def refuse_name(folder: Path) -> None:
    """Refuse a folder in which pyarrow can open nothing.

    Raises:
        NotAReleaseError: Its path is not UTF-8.
    """
    path = str(folder.absolute())
    if path != path.encode(errors="replace").decode():
        message = f"{printable(path)}: the name is not UTF-8, and pyarrow cannot open files in it; rename it"
        raise NotAReleaseError(message)


def card_header(folder: Path) -> Any:
    """Read the YAML at the top of the card of a release; whatever is wrong with it is raised."""
    block = REGEX_YAML_BLOCK.search(read_within(folder / CARD).decode())
    return yaml.load(block[2], yaml.CSafeLoader) if block else {}  # huggingface_hub itself reads it in Python


def is_release(folder: Path) -> bool:
    """Tell whether a folder has a release in it and nothing else."""
    found = (folder / SUMS).is_file() and (folder / MANIFEST).is_file()
    return found and present_files(folder) <= promised_digests(folder).keys()


def present_files(folder: Path) -> set[str]:
    """Return the paths of all regular files of a release, with forward slashes.

    Left out are the list of digests, what a download from a hub adds, and what operating systems leave.
    """
    return {path for path, kind in walk(folder) if kind == "file"} - {SUMS}


Kind = Literal["file", "link", "empty folder", "special file"]


def walk(folder: Path) -> Iterator[tuple[str, Kind]]:
    """Find everything in a release but folders with something in them. No link is followed out of the release.

    Yields:
        The path, with forward slashes, and what is there. A link of the cache of huggingface_hub is the file that the
        cache keeps.
    """
    real = Path(os.path.realpath(folder))
    kept = real.parents[1] / "blobs" if real.parent.name == "snapshots" else None
    waiting = [""]
    while waiting:
        at = waiting.pop()
        with os.scandir(folder / at) as found:
            entries = [entry for entry in found if at or entry.name not in _OF_THE_HUB]
        if at and not entries:
            yield at.removesuffix("/"), "empty folder"
        for entry in entries:
            path = f"{at}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")
            elif not is_clutter(entry.name):
                yield path, _kind(entry, kept)


def _kind(entry: "os.DirEntry[str]", kept: Path | None) -> Kind:
    if not entry.is_symlink():
        return "file" if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode) else "special file"
    target = Path(os.path.realpath(entry.path))  # Path.resolve raises RuntimeError for a link to itself
    return "file" if kept and target.parent == kept and target.is_file() else "link"


def listed_digests(folder: Path) -> dict[str, str]:
    """Return the files in the list of digests of a folder, each with its digest."""
    return listed(read_within(folder / SUMS))


def promised_digests(folder: Path) -> dict[str, str]:
    """Return the files that a release should have, each with its digest.

    The ``.gitattributes`` that a hub made takes the place of the release's own, and so counts as it is. So does one in
    a release that lists none.
    """
    digests, path = listed_digests(folder), folder / ATTRIBUTES
    if path.is_file() and (ATTRIBUTES not in digests or is_of_a_hub(path)):
        digests[ATTRIBUTES] = sha256(path)
    return digests


def is_of_a_hub(attributes: Path) -> bool:
    """Tell whether a hub made this ``.gitattributes``, which says what is large there."""
    with attributes.open("rb") as stream:
        return _RULES_OF_THE_HUB in stream.read(_MAX_ATTRIBUTES)


def listed(digests: bytes) -> dict[str, str]:
    """Return the files in a list of digests, each with its digest."""
    lines = digests.decode(errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def is_inside(name: str) -> bool:
    """Tell whether a name is a path below a folder, on every system."""
    parts = PurePosixPath(name).parts
    proper = name.isprintable() and bool(parts) and "/".join(parts) == name
    return proper and not {"..", "/"} & set(parts) and not set(name) & set("\\:")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(folder: Path, known: dict[str, str]) -> None:
    """Write the list of the digests of all files; those that are ``known`` are not read again."""
    lines = (f"{known.get(name) or sha256(folder / name)}  {name}\n" for name in sorted(present_files(folder)))
    (folder / SUMS).write_bytes("".join(lines).encode())


def refuse_other_folder(target: Path) -> None:
    """Raise NotAReleaseError if ``target`` has something in it that is not a release, which must not be lost.

    So it does for a name that is not UTF-8.
    """
    refuse_name(target)
    if not target.exists() or (target.is_dir() and is_empty(target)):
        return
    if (target / SUMS).is_file() and (strange := sorted(present_files(target) - promised_digests(target).keys())):
        message = f"{target} contains {printable(strange[0])}, which is not part of a release; move it away"
        raise NotAReleaseError(message)
    from_a_hub = any((target / name).exists() for name in _OF_THE_HUB)
    if not is_release(target) or from_a_hub or promised_digests(target) != listed_digests(target):
        message = f"{target} exists and is not a release; move it away, or choose another folder"
        raise NotAReleaseError(message)
