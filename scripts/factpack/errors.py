"""Define the exceptions of factpack: every one is a :class:`FactpackError`."""


class FactpackError(Exception):
    """Serve as the base of every exception that factpack raises on purpose; the message is meant for people."""


class ProjectNotFoundError(FactpackError):
    """Report that a folder is no project; the message says what to do."""


class FolderInUseError(FactpackError):
    """Report that the folder for something new cannot be made, or is not empty."""


class CurationError(FactpackError):
    """Report that the files of a project cannot be changed as is wanted, and are as they were; the message says why."""


class NotAPageError(FactpackError):
    """Report that another file is where the page should be written."""


class NotAReleaseError(FactpackError):
    """Report that a folder is not a release, or not the one that is wanted; the message says what to do."""


class BrokenReleaseError(FactpackError):
    """Report that a release is not what it promises; the message lists what is wrong, a line each."""


class ArticleMismatchError(FactpackError):
    """Report that articles differ from the ones that the release was made from; the message lists them."""


class UnreachableError(FactpackError):
    """Report that a release on a hub is not there, or cannot be reached; the message says why."""


class WorkerError(FactpackError):
    """Report that a process that anchors a part of the annotations failed; the message names it. Nothing was built."""


class VersionRefusedError(FactpackError):
    """Report that the sources cannot have their version; the message says why, and which one they can have."""


class InvalidTargetError(FactpackError):
    """Report that something cannot be published, or cannot be published to; the message says what can."""


class PublicationRefusedError(FactpackError):
    """Report that a publication is not allowed, and changed nothing; the message says why, and the next step."""


class PublicationInterruptedError(FactpackError):
    """Report that a publication did not come to its end; the message says where, why, and the next step.

    The target shows the old version or the new version, whole. Publishing again finishes the job.
    """


class PluginError(FactpackError):
    """Report that an addition of another package cannot be used; the message says which, why, and the next step."""
