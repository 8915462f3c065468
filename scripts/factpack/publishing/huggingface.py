"""Publish to a Hugging Face hub, the one that ``HF_ENDPOINT`` names: one commit, and one tag on it.

The commit is guarded by ``parent_commit``, and a tag is only ever made, never moved. In a pull request the commit
waits for somebody to merge it, and the tag for the next publication.
"""

import tempfile
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import datasets
import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    RepoFile,
    get_session,
    get_token,
)
from huggingface_hub._commit_api import CommitOperation, _send_commit
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import hf_raise_for_status
from huggingface_hub.utils._runtime import is_xet_available
from huggingface_hub.utils._validators import validate_repo_id
from semver import Version

from factpack import __version__
from factpack.errors import InvalidTargetError, PublicationRefusedError
from factpack.project.checkout import ATTRIBUTES
from factpack.publishing.hub_errors import explain_hub_error, log_in
from factpack.publishing.proposals import audience_of, audience_of_new, find_proposal, other_proposal
from factpack.publishing.release import Release
from factpack.publishing.target import End, Found, Notice, Step, Target, TargetError, some
from factpack.release.layout import MANIFEST, SUMS, listed_digests
from factpack.release.opening.url import without_credentials
from factpack.release.verification.load import Loaded, loaded

KIND, MAIN = "dataset", "main"
CONNECTED_WITHIN = 10  # seconds
CONNECTED_AT_ONCE = 1.5  # seconds; the first time, so that somebody who is offline hears of it at once

#: Sent in place of the repository's own .gitignore, which could keep files of the release out of the commit.
NOTHING_IGNORED = "# every file of a release belongs to it\n"


class HubTarget(Target):
    """Publish to a repository on a hub.

    Args:
        repository: ``owner/name``.
        answer_within: Seconds to wait for an answer; huggingface_hub itself waits for ever.
        private: Whether a repository that does not exist is created as a private one.
        pull_request: Whether the commit is proposed by a pull request, and nothing is tagged.
    """

    drafts = False
    keeps = frozenset({ATTRIBUTES})  # it says what is large there

    def __init__(
        self, repository: str, answer_within: float = 300, *, private: bool = False, pull_request: bool = False
    ) -> None:
        self.name, self.answer_within, self.asked = repository, answer_within, False
        self.private, self.pull_request = private, pull_request
        self.hub = HfApi(library_name="factpack", library_version=__version__)
        self.shown = f"{without_credentials(self.hub.endpoint)}/datasets/{repository}"
        self.usual = get_session().timeout
        self.token: str | None = None  # only looked for in what is printed; huggingface_hub sends it
        self.parent = self.shows = ""  # the commits that ours is made on, and that shows the release
        self.proposed: dict[str, str] = {}  # the revision of the pull request that proposes a version, by its tag
        self.trees: dict[str, dict[str, RepoFile]] = {}  # by commit, which never changes
        self.released: dict[str, dict[str, str]] = {}  # by what a tag names, which does not either

    @property
    def api(self) -> HfApi:
        """Return the client. It has no limit of time of its own, and its connections are closed after some errors."""
        connect = min(self.answer_within, CONNECTED_WITHIN if self.asked else CONNECTED_AT_ONCE)
        get_session().timeout, self.asked = httpx2.Timeout(self.answer_within, connect=connect), True
        return self.hub

    def begin(self, release: Release, step: Step, *, writes: bool) -> None:
        """Check the name, and look for the token."""
        if self.name.count("/") != 1:
            message = (
                f"{self.name} is not a repository name; write owner/{release.name}, or file:///FOLDER for a folder"
            )
            raise InvalidTargetError(message)
        try:
            validate_repo_id(self.name)
        except HFValidationError as error:
            raise InvalidTargetError(str(error)) from error
        step("looking for the token")
        self.usual, self.token = get_session().timeout, get_token()
        if writes and self.token is None:
            message = f"You are not logged in. {log_in(self.name)}"
            raise PublicationRefusedError(message)

    def close(self, release: Release, end: End) -> None:
        """Put the limit of time back."""
        del release, end
        get_session().timeout = self.usual

    def look(self, release: Release, step: Step) -> Found:
        """Return the files of the tag of this version, or of main if there is no such tag."""
        step("looking at the repository")
        try:
            refs = self.api.list_repo_refs(self.name, repo_type=KIND)
        except RepositoryNotFoundError as error:
            if error.response.status_code != 404:  # noqa: PLR2004 - a 401 means the token, and has the same class
                raise
            return Found({}, audience=audience_of_new(self.name, private=self.private))
        head = next((branch.target_commit for branch in refs.branches if branch.name == MAIN), "")
        if not head:
            message = f"{self.name} has no branch main. Create one there, or publish to another repository."
            raise PublicationRefusedError(message)
        shown = self.api.dataset_info(self.name, timeout=self.answer_within)
        audience = audience_of(self.name, private=bool(shown.private), wanted_private=self.private)
        tags = {tag.name: tag.target_commit for tag in refs.tags}
        if release.tag in tags:
            self.shows = self.commit_of(release.tag)
            return Found(_digests(self.tree(self.shows)), published=True, audience=audience)
        versions = (Version.parse(name[1:]) for name in tags if name[:1] == "v" and Version.is_valid(name[1:]))
        latest = max(versions, default=None)
        there, ours = _digests(self.tree(head)), self.files_of(f"v{latest}", tags[f"v{latest}"]) if latest else {}
        obsolete = frozenset(ours.keys() - release.digests.keys() - self.keeps)
        touched = {name for name in release.digests if not release.has(name, there.get(name, ""))}
        touched -= self.keeps & there.keys()
        touched |= obsolete & there.keys()
        if foreign := {name for name in touched if there.get(name) != ours.get(name)}:
            raise PublicationRefusedError(self.foreign(foreign, foreign & ours.keys(), head, latest))
        found = Found(there, latest=latest, obsolete=obsolete, head=head, audience=audience)
        return self.with_proposal(release, found, touched) if self.pull_request else found

    def with_proposal(self, release: Release, found: Found, missing: set[str]) -> Found:
        """Add the open pull request that proposes this version, if there is one.

        Raises:
            PublicationRefusedError: There is nothing to propose, or it proposes other bytes.
        """
        if not missing:
            message = f"main of {self.name} already has the files of {release.tag}. Publish without --pr to tag it."
            raise PublicationRefusedError(message)
        if (proposal := find_proposal(self.api, self.name, release)) is None:
            return found
        self.proposed[release.tag] = proposal.revision
        self.shows = self.commit_of(proposal.revision)
        files, url = _digests(self.tree(self.shows)), f"{self.shown}/discussions/{proposal.number}"
        other = {name for name in release.digests.keys() - self.keeps if not release.has(name, files.get(name, ""))}
        if other := other | found.obsolete & files.keys():
            raise PublicationRefusedError(other_proposal(url, release, other))
        return replace(found, files=files, proposal=url)

    def files_of(self, tag: str, named: str) -> dict[str, str]:
        """Return the files that belong to a published version, with their digests."""
        if named not in self.released:
            files = _digests(self.tree(self.commit_of(tag)))
            if not {SUMS, MANIFEST} <= files.keys():
                message = f"{tag} of {self.name} is not a factpack release. Publish to another repository."
                raise PublicationRefusedError(message)
            with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
                names = {SUMS, *listed_digests(self.fetch(tag, {SUMS}, Path(scratch)))}
            self.released[named] = {name: digest for name, digest in files.items() if name in names}
        return self.released[named]

    def foreign(self, names: set[str], changed: set[str], head: str, latest: Version | None) -> str:
        """Say why files are not overwritten that no release put there, or that were ``changed`` since the latest."""
        if {MANIFEST, SUMS} <= names:
            return (
                f"main of {self.name}, at {head[:8]}, is another release without a tag. Publish that release again to "
                "finish it, or reset main to the commit before it. Then publish this one."
            )
        if changed:
            return (
                f"main of {self.name} was changed after v{latest}: {some(changed)}. Nothing was overwritten. "
                "Copy the change into your sources, or revert it there; then publish again."
            )
        return (
            f"{self.name} already has files that this release would overwrite: {some(names)}. "
            "Delete them there if nobody needs them, or publish to another repository."
        )

    def tree(self, commit: str) -> dict[str, RepoFile]:
        """Return the files of a commit by their paths."""
        if commit not in self.trees:
            entries = self.api.list_repo_tree(self.name, recursive=True, revision=commit, repo_type=KIND)
            self.trees[commit] = {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}
        return self.trees[commit]

    def commit_of(self, tag: str) -> str:
        """Return the commit of a tag; for an annotated one, the list of refs may give the tag itself."""
        return str(self.api.dataset_info(self.name, revision=tag, timeout=self.answer_within).sha)

    def upload(self, release: Release, names: Collection[str], found: Found, step: Step) -> None:
        """Make the repository; in the next turn, make the one commit, on the commit that was looked at."""
        if not found.head:
            step("creating the repository")
            self.api.create_repo(self.name, repo_type=KIND, private=self.private or None)
            return
        if self.parent not in {"", found.head}:
            message = (
                f"Somebody else committed to main of {self.name} in the meantime ({found.head[:8]}). "
                "Nothing was overwritten. Look at what changed, and publish again."
            )
            raise PublicationRefusedError(message)
        self.parent = found.head
        step(f"sending {len(names)} files")
        with ExitStack() as stack:
            paths = {name: release.folder / name for name in names}
            # huggingface_hub takes Xet where it is installed, whatever the hub can do; open files go by Git LFS.
            opened = {n: stack.enter_context(p.open("rb")) for n, p in paths.items()} if self.lacks_xet(step) else {}
            additions = [CommitOperationAdd(name, opened.get(name, path)) for name, path in paths.items()]
            self.api.preupload_lfs_files(
                self.name,
                additions,
                repo_type=KIND,
                revision=MAIN,
                create_pr=self.pull_request,
                gitignore_content=NOTHING_IGNORED,
                free_memory=False,
            )
            step("opening the pull request" if self.pull_request else "committing them")
            gone = [CommitOperationDelete(n, is_folder=False) for n in sorted(found.obsolete & found.files.keys())]
            self.commit([*additions, *gone], release, found.head)

    def lacks_xet(self, step: Step) -> bool:
        """Return whether large files would be sent by Xet to a hub that has none."""
        if not is_xet_available():
            return False
        url = f"{self.api.endpoint}/api/{KIND}s/{self.name}/xet-write-token/{MAIN}"
        answer = get_session().get(url, headers=build_hf_headers())
        if answer.status_code != 404:  # noqa: PLR2004
            hf_raise_for_status(answer)
            return False
        step(Notice(f"{without_credentials(self.hub.endpoint)} has no Xet storage: large files go by Git LFS"))
        return True

    def commit(self, operations: list[CommitOperation], release: Release, parent: str) -> None:
        """Make the commit, if main is still at its parent; or a pull request with it, from its parent."""
        send: Callable[..., object] = self.api.create_commit
        if len(parent) > 40:  # noqa: PLR2004 - digits of SHA-1; create_commit refuses a longer parent
            send = partial(_send_commit, headers=build_hf_headers(), endpoint=self.hub.endpoint)
            send = partial(send, files_to_copy={}, commit_description="")
        send(
            repo_id=self.name,
            repo_type=KIND,
            revision=MAIN,
            operations=operations,
            commit_message=f"{release.name} {release.version}",
            parent_commit=parent,
            create_pr=self.pull_request,
        )

    def finish(self, release: Release, found: Found, step: Step) -> None:
        """Make the tag, on the commit whose files were looked at."""
        step(f"tagging {found.head[:8]} as {release.tag}")
        message = f"{release.name} {release.version}"
        self.api.create_tag(self.name, tag=release.tag, tag_message=message, revision=found.head, repo_type=KIND)

    def fetch(self, tag: str, names: Collection[str], scratch: Path) -> Path:
        """Download files of a tag, or of the pull request for it.

        Each time into a new cache: where snapshot_download cannot list the files, it returns what an earlier try left.
        """
        download = partial(self.api.snapshot_download, repo_type=KIND, revision=self.proposed.get(tag, tag))
        return Path(download(self.name, allow_patterns=sorted(names), cache_dir=tempfile.mkdtemp(dir=scratch)))

    def load(self, release: Release, config: str, split: str, cache: Path) -> Loaded:
        """Load a split of a config by the tag, or from the pull request for it.

        What is downloaded goes to the cache of huggingface_hub, as with every user.
        """
        # `datasets` uses the same instance, which remembers what was missing when somebody asked before.
        HfFileSystem(endpoint=datasets.config.HF_ENDPOINT, token=None).invalidate_cache(
            f"datasets/{self.name}@{self.shows}"
        )
        options = {"revision": self.proposed.get(release.tag, release.tag), "split": split, "cache_dir": str(cache)}
        return loaded(datasets.load_dataset(self.name, config, **options), config)

    def loading(self, release: Release) -> str:
        """Return the Python that loads all configs."""
        return f'load_dataset("{self.name}", revision="{release.tag}")'

    def explain(self, error: Exception) -> TargetError:
        """Return what went wrong, without the token and the password, whatever the hub answered."""
        return explain_hub_error(error, self.hub.endpoint, self.token, log_in(self.name))


def _digests(tree: dict[str, RepoFile]) -> dict[str, str]:
    """Return the digests of the files of a tree."""
    return {
        path: f"sha256:{file.lfs.sha256}" if file.lfs is not None else f"git:{file.blob_id}"
        for path, file in tree.items()
    }
