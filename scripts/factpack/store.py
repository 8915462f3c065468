"""Publishes a release to a folder or an object store, to whatever fsspec reaches by a URL such as ``s3://bucket/sets``.

``<url>/v1.0.0/`` holds the files of version 1.0.0, and every version has such a folder. ``SHA256SUMS`` makes the folder
a version and is written last; a folder without it is a publication that was broken off. Nothing else is kept: which
versions there are is what the folders say.

What is promised:

- A version is all there or not there. Before it is, every file was read back and had the right sum, and every config
  was loaded from the store.
- A published version is never changed. The same version with the same bytes is left as it is; with other bytes it is
  refused.
- Broken off anywhere, publishing again finishes the job.
- Of two publishers of one version with different bytes one wins, and the other is refused: whoever is first to create
  ``.v1.0.0.publishing`` beside the folder decides which bytes the version has. That file holds the sums, and goes when
  the version is complete.

How far the last one holds depends on the store. In a local folder a version is made in a hidden folder and comes to its
place by one rename, which fails if another was first; so it needs no such file. S3 itself refuses to create an object
twice (``If-None-Match``), and s3fs asks it to. Where the driver can only look and then write, or the server ignores
``If-None-Match``, there is no promise for two who begin in the same instant.

Credentials come from where the driver looks for them, such as ``~/.aws`` or ``AWS_PROFILE``. Retries are the driver's:
s3fs tries again five times, with growing pauses, where the network fails, and botocore where the server is busy
(``AWS_MAX_ATTEMPTS``).
"""

import json
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

from factpack.card import DEFAULT_CONFIG
from factpack.columns import CONFIGS, SPLIT, features, table_path
from factpack.folder import SUMS, BrokenReleaseError, NotAReleaseError, listed, sha256
from factpack.publish import BrokenOffError, MisuseError, Plan, RefusedError, Release, compare
from factpack.verify import verify


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
    if made.state == "published":
        _read_back(place, release, on_step)
    elif place.folder:
        _move_in(place, release, on_step)
    else:
        _write(place, release, on_step)
    _clear(place, release)
    return made


def loading(target: str, release: Release) -> str:
    """The line of Python that loads the default config of a published release."""
    place = _open(target)
    if place.folder:
        return f"load_dataset({_quoted(f'{place.folder}/{release.tag}')}, split={_quoted(SPLIT)})"
    file = _quoted(f"{place.shown}/{release.tag}/{table_path(DEFAULT_CONFIG)}")
    return f'load_dataset("parquet", data_files={{{_quoted(SPLIT)}: {file}}}, split={_quoted(SPLIT)})'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
        """Says in plain words that the driver failed."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - every driver has errors of its own, and they share no class
            raise self.failure(error) from None

    def failure(self, error: Exception) -> BrokenOffError:
        """What the driver said, without the credentials that may stand in the URL."""
        text = str(error).replace(self.url, self.shown) or "no reason given"
        parts = urlsplit(self.url)
        for secret in (parts.netloc.rpartition("@")[0], parts.password, parts.query):
            for form in {secret, unquote(secret)} if secret else ():
                text = text.replace(form, "…")
        return BrokenOffError(f"{self.shown}: {text} ({type(error).__name__}).\nWhen that is put right, publish again.")

    def read(self, path: str) -> bytes | None:
        """A small file; None if it is not there."""
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
            copy = Path(scratch) / "copy"
            with self.told(), suppress(FileNotFoundError):
                self.driver.get_file(f"{self.root}/{path}", str(copy))
                return copy.read_bytes()
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
            self.driver.invalidate_cache()
            return [PurePosixPath(path).name for path in self.driver.ls(self.root, detail=False)]
        return []

    def sizes(self, path: str) -> dict[str, int]:
        """The files below a path, relative to it, with their sizes in bytes."""
        prefix = f"{self.root}/{path}/"
        with self.told(), suppress(FileNotFoundError):
            self.driver.invalidate_cache()
            found = self.driver.find(prefix, detail=True)
            # A driver can give the folder itself, if it comes to be meanwhile.
            return {name.removeprefix(prefix): info["size"] for name, info in found.items() if info["type"] == "file"}
        return {}

    def _make_folder(self, path: str) -> None:
        if not self.driver.async_impl:  # object stores are those with asynchronous drivers, and have no folders
            self.driver.makedirs(f"{self.root}/{path}".rpartition("/")[0], exist_ok=True)


def _open(target: str) -> _Place:
    parts = urlsplit(target)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    if "::" in target or not parts.scheme:
        message = f"{shown} is no URL of a folder, such as file:///data/sets or s3://bucket/sets"
        raise MisuseError(message)
    try:
        driver, root = fsspec.url_to_fs(target)
    except ImportError as error:
        hint = "pip install 'factpack[s3]'" if parts.scheme in {"s3", "s3a"} else str(error)
        message = f"{parts.scheme}:// needs a package that is not installed: {hint}"
        raise MisuseError(message) from error
    except ValueError as error:
        message = f"fsspec knows no {parts.scheme}://, which {shown} begins with"
        raise MisuseError(message) from error
    except Exception as error:  # noqa: BLE001 - some drivers connect at once; their errors share no class
        message = f"{shown} cannot be opened ({type(error).__name__}). When that is put right, publish again."
        raise BrokenOffError(message) from None
    root = root.rstrip("/")
    return _Place(target.rstrip("/"), shown, driver, root, Path(root) if isinstance(driver, LocalFileSystem) else None)


def _plan(place: _Place, release: Release) -> Plan:
    found, complete = _look(place, release)
    latest = next(_versions(place), None)
    if complete:
        return Plan(place.shown, release, "published", (), (), (), 0, latest)
    sizes = _sizes(release)
    missing = tuple(name for name in sizes if found.get(name) != sizes[name])
    difference = ""
    if latest:
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
            _fetch_version(place, latest, Path(scratch).resolve())
            difference = compare(release, latest, Path(scratch))
    return Plan(place.shown, release, "new", missing, (), (), sum(sizes[name] for name in missing), latest, difference)


def _look(place: _Place, release: Release) -> tuple[dict[str, int], bool]:
    """The files of the version that are there, with their sizes, and whether it is published.

    Raises RefusedError if it may not be published, or not any more.
    """
    own = (release.folder / SUMS).read_bytes()
    sums, found = place.read(f"{release.tag}/{SUMS}"), place.sizes(release.tag)
    if sums is None:
        strange = sorted(found if place.folder else found.keys() - release.sums.keys())
        if strange:
            why = f"{place.shown}/{release.tag} holds {strange[0]}, which belongs to no publication of this release."
            raise RefusedError(_remove(why, place, release))
        if place.read(_claim(release)) not in {None, own}:
            why = f"A publication of other bytes as {release.version} to {place.shown} is under way, or was broken off."
            raise RefusedError(_remove(why, place, release))
        return found, False
    if sums != own:
        message = (
            f"{release.version} is published at {place.shown} with other bytes. What is published stays as it is; give "
            "the dataset a higher version, and build it again."
        )
        raise RefusedError(message)
    changed = sorted(name for name, _ in found.items() ^ _sizes(release).items())
    if changed:
        why = f"{release.version} was published at {place.shown}, and {changed[0]} was changed there since."
        raise RefusedError(_remove(why, place, release))
    return found, True


def _remove(why: str, place: _Place, release: Release) -> str:
    """The next step where something has to go, which only a person can decide on."""
    paths = [release.tag, *([] if place.folder else [_claim(release)])]
    return f"{why} If nobody is at it, remove {' and '.join(f'{place.shown}/{path}' for path in paths)}; publish again."


def _sizes(release: Release) -> dict[str, int]:
    return {name: (release.folder / name).stat().st_size for name in release.sums}


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
    path = f"v{version}"
    sums = place.read(f"{path}/{SUMS}") or b""
    (folder / SUMS).write_bytes(sums)
    for name, digest in listed(sums).items():
        file, damage = folder / name, ""
        if folder in file.resolve().parents:  # the list is what somebody has written
            file.parent.mkdir(parents=True, exist_ok=True)
            place.fetch(f"{path}/{name}", file)
            damage = "" if sha256(file) == digest else f"{path}/{name} is not what {path}/{SUMS} says"
        else:
            damage = f"{path}/{SUMS} lists {name!r}, which leads out of the folder"
        if damage:
            message = f"{place.shown}/{damage}. Put {path} right, or remove it; then publish again."
            raise RefusedError(message)


def _write(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Publishes to a store in which only a single file can come to be in one step."""
    on_step("claiming the version")
    claimed = place.create(_claim(release), (release.folder / SUMS).read_bytes())
    try:
        found, complete = _look(place, release)  # another may have come to its end before the claim
        if not complete and not (claimed and _fill(place, release, found, on_step)):
            _look(place, release)
            message = f"{place.shown}: another publication of {release.version} came in between. Publish again."
            raise BrokenOffError(message)
    except RefusedError:
        if claimed:
            _clear(place, release)
        raise


def _fill(place: _Place, release: Release, found: Collection[str], on_step: Callable[[str], object]) -> bool:
    """Writes what is not found, and the sums last; whether they are now those of the release."""
    _send(place, release, found, on_step)
    _load(place, release, on_step)
    on_step(f"writing {SUMS}")
    return place.create(f"{release.tag}/{SUMS}", (release.folder / SUMS).read_bytes())


def _send(place: _Place, release: Release, found: Collection[str], on_step: Callable[[str], object]) -> None:
    """Writes the files that are not found, all but the sums, and reads all back."""
    names = sorted(release.sums.keys() - {SUMS})
    for name in names:
        if name not in found:
            on_step(f"writing {name}")
            place.send(release.folder / name, f"{release.tag}/{name}", over=False)
    on_step("reading back")
    wrong = _wrong(place, release, names)
    if wrong:  # half-written, by a publication that was broken off
        _look(place, release)
        for name in wrong:
            on_step(f"writing {name} again")
            place.send(release.folder / name, f"{release.tag}/{name}", over=True)
        wrong = _wrong(place, release, wrong)
    if wrong:
        message = f"{place.shown}/{release.tag}/{wrong[0]} comes back with other bytes than were sent. Publish again."
        raise BrokenOffError(message)


def _wrong(place: _Place, release: Release, names: Collection[str]) -> list[str]:
    """The files that do not come back as they are in the release."""
    with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
        copy = Path(scratch) / "copy"

        def sum_of(name: str) -> str:
            place.fetch(f"{release.tag}/{name}", copy)
            return sha256(copy)

        return [name for name in names if sum_of(name) != release.sums[name]]


def _load(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Loads every config from the store, and compares it with the release."""
    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        for config in [config for config in CONFIGS if table_path(config.name) in release.sums]:
            on_step(f"loading {config.name}")
            path = table_path(config.name)
            with tempfile.TemporaryDirectory(prefix="factpack-") as cache, place.told():
                files = {SPLIT: f"{place.url}/{release.tag}/{path}"}
                loaded = load_dataset("parquet", data_files=files, split=SPLIT, cache_dir=cache)
                stored = pq.read_table(release.folder / path).cast(loaded.data.table.schema)
                same = loaded.features == features(config.columns) and loaded.data.table.equals(stored)
            if not same:
                message = f"load_dataset gives other rows of {config.name} than {release.folder / path} has"
                raise BrokenOffError(message)
    finally:
        if shown:
            enable_progress_bars()


def _read_back(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Reads what is published already, and loads it."""
    on_step("reading back")
    wrong = _wrong(place, release, release.sums)
    if wrong:
        why = f"{release.version} was published at {place.shown}, and {wrong[0]} was changed there since."
        raise RefusedError(_remove(why, place, release))
    if place.folder:
        verify(place.folder / release.tag)
    else:
        _load(place, release, on_step)


def _move_in(place: _Place, release: Release, on_step: Callable[[str], object]) -> None:
    """Publishes to a local folder: made beside its place, read back and loaded there, and renamed."""
    assert place.folder
    with place.told():
        place.folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{release.tag}.", dir=place.folder))
    try:
        folder = scratch / release.tag
        for name in sorted(release.sums):
            on_step(f"writing {name}")
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(release.folder / name, folder / name)
        on_step("reading back and loading")
        verify(folder)
        on_step("moving it into place")
        folder.rename(place.folder / release.tag)
    except (OSError, BrokenReleaseError, NotAReleaseError) as error:
        _, complete = _look(place, release)  # another may have been first, and have cleared this away
        if not complete:
            raise place.failure(error) from None
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
        with suppress(BrokenOffError), place.told():
            place.driver.rm_file(f"{place.root}/{_claim(release)}")
