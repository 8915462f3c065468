"""Read the release that is published, and say what publishing it does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from semver import Version

from factpack.checks.hub_vocabulary import check_header
from factpack.checks.report import printable
from factpack.errors import BrokenReleaseError, InvalidTargetError, NotAReleaseError, PublicationRefusedError
from factpack.formats.yaml_parser import read_yaml
from factpack.limits import MAX_YAML_BYTES, read_within
from factpack.project.layout import DATASET, GUIDELINES
from factpack.project.placeholders import placeholders
from factpack.project.vocabulary import Texts
from factpack.release.layout import CARD, DIST, SUMS, folder_name, is_release, listed_digests, promised_digests, sha256
from factpack.release.manifest import read_manifest
from factpack.release.opening.resolve import blob_id
from factpack.release.verification.verify import verify
from factpack.release.version_policy import allows
from factpack.versioning.diff import diff
from factpack.versioning.diff_report import as_text

MAX_SHOWN = 120  # characters of a line
_WITHOUT_TEXTS = "The release does not have the texts of the articles, but quotes them."

#: What is left to do: everything; to merge a pull request; to tag the files, which are there already; nothing.
State = Literal["new", "proposed", "untagged", "published"]


@dataclass(frozen=True, slots=True)
class Release:
    """Describe a built release that was read back and found right.

    Attributes:
        digests: The SHA-256, in hexadecimal digits, of every file by its path in the folder, SHA256SUMS included.
        text: Whether the texts of the articles are in it.
    """

    folder: Path
    name: str
    version: Version
    digests: Mapping[str, str]
    text: Texts = "full"

    @property
    def tag(self) -> str:
        """Return the name under which this version can be loaded for ever."""
        return f"v{self.version}"

    def has(self, name: str, digest: str) -> bool:
        """Return whether a file has a digest: ``sha256:``, ``git:`` (the name of a blob) or ``size:`` and the value."""
        kind, _, value = digest.partition(":")
        path = self.folder / name
        match kind:
            case "sha256":
                return self.digests[name] == value
            case "size":
                return str(path.stat().st_size) == value
            case "git":
                return blob_id(path, value) == value
        return False


@dataclass(frozen=True, slots=True)
class Plan:
    """Describe what a publication does to its target.

    Attributes:
        added: Paths in the release, as in ``changed`` and ``deleted``.
        size: The size of the added and changed files, in bytes.
        loading: The Python that loads the release from there.
        latest: The highest version published so far.
        difference: What changed since it, in words.
        audience: Who can read it, a sentence; nothing where the target does not know.
        proposal: The address of the pull request that proposes the release, if there is one.
    """

    target: str
    release: Release
    state: State
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    size: int
    loading: str
    latest: Version | None = None
    difference: str = ""
    audience: str = ""
    proposal: str = ""

    def to_text(self) -> str:
        """Return the plan for people, some lines, each with its line end."""
        release = self.release
        head = f"{release.name} {release.version} to {self.target}, tag {release.tag}\n"
        if self.audience:
            texts = "The release has the full texts of the articles."
            head += f"{self.audience} {texts if release.text == 'full' else _WITHOUT_TEXTS}\n"
        match self.state:
            case "published":
                return f"{head}Already published with the same bytes; nothing to do.\n"
            case "proposed":
                return f"{head}Already proposed with the same bytes by {self.proposal}, which is not merged yet.\n"
            case "untagged":
                return f"{head}The files are already there; only the tag is missing.\n"
            case "new":
                kinds = (("+", self.added), ("~", self.changed), ("-", self.deleted))
                files = "".join(f"  {sign} {name}\n" for sign, names in kinds for name in names)
                counts = ", ".join(
                    f"{len(names)} {word}"
                    for word, names in (("added", self.added), ("changed", self.changed), ("deleted", self.deleted))
                )
                since = (
                    f"Since {self.latest}:\n\n{self.difference}"
                    if self.latest
                    else "This is the first version there.\n"
                )
                return f"{head}{counts}, {self.size:,} bytes to send\n{files}{since}"


def find_release(folder: Path) -> Path:
    """Return the folder of a release: ``folder``, or what is built in the project that it is.

    Raises:
        InvalidTargetError: There is none.
    """
    if is_release(folder):
        return folder
    if not (folder / DATASET).is_file():
        message = f"{folder} is neither a built release nor a project. `factpack build` builds a release."
        raise InvalidTargetError(message)
    described, errors = read_yaml(read_within(folder / DATASET, MAX_YAML_BYTES).decode(errors="replace"))
    if errors or not isinstance(described, dict) or not {"name", "version"} <= described.keys():
        message = f"{folder / DATASET} does not say which release is meant. `factpack check` shows what is wrong."
        raise InvalidTargetError(message)
    built = folder / DIST / folder_name(str(described["name"]), str(described["version"]))
    if built.parent != folder / DIST or not is_release(built):
        message = f"{built} does not exist, or is not a release. `factpack build` builds it."
        raise InvalidTargetError(message)
    return built


def read_release(folder: Path) -> Release:
    """Read a release back, file by file and row by row, and check the header of its card.

    Raises:
        PublicationRefusedError: It is not as it was built, it has text of the template, or the Hub would not understand
            the header.
    """
    try:
        verify(folder)
    except (BrokenReleaseError, NotAReleaseError) as error:
        message = f"{folder} was changed after it was built:\n{error}\nBuild it again with `factpack build`."
        raise PublicationRefusedError(message) from error
    if unwritten := list(_unwritten(folder)):
        message = (
            f"{folder} still has template text of `factpack init`:\n" + "\n".join(unwritten) + "\n"
            f"Replace it in {DATASET} and annotations/{GUIDELINES}; `factpack check` lists every place. "
            "Then build the release again with `factpack build`."
        )
        raise PublicationRefusedError(message)
    errors = check_header(read_within(folder / CARD).decode())
    if errors:
        message = f"The Hub would not accept the header of {folder / CARD}:\n" + "\n".join(errors)
        raise PublicationRefusedError(message)
    manifest = read_manifest(folder)
    promised = promised_digests(folder)
    digests = {name: promised[name] for name in listed_digests(folder)} | {SUMS: sha256(folder / SUMS)}
    return Release(folder, manifest.name, Version.parse(manifest.version), digests, manifest.text)


def _unwritten(folder: Path) -> Iterator[str]:
    """Yield where the texts of a release have something that is still to be written."""
    for path in (folder / CARD, folder / GUIDELINES):
        text = read_within(path).decode(errors="replace") if path.is_file() else ""
        lines = text.split("\n")
        for line, column in placeholders(text):
            yield f"{path.name}:{line}:{column}: {printable(lines[line - 1].strip()[:MAX_SHOWN])}"


def compare(release: Release, latest: Version, published: Path) -> str:
    """Return what changed since ``latest``, whose files are in the folder ``published``, in words.

    Raises:
        PublicationRefusedError: That is another dataset or version, or the version of the release does not come after
            it, or it is too small for what changed.
    """
    if release.version <= latest:
        message = f"{release.version} is not later than {latest}, which is already published. {_HIGHER}"
        raise PublicationRefusedError(message)
    try:
        changes = diff(published, release.folder)
    except NotAReleaseError as error:
        message = f"The published version {latest} cannot be compared: {error}. Publish to another place."
        raise PublicationRefusedError(message) from error
    if changes.old and changes.old.name != release.name:
        message = (
            f"Another dataset is published there, {changes.old.name}; this is {release.name}. Publish to another place."
        )
        raise PublicationRefusedError(message)
    if changes.old and changes.old.version != str(latest):
        message = (
            f"v{latest} there is {changes.old.name} {changes.old.version}. "
            "Correct the published version, or publish to another place."
        )
        raise PublicationRefusedError(message)
    if not allows(changes.smallest_version, release.version):
        message = (
            f"{release.version} is too small after the published {latest}: the changes need a "
            f"{changes.required_step.name} step, {changes.smallest_version} or later. {_HIGHER}\n\n{as_text(changes)}"
        )
        raise PublicationRefusedError(message)
    return as_text(changes)


_HIGHER = f"Give the dataset a higher version in {DATASET}, and release it with `factpack release`."
