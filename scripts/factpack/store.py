"""Publishes a release to a folder or an object store, whatever fsspec reaches by a URL: ``file://``, ``s3://`` …

``<url>/v1.0.0/`` holds the files of version 1.0.0, and every version has such a folder. ``SHA256SUMS`` makes the folder
a version and is written last; a folder without it is a publication that was broken off. Nothing else is kept: which
versions there are is what the folders say.

What is promised:

- A version is all there or not there. Before ``SHA256SUMS`` is written, every other file was read back and had the right
  sum, and every config was loaded from where it is.
- A published version is never changed. The same version with the same bytes is left as it is; with other bytes it is
  refused.
- Broken off anywhere, publishing again finishes the job.
- Two publishers of one version with different bytes cannot both win: the first to create ``.v1.0.0.publishing`` beside
  the folder decides which bytes the version has. It holds the sums, and goes when the version is complete.

How far the last holds depends on the store. In a local folder the version is made in a hidden folder and appears by one
rename, which fails if another was first, so that it needs no such file. On S3 the store itself refuses to create an
object twice (``If-None-Match``). Where the driver of fsspec can only look and then write, two who begin in the same
instant can both go on, and what one of them has written the other can overwrite before the sums are read back; so can
two on a server that speaks like S3 and ignores ``If-None-Match``.

Credentials come from where the driver looks for them (such as ``~/.aws`` or ``AWS_PROFILE``), and retries are the
driver's: s3fs tries five times with growing pauses, and AWS_MAX_ATTEMPTS sets the number for answers like 503.
"""

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import fsspec
import pyarrow.parquet as pq
from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars, load_dataset
from fsspec.implementations.local import LocalFileSystem
from semver import Version

from factpack.columns import CONFIGS, DEFAULT_CONFIG, SPLIT, Config, features, table_path
from factpack.publish import BrokenOffError, Plan, RefusedError, Release, compare, listed
from factpack.verify import SUMS, BrokenReleaseError, sha256, verify


def plan(target: str, release: Release) -> Plan:
    """What publishing a release to the URL ``target`` would do; nothing is changed.

    Raises RefusedError if it is not allowed, and BrokenOffError if the store cannot be read.
    """
    return _plan(_open(target), release)


def publish(target: str, release: Release, on_step: Callable[[str], object]) -> Plan:
    """Publishes a release to the URL ``target``, and returns the plan that was carried out.

    ``on_step`` is called with some words before each step. Raises RefusedError if it is not allowed, and
    BrokenOffError if it did not come to its end.
    """
    place = _open(target)
    on_step("looking at what is there")
    made = _plan(place, release)
    if made.state == "new":
        (_move_in if place.folder else _write)(place, release, on_step)
    _clear(place, release)
    return made


def loading(target: str, release: Release) -> str:
    """The line of Python that loads the default config of a published release."""
    place = _open(target)
    config = next(config for config in CONFIGS if config.name == DEFAULT_CONFIG)
    if place.folder:
        return f'load_dataset("{place.folder / release.tag}", split="{SPLIT}")'
    return f'load_dataset("parquet", data_files={{"{SPLIT}": "{place.shown}/{_table(release, config)}"}}, split="{SPLIT}")'


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to publish: a driver of fsspec and the path that it knows the target by.

    ``url`` may hold credentials, ``shown`` does not. ``folder`` is the local folder, None if it is none.
    """

    url: str = field(repr=False)
    shown: str
    driver: fsspec.AbstractFileSystem = field(repr=False)
    root: str
    folder: Path | None

    @contextmanager
    def told(self) -> Iterator[None]:
        """Says in plain words, and without credentials, that the driver failed."""
        try:
            yield
        except Exception as error:
            # The drivers have no common class of errors: what they raise is that the store cannot be reached or used.
            message = f"{self.shown}: {self.without_credentials(str(error)) or 'no answer'} ({type(error).__name__})"
            raise BrokenOffError(f"{message}. When that is put right, publish again.") from None

    def without_credentials(self, text: str) -> str:
        """Text of the driver, in which the URL may stand."""
        parts = urlsplit(self.url)
        text = text.replace(self.url, self.shown)
        for secret in (parts.password, parts.username, parts.query):
            for form in {secret, unquote(secret)} if secret else ():
                text = text.replace(form, "…")
        return text

    def read(self, path: str) -> bytes | None:
        """A small file; None if it is not there."""
        with self.told(), suppress(FileNotFoundError):
            return bytes(self.driver.cat_file(f"{self.root}/{path}"))
        return None

    def create(self, path: str, data: bytes) -> bool:
        """Makes a small file that is not there yet; whether it holds these bytes now, by whomever."""
        with self.told():
            self._make_folder(path)
            with suppress(FileExistsError):
                self.driver.pipe_file(f"{self.root}/{path}", data, mode="create")
        return self.read(path) == data

    def send(self, file: Path, path: str, *, over: bool) -> None:
        """Copies a file into the store; one that is there already is left as it is, unless ``over``."""
        with self.told(), suppress(FileExistsError):
            self._make_folder(path)
            self.driver.put_file(str(file), f"{self.root}/{path}", mode="overwrite" if over else "create")

    def fetch(self, path: str, file: Path) -> None:
        """Copies a file out of the store."""
        with self.told():
            self.driver.get_file(f"{self.root}/{path}", str(file))

    def names(self) -> list[str]:
        """What lies at the target itself."""
        with self.told(), suppress(FileNotFoundError):
            return [PurePosixPath(path).name for path in self.driver.ls(self.root, detail=False)]
        return []

    def sizes(self, path: str) -> dict[str, int]:
        """The files below a path, relative to it, with their sizes in bytes."""
        prefix = f"{self.root}/{path}/"
        with self.told(), suppress(FileNotFoundError):
            found = self.driver.find(prefix, detail=True)
            return {name.removeprefix(prefix): info["size"] for name, info in found.items() if name != prefix}
        return {}

    def _make_folder(self, path: str) -> None:
        if not self.driver.async_impl:  # object stores are those with asynchronous drivers, and have no folders
            self.driver.makedirs(f"{self.root}/{path}".rpartition("/")[0], exist_ok=True)


def _open(target: str) -> _Place:
    parts = urlsplit(target)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    if "::" in target or not parts.scheme:
        message = f"{shown} is no address of one folder, such as file:///data/sets or s3://bucket/sets."
        raise RefusedError(message)
    try:
        # Without its caches the driver would look at what the store was, or at another thread's connection.
        driver, root = fsspec.url_to_fs(target, use_listings_cache=False, skip_instance_cache=True)
    except ImportError as error:
        hint = "pip install 'factpack[s3]'" if parts.scheme in {"s3", "s3a"} else str(error)
        message = f"{parts.scheme}:// needs a package that is not installed: {hint}"
        raise RefusedError(message) from error
    except ValueError as error:
        message = f"{shown}: fsspec knows no {parts.scheme}://"
        raise RefusedError(message) from error
    except Exception as error:  # noqa: BLE001 - some drivers connect at once, and they have no common class of errors
        message = f"{shown} cannot be opened ({type(error).__name__}). When that is put right, publish again."
        raise BrokenOffError(message) from None
    root = root.rstrip("/")
    return _Place(target.rstrip("/"), shown, driver, root, Path(root) if isinstance(driver, LocalFileSystem) else None)


def _plan(place: _Place, release: Release) -> Plan:
    found, complete = _look(place, release)
    if complete:
        latest = next(_versions(place), None)
        return Plan(place.shown, release, "published", (), (), (), 0, latest, "")
    sizes = {name: (release.folder / name).stat().st_size for name in release.sums}
    missing = tuple(name for name in sizes if found.get(name) != sizes[name])
    latest, difference = next(_versions(place), None), ""
    if latest:
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
            _fetch_version(place, latest, Path(scratch))
            difference = compare(release, latest, Path(scratch))
    return Plan(place.shown, release, "new", missing, (), (), sum(sizes[name] for name in missing), latest, difference)


def _look(place: _Place, release: Release) -> tuple[dict[str, int], bool]:
    """The files of the version that are there, with their sizes, and whether it is published.

    Raises RefusedError if it may not be, or not any more.
    """
    tag, own = release.tag, (release.folder / SUMS).read_bytes()
    sums, found = place.read(f"{tag}/{SUMS}"), place.sizes(tag)
    if sums is not None and sums != own:
        message = (
            f"{release.version} is published at {place.shown} with other bytes, and stays as it is. Give the dataset a "
            "higher version, and build it again."
        )
        raise RefusedError(message)
    sizes = {name: (release.folder / name).stat().st_size for name in release.sums}
    if sums is not None:
        if found != sizes:
            damaged = sorted(name for name, _ in found.items() ^ sizes.items())
            message = f"{release.version} was published at {place.shown}, and was changed there since: {damaged[0]}"
            raise RefusedError(f"{message}. {_how_to_remove(place, release)}")
        return found, True
    strange = sorted(found if place.folder else found.keys() - release.sums.keys())
    if strange:
        message = f"{place.shown}/{tag} holds {strange[0]}, which no publication has left there"
        raise RefusedError(f"{message}. {_how_to_remove(place, release)}")
    if place.read(_claim(release)) not in {None, own}:
        message = f"at {place.shown}, a publication of {release.version} with other bytes is under way or was broken off"
        raise RefusedError(f"{message}. If nobody is at it: {_how_to_remove(place, release)}")
    return found, False


def _how_to_remove(place: _Place, release: Release) -> str:
    """The next step where something has to go that a program must not decide on."""
    paths = [f"{place.root}/{release.tag}", *([] if place.folder else [f"{place.root}/{_claim(release)}"])]
    return f"Look at {' and '.join(paths)}, remove what is there, and publish again."


def _claim(release: Release) -> str:
    return f".{release.tag}.publishing"


def _versions(place: _Place) -> Iterator[Version]:
    """The published versions, highest first."""
    names = [name[1:] for name in place.names() if name.startswith("v") and Version.is_valid(name[1:])]
    for version in sorted(map(Version.parse, names), reverse=True):
        if place.read(f"v{version}/{SUMS}") is not None:
            yield version


def _fetch_version(place: _Place, version: Version, folder: Path) -> None:
    """A published version into a local folder, with sums compared."""
    sums = place.read(f"v{version}/{SUMS}") or b""
    (folder / SUMS).write_bytes(sums)
    for name, digest in listed(sums.decode(errors="replace")).items():
        path = folder / name
        if folder not in path.resolve().parents:  # the list is what somebody has written
            message = f"{place.shown}/v{version}/{SUMS} lists {name!r}, which is no path in that folder"
            raise BrokenOffError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        place.fetch(f"v{version}/{name}", path)
        if sha256(path) != digest:
            message = f"{place.shown}/v{version}/{name} is not what {SUMS} says there"
            raise BrokenOffError(message)


def _write(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Publishes to a store in which only single files can be made in one step."""
    tag, own = release.tag, (release.folder / SUMS).read_bytes()
    tables = [config for config in CONFIGS if table_path(config.name) in release.sums]
    on_step("claiming the version")
    if not place.create(_claim(release), own):
        _look(place, release)  # says whose it is
    try:
        # Another may have come to its end between the look and the claim.
        found, complete = _look(place, release)
    except RefusedError:
        _clear(place, release)
        raise
    if complete:
        return
    names = sorted(release.sums.keys() - {SUMS})
    for name in names:
        if name not in found:
            on_step(f"writing {name}")
            place.send(release.folder / name, f"{tag}/{name}", over=False)
    on_step("reading back")
    wrong = _wrong(place, release, names)
    if wrong:  # left half-written by a publication that was broken off
        _look(place, release)
        for name in wrong:
            on_step(f"writing {name}")
            place.send(release.folder / name, f"{tag}/{name}", over=True)
        wrong = _wrong(place, release, wrong)
        if wrong:
            message = f"{place.shown}/{tag}/{wrong[0]} comes back with another sum than it was sent with. Publish again."
            raise BrokenOffError(message)
    for config in tables:
        on_step(f"loading {config.name}")
        _load(place, release, config)
    on_step(f"writing {SUMS}")
    if not place.create(f"{tag}/{SUMS}", own):
        _look(place, release)


def _wrong(place: _Place, release: Release, names: Collection[str]) -> list[str]:
    """The files that do not come back as they are in the release."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
        copy = Path(scratch) / "copy"
        for name in names:
            place.fetch(f"{release.tag}/{name}", copy)
            if sha256(copy) != release.sums[name]:
                wrong.append(name)
    return wrong


def _table(release: Release, config: Config) -> str:
    return f"{release.tag}/{table_path(config.name)}"


def _load(place: _Place, release: Release, config: Config) -> None:
    """Loads a config from the store, and compares it with the release."""
    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        with tempfile.TemporaryDirectory(prefix="factpack-") as cache, place.told():
            files = {SPLIT: f"{place.url}/{_table(release, config)}"}
            loaded = load_dataset("parquet", data_files=files, split=SPLIT, cache_dir=cache)
            stored = pq.read_table(release.folder / table_path(config.name))
            same = loaded.data.table.equals(stored.cast(loaded.data.table.schema))
            same = same and loaded.features == features(config.columns)
    finally:
        if shown:
            enable_progress_bars()
    if not same:
        message = f"{place.shown}/{_table(release, config)} loads with other rows or features than the release has"
        raise BrokenOffError(message)


def _move_in(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Publishes to a local folder: made beside its place, read back and loaded there, and renamed."""
    assert place.folder
    target = place.folder / release.tag
    with place.told():
        place.folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{release.tag}.", dir=place.folder))
    try:
        for name in sorted(release.sums):
            on_step(f"writing {name}")
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(release.folder / name, scratch / name)
        on_step("reading back and loading")
        verify(scratch)
        on_step("moving it into place")
        scratch.chmod(0o755)  # a temporary folder is private
        scratch.rename(target)
    except (OSError, BrokenReleaseError):
        if not _look(place, release)[1]:  # nobody else was first
            with place.told():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear(place: _Place, release: Release) -> None:
    """Removes what this and earlier publications of a version needed beside it, now that it is published.

    It does no harm where it stays: the next publication of this version removes it.
    """
    if place.folder:
        for left in place.folder.glob(f".{release.tag}.*"):
            shutil.rmtree(left, ignore_errors=True)
    else:
        with suppress(BrokenOffError, FileNotFoundError), place.told():
            place.driver.rm_file(f"{place.root}/{_claim(release)}")
