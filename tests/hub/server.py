"""A small hub on loopback that speaks the Hub's HTTP API as far as `huggingface_hub` and `datasets` use it here.

README.md, beside this file, says which endpoints there are and from which client behaviour each was derived. It is
strict: what it does not know, or what is not as the Hub wants it, fails, and is remembered in ``refused``.
"""

import base64
import json
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml

from hub.repository import MAIN, ExistsError, MovedError, Repository, sha256

WRITER, READER = "hf_writer-0123456789", "hf_reader-9876543210"  # the tokens that it knows
SIGNATURE = "X-Signature=signed"
COMMIT = re.compile(r"[0-9a-f]{40}")
PAGE = 1000
#: What the client asks of its own accord, and does well without.
UNKNOWN_ON_PURPOSE = ("/api/agent-harnesses",)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. ``path`` has no query. ``storage`` tells whether it went to where large files are."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    storage: bool

    @property
    def name(self) -> str:
        """By which the same request is known again in another run."""
        return f"{self.method} {self.path}" + ("?" + "&".join(sorted(self.query)) if self.query else "")


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Refusal(Exception):  # noqa: N818 - it is an answer, and not a fault of the hub
    """An answer that says no. ``code`` is the Hub's X-Error-Code, by which the client tells the kinds of 404 apart."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.response = Response(status, headers, json.dumps({"error": message}).encode())


#: How a request is broken: the connection is cut before or after the hub acted, it answers with an error status
#: without having acted, or it acts and half of its answer arrives.
Fault = Literal["cut-before", "cut-after", "truncated", 401, 403, 409, 429, 500]
Hook = Callable[[Request], Fault | Response | None]


class Hub:
    """The hub: ``with Hub(folder) as hub``, and ``hub.url`` is where clients find it.

    ``requests`` is everything that was asked of it, ``refused`` what it did not know or found wrongly made. ``hook``
    sees every request before it is answered, and may break it or answer it. ``retry_after`` goes with a 429.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[Request] = []
        self.refused: list[str] = []
        self.hook: Hook = lambda _: None
        self.retry_after = "0"
        self.lock = threading.RLock()
        self._active, self._change = 0, threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # Another origin for large files, as on the Hub: the client must not send its token there.
        self.storage = f"http://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While a request is dealt with."""
        with self._change:
            self._active += 1
        try:
            yield
        finally:
            with self._change:
                self._active -= 1
                self._change.notify_all()

    def settle(self) -> None:
        """Waits until no request is dealt with any more, also none whose client is dead."""
        with self._change:
            self._change.wait_for(lambda: self._active == 0)

    def reset(self) -> None:
        """Forgets what was asked, and breaks nothing; the repositories stay."""
        self.requests, self.refused, self.hook, self.retry_after = [], [], lambda _: None, "0"

    def repository(self, repo_id: str) -> Repository:
        return Repository(self.folder / f"{repo_id}.git")

    def copy(self, repo_id: str, other: str) -> Repository:
        """Another repository with the same content."""
        copied = self.repository(other)
        shutil.copytree(self.repository(repo_id).folder, copied.folder)
        return copied

    def answer(self, request: Request) -> Response:
        """The answer to a request, without faults."""
        for method, pattern, rights, function in ROUTES:
            match = pattern.fullmatch(request.path)
            if match and method == request.method and request.storage == (rights == "signed"):
                try:
                    self._admit(request, rights)
                    with self.lock:
                        return function(
                            self, request, **{k: unquote(v) for k, v in match.groupdict(default="").items()}
                        )
                except Refusal as refusal:
                    if refusal.response.status == 400:
                        self.refused.append(f"{request.name}: {refusal}")
                    return refusal.response
        if request.path not in UNKNOWN_ON_PURPOSE:
            self.refused.append(f"{request.name}: there is no such route")
        return Refusal(404, "Sorry, we can't find the page you are looking for.").response

    def _admit(self, request: Request, rights: str) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if rights == "signed":
            if given:
                raise Refusal(400, "a token was sent to where large files are")
            if "X-Signature" not in request.query:
                raise Refusal(403, "Access Denied")
        elif given and given not in (WRITER, READER):
            raise Refusal(401, "Invalid credentials in Authorization header")
        elif rights == "write" and not given:
            raise Refusal(401, "Invalid username or password.")
        elif rights == "write" and given != WRITER:
            raise Refusal(403, "you must use a write token to do this")

    def found(self, repo: str, revision: str) -> tuple[Repository, str]:
        """A repository and the commit that a revision of it stands for."""
        repository = self.repository(repo)
        if not repository.exists():
            raise Refusal(404, "Repository not found", "RepoNotFound")
        commit = repository.resolve(revision)
        if commit is None:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return repository, commit


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


def create_repo(hub: Hub, request: Request) -> Response:
    name, organization, kind = _want(_read(request.body), name=str, organization=str, type=str)
    if kind != "dataset":
        raise Refusal(400, f"only datasets are kept here, not {kind}")
    url = f"{hub.url}/datasets/{organization}/{name}"
    repository = hub.repository(f"{organization}/{name}")
    if repository.exists():
        return _json({"error": "You already created this dataset repo", "url": url}, 409)
    repository.create()
    return _json({"url": url, "name": f"{organization}/{name}"})


def dataset_info(hub: Hub, _: Request, repo: str, revision: str) -> Response:
    repository, commit = hub.found(repo, revision or MAIN)
    files = [entry for entry in repository.tree(commit).values() if entry.kind == "file"]
    siblings = [{"rfilename": entry.path} for entry in files]
    return _json({"_id": "0", "id": repo, "sha": commit, "private": False, "tags": [], "siblings": siblings})


def list_refs(hub: Hub, _: Request, repo: str) -> Response:
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


def list_tree(hub: Hub, request: Request, repo: str, revision: str, path: str) -> Response:
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


def paths_info(hub: Hub, request: Request, repo: str, revision: str) -> Response:
    repository, commit = hub.found(repo, revision)
    paths = parse_qs(request.body.decode()).get("paths", [])
    tree = repository.tree(commit)
    return _json([_described(tree[path]) for path in paths if path in tree])


def resolve(hub: Hub, request: Request, repo: str, revision: str, path: str) -> Response:
    repository, commit = hub.found(repo, revision)
    entry = repository.tree(commit).get(path)
    if entry is None or entry.kind != "file":
        missing = Refusal(404, "Entry not found", "EntryNotFound").response
        return Response(404, missing.headers | {"X-Repo-Commit": commit}, missing.body)
    headers = {"X-Repo-Commit": commit, "ETag": f'"{entry.oid}"'}
    if entry.lfs:
        place = f"{hub.storage}/objects/{quote(repo, safe='')}/{entry.lfs}?{SIGNATURE}"
        linked = {"X-Linked-Size": str(entry.size), "X-Linked-ETag": f'"{entry.lfs}"', "Location": place}
        return Response(302, headers | linked)
    return _sent(request, repository.content(entry), headers)


def _sent(request: Request, data: bytes, headers: dict[str, str]) -> Response:
    """A file, or what is left of it from where the client goes on."""
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if wanted is None:
        return Response(200, headers, data)
    start = int(wanted[1])
    return Response(206, headers | {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, data[start:])


def get_object(hub: Hub, request: Request, repo: str, oid: str) -> Response:
    path = hub.repository(repo).large(oid)
    if not path.exists():
        raise Refusal(404, "NoSuchKey")
    return _sent(request, path.read_bytes(), {"ETag": f'"{oid}"'})


def put_object(hub: Hub, request: Request, repo: str, oid: str) -> Response:
    if sha256(request.body) != oid:
        raise Refusal(400, "BadDigest: the bytes do not have the sum that they were announced with")
    path = hub.repository(repo).large(oid)
    path.with_suffix(".new").write_bytes(request.body)
    path.with_suffix(".new").rename(path)
    return Response(200)


def preupload(hub: Hub, request: Request, repo: str, revision: str) -> Response:
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


def lfs_batch(hub: Hub, request: Request, repo: str) -> Response:
    hub.found(repo, MAIN)
    operation, transfers, objects, _, algorithm = _want(
        _read(request.body), operation=str, transfers=list, objects=list, ref=dict, hash_algo=str
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


def lfs_verify(hub: Hub, request: Request, repo: str) -> Response:
    oid, size = _want(_read(request.body), oid=str, size=int)
    path = hub.repository(repo).large(oid)
    if not path.exists() or path.stat().st_size != size:
        raise Refusal(400, f"{oid} was not uploaded with {size} bytes")
    return _json({"message": "ok"})


def commit(hub: Hub, request: Request, repo: str, revision: str) -> Response:
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
    if parent is not None and parent != head:
        raise Refusal(412, "A commit has happened since. Please refresh and try again.")
    files, deleted = _operations(repository, head, lines[1:])
    if "README.md" in files and (errors := _header_errors(files["README.md"].decode())):
        raise Refusal(400, "; ".join(errors))
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


def tag(hub: Hub, request: Request, repo: str, revision: str) -> Response:
    repository, target = hub.found(repo, revision)
    document = _read(request.body)
    message = document.pop("message", None) if isinstance(document, dict) else None
    (name,) = _want(document, tag=str)
    try:
        repository.tag(name, message, target)
    except ExistsError as error:
        raise Refusal(409, "Tag reference exists already") from error
    return _json({"success": True})


def validate_yaml(_: Hub, request: Request) -> Response:
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
        ("POST", rf"{API}/tag/{REVISION}", "write", tag),
    )
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    hub: Hub

    def handle_error(self, *_: object) -> None:
        """A connection that the client cut is no fault."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, *_: object) -> None:
        """Nothing: ``Hub.requests`` has it all."""

    def handle_method(self) -> None:
        hub = self.server.hub
        with hub.busy():
            self._handle(hub, self._request())

    def _handle(self, hub: Hub, request: Request) -> None:
        hub.requests.append(request)
        fault = hub.hook(request)
        if fault == "cut-before":
            self._cut()
        elif isinstance(fault, Response):
            self._send(fault)
        elif isinstance(fault, int):
            self._send(self._error(fault))
        else:
            response = hub.answer(request)
            if fault == "cut-after":
                self._cut()
            elif fault == "truncated":
                self._send_half(response)
            else:
                self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = handle_method  # noqa: N815 - the names that the base class looks for

    def _error(self, status: int) -> Response:
        """An error as a hub gives it; one of the server's own is often a page of what stands in front of it."""
        if status >= 500:
            return Response(status, {"Content-Type": "text/html"}, b"<html><title>Bad gateway</title></html>")
        refusal = Refusal(status, "broken on purpose").response
        return Response(status, refusal.headers | {"Retry-After": self.server.hub.retry_after}, refusal.body)

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        storage = headers.get("host", "").startswith("localhost")
        query = parse_qs(parts.query, keep_blank_values=True)
        return Request(self.command, parts.path, query, headers, b"".join(self._body(headers)), storage)

    def _body(self, headers: dict[str, str]) -> Iterator[bytes]:
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline() or b"0", 16):
                yield self._read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield self._read(int(headers.get("content-length", 0)))

    def _read(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            message = "the client is gone in the middle of a request, which is none then"
            raise ConnectionAbortedError(message)
        return data

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _send_half(self, response: Response) -> None:
        """The head and half of the body; or half of the head, if there is no body."""
        body = b"" if self.command == "HEAD" else response.body
        lines = [f"HTTP/1.1 {response.status} -", *(f"{k}: {v}" for k, v in response.headers.items())]
        head = "\r\n".join([*lines, f"Content-Length: {len(response.body)}", "", ""]).encode()
        self.wfile.write(head + body[: len(body) // 2] if body else head[: len(head) // 2])
        self.wfile.flush()
        self._cut()
