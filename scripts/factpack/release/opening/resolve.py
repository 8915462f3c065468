"""A release from wherever it is: a folder, the present sources of a project, or a hub at a revision."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from huggingface_hub import HfApi, RepoFile, get_session, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from semver import Version

from factpack.atomic import temporary_folder
from factpack.errors import NotAReleaseError, UnreachableError
from factpack.formats.registry import open_project
from factpack.project.layout import DATASET
from factpack.project.vocabulary import Texts
from factpack.release.build import build
from factpack.release.layout import MANIFEST, sha256
from factpack.release.manifest import read_manifest

REFUSED = (401, 403)
ANSWER_WITHIN = 60  # seconds; huggingface_hub itself waits for ever


@contextmanager
def resolve_release(place: str, on_article: Callable[[], object], text: Texts = "full") -> Iterator[Path]:
    """Give the local folder of a release, for as long as it is needed; nothing in it may be changed.

    Args:
        place: A release folder; a project folder, whose present sources are built into a temporary folder; a dataset
            repository at a revision, ``org/name@v1.0.0`` or ``hf://org/name@v1.0.0``, on the hub that ``HF_ENDPOINT``
            names; or the URL of a published version, ``s3://bucket/sets/v1.0.0``. What exists locally comes first.
            Where a revision or a URL is named like a version, the release has to be of that version.
        on_article: Called after every article that is built.
        text: The form in which a project is built.

    Raises:
        NotAReleaseError: There is no release, or one of another version.
        UnreachableError: The hub does not have it, or cannot be reached.
        CheckFailedError: The project has errors.
    """
    folder = Path(place)
    if "://" in place and not place.startswith("hf://"):
        from factpack.release.opening.download import downloaded_folder  # noqa: PLC0415 - fsspec is imported where it is used

        with downloaded_folder(place) as downloaded:
            yield downloaded
    elif (folder / MANIFEST).is_file():
        yield folder
    elif (folder / DATASET).is_file():
        with temporary_folder() as scratch:
            yield build(open_project(folder), scratch / "release", on_article, text).folder
    elif folder.exists():
        message = f"{place} is neither a release (it has no {MANIFEST}) nor a project (it has no {DATASET})"
        raise NotAReleaseError(message)
    else:
        with _downloaded(place.removeprefix("hf://").removeprefix("datasets/")) as downloaded:
            yield downloaded


@contextmanager
def _downloaded(place: str) -> Iterator[Path]:
    """Download a dataset at a revision, into the cache of huggingface_hub or, if that is wrong, beside it."""
    match = re.fullmatch(r"(?P<repo>[^@\s]+)@(?P<revision>\S+)", place)
    if not match:
        message = f"{place} does not exist; give a dataset on a hub with its revision, such as org/name@v1.0.0"
        raise NotAReleaseError(message)
    repo, revision = match["repo"], match["revision"]
    hub, session = HfApi(), get_session()
    usual = session.timeout  # it is everybody's
    with temporary_folder() as scratch:
        try:
            session.timeout = ANSWER_WITHIN
            # The commit is asked for first: by the name of a revision alone, a hub out of reach would give what is
            # cached.
            commit = str(hub.dataset_info(repo, revision=revision, timeout=ANSWER_WITHIN).sha)
            listed = hub.list_repo_tree(repo, recursive=True, revision=commit, repo_type="dataset")
            files = [entry for entry in listed if isinstance(entry, RepoFile)]
            download = partial(snapshot_download, repo, repo_type="dataset", revision=commit)
            folder = Path(download())
            # The cache knows a file by its ETag, and not every hub gives other bytes another one.
            if _differing(folder, files):
                folder = Path(download(local_dir=scratch, force_download=True))  # else it copies from the cache
        except Exception as error:
            raise UnreachableError(_reason(place, repo, revision, hub.endpoint, error)) from error
        finally:
            session.timeout = usual
        if differing := _differing(folder, files):
            message = (
                f"{place} cannot be fetched: {hub.endpoint} sends other bytes of {differing[0]} than it lists at "
                f"{commit}; try again later, or take the release from another place"
            )
            raise UnreachableError(message)
        if not (folder / MANIFEST).is_file():
            message = f"{place} is not a release: it has no {MANIFEST}"
            raise NotAReleaseError(message)
        _refuse_other_version(place, folder, f"{repo}@{commit}")
        yield folder


def _differing(folder: Path, files: list[RepoFile]) -> list[str]:
    """Return the files of a commit that are not in a folder, or not with the bytes that the hub lists."""
    return [file.path for file in files if not _same(folder / file.path, file)]


def _same(path: Path, file: RepoFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return bool(sha256(path) == file.lfs.sha256 if file.lfs else blob_id(path, file.blob_id) == file.blob_id)


def blob_id(path: Path, like: str) -> str:
    """Return the name that git gives to a file, as long as another such name: of SHA-1 or of SHA-256."""
    kind = "sha256" if len(like) == 64 else "sha1"  # noqa: PLR2004 - hexadecimal digits
    begun = hashlib.new(kind, b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: begun).hexdigest()


def _refuse_other_version(place: str, folder: Path, commit: str) -> None:
    """Raise NotAReleaseError if a place names a version, and its release is of another."""
    name, _, revision = place.rpartition("@")
    wanted = revision.removeprefix("refs/tags/").removeprefix("v")
    manifest = read_manifest(folder)
    if Version.is_valid(wanted) and manifest.version != wanted:
        message = (
            f"{place} is not version {wanted}: the hub has {manifest.name} {manifest.version} there. "
            f"The publisher of {name} must correct the tag; to read this release, name it by its commit, {commit}"
        )
        raise NotAReleaseError(message)


def _reason(place: str, repo: str, revision: str, hub: str, error: Exception) -> str:
    match error:
        case HFValidationError():
            return f"{place} does not exist, and {repo} is not the name of a repository"
        case RevisionNotFoundError():
            return f"{repo} on {hub} has no revision {revision}"
        case RepositoryNotFoundError():
            return f"{place} does not exist: {hub} has no such dataset, or it is private (`hf auth login`)"
        case OfflineModeIsEnabled():
            return f"{place} cannot be fetched: HF_HUB_OFFLINE is set"
    # huggingface_hub wraps the answer to a file into an error about its cache
    answer = next((e for e in (error, error.__cause__) if isinstance(e, HfHubHTTPError)), None)
    if answer is None:
        return f"{place} cannot be fetched from {hub}: {error}"
    status = answer.response.status_code
    next_step = "log in with `hf auth login`" if status in REFUSED else "try again later"
    return f"{place} cannot be fetched: {hub} answered {status}; {next_step}"
