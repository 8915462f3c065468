"""The hub of the tests is strict: what the Hub would refuse, it refuses, and what it does not know fails the test."""

import hashlib
import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError

from hub.endpoints import SIGNATURE
from hub.server import READER, ROUTES, WRITER, Hub

HERE = Path(__file__).parent
NUMBERS = count()
CARD = b"---\nlicense: mit\n---\n"
Post = Callable[..., httpx2.Response]


@pytest.fixture
def repo(hub: Hub) -> str:
    """A new repository."""
    name = f"ann/strict-{next(NUMBERS)}"
    HfApi().create_repo(name, repo_type="dataset")
    assert hub.repository(name).exists()
    return name


@pytest.fixture
def post(hub: Hub) -> Post:
    """Sends what no client sends."""

    def post(path: str, document: object, token: str | None = WRITER, method: str = "POST") -> httpx2.Response:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.request(method, path if "://" in path else hub.url + path, content=body, headers=headers)

    return post


@pytest.fixture
def forgiven(hub: Hub) -> Callable[[str], None]:
    """Takes what the hub refused off its list; it must be this."""

    def forgiven(part: str) -> None:
        assert [refused for refused in hub.refused if part in refused] == hub.refused != []
        hub.refused.clear()

    return forgiven


def commit(repo: str, files: dict[str, bytes], parent: str | None = None) -> str:
    operations = [CommitOperationAdd(name, data) for name, data in files.items()]
    api = HfApi()
    return api.create_commit(repo, operations, commit_message="x", repo_type="dataset", parent_commit=parent).oid


def lines(*items: tuple[str, dict[str, object]]) -> bytes:
    return b"".join(json.dumps({"key": key, "value": value}).encode() + b"\n" for key, value in items)


HEADER = ("header", {"summary": "x", "description": ""})


def test_unknown_routes_fail_the_test(post: Post, forgiven: Callable[[str], None]) -> None:
    assert post("/api/models/ann/x", {}).status_code == 404
    forgiven("POST /api/models/ann/x: there is no such route")


def test_token_that_is_missing_unknown_or_not_enough(repo: str, post: Post) -> None:
    for path in (f"/api/datasets/{repo}/commit/main", f"/api/datasets/{repo}/tag/main", "/api/repos/create"):
        assert [post(path, {}, token).status_code for token in (None, "hf_nobody", READER)] == [401, 401, 403]
    assert HfApi(token=READER).dataset_info(repo).id == repo


def test_wrong_parent(hub: Hub, repo: str) -> None:
    head = commit(repo, {"README.md": CARD})
    commit(repo, {"a": b"1"}, parent=head)
    with pytest.raises(HfHubHTTPError) as raised:
        commit(repo, {"a": b"2"}, parent=head)
    assert raised.value.response.status_code == 412
    assert len(hub.repository(repo).git("rev-list", "main").splitlines()) == 3


def test_bad_commits(repo: str, post: Post, forgiven: Callable[[str], None]) -> None:
    large = {"path": "a.parquet", "algo": "sha256", "oid": "0" * 64, "size": 1}
    file = {"path": "a", "content": "YQ==", "encoding": "base64"}
    for body, said in (
        (b"no json", "the body is not JSON"),
        (lines(("file", file)), "a commit begins with its one header"),
        (lines(HEADER, HEADER), "a commit begins with its one header"),
        (lines(("header", {"summary": "", "description": ""})), "a commit has a message"),
        (lines(HEADER, ("file", {"path": "a"})), "expected an object with content, path, encoding"),
        (lines(HEADER, ("file", file), ("file", file)), "a path is written twice"),
        (lines(HEADER, ("rename", file)), "unknown operation rename"),
        (lines(HEADER, ("lfsFile", large)), "there is no large file 0000"),
        (lines(HEADER, ("file", file | {"path": "a.parquet"})), "a.parquet has to go as a large file"),
        (lines(HEADER, ("file", file | {"path": "README.md"})), "the card has no header"),
    ):
        assert post(f"/api/datasets/{repo}/commit/main", body).status_code == 400
        forgiven(said)


def test_file_to_delete_must_be_there(repo: str) -> None:
    with pytest.raises(EntryNotFoundError):
        HfApi().create_commit(repo, [CommitOperationDelete("a")], commit_message="x", repo_type="dataset")


def test_large_file_with_another_sum_or_size(hub: Hub, repo: str, post: Post, forgiven: Callable[[str], None]) -> None:
    oid = hashlib.sha256(b"data").hexdigest()
    place = f"{hub.storage}/objects/{repo.replace('/', '%2F')}/{oid}?{SIGNATURE}"
    assert post(place, b"dato", None, "PUT").status_code == 400
    forgiven("BadDigest")
    assert post(place.partition("?")[0], b"data", None, "PUT").status_code == 403  # not signed
    assert post(place, b"data", WRITER, "PUT").status_code == 400
    forgiven("a token was sent to where large files are")
    assert post(place, b"data", None, "PUT").status_code == 200
    for size, status in ((4, 200), (5, 400)):
        document = {"oid": oid, "size": size}
        assert post(f"/datasets/{repo}.git/info/lfs/verify", document).status_code == status
    forgiven("was not uploaded with 5 bytes")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("no header", "the card has no header"),
        ("---\nlicense: [mit]\n---\n", '"license" must be a string'),
        ("---\nlicense: mit\nlanguage: [no]\n---\n", '"language" must be a list of strings'),
        ("---\nlicense: mit\nconfigs: [claims]\n---\n", '"configs" must be a list'),
        ("---\n{\n---\n", "the header is not YAML"),
    ],
)
def test_header_of_the_card(repo: str, card: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        commit(repo, {"README.md": card.encode()})


def test_tag_is_annotated_and_never_moved(hub: Hub, repo: str) -> None:
    api, head = HfApi(), commit(repo, {"a": b"1"})
    api.create_tag(repo, tag="v1", tag_message="the first", revision=head, repo_type="dataset")
    commit(repo, {"a": b"2"})
    with pytest.raises(HfHubHTTPError) as raised:
        api.create_tag(repo, tag="v1", tag_message="the first", repo_type="dataset")
    assert raised.value.response.status_code == 409
    assert api.dataset_info(repo, revision="v1").sha == head
    assert hub.repository(repo).git("tag", "-n", "-l", "v1") == b"v1              the first\n"
    with pytest.raises(RevisionNotFoundError):
        api.create_tag(repo, tag="v2", revision="nowhere", repo_type="dataset")


def test_readme_lists_the_endpoints() -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/[^`]*)`", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(listed) == len(ROUTES)
    for (method, path), route in zip(listed, ROUTES, strict=True):
        filled = path.replace("{repo}", "ann/x").replace("{revision}", "main").replace("{path}", "a/b")
        filled = filled.replace("{oid}", "0" * 64).replace("{quoted repo}", "ann%2Fx")
        assert route[0] == method
        assert route[1].fullmatch(filled), filled
