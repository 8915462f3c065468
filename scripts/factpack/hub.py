"""Publishes a release to a Hugging Face hub: one commit, one tag on it, and both read back.

The hub is the one that ``HF_ENDPOINT`` names. A publication looks at what is there and does what is missing: the
repository, the commit, the tag. So there is one way to begin, to try again after a fault, and to finish what was broken
off. The commit is guarded by ``parent_commit``, and a tag is only ever made, never moved.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn, TypeVar

import datasets
import httpx2
import huggingface_hub
import pyarrow.parquet as pq
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    RepoFile,
    get_session,
    get_token,
)
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError
from semver import Version
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from factpack import __version__
from factpack.columns import SPLIT
from factpack.fetch import quiet
from factpack.folder import MANIFEST, SUMS, listed_sums, read_manifest, sha256
from factpack.publish import BrokenOffError, MisuseError, Plan, RefusedError, Release, State, compare

T = TypeVar("T")

KIND, MAIN = "dataset", "main"
ANSWER_WITHIN = 300  # seconds; huggingface_hub itself waits for ever
LONGEST_PAUSE = 300  # seconds; the time over which the Hub counts requests
LOOKS = 4  # before the repository, the commit and the tag, and after the tag

#: Sent in place of the repository's own .gitignore, which could keep files of the release out of the commit.
NOTHING_IGNORED = "# every file of a release belongs to it\n"

#: The connection, or an answer that is not the Hub's, such as the page of a proxy.
_BROKEN = (httpx2.TransportError, json.JSONDecodeError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that led to it, because the libraries wrap what the network raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _answer(error: BaseException | None) -> httpx2.Response | None:
    """What the hub answered, if its answer is what went wrong."""
    return next((e.response for e in _chain(error) if isinstance(e, HfHubHTTPError)), None)


def _passes(error: BaseException) -> bool:
    """Whether it may go well the next time: too many requests, a fault of the hub or the network, or a conflict.

    After a conflict, the next look shows whether somebody else was faster.
    """
    answer = _answer(error)
    if answer is not None:
        return answer.status_code in (408, 409, 412, 429) or answer.is_server_error
    return any(isinstance(e, _BROKEN) for e in _chain(error))


def _pause(state: RetryCallState) -> float:
    """Seconds before the next try: longer each time, and as long as the hub asks for."""
    answer = _answer(state.outcome.exception()) if state.outcome else None
    asked = answer.headers.get("Retry-After", "") if answer is not None else ""
    return max(wait_exponential(max=16)(state), int(asked) if asked.isdigit() else 0)


def _enough(state: RetryCallState) -> bool:
    """Whether to give up: after a minute, or when the hub asks for too much."""
    return stop_after_delay(60)(state) or state.upcoming_sleep > LONGEST_PAUSE


#: How long to go on trying. huggingface_hub tries some requests again by itself, five times within 23 seconds; this is
#: for the others, and for what it gives up on.
PATIENCE = Retrying(retry=retry_if_exception(_passes), wait=_pause, stop=_enough, reraise=True)


def plan(target: str, release: Release) -> Plan:
    """What publishing the release to the repository ``target`` (``owner/name``) would do. Changes nothing.

    Raises MisuseError, RefusedError and BrokenOffError.
    """
    with _publication(target, release, lambda _: None, PATIENCE) as publication:
        return publication.retrying(publication.look).plan


def publish(target: str, release: Release, on_step: Callable[[str], object], patience: Retrying = PATIENCE) -> Plan:
    """Publishes the release to the repository ``target`` (``owner/name``), which is made if it is not there.

    Returns the plan that was carried out. ``on_step`` is told every step before it.

    Raises MisuseError; RefusedError if it is not allowed, and nothing was changed; BrokenOffError if it did not come to
    its end.
    """
    with _publication(target, release, on_step, patience) as publication:
        if publication.token is None:
            message = f"Nobody is logged in. {_log_in(target)}"
            raise RefusedError(message)
        publication.read_back(publication.retrying(publication.bring_about))
        assert publication.plan
        return publication.plan


def loading(target: str, release: Release) -> str:
    """The Python that loads what was published."""
    return f'load_dataset("{target}", revision="{release.tag}")'


def _log_in(target: str) -> str:
    return f"Log in with `hf auth login`, or set HF_TOKEN: a token that may write to {target}."


@dataclass(frozen=True, slots=True)
class _Found:
    """What is in the repository now, and what is left to do.

    ``head`` is the commit that main is at, empty if there is no repository. ``tagged`` is the commit that has the tag
    of this version, empty if there is none.
    """

    plan: Plan
    head: str = ""
    tagged: str = ""


@contextmanager
def _publication(
    target: str, release: Release, on_step: Callable[[str], object], patience: Retrying
) -> Iterator["_Publication"]:
    """A publication. Whatever ends it early becomes an error that says where it was, why, and what to do."""
    if target.count("/") != 1:
        message = f"{target} is no name of a repository; one is owner/{release.name}, and a folder is file:///FOLDER"
        raise MisuseError(message)
    with quiet(), tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
        publication = _Publication(target, release, Path(scratch), on_step, patience)
        try:
            publication.token = get_token()
            yield publication
        except (RefusedError, BrokenOffError):
            raise
        except HFValidationError as error:
            raise MisuseError(str(error)) from error
        except Exception as error:  # noqa: BLE001 - three libraries and a network are below; none lists what it raises
            publication.break_off(error)


@dataclass
class _Publication:
    """One release on its way to one repository. ``plan`` is the first one, ``step`` what it is at.

    ``token`` is only looked for in what is said; huggingface_hub sends it.
    """

    target: str
    release: Release
    scratch: Path
    on_step: Callable[[str], object]
    patience: Retrying
    api: HfApi = field(default_factory=lambda: HfApi(library_name="factpack", library_version=__version__))
    token: str | None = field(default=None, repr=False)
    plan: Plan | None = None
    step: str = "looking for the token"
    parent: str = ""
    trees: dict[str, dict[str, RepoFile]] = field(default_factory=dict)  # by commit, which never changes
    published: dict[str, tuple[set[str], str]] = field(default_factory=dict)  # by commit: its files, what changed since

    def begin(self, step: str) -> None:
        """Tells that a step begins."""
        self.step = step
        self.on_step(step)
        get_session().timeout = ANSWER_WITHIN

    def retrying(self, function: Callable[..., T], *args: object) -> T:
        """Calls a function, and calls it again while what goes wrong may pass."""

        def waiting(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self.on_step(f"{self.step}: {self.reason(error)}; again in {state.upcoming_sleep:.0f} s")

        return self.patience.copy(before_sleep=waiting)(function, *args)

    def bring_about(self) -> str:
        """Does what is missing until the version is published, and returns its commit.

        Every turn begins with a look, so that a step whose answer was lost is not done twice.
        """
        for _ in range(LOOKS):
            found = self.look()
            self.plan = self.plan or found.plan
            match found.plan.state:
                case "published":
                    return found.tagged
                case "untagged":
                    self.tag(found)
                case "new" if not found.head:
                    self.begin("making the repository")
                    self.api.create_repo(self.target, repo_type=KIND)
                case "new":
                    self.commit(found)
        message = f"{self.target} does not show what was written to it. Publish again, which goes on from there."
        raise BrokenOffError(message)

    def look(self) -> _Found:
        """What is in the repository now, and what is left to do. Raises RefusedError if it may not be done."""
        self.begin("looking at the repository")
        try:
            refs = self.api.list_repo_refs(self.target, repo_type=KIND)
        except RepositoryNotFoundError as error:
            if error.response.status_code != 404:  # noqa: PLR2004 - a 401 means the token, and has the same class
                raise
            return _Found(self.planned("new", {}, set(self.release.sums), set()))
        head = next((branch.target_commit for branch in refs.branches if branch.name == MAIN), "")
        if not head:
            message = f"{self.target} has no branch main. Make one there, or publish to another repository."
            raise RefusedError(message)
        tags = {tag.name for tag in refs.tags}
        if self.release.tag in tags:
            return self.tagged(head)
        versions = [Version.parse(name[1:]) for name in tags if name[:1] == "v" and Version.is_valid(name[1:])]
        return self.untagged(head, max(versions, default=None))

    def tagged(self, head: str) -> _Found:
        """Where the version has its tag: the files are the same, or this is refused."""
        commit = self.commit_of(self.release.tag)
        files = self.tree(commit)
        if differing := self.differing(files):
            message = (
                f"{self.release.tag} is published on {self.target} with other bytes: {_names(differing)}. "
                "What is published stays as it is; give the dataset a higher version, and build it again."
            )
            raise RefusedError(message)
        return _Found(self.planned("published", files, set(), set()), head, commit)

    def untagged(self, head: str, latest: Version | None) -> _Found:
        """Where the version has no tag. ``latest`` is the highest version that has one."""
        files = self.tree(head)
        ours, difference = dict[str, RepoFile](), ""
        if latest is not None:
            commit = self.commit_of(f"v{latest}")
            names, difference = self.since(latest, commit)
            ours = {name: file for name, file in self.tree(commit).items() if name in names}
        wanted, gone = self.differing(files), (ours.keys() - self.release.sums.keys()) & files.keys()
        there, known = ({name: file.blob_id for name, file in tree.items()} for tree in (files, ours))
        if foreign := {name for name in wanted | gone if there.get(name) != known.get(name)}:
            raise RefusedError(self.foreign(foreign, foreign & known.keys(), head, latest))
        plan = self.planned("new" if wanted or gone else "untagged", files, wanted, gone)
        return _Found(replace(plan, latest=latest, difference=difference), head)

    def planned(self, state: State, files: dict[str, RepoFile], wanted: set[str], gone: set[str]) -> Plan:
        """The plan for what is ``wanted`` and ``gone`` of the ``files`` that are there."""
        size = sum((self.release.folder / name).stat().st_size for name in wanted)
        added, changed = (tuple(sorted(names)) for names in (wanted - files.keys(), wanted & files.keys()))
        target = f"{self.api.endpoint}/datasets/{self.target}"
        return Plan(target, self.release, state, added, changed, tuple(sorted(gone)), size)

    def foreign(self, names: set[str], changed: set[str], head: str, latest: Version | None) -> str:
        """Why files are not overwritten that no release put there, or that were ``changed`` since the latest one."""
        if {MANIFEST, SUMS} <= names:
            return (
                f"main of {self.target}, at {head[:8]}, is another release, which has no tag. "
                "Publish that one again, which finishes it, or put main back to what it was before it; then this one."
            )
        if changed:
            return (
                f"Since v{latest} somebody changed on main of {self.target}: {_names(changed)}. "
                "Nothing was overwritten. Take the change over into your sources, or revert it there; "
                "then publish again."
            )
        return (
            f"{self.target} has files already that this release would overwrite: {_names(names)}. "
            "Delete them there if nobody needs them, or publish to another repository."
        )

    def differing(self, files: dict[str, RepoFile]) -> set[str]:
        """The files of the release that are not there, or not with the same bytes."""
        return {name for name in self.release.sums if not self.same(name, files.get(name))}

    def same(self, name: str, file: RepoFile | None) -> bool:
        """Whether a file of the release has the bytes of one in a tree, which gives its sum."""
        if file is None:
            return False
        if file.lfs is not None:
            return bool(file.lfs.sha256 == self.release.sums[name])
        path = self.release.folder / name
        return file.size == path.stat().st_size and file.blob_id == _blob_id(path)

    def tree(self, commit: str) -> dict[str, RepoFile]:
        """The files of a commit by their paths."""
        if commit not in self.trees:
            entries = self.api.list_repo_tree(self.target, recursive=True, revision=commit, repo_type=KIND)
            self.trees[commit] = {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}
        return self.trees[commit]

    def commit_of(self, tag: str) -> str:
        """The commit that a tag is on; for an annotated one, the list of refs may give the tag itself."""
        return str(self.api.dataset_info(self.target, revision=tag, timeout=ANSWER_WITHIN).sha)

    def since(self, latest: Version, commit: str) -> tuple[set[str], str]:
        """The files of the latest version, which is at ``commit``, and what the release changes, in words."""
        if commit not in self.published:
            tag = f"v{latest}"
            if not {SUMS, MANIFEST} <= self.tree(commit).keys():
                message = f"{tag} of {self.target} is not a release of factpack's. Publish to another repository."
                raise RefusedError(message)
            self.begin(f"downloading {tag}, to compare")
            names = {SUMS, *listed_sums(self.download(commit, {SUMS}))}
            folder = self.download(commit, names)
            self.published[commit] = names, compare(self.release, latest, folder)
        return self.published[commit]

    def commit(self, found: _Found) -> None:
        """Makes the one commit, on the commit that was looked at."""
        if self.parent not in ("", found.head):
            message = (
                f"Somebody else committed to main of {self.target} in the meantime ({found.head[:8]}). "
                "Nothing was overwritten. Look at what changed, and publish again."
            )
            raise RefusedError(message)
        self.parent = found.head
        files = [*found.plan.added, *found.plan.changed]
        self.begin(f"sending {len(files)} files")
        additions = [CommitOperationAdd(name, self.release.folder / name) for name in files]
        self.api.preupload_lfs_files(
            self.target,
            additions,
            repo_type=KIND,
            revision=MAIN,
            gitignore_content=NOTHING_IGNORED,
            free_memory=False,
        )
        self.begin("committing them")
        self.api.create_commit(
            self.target,
            [*additions, *(CommitOperationDelete(name, is_folder=False) for name in found.plan.deleted)],
            commit_message=f"{self.release.name} {self.release.version}",
            repo_type=KIND,
            revision=MAIN,
            parent_commit=found.head,
        )

    def tag(self, found: _Found) -> None:
        """Makes the tag, on the commit whose files were looked at."""
        self.begin(f"tagging {found.head[:8]} as {self.release.tag}")
        message = f"{self.release.name} {self.release.version}"
        self.api.create_tag(self.target, tag=self.release.tag, tag_message=message, revision=found.head, repo_type=KIND)

    def download(self, revision: str, names: Collection[str]) -> Path:
        """Some files of a revision, in a folder that is named like its commit.

        Each time in a new cache: where snapshot_download cannot list the files, it returns what an earlier try left.
        """
        cache = tempfile.mkdtemp(dir=self.scratch)
        found = self.api.snapshot_download(
            self.target, repo_type=KIND, revision=revision, cache_dir=cache, allow_patterns=sorted(names)
        )
        return Path(found)

    def read_back(self, commit: str) -> None:
        """Downloads the tag, compares every sum, and loads every config, all with fresh caches."""
        self.begin(f"reading {self.release.tag} back")
        folder = self.retrying(self.download, self.release.tag, self.release.sums.keys())
        wrong = {n for n, s in self.release.sums.items() if not (folder / n).is_file() or sha256(folder / n) != s}
        if wrong or folder.name != commit:
            message = (
                f"{self.release.tag} of {self.target} does not give back what was published: "
                f"{_names(wrong) or folder.name}. Look at {self.api.endpoint}/datasets/{self.target}."
            )
            raise BrokenOffError(message)
        with _cached(folder.parents[2]):
            for config, table in read_manifest(self.release.folder).tables.items():
                self.begin(f"loading {config}")
                loaded = self.retrying(self.load, config)
                stored = pq.read_table(self.release.folder / table.path)
                same = loaded.features == datasets.Features.from_arrow_schema(stored.schema)
                if not same or not loaded.data.table.equals(stored.cast(loaded.data.table.schema)):
                    message = f"load_dataset gives other rows of {config} than {self.release.folder / table.path} has"
                    raise BrokenOffError(message)

    def load(self, config: str) -> datasets.Dataset:
        """A config, loaded the way that users load it.

        Each time with a new cache: where the hub fails, load_dataset looks there for what it loaded before.
        """
        cache = tempfile.mkdtemp(dir=self.scratch)
        return datasets.load_dataset(self.target, config, revision=self.release.tag, split=SPLIT, cache_dir=cache)

    def reason(self, error: BaseException | None) -> str:
        """What went wrong, in a few words, without the token, whatever the hub answered."""
        answer = _answer(error)
        if answer is not None:
            said = next((e.server_message for e in _chain(error) if isinstance(e, HfHubHTTPError)), None) or ""
            text = f"the hub answers {answer.status_code} {said}".rstrip(". ")
        else:
            broken = next((e for e in _chain(error) if isinstance(e, _BROKEN)), error)
            text = f"{type(broken).__name__}: {broken}".rstrip(". ")
            if isinstance(broken, json.JSONDecodeError):
                text = "what answers is not a hub, or its answer was cut short"
        return text.replace(self.token, "<token>") if self.token else text

    def break_off(self, error: Exception) -> NoReturn:
        """Says where it was, why it went wrong, and what to do."""
        answer = _answer(error)
        step = ""
        if answer is not None and answer.status_code == 401:  # noqa: PLR2004
            step = f"It does not know the token. {_log_in(self.target)} "
        elif answer is not None and answer.status_code == 403:  # noqa: PLR2004
            step = f"The token may not do that. {_log_in(self.target)} "
        shown = f"{self.target} shows the old version or the new one, whole. Publish again, which goes on from there."
        if self.plan is None:
            shown = "Nothing was changed. Publish again when that is put right."
        message = f"Broken off while {self.step}: {self.reason(error)}.\n{step}{shown}"
        raise BrokenOffError(message) from error


@contextmanager
def _cached(folder: Path) -> Iterator[None]:
    """What load_dataset downloads comes from a cache in ``folder``, or into it.

    datasets does not let a caller choose that folder (5.2), so the default of huggingface_hub is changed for a while.
    """
    usual, shown = huggingface_hub.constants.HF_HUB_CACHE, not datasets.are_progress_bars_disabled()
    huggingface_hub.constants.HF_HUB_CACHE = str(folder)
    HfFileSystem.clear_instance_cache()  # it remembers what was missing before
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        huggingface_hub.constants.HF_HUB_CACHE = usual
        if shown:
            datasets.enable_progress_bars()


def _blob_id(path: Path) -> str:
    """The name that git gives to the content of a file."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def _names(names: set[str]) -> str:
    """Some names, and how many more there are."""
    shown = sorted(names)[:5]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
