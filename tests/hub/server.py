"""A small hub on loopback that speaks the Hub's HTTP API as far as `huggingface_hub` and `datasets` use it here.

README.md, beside this file, says which endpoints there are and from which client behaviour each was derived. It is
strict: what it does not know, or what is not as the Hub wants it, fails, and is remembered in ``refused``.
"""

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from hub.endpoints import ROUTES
from hub.messages import Refusal, Request, Response
from hub.repository import Repository

WRITER, READER = "hf_writer-0123456789", "hf_reader-9876543210"  # the tokens that it knows
#: What is asked to see whether there is such a thing: what the client does of its own accord, and Xet.
UNKNOWN_ON_PURPOSE = re.compile(r"/api/agent-harnesses|/api/datasets/.*/xet-write-token/main")


#: How a request is broken: the connection is cut before or after the hub acted, it answers with an error status
#: without having acted, or it acts and half of its answer arrives.
Fault = Literal["cut-before", "cut-after", "truncated", 401, 403, 409, 429, 500]
Hook = Callable[[Request], Fault | Response | None]


class Hub:
    """The hub: ``with Hub(folder) as hub``, and ``hub.url`` is where clients find it.

    ``requests`` is everything that was asked of it, ``refused`` what it did not know or found wrongly made. ``hook``
    sees every request before it is answered, and may break it or answer it. ``retry_after`` goes with a 429. ``ids`` is
    the algorithm of the ids of new repositories. While ``etag_of_path`` is true, a file has one ETag in all revisions,
    which the Hub never does and others do.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[Request] = []
        self.refused: list[str] = []
        self.hook: Hook = lambda _: None
        self.retry_after, self.ids = "0", "sha1"
        self.etag_of_path = False
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
        self.requests, self.refused, self.hook, self.retry_after, self.ids = [], [], lambda _: None, "0", "sha1"
        self.etag_of_path = False

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
                    self._keep_private(request, unquote(match.groupdict(default="").get("repo", "")), rights)
                    with self.lock:
                        return function(
                            self, request, **{k: unquote(v) for k, v in match.groupdict(default="").items()}
                        )
                except Refusal as refusal:
                    if refusal.response.status == 400:
                        self.refused.append(f"{request.name}: {refusal}")
                    return refusal.response
        if not UNKNOWN_ON_PURPOSE.fullmatch(request.path):
            self.refused.append(f"{request.name}: there is no such route")
        return Refusal(404, "Sorry, we can't find the page you are looking for.").response

    def _admit(self, request: Request, rights: str) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given.startswith("Basic "):  # the password of a proxy before the hub, which takes it away
            given = ""
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

    def _keep_private(self, request: Request, repo: str, rights: str) -> None:
        """Shows a private repository only to somebody with a token; to others it does not exist."""
        if rights == "read" and repo and self.repository(repo).private and "authorization" not in request.headers:
            raise Refusal(401, "Invalid username or password.", "RepoNotFound")

    def found(self, repo: str, revision: str) -> tuple[Repository, str]:
        """A repository and the commit that a revision of it stands for."""
        repository = self.repository(repo)
        if not repository.exists():
            raise Refusal(404, "Repository not found", "RepoNotFound")
        commit = repository.resolve(revision)
        if commit is None:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return repository, commit


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
