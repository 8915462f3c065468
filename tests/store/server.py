"""An S3 server on loopback, moto's, that fails on demand.

The server acts on one request after the other, so that an object can be created only once, as S3 promises. A fault is
said by the number of the request, counted from 0 since ``expect``.
"""

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Any, Literal

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

#: Nothing; the connection is cut before the server acts, after it acted, in the middle of its answer; another status.
Fault = Literal["", "before", "after", "half"] | int


def no_fault(_: int) -> Fault:
    return ""


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


class S3:
    """The server. ``requests`` are the requests since ``expect``."""

    def __init__(self) -> None:
        self._backend: Any = DomainDispatcherApplication(create_backend_app)
        self._lock = Lock()
        self._server = make_server("127.0.0.1", 0, self.answer, threaded=True, request_handler=Quiet)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.expect(no_fault)

    def stop(self) -> None:
        self._server.shutdown()

    def expect(self, fault: Callable[[int], Fault]) -> None:
        """From now on requests are counted anew, and fail as ``fault`` says of their number."""
        with self._lock:
            self.requests: list[str] = []
            self.fault = fault

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What the server holds under a prefix, with no request."""
        keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["sets"].keys
        return {name.removeprefix(prefix): keys[name].value for name in list(keys) if name.startswith(prefix)}

    def forget(self, prefix: str) -> None:
        """Takes what is under a prefix away from the server, with no request."""
        keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["sets"].keys
        for name in [name for name in keys if name.startswith(prefix)]:
            del keys[name]

    def answer(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        with self._lock:
            fault = self.fault(len(self.requests))
            self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            if isinstance(fault, int):
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start(f"{fault} Fault", [("Content-Type", "application/xml")])
                return [b"<Error><Code>Fault</Code><Message>as the test wants it</Message></Error>"]
            body = [] if fault == "before" else list(self._backend(environ, start))
            if fault == "half":
                whole = b"".join(body)
                return [whole[: len(whole) // 2]]
            if fault:
                with suppress(OSError):
                    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                if fault == "before":
                    start("200 OK", [])
            return body


@contextmanager
def s3_server() -> Iterator[S3]:
    """A server that the process and its children use for S3, with an empty bucket ``sets``."""
    import fsspec  # noqa: PLC0415 - s3fs reads the environment

    server = S3()
    usual = dict(os.environ)
    os.environ.update(
        AWS_ENDPOINT_URL=server.url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="not-to-be-printed",  # noqa: S106 - there is nothing behind it
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    try:
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("sets")
        yield server
    finally:
        os.environ.clear()
        os.environ.update(usual)
        server.stop()
