"""Make rules and messages of functions: the docstring of each is its manual page.

A rule decides whether something is wrong. A message only words what an earlier stage found; to everybody else it is a
rule like any other.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from factpack.checks.problem import Problem, Severity
from factpack.formats.locations import Record

#: Code as docstrings have it; people know it from messages, with one sign on each side.
_CODE = re.compile(r"``(.+?)``", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """Describe a rule.

    Attributes:
        id: Its name in reports, ``quote-not-found``.
        severity: Whether what it finds are errors.
        subject: The type of what it judges.
        kinds: The kinds of that which it judges, by their attribute ``kind``; all if there are none.
        check: Yields what is wrong with a subject.
        manual: Its manual page: what it wants and why, an example after ``Bad:`` and one after ``Good:``.
    """

    id: str
    severity: Severity
    subject: type
    kinds: tuple[str, ...]
    check: Callable[[Any], Iterable[Problem]]
    manual: str

    def judge(self, subject: Any) -> Iterator[Problem]:
        """Yield what is wrong with a value of the type that the rule judges."""
        if self.kinds and subject.kind not in self.kinds:
            return
        for problem in self.check(subject):
            problem.rule = self.id
            if self.severity == "warning":
                problem.severity = "warning"
            yield problem


def rule(severity: Severity, *kinds: str) -> Callable[[Callable[[Any], Iterable[Problem]]], Rule]:
    """Make a rule of a function that yields problems.

    Its name is the id, the type of its parameter what it judges: ``Record[Dataset]`` is every record of a dataset. Its
    docstring is the manual page.

    Args:
        severity: Whether what it finds are errors.
        kinds: What the attribute ``kind`` of its parameter has to be, if that matters.
    """

    def make(check: Callable[[Any], Iterable[Problem]]) -> Rule:
        return _rule(check, check, severity, kinds)

    return make


def message(severity: Severity, *kinds: str) -> Callable[[Callable[[Any], Problem]], Rule]:
    """Make a rule of a function that words what is wrong already; everything else is as for :func:`rule`."""

    def make(word: Callable[[Any], Problem]) -> Rule:
        return _rule(word, lambda subject: (word(subject),), severity, kinds)

    return make


def _rule(
    function: Callable[..., object],
    check: Callable[[Any], Iterable[Problem]],
    severity: Severity,
    kinds: tuple[str, ...],
) -> Rule:
    hints = {name: hint for name, hint in get_type_hints(function).items() if name != "return"}
    if not hints:
        message = f"{function.__name__} does not say by a type what it judges"
        raise TypeError(message)
    hint = next(iter(hints.values()))
    subject = get_args(hint)[0] if get_origin(hint) is Record else hint
    name = function.__name__.replace("_", "-")
    manual = _CODE.sub(r"`\1`", inspect.getdoc(function) or "")
    return Rule(name, severity, subject, kinds, check, manual)
