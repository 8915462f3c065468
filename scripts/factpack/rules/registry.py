"""What a rule is, and how a value is put before every rule that judges its kind."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from factpack.problems import Problem, Severity
from factpack.sources import Record, Spot


class Finding(NamedTuple):
    """What a rule found: where, what, and the next step; ``severity`` if it is not that of the rule."""

    spot: Spot
    message: str
    hint: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``subject`` is the type that it judges, ``manual`` its docstring."""

    id: str
    severity: Severity
    subject: type
    check: Callable[[Any], Iterator[Finding]]
    manual: str


Check = TypeVar("Check", bound=Callable[[Any], Iterator[Finding]])

RULES: dict[str, Rule] = {}
_BY_SUBJECT: dict[type, list[Rule]] = {}


def rule(severity: Severity) -> Callable[[Check], Check]:
    """Makes a rule of a function: its name is the id, the type of its parameter what it judges, its docstring the
    manual page.

    ``Record[Dataset]`` judges every record that holds a Dataset.
    """

    def register(check: Check) -> Check:
        hint = next(iter(get_type_hints(check).values()))
        subject = get_args(hint)[0] if get_origin(hint) is Record else hint
        made = Rule(check.__name__.replace("_", "-"), severity, subject, check, inspect.getdoc(check) or "")
        RULES[made.id] = made
        _BY_SUBJECT.setdefault(subject, []).append(made)
        return check

    return register


# A control character is shown by its picture, so that one problem stays on its own lines.
_SHOWN = {c: chr(0x2400 + c) for c in range(0x20)} | {0x7F: "\u2421", 0x2028: " ", 0x2029: " "}


def judge(subject: object) -> Iterator[Problem]:
    """Every problem that the rules find in a value."""
    kind = type(subject.value) if isinstance(subject, Record) else type(subject)
    for made in _BY_SUBJECT.get(kind, ()):
        for finding in made.check(subject):
            file, line, column = finding.spot
            severity = finding.severity or made.severity
            yield Problem(_shown(file), line, column, made.id, severity, _shown(finding.message), _shown(finding.hint))


def _shown(text: str) -> str:
    return text if text.isprintable() else text.translate(_SHOWN)
