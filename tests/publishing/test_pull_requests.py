"""`factpack publish --private` and `--pr`: who can read it, and one pull request whose merge gives the release."""

import itertools

import httpx2
import pytest
from huggingface_hub import HfApi

from conftest import Run
from factpack.errors import PublicationRefusedError
from factpack.publishing import flow as publisher
from factpack.publishing.huggingface import HubTarget
from factpack.publishing.release import Release
from hub.server import Hub, Request
from publishing.publications import QUICK, WRITES, asked, history, local, publish, shown, to, write

NEW = "The repository does not exist. It is created as a "
TEXTS = "The release has the full texts of the articles.\n"


def propose(repo: str, release: Release) -> publisher.Plan:
    """Opens the pull request, in this process, without waiting between tries."""
    return publisher.publish(HubTarget(repo, pull_request=True), release, lambda _: None, QUICK)


# Who can read it


def test_dry_run_says_who_can_read_it(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    public, private = (
        run("publish", repo, first.folder, "--dry-run", *flags).output.splitlines()[1] for flags in ((), ("--private",))
    )
    assert public == (
        f"{NEW}public one, which everybody can read, unless the settings of ann make it private. {TEXTS.strip()}"
    )
    assert private == f"{NEW}private one: only ann can read it. {TEXTS.strip()}"
    assert asked(hub, *WRITES) == []
    publish(repo, first)
    again = run("publish", repo, second.folder, "--dry-run").output.splitlines()[1]
    assert again == f"The repository is public: everybody can read it. {TEXTS.strip()}"


def test_private_repository(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    result = run("publish", repo, first.folder, "--private")
    assert result.exit_code == 0, result.output
    assert hub.repository(repo).private
    assert httpx2.get(f"{hub.url}/datasets/{repo}/resolve/v1.1.0/README.md").status_code == 401
    assert HfApi().dataset_info(repo).private
    # It stays private, whether or not the flag is given again.
    result = run("publish", repo, second.folder)
    assert result.exit_code == 0, result.output
    assert f"The repository is private. {TEXTS}" in result.output
    assert hub.repository(repo).private
    assert run("publish", repo, second.folder, "--private").exit_code == 0


def test_a_public_repository_is_not_taken_for_a_private_one(
    hub: Hub, repo: str, first: Release, second: Release, run: Run
) -> None:
    publish(repo, first)
    before = history(hub, repo)
    result = run("publish", repo, second.folder, "--private")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{repo} already exists and is public, and --private works only for a new repository. "
        "Make it private in its settings on the hub, or publish without --private.\n"
    )
    assert (history(hub, repo), hub.repository(repo).private) == (before, False)


@pytest.mark.parametrize("flag", ["--private", "--pr"])
@pytest.mark.parametrize("address", ["file:///data/sets", "s3://user:secret@bucket/sets"])
def test_a_store_has_neither(first: Release, run: Run, flag: str, address: str) -> None:
    result = run("publish", address, first.folder, flag)
    assert result.exit_code == 2
    words = " ".join(result.stderr.split())
    assert "is not on a Hugging Face hub, and --private and --pr work only for repositories there. A folder" in words
    assert "secret" not in words


# A pull request


def test_pull_request_whose_merge_gives_the_release(hub: Hub, repo: str, first: Release, run: Run) -> None:
    result = run("publish", repo, first.folder, "--pr")
    assert result.exit_code == 0, result.output
    url = f"{hub.url}/datasets/{repo}/discussions/1"
    assert result.output.endswith(
        f"\nProposed, read back and loaded: {url}\nOnce it is merged, `factpack publish {repo}` adds the tag v1.1.0.\n"
    )
    assert shown(hub, repo, "refs/pr/1").items() >= local(first).items()
    assert (len(history(hub, repo)), hub.repository(repo).refs("tags")) == (1, {})  # the hub's own first commit
    write(hub, repo, {"LICENSE": b"as you like"})  # which nothing of the release touches
    HfApi().merge_pull_request(repo, 1, repo_type="dataset")
    assert shown(hub, repo, "main").items() >= local(first).items()
    merged = history(hub, repo)
    result = run("publish", repo, first.folder)
    assert result.exit_code == 0, result.output
    assert "The files are already there; only the tag is missing.\n" in result.output
    assert history(hub, repo) == merged  # only the tag was made
    assert hub.repository(repo).resolve("v1.1.0") == merged[0]


def test_second_release_as_a_pull_request(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    publish(repo, first)
    dry = run("publish", repo, second.folder, "--pr", "--dry-run")
    assert (dry.exit_code, hub.repository(repo).pulls) == (0, [])
    assert "Since 1.1.0:\n" in dry.output
    assert propose(repo, second).proposal.endswith("/discussions/1")
    HfApi().merge_pull_request(repo, 1, repo_type="dataset")
    publish(repo, second)
    assert shown(hub, repo, "main") == shown(hub, repo, "v1.1.1")
    assert shown(hub, repo, "main").items() >= local(second).items()


def test_one_pull_request_however_often(hub: Hub, repo: str, first: Release, run: Run) -> None:
    propose(repo, first)
    hub.reset()
    result = run("publish", repo, first.folder, "--pr")
    assert (result.exit_code, asked(hub, *WRITES)) == (0, [])
    url = f"{hub.url}/datasets/{repo}/discussions/1"
    assert f"Already proposed with the same bytes by {url}, which is not merged yet.\n" in result.output
    assert len(hub.repository(repo).pulls) == 1


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "truncated", 500])
def test_one_pull_request_where_the_answer_is_lost(hub: Hub, repo: str, first: Release, fault: str | int) -> None:
    found = itertools.count()
    commits = to("POST", "/commit/")
    hub.hook = lambda request: fault if commits(request) and next(found) == 0 else None  # type: ignore[assignment,return-value]
    assert propose(repo, first).proposal
    assert len(hub.repository(repo).pulls) == 1
    assert shown(hub, repo, "refs/pr/1").items() >= local(first).items()


def test_it_is_found_among_many(hub: Hub, repo: str, first: Release) -> None:
    """On the second page, behind pull requests for something else and a closed one with its title."""
    propose(repo, first)
    repository = hub.repository(repo)
    head = history(hub, repo)[0]
    pulls = repository.pulls
    for number in range(12):
        repository.propose(f"something else {number}", head, {"notes": b"%d" % number}, ())
    repository.set_pulls([*pulls, {"title": "ferry-factcheck 1.1.0", "status": "closed"}, *repository.pulls[2:]])
    assert propose(repo, first).proposal.endswith("/discussions/1")
    assert len(repository.pulls) == 13


def test_a_closed_one_does_not_count(hub: Hub, repo: str, first: Release) -> None:
    propose(repo, first)
    repository = hub.repository(repo)
    repository.set_pulls([repository.pulls[0] | {"status": "closed"}])
    assert propose(repo, first).proposal.endswith("/discussions/2")


def test_proposed_with_other_bytes(hub: Hub, repo: str, first: Release) -> None:
    HfApi().create_repo(repo, repo_type="dataset")
    head = history(hub, repo)[0]
    hub.repository(repo).propose("ferry-factcheck 1.1.0", head, {"README.md": b"---\nlicense: mit\n---\n"}, ())
    with pytest.raises(PublicationRefusedError, match=r"discussions/1 proposes v1.1.0 with other bytes: README.md, "):
        propose(repo, first)
    assert len(hub.repository(repo).pulls) == 1


def test_nothing_to_propose(hub: Hub, repo: str, first: Release) -> None:
    propose(repo, first)
    HfApi().merge_pull_request(repo, 1, repo_type="dataset")
    with pytest.raises(PublicationRefusedError) as raised:
        propose(repo, first)
    assert str(raised.value) == f"main of {repo} already has the files of v1.1.0. Publish without --pr to tag it."
    assert hub.repository(repo).refs("tags") == {}
    publish(repo, first)
    assert propose(repo, first).state == "published"


def test_damaged_on_the_way_back(hub: Hub, repo: str, first: Release) -> None:
    """What is proposed is read back like what is published."""

    def damaged(request: Request) -> str | None:
        return "truncated" if request.method == "GET" and request.storage else None

    hub.hook = damaged  # type: ignore[assignment]
    with pytest.raises(Exception, match=r"Interrupted while reading v1.1.0 back"):
        publisher.publish(HubTarget(repo, pull_request=True), first, lambda _: None, publisher.ONCE)
    hub.hook = lambda _: None
    assert propose(repo, first).proposal.endswith("/discussions/1")
