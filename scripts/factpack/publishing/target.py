"""Define what a publishing target has to do, and open the one that an address names.

A target is a place that releases are published to. :mod:`factpack.publishing.flow` drives every target in the same way;
a target implements only what differs. Another package adds one by an entry point in the group ``factpack.targets``: its
name is the scheme of the addresses, and it is called with an address and returns a :class:`Target`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from semver import Version

from factpack.checks.report import printable
from factpack.errors import FactpackError, InvalidTargetError, PublicationInterruptedError
from factpack.plugins import load_plugins
from factpack.publishing.release import Release
from factpack.release.opening.url import without_credentials
from factpack.release.verification.load import Loaded

GROUP = "factpack.targets"


class Notice(str):
    """Name a step of a publication that a person has to see, such as a try that failed."""

    __slots__ = ()


Step = Callable[[str], object]  # called with some words before every step
End = Literal["looked", "published", "refused", "broken off"]


@dataclass(frozen=True, slots=True)
class Found:
    """Describe what a target shows of a version that is to be published.

    Attributes:
        files: What is there already, by path, with a digest: ``sha256:``, ``git:`` or ``size:`` and the value.
        published: The version is complete, and ``files`` are its files.
        latest: The highest other version that is published.
        obsolete: Files of the latest version that the new one does not have, to be deleted.
        head: What the next change is based on, in the target's own terms.
        audience: Who can read it, a sentence; nothing where the target does not know.
        proposal: The address of the pull request that proposes the version, with ``files`` in it.
    """

    files: Mapping[str, str]
    published: bool = False
    latest: Version | None = None
    obsolete: frozenset[str] = frozenset()
    head: str = ""
    audience: str = ""
    proposal: str = ""


@dataclass(eq=False)
class TargetError(FactpackError):
    """Describe something that went wrong at a target.

    Attributes:
        reason: What, in a few words that are safe to print.
        hint: A sentence with the next step, or nothing.
        passes: Whether it may go well the next time.
        wait: Seconds that the target asks to wait before that.
    """

    reason: str
    hint: str = ""
    passes: bool = False
    wait: int = 0


@runtime_checkable
class Target(Protocol):
    """Publish releases to a place.

    Methods may raise anything; the flow asks :meth:`explain` what it means. A method that is broken off is called
    again, in this process or in another one, after the next look.
    """

    #: Whether files are uploaded where no reader looks for them, and ``finish`` makes a version of them. They are read
    #: back before it, and SHA256SUMS is left to it. Otherwise ``upload`` is one atomic step, and they are read back
    #: after ``finish``.
    drafts: ClassVar[bool] = True

    #: Files that a target makes itself and needs, such as a hub its ``.gitattributes``: they are left as they are.
    keeps: ClassVar[frozenset[str]] = frozenset()

    name: str  # for messages
    shown: str  # the address, without credentials

    def begin(self, release: Release, step: Step, *, writes: bool) -> None:
        """Get ready, for a publication or only for a look."""
        del release, step, writes

    def look(self, release: Release, step: Step) -> Found:
        """Return what is there.

        Raises:
            PublicationRefusedError: The release may not be published there.
        """

    def upload(self, release: Release, names: Collection[str], found: Found, step: Step) -> None:
        """Bring what is missing, or come nearer to it: it is called until a look shows that nothing is missing."""

    def finish(self, release: Release, found: Found, step: Step) -> None:
        """Make a version of what was uploaded, in one atomic step; never change one that is there."""

    def fetch(self, tag: str, names: Collection[str], scratch: Path) -> Path:
        """Return a local folder with files of a version: the place itself, or a new copy in ``scratch``."""

    def load(self, release: Release, config: str, split: str, cache: Path) -> Loaded:
        """Load a config in the way that users do, with ``cache`` for what `datasets` keeps."""

    def loading(self, release: Release) -> str:
        """Return the Python that loads a published release."""

    def close(self, release: Release, end: End) -> None:
        """Clear up at the end. It does no harm where it does not come to it."""
        del release, end

    def explain(self, error: Exception) -> TargetError:
        """Return what an exception of this target means."""
        return TargetError(f"{type(error).__name__}: {printable(str(error))}".rstrip(". "))

    def broken_off(self, error: TargetError, step: str, *, begun: bool) -> str:
        """Return the message for a publication that an error ended, after the plan was known or before."""
        shown = f"{self.name} still shows one complete version, the old or the new one. Publish again to continue."
        if not begun:
            shown = "Nothing was changed. Correct this, and publish again."
        return f"Interrupted while {step}: {error.reason}.\n{error.hint and error.hint + ' '}{shown}"

    def damaged(self, release: Release, names: Collection[str], *, published: bool) -> FactpackError:
        """Return the error for files that do not come back as they are in the release."""
        del published
        return PublicationInterruptedError(
            f"{release.tag} of {self.name} differs from what was published: {some(names)}. Look at {self.shown}."
        )


def open_target(address: str, *, private: bool = False, pull_request: bool = False) -> Target:
    """Return the target for an address: ``owner/name``, ``hf://owner/name``, or the URL of a folder or a store.

    Args:
        address: The address.
        private: Whether a repository that does not exist is created as a private one.
        pull_request: Whether the release is proposed by a pull request.

    Raises:
        InvalidTargetError: The address is none of a target, or of one that has no repositories.
        PublicationInterruptedError: The target cannot be opened now.
        PluginError: The target of another package cannot be used.
    """
    scheme = address.partition("://")[0] if "://" in address else "hf"

    def called(factory: Any) -> Target:
        target = factory(address)
        if not isinstance(target, Target):
            message = "a target must derive from factpack.publishing.target.Target"
            raise TypeError(message)
        return target

    if scheme != "hf" and (private or pull_request):
        message = (
            f"{without_credentials(address)} is not on a Hugging Face hub, and --private and --pr work only for "
            "repositories there. A folder or an object store has its own settings for readers, and no pull requests."
        )
        raise InvalidTargetError(message)
    for target in load_plugins(GROUP, called, scheme):
        return target
    if scheme == "hf":
        from factpack.publishing.huggingface import HubTarget  # noqa: PLC0415 - only what is used is imported

        return HubTarget(address.removeprefix("hf://"), private=private, pull_request=pull_request)
    from factpack.publishing.object_store import open_store  # noqa: PLC0415 - the same

    return open_store(address)


def some(names: Collection[str]) -> str:
    """Return some names, and how many more there are."""
    shown = sorted(names)[:5]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
