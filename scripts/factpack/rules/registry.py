"""What a rule is, and how a value is put before every rule that judges its kind."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from factpack.problems import Counted, Problem, Severity
from factpack.records import Pointer, Record, Spot


class Finding(NamedTuple):
    """What a rule found: where, what, and the next step; ``severity`` if it is not that of the rule.

    A hint that takes long to find can be a function that finds it.
    """

    place: Pointer | Spot
    message: str
    hint: str | Callable[[], str]
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


# A control character is shown by its picture, so that one problem stays on its own lines; what would turn the direction
# of the line, by its number. Spaces of other widths, and what joins letters, stay.
_SHOWN: dict[int, str] = {c: chr(0x2400 + c) for c in range(0x20)} | {0x7F: "\u2421", 0x2028: " ", 0x2029: " "}
_SHOWN |= {
    c: f"\\u{c:04x}"
    for c in (*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def judge(subject: object) -> Iterator[Problem]:
    """Every problem that the rules find in a value."""
    for made, finding in _findings(subject):
        place, hint = finding.place, finding.hint
        file, line, column = place if isinstance(place, Spot) else place.spot()
        told = (_shown(file), line, column, made.id, finding.severity or made.severity, _shown(finding.message))
        yield Problem(*told, _shown(hint if isinstance(hint, str) else hint()))


def count(subject: object) -> Iterator[Counted]:
    """The same, where nobody will read it: to say where it stands and what to do takes longer than to find it."""
    for made, finding in _findings(subject):
        yield Counted(finding.severity or made.severity, made.id)


def _findings(subject: object) -> Iterator[tuple[Rule, Finding]]:
    kind = type(subject.value) if isinstance(subject, Record) else type(subject)
    for made in _BY_SUBJECT.get(kind, ()):
        for finding in made.check(subject):
            yield made, finding


def _shown(text: str) -> str:
    return text if text.isprintable() else text.translate(_SHOWN)
