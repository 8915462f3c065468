"""What is wrong, where, and what to do next: the one value that every check yields, and its three printed forms.

Of a project in which very much is wrong, the first problems are kept in full and the others counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal, get_args

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

    @property
    def failed(self) -> bool:
        """Whether it is an error."""
        return self.severity == "error"


@dataclass(frozen=True, slots=True)
class Counted:
    """One more problem of a rule, which is not told in full."""

    severity: Severity
    rule: str


MAX_SHOWN = 1_000  # problems kept in full: nobody reads more at once, and a million of them take a gigabyte


class Problems:
    """What is wrong with a project: the first problems by place, each once, and how many more there are of each rule.

    One that comes again is counted again if it is not among the first.
    """

    def __init__(self, problems: "Iterable[Problem | Counted | Problems]" = (), last: Problem | None = None) -> None:
        self._kept: set[Problem] = set()
        self._left: Counter[tuple[Severity, str]] = Counter()
        self._last = last  # what sorts after it is only counted
        for problem in problems:
            self.add(problem)

    def add(self, problem: "Problem | Counted | Problems") -> None:
        """Takes a problem, or what another collection holds."""
        if isinstance(problem, Problems):
            for one in problem._kept:  # noqa: SLF001 - of its own kind
                self.add(one)
            self._left.update(problem._left)  # noqa: SLF001 - the same
        elif isinstance(problem, Counted) or (self._last is not None and problem > self._last):
            self._left[problem.severity, problem.rule] += 1
        else:
            self._kept.add(problem)
            if len(self._kept) >= 2 * MAX_SHOWN:
                self._cut_if_full()

    def cut(self, last: Problem) -> None:
        """Only counts from now on what sorts after ``last``."""
        self._last = last
        over = [problem for problem in self._kept if problem > last]
        self._left.update((problem.severity, problem.rule) for problem in over)
        self._kept.difference_update(over)

    def _cut_if_full(self) -> None:
        if len(self._kept) > MAX_SHOWN:
            self.cut(sorted(self._kept)[MAX_SHOWN - 1])

    @property
    def shown(self) -> list[Problem]:
        """Those that are kept in full, sorted: at most MAX_SHOWN."""
        self._cut_if_full()
        return sorted(self._kept)

    @property
    def left(self) -> dict[tuple[Severity, str], int]:
        """How many more there are, by severity and rule, the most frequent first."""
        self._cut_if_full()
        return dict(sorted(self._left.items(), key=lambda item: (-item[1], item[0])))

    def rest(self) -> "Problems":
        """Those that are only counted."""
        rest = Problems()
        rest._left.update(self.left)
        return rest

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return self.count("error") > 0

    def count(self, severity: Severity) -> int:
        """How many there are of a severity."""
        left = sum(n for (name, _), n in self._left.items() if name == severity)
        return sum(problem.severity == severity for problem in self._kept) + left

    def __iter__(self) -> Iterator[Problem]:
        """Those that are kept in full, sorted."""
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self._kept) + self._left.total()


def printable(text: str) -> str:
    """Text on one line, without what a terminal would obey: a release from elsewhere may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def as_text(problems: Problems) -> str:
    """For people: ``path:line:column: error[rule-id]: message``, with the next step on a line of its own."""
    shown = "".join(
        f"{p.path}:{p.line}:{p.column}: {p.severity}[{p.rule}]: {p.message}\n  hint: {p.hint}\n" for p in problems
    )
    return shown + (f"and {_rest(problems)}\n" if problems.left else "")


def as_github(problems: Problems) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request.

    Escapes as GitHub's own toolkit does (``@actions/core``, ``command.ts``).
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def attribute(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    shown = "".join(
        f"::{p.severity} file={attribute(p.path)},line={p.line},col={p.column},title={attribute(p.rule)}"
        f"::{data(p.message)}%0Ahint: {data(p.hint)}\n"
        for p in problems
    )
    return shown + (f"::notice::and {data(_rest(problems))}\n" if problems.left else "")


def as_json(problems: Problems) -> str:
    """A JSON array of objects with the fields of :class:`Problem`.

    If there are more than are kept in full, an object for each rule follows, with ``rule``, ``severity`` and ``more``.
    """
    rows: list[dict[str, str | int]] = [asdict(p) for p in problems]
    rows += [{"rule": rule, "severity": severity, "more": n} for (severity, rule), n in problems.left.items()]
    return msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n"


def _rest(problems: Problems) -> str:
    counts = ", ".join(f"{n:,} {severity}[{rule}]" for (severity, rule), n in problems.left.items())
    return f"{sum(problems.left.values()):,} more: {counts}"


FORMATS = {"text": as_text, "github": as_github, "json": as_json}


def summary(problems: Problems) -> str:
    """``3 errors, 1 warning``."""
    counts: dict[Severity, int] = {severity: problems.count(severity) for severity in get_args(Severity)}
    return ", ".join(f"{n:,} {severity}{'' if n == 1 else 's'}" for severity, n in counts.items())
