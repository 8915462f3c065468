"""Publish to a folder or an object store: to whatever fsspec reaches by a URL such as ``s3://bucket/sets``.

``<url>/v1.0.0/`` has the files of version 1.0.0. Nothing else is kept: the folders say which versions there are.

In a store ``SHA256SUMS`` is written last and makes the folder a version; a folder without it is a publication that was
broken off. The first publisher to create ``.v1.0.0.publishing``, a copy of it, decides which bytes the
version has. S3 itself refuses to create an object twice (``If-None-Match``), and s3fs asks it to; where the driver can
only look and then write, there is no promise for two publishers who begin in the same instant. In a local folder a
version is made in a hidden folder, and comes to its place by one rename, which fails if another was first.

Credentials and retries are the driver's: s3fs looks into ``~/.aws``, and tries again five times, with growing pauses.
"""

import glob
import json
import shutil
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import ClassVar

import fsspec
from datasets import load_dataset
from fsspec.implementations.local import LocalFileSystem
from semver import Version

from factpack.dataset.table_files import SPLIT, table_files, table_pattern
from factpack.errors import FactpackError, InvalidTargetError, PublicationInterruptedError, PublicationRefusedError
from factpack.limits import read_within
from factpack.project.clutter import is_clutter
from factpack.publishing.release import Release
from factpack.publishing.target import End, Found, Step, Target, TargetError
from factpack.release.card import DEFAULT_CONFIG
from factpack.release.layout import SUMS
from factpack.release.opening.url import open_url, redacted, without_credentials
from factpack.release.verification.load import Loaded, load, loaded


class StoreTarget(Target):
    """Publish to a store in which only a single file can come to be in one step."""

    claims: ClassVar[bool] = True  # which bytes a version has, before they are there

    def __init__(self, url: str, driver: fsspec.AbstractFileSystem, root: str) -> None:
        self.url, self.driver, self.root = url.rstrip("/"), driver, root.rstrip("/")
        self.name = self.shown = without_credentials(url)
        self.claimed = False  # by this publication

    def look(self, release: Release, step: Step) -> Found:
        """Return the files of the version, whether it is published, and the latest version."""
        step("looking at what is there")
        own = read_within(release.folder / SUMS)
        digests, sizes = self.read(f"{release.tag}/{SUMS}"), self.sizes(release)
        claim = self.read(_claim(release)) if self.claims and digests is None else None
        latest = next((version for version in self.versions() if self.read(f"v{version}/{SUMS}") is not None), None)
        strange = sorted(sizes.keys() - (release.digests.keys() if self.claims else set()))
        files = {name: f"size:{size}" for name, size in sizes.items()}
        if digests is None and strange:
            why = f"{self.shown}/{release.tag} contains {strange[0]}, which no publication of this release wrote."
            raise self.removing(release, why)
        if claim not in {None, own}:
            why = f"A publication of other bytes as {release.version} to {self.shown} is running or was interrupted."
            raise self.removing(release, why)
        if digests not in {None, own}:
            message = (
                f"{release.version} is already published at {self.shown} with other bytes. It cannot be changed. "
                "Give the dataset a higher version, and build it again."
            )
            raise PublicationRefusedError(message)
        changed = [name for name in release.digests.keys() | files if not release.has(name, files.get(name, ""))]
        if digests and changed:
            raise self.damaged(release, changed, published=True)
        return Found(files, digests is not None, latest, head=claim.decode() if claim else "")

    def upload(self, release: Release, names: Collection[str], found: Found, step: Step) -> None:
        """Claim the version; in the next turn, write its files."""
        if not found.head:
            step("claiming the version")
            self.claimed = self.create(_claim(release), (release.folder / SUMS).read_bytes())
            return
        for name in names:
            again = name in found.files  # half-written, by a publication that was broken off
            step(f"writing {name} again" if again else f"writing {name}")
            path = self.made(f"{release.tag}/{name}")
            with suppress(FileExistsError):
                self.driver.put_file(str(release.folder / name), path, mode="overwrite" if again else "create")

    def finish(self, release: Release, found: Found, step: Step) -> None:
        """Write SHA256SUMS, which makes the folder a version."""
        del found
        step(f"writing {SUMS}")
        if not self.create(f"{release.tag}/{SUMS}", (release.folder / SUMS).read_bytes()):
            message = f"{self.shown}: another publication of {release.version} finished first. Publish again."
            raise PublicationInterruptedError(message)

    def fetch(self, tag: str, names: Collection[str], scratch: Path) -> Path:
        """Copy files out of the store."""
        for name in names:
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            self.driver.get_file(f"{self.root}/{tag}/{name}", str(scratch / name))
        return scratch

    def load(self, release: Release, config: str, split: str, cache: Path) -> Loaded:
        """Load the Parquet files of a split of a config by their URLs."""
        paths = table_files(release.folder, config)[split]
        files = {split: [f"{self.url}/{release.tag}/{config}/{path.name}" for path in paths]}
        return loaded(load_dataset("parquet", data_files=files, split=split, cache_dir=str(cache)), config)

    def loading(self, release: Release) -> str:
        """Return the Python that loads the default config."""
        return _loading_parquet(release, f"{self.shown}/{release.tag}")

    def close(self, release: Release, end: End) -> None:
        """Remove the claim, which does no harm where it stays: the next publication of this version removes it."""
        if end == "published" or (end == "refused" and self.claimed):
            with suppress(Exception):
                self.driver.rm_file(f"{self.root}/{_claim(release)}")

    def explain(self, error: Exception) -> TargetError:
        """Return what the driver said, without the credentials that may be in the URL."""
        return TargetError(f"{redacted(str(error), self.url) or 'no reason given'} ({type(error).__name__})")

    def broken_off(self, error: TargetError, step: str, *, begun: bool) -> str:
        """Return the message for a publication that an error ended."""
        del step, begun
        return f"{self.shown}: {error.reason}.\nCorrect this, and publish again."

    def damaged(self, release: Release, names: Collection[str], *, published: bool) -> FactpackError:
        """Return the error for files that do not come back as they are in the release."""
        first = min(names)
        if published:
            why = f"{release.version} was published at {self.shown}, but {first} was changed there afterwards."
            return self.removing(release, why)
        message = f"{self.shown}/{release.tag}/{first} does not have the bytes that were sent. Publish again."
        return PublicationInterruptedError(message)

    def removing(self, release: Release, why: str) -> PublicationRefusedError:
        """Return the error where something has to go, which only a person can decide on."""
        paths = [release.tag, *([_claim(release)] if self.claims else ())]
        shown = " and ".join(f"{self.shown}/{path}" for path in paths)
        return PublicationRefusedError(f"{why} If nobody is publishing it, remove {shown}; then publish again.")

    def read(self, path: str) -> bytes | None:
        """Return a small file; None if it is not there."""
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch, suppress(FileNotFoundError):
            copy = Path(scratch) / "copy"
            self.driver.get_file(f"{self.root}/{path}", str(copy))
            return read_within(copy)
        return None

    def create(self, path: str, data: bytes) -> bool:
        """Make a small file that is not there yet; return whether it has these bytes now, from anybody."""
        with suppress(FileExistsError):
            self.driver.pipe_file(self.made(path), data, mode="create")
        return self.read(path) == data

    def made(self, path: str) -> str:
        """Return the driver's path for a file, whose folder is there."""
        if not self.driver.async_impl:  # object stores are those with asynchronous drivers, and have no folders
            self.driver.makedirs(f"{self.root}/{path}".rpartition("/")[0], exist_ok=True)
        return f"{self.root}/{path}"

    def versions(self) -> list[Version]:
        """Return the versions that have a folder, highest first."""
        self.driver.invalidate_cache()
        names: list[str] = []
        with suppress(FileNotFoundError):
            names = [PurePosixPath(path).name for path in self.driver.ls(self.root, detail=False)]
        found = [name[1:] for name in names if name.startswith("v") and Version.is_valid(name[1:])]
        return sorted(map(Version.parse, found), reverse=True)

    def sizes(self, release: Release) -> dict[str, int]:
        """Return the files in the folder of the version, with their sizes in bytes."""
        prefix = f"{self.root}/{release.tag}/"
        self.driver.invalidate_cache()
        with suppress(FileNotFoundError):
            found = self.driver.find(prefix, detail=True)
            # A driver can give the folder itself, if it comes to be meanwhile.
            sizes = {name.removeprefix(prefix): info["size"] for name, info in found.items() if info["type"] == "file"}
            return {name: size for name, size in sizes.items() if not is_clutter(name.rpartition("/")[2])}
        return {}


class FolderTarget(StoreTarget):
    """Publish to a local folder, in which a whole folder can come to be in one step."""

    claims = False
    draft: Path | None = None  # made beside the place of the version

    def look(self, release: Release, step: Step) -> Found:
        """Return the files of the version if it is published, else those that were written beside its place."""
        found = super().look(release, step)
        if found.published or self.draft is None:
            return found
        written = [path for path in self.draft.rglob("*") if path.is_file()]
        files = {path.relative_to(self.draft).as_posix(): f"size:{path.stat().st_size}" for path in written}
        return Found(files, latest=found.latest)

    def upload(self, release: Release, names: Collection[str], found: Found, step: Step) -> None:
        """Write the files beside the place of the version."""
        del found
        if self.draft is None:
            Path(self.root).mkdir(parents=True, exist_ok=True)
            self.draft = Path(tempfile.mkdtemp(prefix=f".{release.tag}.", dir=self.root)) / release.tag
        for name in names:
            step(f"writing {name}")
            (self.draft / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(release.folder / name, self.draft / name)

    def finish(self, release: Release, found: Found, step: Step) -> None:
        """Rename the folder to its place, which fails if there is one."""
        assert self.draft
        self.upload(release, [SUMS], found, step)
        step("moving it into place")
        self.draft.rename(Path(self.root) / release.tag)

    def fetch(self, tag: str, names: Collection[str], scratch: Path) -> Path:
        """Return the folder of a version, or of the one that is being written."""
        del names, scratch
        place = Path(self.root) / tag
        return place if place.exists() or self.draft is None else self.draft

    def load(self, release: Release, config: str, split: str, cache: Path) -> Loaded:
        """Load a split of a config from the folder."""
        return load(self.fetch(release.tag, (), cache), config, cache, split=split)

    def loading(self, release: Release) -> str:
        """Return the Python that loads the default config."""
        folder = f"{self.root}/{release.tag}"
        if glob.escape(folder) == folder:
            return f"load_dataset({_quoted(folder)}, split={_quoted(_shown_split(release))})"
        # `datasets` takes the name of such a folder for a pattern, and finds nothing.
        return _loading_parquet(release, glob.escape(folder))

    def close(self, release: Release, end: End) -> None:
        """Remove what this publication has beside the version; once it is published, what earlier ones had, too."""
        left = (
            Path(self.root).glob(f".{release.tag}.*")
            if end == "published"
            else [self.draft.parent]
            if self.draft
            else []
        )
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)


def _claim(release: Release) -> str:
    return f".{release.tag}.publishing"


def _shown_split(release: Release) -> str:
    """Return the split that an example loads: the last one, by its name."""
    return [SPLIT, *table_files(release.folder, DEFAULT_CONFIG)][-1]


def _loading_parquet(release: Release, folder: str) -> str:
    split = _shown_split(release)
    count = len(table_files(release.folder, DEFAULT_CONFIG).get(split, ()))
    file = _quoted(f"{folder}/{table_pattern(DEFAULT_CONFIG, split, count)}")
    return f'load_dataset("parquet", data_files={{{_quoted(split)}: {file}}}, split={_quoted(split)})'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def open_store(address: str) -> StoreTarget:
    """Return the target for the URL of a folder or an object store.

    Raises:
        InvalidTargetError: No installed driver knows such a URL.
        PublicationInterruptedError: The driver cannot open it now.
    """
    try:
        driver, root = open_url(address)
    except ValueError as error:
        raise InvalidTargetError(str(error)) from error
    except Exception as error:  # noqa: BLE001 - some drivers connect at once; their errors share no class
        message = (
            f"{without_credentials(address)} cannot be opened ({type(error).__name__}). "
            "Correct this, and publish again."
        )
        raise PublicationInterruptedError(message) from None
    return (FolderTarget if isinstance(driver, LocalFileSystem) else StoreTarget)(address, driver, root)
