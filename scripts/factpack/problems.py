"""What is wrong, where, and what to do next: the one value that every check yields, and its three printed forms."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a project.

    ``path`` is relative to the project folder, with forward slashes. ``line`` and ``column`` count from 1, the column
    in Unicode code points. Problems sort by place.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    hint: str


def as_text(problems: Iterable[Problem]) -> str:
    """For people: ``path:line:column: error[rule-id]: message``, with the next step on a line of its own."""
    return "".join(
        f"{p.path}:{p.line}:{p.column}: {p.severity}[{p.rule}]: {p.message}\n  hint: {p.hint}\n" for p in problems
    )


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request.

    Escapes as GitHub's own toolkit does (``@actions/core``, ``command.ts``).
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def attribute(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    return "".join(
        f"::{p.severity} file={attribute(p.path)},line={p.line},col={p.column},title={attribute(p.rule)}"
        f"::{data(p.message)}%0Ahint: {data(p.hint)}\n"
        for p in problems
    )


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON array of objects with the fields of :class:`Problem`."""
    return msgspec.json.format(msgspec.json.encode([asdict(p) for p in problems])).decode() + "\n"


FORMATS = {"text": as_text, "github": as_github, "json": as_json}


def summary(problems: Iterable[Problem]) -> str:
    """``3 errors, 1 warning``."""
    counts = {"error": 0, "warning": 0}
    for problem in problems:
        counts[problem.severity] += 1
    return ", ".join(f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in counts.items())
