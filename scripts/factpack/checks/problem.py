"""Describe what is wrong, where, and what to do next; collect the first problems in full, and count the others."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property, total_ordering
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

from factpack.formats.locations import LazyLocation, Location
from factpack.limits import DEFAULT_LIMITS

Severity = Literal["error", "warning"]

# A control character is shown by its picture, so that one problem stays on its own lines; what would turn the direction
# of the line, by its number. Spaces of other widths, and what joins letters, stay.
_SHOWN: dict[int, str] = {c: chr(0x2400 + c) for c in range(0x20)} | {0x7F: "\u2421", 0x2028: " ", 0x2029: " "}
_SHOWN |= {
    c: f"\\u{c:04x}"
    for c in (*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def _shown(text: str) -> str:
    return text if text.isprintable() else text.translate(_SHOWN)


@total_ordering
class Problem:
    """Say one thing that is wrong in a project. Problems sort errors first, and then by place.

    A rule gives the place, the message and the hint. Where that is in the file, and a hint that takes long to find, are
    looked up when they are asked for, because most of a million problems are only counted.

    Args:
        place: Where it is.
        message: What is wrong.
        hint: The next step, or a function that finds it.
        severity: ``warning`` if it is one though its rule is an error; all of a rule that warns are warnings.
        rule: The id of the rule, which is filled in for a rule.
    """

    def __init__(
        self,
        place: LazyLocation | Location,
        message: str,
        hint: str | Callable[[], str],
        severity: Severity = "error",
        rule: str = "",
    ) -> None:
        self.place = place
        self.severity = severity
        self.rule = rule
        self._message = message
        self._hint = hint

    @cached_property
    def _location(self) -> Location:
        return self.place.resolve()

    @property
    def path(self) -> str:
        """Return the file, relative to the project folder, with forward slashes."""
        return _shown(self._location.file)

    @property
    def line(self) -> int:
        """Return the line, from 1."""
        return self._location.line

    @property
    def column(self) -> int:
        """Return the column, from 1, in Unicode code points."""
        return self._location.column

    @property
    def message(self) -> str:
        """Return what is wrong."""
        return _shown(self._message)

    @property
    def failed(self) -> bool:
        """Tell whether it is an error."""
        return self.severity == "error"

    @cached_property
    def hint(self) -> str:
        """Return the next step."""
        return _shown(self._hint if isinstance(self._hint, str) else self._hint())

    @cached_property
    def by_place(self) -> tuple[str, int, int, str, Severity, str, str]:
        """Return path, line, column, rule, severity, message and hint, by which problems sort by place."""
        return self.path, self.line, self.column, self.rule, self.severity, self.message, self.hint

    def to_dict(self) -> dict[str, str | int]:
        """Return path, line, column, rule, severity, message and hint by their names."""
        names = ("path", "line", "column", "rule", "severity", "message", "hint")
        return dict(zip(names, self.by_place, strict=True))

    def replace(self, *, severity: Severity | None = None, hint: str | None = None) -> "Problem":
        """Return the problem with another severity or hint."""
        return Problem(self.place, self._message, hint or self._hint, severity or self.severity, self.rule)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self.by_place == other.by_place

    def __lt__(self, other: "Problem") -> bool:
        return self.failed if self.failed != other.failed else self.by_place < other.by_place

    def __hash__(self) -> int:
        return hash(self.by_place)

    def __repr__(self) -> str:
        return f"Problem({self.to_dict()})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Give another process the problem as it is shown, without the texts that it was found in."""
        return Problem, (self._location, self._message, self.hint, self.severity, self.rule)


class Problems:
    """Collect what is wrong with a project: the first problems by place, each once, and how many more of each rule.

    No error is left out for a warning. One that comes again is counted again if it is not among the first.

    Args:
        found: The first problems.
        max_shown: How many are kept in full.
    """

    def __init__(self, found: "Iterable[Problem | Problems]" = (), max_shown: int = DEFAULT_LIMITS.max_shown) -> None:
        self.max_shown = max_shown
        self.failed = False  # whether there is an error among them
        self._kept: set[Problem] = set()
        self._counted: Counter[tuple[Severity, str]] = Counter()
        self._last: Problem | None = None  # what sorts after it is only counted
        for problem in found:
            self.add(problem)

    def add(self, found: "Problem | Problems") -> None:
        """Add a problem, or all that another collection has."""
        if isinstance(found, Problems):
            for one in found._kept:  # noqa: SLF001 - of its own kind
                self.add(one)
            self._counted.update(found._counted)  # noqa: SLF001 - the same
            self.failed = self.failed or found.failed
        elif self._last is not None and found > self._last:
            self.add_counted(found)
        else:
            self.failed = self.failed or found.failed
            self._kept.add(found)
            if len(self._kept) >= 2 * self.max_shown:
                self._cut_if_full()

    def add_counted(self, problem: Problem) -> None:
        """Count one more problem, which is not shown: its place is not looked up."""
        self.failed = self.failed or problem.failed
        self._counted[problem.severity, problem.rule] += 1

    def add_sorted(self, found: Iterable[Problem]) -> None:
        """Add problems that come rule by rule in the order of their places: the first of each rule may be shown."""
        for rule, problems in groupby(found, attrgetter("rule")):
            errors = warnings = more_errors = more_warnings = 0  # there can be millions: no object for each
            for problem in problems:
                if problem.severity == "error":
                    errors += 1
                    if errors <= self.max_shown:
                        self.add(problem)
                    else:
                        more_errors += 1
                else:
                    warnings += 1
                    if errors + warnings <= self.max_shown:
                        self.add(problem)
                    else:
                        more_warnings += 1
            self.failed = self.failed or errors > 0
            self._counted.update({("error", rule): more_errors} if more_errors else {})
            self._counted.update({("warning", rule): more_warnings} if more_warnings else {})

    def cut(self, last: Problem) -> None:
        """Only count from now on what sorts after ``last``."""
        self._last = last
        over = [problem for problem in self._kept if problem > last]
        self._counted.update((problem.severity, problem.rule) for problem in over)
        self._kept.difference_update(over)

    def _cut_if_full(self) -> None:
        if len(self._kept) > self.max_shown:
            self.cut(sorted(self._kept)[self.max_shown - 1])

    @property
    def shown(self) -> list[Problem]:
        """Return those that are kept in full, sorted by place: at most ``max_shown``."""
        self._cut_if_full()
        return sorted(self._kept, key=lambda problem: problem.by_place)

    @property
    def more(self) -> dict[tuple[Severity, str], int]:
        """Count the others, by severity and rule, the most frequent first."""
        self._cut_if_full()
        return dict(sorted(self._counted.items(), key=lambda item: (-item[1], item[0])))

    @property
    def counts(self) -> Counter[Severity]:
        """Count all of them by severity."""
        counts = Counter(problem.severity for problem in self._kept)
        for (severity, _), number in self._counted.items():
            counts[severity] += number
        return counts

    def __len__(self) -> int:
        return len(self._kept) + self._counted.total()
