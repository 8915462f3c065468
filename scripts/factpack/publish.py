"""What is common to every place that a release is published to: the release, the plan, and what can go wrong.

A place is a module that has the functions of :class:`Place`: ``hub.py`` for a Hugging Face hub, ``store.py`` for a
folder or an object store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from semver import Version

from factpack.diff import diff
from factpack.diff_formats import as_text
from factpack.folder import SUMS, BrokenReleaseError, NotAReleaseError, is_release, listed_sums, read_manifest, sha256
from factpack.project import DATASET
from factpack.syntax import read_yaml
from factpack.verify import verify
from factpack.versions import allows
from factpack.vocabulary import check_header

CARD = "README.md"

#: What is left to do: everything; only the tag, because the files are there already; nothing.
State = Literal["new", "untagged", "published"]


class MisuseError(Exception):
    """What was given cannot be published, or cannot be published to. The message says what can."""


class RefusedError(Exception):
    """This publication is not allowed, and nothing was changed. The message says why, and the next step."""


class BrokenOffError(Exception):
    """The publication did not come to its end. The message says where, why, and the next step.

    What is published is the old version whole or the new version whole. Publishing again finishes the job.
    """


@dataclass(frozen=True, slots=True)
class Release:
    """A built release that was read back and found right.

    ``sums`` gives the SHA-256, in hexadecimal digits, of every file by its path in the folder, SHA256SUMS included.
    """

    folder: Path
    name: str
    version: Version
    sums: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The name under which this version can be loaded for ever."""
        return f"v{self.version}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a publication does to the place that it publishes to.

    ``files`` paths are those in the release. ``size`` is that of the added and changed files, in bytes. ``latest`` is
    the highest version published so far, and ``difference`` says, in words, what changed since it.
    """

    target: str
    release: Release
    state: State
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    size: int
    latest: Version | None = None
    difference: str = ""

    def as_text(self) -> str:
        """The plan for people, some lines, each with its line end."""
        release = self.release
        head = f"{release.name} {release.version} to {self.target}, tag {release.tag}\n"
        match self.state:
            case "published":
                return f"{head}Already published with the same bytes; nothing to do.\n"
            case "untagged":
                return f"{head}The files are there already; what is missing is the tag.\n"
            case "new":
                kinds = (("+", self.added), ("~", self.changed), ("-", self.deleted))
                files = "".join(f"  {sign} {name}\n" for sign, names in kinds for name in names)
                counts = ", ".join(
                    f"{len(names)} {word}"
                    for word, names in (("added", self.added), ("changed", self.changed), ("deleted", self.deleted))
                )
                since = f"Since {self.latest}:\n\n{self.difference}" if self.latest else "The first version there.\n"
                return f"{head}{counts}, {self.size:,} bytes to send\n{files}{since}"


class Place(Protocol):
    """Where releases are published to."""

    def plan(self, target: str, release: Release) -> Plan:
        """What publishing would do. Changes nothing. Raises what ``publish`` raises."""

    def publish(self, target: str, release: Release, on_step: Callable[[str], object]) -> Plan:
        """Publishes, and returns the plan that was carried out. ``on_step`` is told every step before it.

        Raises MisuseError, RefusedError and BrokenOffError.
        """

    def loading(self, target: str, release: Release) -> str:
        """The Python that loads what was published."""


def find_release(folder: Path) -> Path:
    """The release that ``folder`` is, or that is built in the project that it is.

    Raises MisuseError if there is none.
    """
    if is_release(folder):
        return folder
    if not (folder / DATASET).is_file():
        message = f"{folder} is neither a built release nor a project. `factpack build` builds a release."
        raise MisuseError(message)
    described, faults = read_yaml((folder / DATASET).read_text(encoding="utf-8", errors="replace"))
    if faults or not isinstance(described, dict) or not {"name", "version"} <= described.keys():
        message = f"{folder / DATASET} does not say which release is meant. `factpack check` shows what is wrong."
        raise MisuseError(message)
    built = folder / "dist" / f"{described['name']}-{described['version']}"
    if built.parent != folder / "dist" or not is_release(built):
        message = f"{built} is not there, or is not a release. `factpack build` builds it."
        raise MisuseError(message)
    return built


def read_release(folder: Path) -> Release:
    """Reads a release back, file by file and row by row, and checks the header of its card.

    Raises RefusedError if it does not hold what it promises, or if the Hub would not understand the header.
    """
    try:
        verify(folder)
    except (BrokenReleaseError, NotAReleaseError) as error:
        message = f"{folder} is not as it was built:\n{error}\nBuild it again with `factpack build`."
        raise RefusedError(message) from error
    faults = check_header((folder / CARD).read_text(encoding="utf-8"))
    if faults:
        message = f"The Hub would not understand the header of {folder / CARD}:\n" + "\n".join(faults)
        raise RefusedError(message)
    manifest = read_manifest(folder)
    sums = listed_sums(folder) | {SUMS: sha256(folder / SUMS)}
    return Release(folder, manifest.name, Version.parse(manifest.version), sums)


def compare(release: Release, latest: Version, published: Path) -> str:
    """What changed since ``latest``, whose files are in the folder ``published``, in words.

    Raises RefusedError if that is another dataset, or if the version of the release does not come after it or is too
    small for what changed.
    """
    if release.version <= latest:
        message = f"{release.version} does not come after {latest}, which is published. {_HIGHER}"
        raise RefusedError(message)
    try:
        changes = diff(published, release.folder)
    except NotAReleaseError as error:
        message = f"{latest}, which is published, cannot be compared: {error}. Publish to another place."
        raise RefusedError(message) from error
    if changes.old and changes.old.name != release.name:
        message = (
            f"What is published there is {changes.old.name}, and this is {release.name}. Publish to another place."
        )
        raise RefusedError(message)
    if not allows(changes.smallest_version, release.version):
        message = (
            f"{release.version} is too small after {latest}, which is published: the changes need a "
            f"{changes.step.name} step, {changes.smallest_version} or later. {_HIGHER}\n\n{as_text(changes)}"
        )
        raise RefusedError(message)
    return as_text(changes)


_HIGHER = f"Give the dataset a higher version in {DATASET}, and release it with `factpack release`."
