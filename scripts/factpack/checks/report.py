"""Give the result of a check as a value, and print it as text, for GitHub, as JSON or as SARIF."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

import msgspec

from factpack import __version__
from factpack.checks.problem import Problem, Problems, Severity
from factpack.checks.registry import rules
from factpack.errors import FactpackError

ReportFormat = Literal["text", "github", "json", "sarif"]


def printable(text: str) -> str:
    r"""Return text on one line, with escapes for what a terminal would obey: it may come from anywhere.

    A byte of a file name that is not UTF-8 is shown as such: ``\xff``.
    """
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(c.replace("\\udc", "\\x") if len(c) > 1 else c for c in escaped)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, whose first word takes the plural: ``1 fact``, ``2 passages of evidence``."""
    what, _, of = noun.partition(" of ")
    return f"{count:,} {what}{'' if count == 1 else 's'}" + (f" of {of}" if of else "")


def _seen_from_here(folder: Path) -> Path:
    """Return a folder relative to the working directory if it is in it, else its absolute path, as ruff does.

    So an editor or a code host that was given the working directory finds every file, and nobody counts ``../``.
    """
    here, found = Path.cwd(), folder.resolve()
    return found.relative_to(here) if found.is_relative_to(here) else found


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Give everything that is wrong with a project, as a value that does not change any more.

    Printed in any form, paths are relative to the working directory; those of a project outside of it are absolute.

    Attributes:
        problems: The first problems by place, each once; errors come before warnings if not all are kept.
        more: How many more there are, by severity and rule, the most frequent first.
        root: The folder of the project.
    """

    problems: tuple[Problem, ...]
    more: Mapping[tuple[Severity, str], int]
    root: Path = Path()

    @classmethod
    def of(cls, problems: Problems, root: Path = Path()) -> "CheckReport":
        """Make the report of the problems that were collected in the project in a folder."""
        return cls(tuple(problems.shown), problems.more, root)

    @property
    def ok(self) -> bool:
        """Tell whether the project has no error; warnings may be there."""
        return not self.counts["error"]

    @property
    def counts(self) -> dict[Severity, int]:
        """Count the problems of each severity."""
        more = self.more.items()
        return {
            severity: sum(problem.severity == severity for problem in self.problems)
            + sum(number for (kind, _), number in more if kind == severity)
            for severity in get_args(Severity)
        }

    def count_of(self, rule: str) -> int:
        """Count the problems of a rule."""
        more = sum(number for (_, name), number in self.more.items() if name == rule)
        return sum(problem.rule == rule for problem in self.problems) + more

    def raise_to_errors(self, rule: str) -> "CheckReport":
        """Return the same report, with the problems of a rule as errors."""
        problems = (p.replace(severity="error") if p.rule == rule else p for p in self.problems)
        more: Counter[tuple[Severity, str]] = Counter()
        for (severity, name), number in self.more.items():
            more["error" if name == rule else severity, name] += number
        return replace(self, problems=tuple(problems), more=more)

    def without_warnings(self) -> "CheckReport":
        """Return the same report with its errors alone."""
        more = {of: number for of, number in self.more.items() if of[0] == "error"}
        return replace(self, problems=tuple(p for p in self.problems if p.failed), more=more)

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def summary(self) -> str:
        """Sum up the counts: ``3 errors, 1 warning``."""
        return ", ".join(counted(n, severity) for severity, n in self.counts.items())

    @property
    def where_to_read(self) -> str:
        """Return the command that explains the rules of the problems, a sentence; nothing if there are no problems."""
        ids = list(dict.fromkeys(problem.rule for problem in sorted(self.problems, key=lambda p: not p.failed)))
        if len(ids) <= 1:
            return f"`factpack rules {ids[0]}` explains the rule." if ids else ""
        return f"`factpack rules RULE` explains a rule, such as {ids[0]}."

    @property
    def _folder(self) -> str:
        """Return what is put before the path of a file in the project."""
        folder = _seen_from_here(self.root)
        return "" if folder == Path() else printable((folder / "_").as_posix()[:-1])

    @property
    def _rest(self) -> str:
        counts = ", ".join(f"{n:,} {severity}[{rule}]" for (severity, rule), n in self.more.items())
        return f"{sum(self.more.values()):,} more: {counts}"

    def to_text(self) -> str:
        """Return ``path:line:column: error[rule-id]: message`` for people, each with its next step on a line.

        Errors come last, which is what a terminal still shows. Warnings of one rule in one file are one: the first.
        """
        folder = self._folder
        return "".join(
            f"{folder}{p.path}:{p.line}:{p.column}: {p.severity}[{p.rule}]: {message}\n  hint: {hint}\n"
            for p, message, hint in self._for_people()
        ) + (f"and {self._rest}\n" if self.more else "")

    def _for_people(self) -> Iterator[tuple[Problem, str, str]]:
        """Yield warnings and then errors, each with message and hint."""
        alike = Counter((p.path, p.rule) for p in self.problems if not p.failed)
        for p in self.problems:
            number = 0 if p.failed else alike.pop((p.path, p.rule), 0)
            if number == 1:
                yield p, p.message, p.hint
            elif number:
                yield (
                    p,
                    f"{p.message} (the first of {number:,} such warnings in this file)",
                    f"{p.hint} `factpack check --format json` shows all of them.",
                )
        yield from ((p, p.message, p.hint) for p in self.problems if p.failed)

    def to_github(self) -> str:
        """Return workflow commands, which GitHub shows beside the lines of a pull request.

        Escapes are those of GitHub's own toolkit (``@actions/core``, ``command.ts``).
        """

        def data(text: str) -> str:
            return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

        def attribute(text: str) -> str:
            return data(text).replace(":", "%3A").replace(",", "%2C")

        folder = self._folder
        shown = "".join(
            f"::{p.severity} file={attribute(folder + p.path)},line={p.line},col={p.column},title={attribute(p.rule)}"
            f"::{data(p.message)}%0Ahint: {data(p.hint)}\n"
            for p in self.problems
        )
        return shown + (f"::notice::and {data(self._rest)}\n" if self.more else "")

    def to_json(self) -> str:
        """Return a JSON array of objects with the fields of :class:`Problem`.

        An object with ``rule``, ``severity`` and ``more`` follows for each rule that has more problems.
        """
        folder = self._folder
        rows = [problem.to_dict() | {"path": folder + problem.path} for problem in self.problems]
        rows += [{"rule": rule, "severity": severity, "more": n} for (severity, rule), n in self.more.items()]
        return _json(rows)

    def to_sarif(self) -> str:
        """Return a SARIF 2.1.0 log, as code scanning services read it.

        Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Columns are Unicode code points.
        """
        ids = sorted({problem.rule for problem in self.problems})
        known = rules()
        folder = _seen_from_here(self.root)
        # By the bytes of a name, which may not be UTF-8.
        base = f"{folder.as_uri()}/" if folder.is_absolute() else quote(bytes(folder / "_"))[:-1]
        manuals = [
            {"id": id_, "fullDescription": {"text": known[id_].manual}} if id_ in known else {"id": id_} for id_ in ids
        ]
        results = [
            {
                "ruleId": p.rule,
                "ruleIndex": ids.index(p.rule),
                "level": p.severity,
                "message": {"text": f"{p.message}\n{p.hint}"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": base + quote(p.path)},
                            "region": {"startLine": p.line, "startColumn": p.column},
                        }
                    }
                ],
            }
            for p in self.problems
        ]
        run: dict[str, Any] = {
            "tool": {"driver": {"name": "factpack", "version": __version__, "rules": manuals}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }
        if self.more:
            run["properties"] = {"more": self._rest}
        return _json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})

    def to(self, form: ReportFormat) -> str:
        """Return the report in a form by its name."""
        forms: dict[ReportFormat, Callable[[], str]] = {
            "text": self.to_text,
            "github": self.to_github,
            "json": self.to_json,
            "sarif": self.to_sarif,
        }
        return forms[form]()


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


class CheckFailedError(FactpackError):
    """Report that a project has errors, so that nothing was made of it.

    Attributes:
        report: What is wrong.
    """

    def __init__(self, report: CheckReport) -> None:
        super().__init__(report.summary)
        self.report = report
