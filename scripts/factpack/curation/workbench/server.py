"""Answer a page on loopback: it gets itself, and saves.

Whoever knows the token in the address can write into the annotation files of the project, and nobody else: other users
of the machine do not know it, and pages of other sites neither know it nor have the origin that every write needs. A
name that is made to lead to this machine (DNS rebinding) is not the host that is answered. No request names a file.
"""

import hmac
import json
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from factpack.curation.workbench.saving import SaveRequest, Target
from factpack.curation.workbench.session import Session
from factpack.errors import FactpackError

HOST = "127.0.0.1"
MAX_BODY = 2**20  # bytes of a request: a record takes a thousandth
_WAIT = 20.0  # seconds after which a page asks again for its next build
_MAX_REQUESTS = 32  # that are answered at the same time


class _Refused(Exception):  # noqa: N818 - it ends a request, and is no error of the program
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class RecordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a record as the file has it."""

    article: str
    target: Target


class WorkbenchServer(ThreadingHTTPServer):
    """Serve the page of a session.

    Attributes:
        session: The session.
        token: What the address has, and nobody can guess.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, session: Session) -> None:
        super().__init__((HOST, 0), _Handler)
        self.session = session
        self.token = secrets.token_urlsafe(32)
        self._free = BoundedSemaphore(_MAX_REQUESTS)

    @property
    def host(self) -> str:
        """Return the only host that is answered."""
        return f"{HOST}:{self.server_port}"

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return f"http://{self.host}/{self.token}/"

    def start(self) -> None:
        """Answer from now on, until :meth:`stop`."""
        Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a request in a thread of its own; one that is too many is closed at once."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a request, and make room for another one."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke off."""


class _Handler(BaseHTTPRequestHandler):
    server: WorkbenchServer
    timeout = 30  # seconds that a slow sender has
    server_version = "factpack"
    sys_version = ""

    def do_GET(self) -> None:
        """Give the page, or the name of its next build."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Save, undo, or give a record."""
        self._answer(self._post)

    def log_message(self, *args: object) -> None:
        """Log nothing: the terminal shows the report of the check."""

    def _answer(self, act: Any) -> None:
        try:
            status, kind, data = act(self._path())
        except _Refused as refused:
            status, kind, data = refused.status, "application/json", json.dumps({"error": str(refused)}).encode()
        except (FactpackError, OSError) as error:
            status, kind, data = HTTPStatus.CONFLICT, "application/json", json.dumps({"error": str(error)}).encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(data)

    def _path(self) -> str:
        """Return the path behind the token.

        Raises:
            _Refused: The request is not one of the page.
        """
        if self.headers.get_all("Host") != [self.server.host]:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "requests for this host are refused")
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{self.server.host}":
            raise _Refused(HTTPStatus.FORBIDDEN, "requests from another origin are refused")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _Refused(HTTPStatus.FORBIDDEN, "requests from another site are refused")
        token, slash, path = self.path.removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.NOT_FOUND, "not found")
        return path

    def _get(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        parts = urlsplit(path)
        session = self.server.session
        if not parts.path and not parts.query:
            return HTTPStatus.OK, "text/html", session.page.html.encode()
        if parts.path == "next":
            build = session.wait(parse_qs(parts.query).get("build", [""])[0], _WAIT)
            return HTTPStatus.OK, "application/json", json.dumps({"build": build}).encode()
        raise _Refused(HTTPStatus.NOT_FOUND, "not found")

    def _post(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        if self.headers.get("Origin") is None:
            raise _Refused(HTTPStatus.FORBIDDEN, "only the page itself can write")
        if path not in ("save", "undo", "record"):
            raise _Refused(HTTPStatus.NOT_FOUND, "not found")
        if self.headers.get_content_type() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a request must be JSON")
        body = self._body()
        session = self.server.session
        try:
            if path == "save":
                done = session.save(msgspec.json.decode(body, type=SaveRequest))
            elif path == "record":
                asked = msgspec.json.decode(body, type=RecordRequest)
                done = session.record(asked.article, asked.target)
            else:
                done = session.undo()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, f"the request is malformed: {error}") from error
        return HTTPStatus.OK, "application/json", json.dumps(done).encode()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "a request must give its length")
        if len(length) > 10 or int(length) > MAX_BODY:  # noqa: PLR2004 - digits that no allowed length has
            self.close_connection = True
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request must have at most {MAX_BODY:,} bytes")
        return self.rfile.read(int(length))
