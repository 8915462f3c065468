"""Say who can read a repository, and find the pull request that proposes a release to it."""

from collections.abc import Collection
from dataclasses import dataclass

from huggingface_hub import HfApi

from factpack.errors import PublicationRefusedError
from factpack.publishing.release import Release
from factpack.publishing.target import some


@dataclass(frozen=True, slots=True)
class Proposal:
    """Name an open pull request by its number."""

    number: int

    @property
    def revision(self) -> str:
        """Return what its files are loaded by."""
        return f"refs/pr/{self.number}"


def find_proposal(api: HfApi, repository: str, release: Release) -> Proposal | None:
    """Return the open pull request with the title of a release; the latest one, if there are several."""
    found = api.get_repo_discussions(
        repository, repo_type="dataset", discussion_type="pull_request", discussion_status="open"
    )
    title = f"{release.name} {release.version}"
    numbers = [each.num for each in found if each.is_pull_request and each.title == title]
    return Proposal(max(numbers)) if numbers else None


def other_proposal(url: str, release: Release, files: Collection[str]) -> str:
    """Say why a release is not proposed again beside a pull request in which some files differ."""
    return (
        f"The pull request {url} proposes {release.tag} with other bytes: {some(files)}. "
        "Close or merge it there; then publish again."
    )


def audience_of_new(repository: str, *, private: bool) -> str:
    """Say who can read a repository that will be created."""
    owner = repository.partition("/")[0]
    if private:
        return f"The repository does not exist. It is created as a private one: only {owner} can read it."
    return (
        "The repository does not exist. It is created as a public one, which everybody can read, unless the settings "
        f"of {owner} make it private."
    )


def audience_of(repository: str, *, private: bool, wanted_private: bool) -> str:
    """Say who can read a repository that exists; it stays as it is.

    Raises:
        PublicationRefusedError: It should be private, and is public.
    """
    if wanted_private and not private:
        message = (
            f"{repository} already exists and is public, and --private works only for a new repository. "
            "Make it private in its settings on the hub, or publish without --private."
        )
        raise PublicationRefusedError(message)
    return "The repository is private." if private else "The repository is public: everybody can read it."
