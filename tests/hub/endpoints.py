"""The endpoints of the hub of the tests, a function each: README.md says what each was derived from."""

import base64
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, quote

import yaml

from hub.messages import Refusal, Request, Response
from hub.repository import MAIN, ExistsError, MovedError, Repository, sha256

if TYPE_CHECKING:
    from hub.server import Hub

SIGNATURE = "X-Signature=signed"
PAGE = 1000
WHEN = "2026-11-30T00:00:00.000Z"
PULLS = 10  # pull requests on a page


def _json(document: object, status: int = 200, **headers: str) -> Response:
    return Response(status, {"Content-Type": "application/json", **headers}, json.dumps(document).encode())


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal(400, "the body is not JSON") from error


def _want(document: Any, **types: type) -> list[Any]:
    """The values of an object that must have just these keys, with values of these types."""
    if not isinstance(document, dict) or document.keys() != types.keys():
        raise Refusal(400, f"expected an object with {', '.join(types)}: {document!r:.200}")
    for key, type_ in types.items():
        if not isinstance(document[key], type_):
            raise Refusal(400, f"{key} is no {type_.__name__}: {document[key]!r:.200}")
    return [document[key] for key in types]


def create_repo(hub: "Hub", request: Request) -> Response:
    document = _read(request.body)
    visibility = document.pop("visibility", "public") if isinstance(document, dict) else ""
    name, organization, kind = _want(document, name=str, organization=str, type=str)
    if kind != "dataset":
        raise Refusal(400, f"only datasets are kept here, not {kind}")
    if visibility not in ("public", "private"):
        raise Refusal(400, f"a dataset is public or private, not {visibility}")
    url = f"{hub.url}/datasets/{organization}/{name}"
    repository = hub.repository(f"{organization}/{name}")
    if repository.exists():
        return _json({"error": "You already created this dataset repo", "url": url}, 409)
    repository.create(hub.ids, private=visibility == "private")
    return _json({"url": url, "name": f"{organization}/{name}"})


def dataset_info(hub: "Hub", _: Request, repo: str, revision: str) -> Response:
    repository, commit = hub.found(repo, revision or MAIN)
    files = [entry for entry in repository.tree(commit).values() if entry.kind == "file"]
    siblings = [{"rfilename": entry.path} for entry in files]
    described = {"id": repo, "sha": commit, "private": repository.private, "siblings": siblings}
    return _json({"_id": "0", "tags": [], **described})


def list_refs(hub: "Hub", _: Request, repo: str) -> Response:
    repository, _head = hub.found(repo, MAIN)
    branches, tags = (
        [
            {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": oid}
            for name, oid in repository.refs(kind).items()
        ]
        for kind in ("heads", "tags")
    )
    return _json({"branches": branches, "tags": tags, "converts": []})


def _described(entry: Any) -> dict[str, object]:
    described = {"type": entry.kind, "oid": entry.oid, "size": entry.size, "path": entry.path}
    return described | ({"lfs": {"oid": entry.lfs, "size": entry.size, "pointerSize": 134}} if entry.lfs else {})


def list_tree(hub: "Hub", request: Request, repo: str, revision: str, path: str) -> Response:
    repository, commit = hub.found(repo, revision)
    tree = repository.tree(commit)
    if path and path not in tree:
        raise Refusal(404, f"{path} does not exist", "EntryNotFound")
    recursive = request.query.get("recursive", ["false"])[0].lower() == "true"
    under = f"{path}/" if path else ""
    below = [entry for name, entry in tree.items() if name.startswith(under)]
    shown = [entry for entry in below if recursive or "/" not in entry.path.removeprefix(under)]
    start = int(request.query.get("cursor", ["0"])[0])
    more = start + PAGE < len(shown)
    link = f'<{hub.url}{request.path}?recursive={recursive}&cursor={start + PAGE}>; rel="next"'
    headers = {"X-Repo-Commit": commit} | ({"Link": link} if more else {})
    return _json([_described(entry) for entry in shown[start : start + PAGE]], **headers)


def paths_info(hub: "Hub", request: Request, repo: str, revision: str) -> Response:
    repository, commit = hub.found(repo, revision)
    paths = parse_qs(request.body.decode()).get("paths", [])
    tree = repository.tree(commit)
    return _json([_described(tree[path]) for path in paths if path in tree])


def resolve(hub: "Hub", request: Request, repo: str, revision: str, path: str) -> Response:
    repository, commit = hub.found(repo, revision)
    entry = repository.tree(commit).get(path)
    if entry is None or entry.kind != "file":
        missing = Refusal(404, "Entry not found", "EntryNotFound").response
        return Response(404, missing.headers | {"X-Repo-Commit": commit}, missing.body)
    etag = sha256(path.encode()) if hub.etag_of_path else entry.lfs or entry.oid
    headers = {"X-Repo-Commit": commit, "ETag": f'"{entry.oid if entry.lfs else etag}"'}
    if entry.lfs:
        place = f"{hub.storage}/objects/{quote(repo, safe='')}/{entry.lfs}?{SIGNATURE}"
        linked = {"X-Linked-Size": str(entry.size), "X-Linked-ETag": f'"{etag}"', "Location": place}
        return Response(302, headers | linked)
    return _sent(request, repository.content(entry), headers)


def _sent(request: Request, data: bytes, headers: dict[str, str]) -> Response:
    """A file, or what is left of it from where the client goes on."""
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if wanted is None:
        return Response(200, headers, data)
    start = int(wanted[1])
    return Response(206, headers | {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, data[start:])


def get_object(hub: "Hub", request: Request, repo: str, oid: str) -> Response:
    path = hub.repository(repo).large(oid)
    if not path.exists():
        raise Refusal(404, "NoSuchKey")
    return _sent(request, path.read_bytes(), {"ETag": f'"{oid}"'})


def put_object(hub: "Hub", request: Request, repo: str, oid: str) -> Response:
    if sha256(request.body) != oid:
        raise Refusal(400, "BadDigest: the bytes do not have the sum that they were announced with")
    path = hub.repository(repo).large(oid)
    path.with_suffix(".new").write_bytes(request.body)
    path.with_suffix(".new").rename(path)
    return Response(200)


def preupload(hub: "Hub", request: Request, repo: str, revision: str) -> Response:
    repository, commit = hub.found(repo, revision)
    document = _read(request.body)
    ignore = document.pop("gitIgnore", None) if isinstance(document, dict) else None
    (files,) = _want(document, files=list)
    tree = repository.tree(commit)
    if ignore is None and ".gitignore" in tree:
        ignore = repository.content(tree[".gitignore"]).decode()
    asked = [_want(file, path=str, sample=str, size=int) for file in files]
    ignored = repository.ignores([path for path, _, _ in asked], ignore.encode()) if ignore else set()
    answers = []
    for path, sample, size in asked:
        entry = tree.get(path)
        large = size > 10_000_000 or repository.takes_as_large(path, base64.b64decode(sample, validate=True), commit)
        known = {"oid": entry.lfs or entry.oid} if entry else {}
        mode = "lfs" if large else "regular"
        answers.append({"path": path, "uploadMode": mode, "shouldIgnore": path in ignored, **known})
    return _json({"files": answers, "commitOid": commit})


def lfs_batch(hub: "Hub", request: Request, repo: str) -> Response:
    hub.found(repo, MAIN)
    document = _read(request.body)
    if isinstance(document, dict) and not isinstance(document.pop("ref", {}), dict):  # none for a pull request
        raise Refusal(400, "ref is no object")
    operation, transfers, objects, algorithm = _want(
        document, operation=str, transfers=list, objects=list, hash_algo=str
    )
    if (operation, algorithm) != ("upload", "sha256") or "basic" not in transfers:
        raise Refusal(400, "only uploads by the basic transfer, with SHA-256")
    answers = []
    for oid, size in (_want(item, oid=str, size=int) for item in objects):
        there = hub.repository(repo).large(oid).exists()
        place = f"{hub.storage}/objects/{quote(repo, safe='')}/{oid}?{SIGNATURE}"
        verify = f"{hub.url}/datasets/{repo}.git/info/lfs/verify"
        actions = {"upload": {"href": place}, "verify": {"href": verify}}
        answers.append({"oid": oid, "size": size} | ({} if there else {"actions": actions}))
    return _json({"transfer": "basic", "objects": answers})


def lfs_verify(hub: "Hub", request: Request, repo: str) -> Response:
    oid, size = _want(_read(request.body), oid=str, size=int)
    path = hub.repository(repo).large(oid)
    if not path.exists() or path.stat().st_size != size:
        raise Refusal(400, f"{oid} was not uploaded with {size} bytes")
    return _json({"message": "ok"})


def commit(hub: "Hub", request: Request, repo: str, revision: str) -> Response:
    if revision != "main":
        raise Refusal(400, f"commits go to main here, not to {revision}")
    repository, head = hub.found(repo, MAIN)
    lines = [_want(_read(line), key=str, value=dict) for line in request.body.splitlines()]
    if not lines or lines[0][0] != "header" or any(key == "header" for key, _ in lines[1:]):
        raise Refusal(400, "a commit begins with its one header")
    header = lines[0][1]
    parent = header.pop("parentCommit", None)
    summary, description = _want(header, summary=str, description=str)
    if not summary:
        raise Refusal(400, "a commit has a message")
    proposes = request.query.get("create_pr") == ["1"]
    if parent is not None and parent != head and not proposes:
        raise Refusal(412, "A commit has happened since. Please refresh and try again.")
    files, deleted = _operations(repository, head, lines[1:])
    if "README.md" in files and (errors := _header_errors(files["README.md"].decode())):
        raise Refusal(400, "; ".join(errors))
    if proposes:
        made, number = repository.propose(summary, parent or head, files, deleted)
        place = f"{hub.url}/datasets/{repo}"
        urls = {"commitUrl": f"{place}/commit/{made}", "pullRequestUrl": f"{place}/discussions/{number}"}
        return _json({"success": True, "commitOid": made, **urls, "hookOutput": ""})
    try:
        made = repository.commit(f"{summary}\n\n{description}".strip(), head, files, deleted)
    except MovedError as error:
        raise Refusal(412, "A commit has happened since. Please refresh and try again.") from error
    url = f"{hub.url}/datasets/{repo}/commit/{made}"
    return _json({"success": True, "commitOid": made, "commitUrl": url, "hookOutput": ""})


def _operations(repository: Repository, head: str, lines: list[list[Any]]) -> tuple[dict[str, bytes], list[str]]:
    """What a commit writes and deletes; a large file is written as its pointer."""
    files: dict[str, bytes] = {}
    deleted: list[str] = []
    for key, value in lines:
        if key == "file":
            content, path, encoding = _want(value, content=str, path=str, encoding=str)
            if encoding != "base64":
                raise Refusal(400, f"unknown encoding {encoding}")
            data = base64.b64decode(content, validate=True)
            if repository.takes_as_large(path, data[:512], head):
                raise Refusal(400, f"{path} has to go as a large file")
            files[path] = data
        elif key == "lfsFile":
            path, algorithm, oid, size = _want(value, path=str, algo=str, oid=str, size=int)
            large = repository.large(oid)
            if algorithm != "sha256" or not large.exists() or large.stat().st_size != size:
                raise Refusal(400, f"{path}: there is no large file {oid} of {size} bytes")
            files[path] = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n".encode()
        elif key == "deletedFile":
            (path,) = _want(value, path=str)
            if path not in repository.tree(head):
                raise Refusal(404, "A file with this name doesn't exist", "EntryNotFound")
            deleted.append(path)
        else:
            raise Refusal(400, f"unknown operation {key}")
    if len(files) + len(deleted) != len(lines):
        raise Refusal(400, "a path is written twice")
    return files, deleted


def discussions(hub: "Hub", request: Request, repo: str) -> Response:
    repository, _head = hub.found(repo, MAIN)
    wanted = {"type": ["pull_request"], "status": ["open"]}
    if {key: value for key, value in request.query.items() if key != "p"} != wanted:
        raise Refusal(400, f"only the open pull requests are listed here, not {request.query}")
    found = [
        {"title": pull["title"], "num": number, "status": pull["status"], "isPullRequest": True}
        | {
            "author": {"name": "ann"},
            "createdAt": WHEN,
            "repo": {"name": repo, "type": "dataset"},
        }
        for number, pull in enumerate(repository.pulls, 1)
        if pull["status"] == "open"
    ]
    page = int(request.query.get("p", ["0"])[0])
    shown = found[page * PULLS : (page + 1) * PULLS]
    return _json({"count": len(found), "start": page * PULLS, "discussions": shown})


def merge(hub: "Hub", request: Request, repo: str, number: str) -> Response:
    repository, _head = hub.found(repo, MAIN)
    if request.body:
        raise Refusal(400, "a merge has no comment here")
    pulls = repository.pulls
    if not 0 < int(number) <= len(pulls):
        raise Refusal(404, "Discussion not found")
    if pulls[int(number) - 1]["status"] != "open":
        raise Refusal(400, "the pull request is not open")
    try:
        made = repository.merge(int(number))
    except MovedError as error:
        raise Refusal(409, "the pull request has conflicts with main") from error
    author = {"author": {"name": "ann"}, "createdAt": WHEN}
    event = {"id": "0", "type": "status-change", "data": {"status": "merged"}, **author}
    return _json({"newStatus": event, "mergeCommitOid": made})


def tag(hub: "Hub", request: Request, repo: str, revision: str) -> Response:
    repository, target = hub.found(repo, revision)
    document = _read(request.body)
    message = document.pop("message", None) if isinstance(document, dict) else None
    (name,) = _want(document, tag=str)
    try:
        repository.tag(name, message, target)
    except ExistsError as error:
        raise Refusal(409, "Tag reference exists already") from error
    return _json({"success": True})


def validate_yaml(_: "Hub", request: Request) -> Response:
    content, kind = _want(_read(request.body), content=str, repoType=str)
    errors = _header_errors(content) if kind == "dataset" else [f"unknown type {kind}"]
    return _json({"errors": [{"message": message} for message in errors], "warnings": []}, 400 if errors else 200)


def _header_errors(card: str) -> list[str]:
    """What the Hub would refuse in the header of a card, as far as its errors are known."""
    match = re.match(r"---\n(.*?)\n---\n", card, re.DOTALL)
    try:
        header = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError as error:
        return [f"the header is not YAML: {error}"]
    if not isinstance(header, dict):
        return ["the card has no header"]
    errors = [] if isinstance(header.get("license"), str) else ['"license" must be a string']
    if not all(isinstance(language, str) for language in header.get("language", [])):
        errors.append('"language" must be a list of strings')
    if not all(isinstance(config, dict) and "config_name" in config for config in header.get("configs", [])):
        errors.append('"configs" must be a list of objects with a config_name')
    return errors


REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"
API, REVISION = rf"/api/datasets/{REPO}", r"(?P<revision>[^/]+)"
OBJECT = r"/objects/(?P<repo>[^/]+)/(?P<oid>[0-9a-f]{64})"
Route = tuple[str, re.Pattern[str], Literal["read", "write", "signed"], Callable[..., Response]]
ROUTES: tuple[Route, ...] = tuple(
    (method, re.compile(path), rights, function)  # type: ignore[misc]
    for method, path, rights, function in (
        ("POST", "/api/repos/create", "write", create_repo),
        ("POST", "/api/validate-yaml", "read", validate_yaml),
        ("GET", rf"{API}(/revision/{REVISION})?", "read", dataset_info),
        ("GET", rf"{API}/refs", "read", list_refs),
        ("GET", rf"{API}/tree/{REVISION}(/(?P<path>.+))?", "read", list_tree),
        ("POST", rf"{API}/paths-info/{REVISION}", "read", paths_info),
        ("HEAD", rf"/datasets/{REPO}/resolve/{REVISION}/(?P<path>.+)", "read", resolve),
        ("GET", rf"/datasets/{REPO}/resolve/{REVISION}/(?P<path>.+)", "read", resolve),
        ("POST", rf"{API}/preupload/{REVISION}", "write", preupload),
        ("POST", rf"/datasets/{REPO}\.git/info/lfs/objects/batch", "write", lfs_batch),
        ("POST", rf"/datasets/{REPO}\.git/info/lfs/verify", "write", lfs_verify),
        ("PUT", OBJECT, "signed", put_object),
        ("GET", OBJECT, "signed", get_object),
        ("POST", rf"{API}/commit/{REVISION}", "write", commit),
        ("GET", rf"{API}/discussions", "read", discussions),
        ("POST", rf"{API}/discussions/(?P<number>\d+)/merge", "write", merge),
        ("POST", rf"{API}/tag/{REVISION}", "write", tag),
    )
)
