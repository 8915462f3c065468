"""What a client sends to the hub of the tests, and what it gets."""

import json
from dataclasses import dataclass, field


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
