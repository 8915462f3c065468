"""Copy a release out of a folder or an object store, with the bytes that its SHA256SUMS lists."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem
from semver import Version

from factpack.atomic import is_full, temporary_folder
from factpack.checks.report import printable
from factpack.errors import BrokenReleaseError, FactpackError, NotAReleaseError, UnreachableError
from factpack.limits import MAX_FILE_BYTES, limit_of, too_large
from factpack.release.layout import SUMS, is_inside, listed_digests
from factpack.release.manifest import read_manifest
from factpack.release.opening.url import open_url, redacted, without_credentials

MAX_FILES = 1000  # in a release; factpack writes some twenty
_CHUNK = 2**20  # bytes


@contextmanager
def downloaded_folder(url: str) -> Iterator[Path]:
    """Give a local folder with the release at a URL, which ends in its version if `factpack publish` wrote it there.

    A local folder is given as it is. From elsewhere SHA256SUMS comes first, then only what it lists.

    Raises:
        NotAReleaseError: There is no release, or one of another version than the URL says.
        BrokenReleaseError: Files are missing, or have other digests than SHA256SUMS lists.
        UnreachableError: The store cannot be reached.
    """
    try:
        shown = without_credentials(url)
    except ValueError as error:
        raise NotAReleaseError(str(error)) from error
    with temporary_folder() as scratch:
        try:
            driver, root = open_url(url)
            folder = Path(root) if isinstance(driver, LocalFileSystem) else scratch
            if folder is scratch:
                driver.invalidate_cache()
                _download(driver, root, folder, shown)
        except FactpackError:
            raise
        except FileNotFoundError as error:
            raise NotAReleaseError(_missing(shown)) from error
        except ValueError as error:
            raise NotAReleaseError(redacted(str(error), url)) from error
        except Exception as error:
            if is_full(error):
                raise
            said = redacted(str(error), url) or "no reason given"
            message = f"{shown} cannot be fetched: {said} ({type(error).__name__})"
            raise UnreachableError(message) from None  # the error itself can have the credentials
        if not (folder / SUMS).is_file():
            raise NotAReleaseError(_missing(shown))
        _refuse_other_version(shown, folder)
        yield folder


def _missing(shown: str) -> str:
    return f"no release at {shown}: it has no {SUMS}; give the version of the release too, such as {shown}/v1.0.0"


def _download(driver: fsspec.AbstractFileSystem, root: str, folder: Path, shown: str) -> None:
    """Copy the files that SHA256SUMS lists."""
    _copy(driver, f"{root}/{SUMS}", folder / SUMS, MAX_FILE_BYTES)
    listed = listed_digests(folder)
    strange = next((name for name in listed if not is_inside(name)), None)
    if strange is not None or len(listed) > MAX_FILES:
        why = f"lists {len(listed)} files" if strange is None else f"lists {printable(strange)!r}"
        message = f"{shown} is not a release: its {SUMS} {why}"
        raise NotAReleaseError(message)
    problems = []
    for name, digest in listed.items():
        # Tables can be of any size that there is room for.
        limit = shutil.disk_usage(folder).free if name.endswith(".parquet") else limit_of(name)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            if _copy(driver, f"{root}/{name}", folder / name, limit) != digest:
                problems.append(f"{name}: its SHA-256 does not match {SUMS}")
        except FileNotFoundError:
            problems.append(f"{name}: missing, but listed in {SUMS}")
    if problems:
        raise BrokenReleaseError("\n".join(f"{shown}/{printable(problem)}" for problem in problems))


def _copy(driver: fsspec.AbstractFileSystem, path: str, to: Path, limit: int) -> str:
    """Copy a file, and return its SHA-256 in hexadecimal digits.

    Raises:
        UnreachableError: It is larger than the limit.
    """
    digest, size = hashlib.sha256(), 0
    with driver.open(path, "rb") as source, to.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                message = f"{to.name} cannot be fetched: {too_large(size, limit)}"
                raise UnreachableError(message)
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _refuse_other_version(shown: str, folder: Path) -> None:
    """Refuse a release of another version than the last part of its URL."""
    wanted, manifest = shown.rpartition("/")[2].removeprefix("v"), read_manifest(folder)
    if Version.is_valid(wanted) and manifest.version != wanted:
        message = f"{shown} is not version {wanted}: the release there is {manifest.name} {manifest.version}"
        raise NotAReleaseError(message)
