"""Every rule on bad projects: the exact report, nothing but what is wrong, and a manual page.

A folder in ``tests/bad`` is named after the rule that it breaks, with a variant after two hyphens. It holds the files
that differ from ``tests/project``, a file ``DELETE`` that lists what is not there, and in ``expected.txt`` the whole
report. A file ``ON`` names another project to start from. If a second rule is broken too and has to be, a file ``WHY``
says why.
"""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT, TESTS, Run
from factpack.checks.messages.similar import did_you_mean
from factpack.checks.registry import rules
from factpack.formats.registry import formats
from factpack.limits import MAX_ARTICLE_BYTES, MAX_LINE_BYTES, MAX_YAML_BYTES
from plugin.factpack_example.csv_format import CsvFormat

BAD = sorted(folder for folder in (TESTS / "bad").iterdir() if folder.is_dir())
NOTES = {"DELETE", "ON", "WHY", "expected.txt"}
PROBLEM = re.compile(
    r"^(?P<place>\S+:\d+:\d+): (?P<severity>error|warning)\[(?P<rule>[a-z0-9-]+)\]: .+\n  hint: .+$", re.MULTILINE
)

ARTICLE = "seeds/c3_minato.txt"
ANNOTATION = "annotations/c3.yaml"


def _large_yaml(project: Path) -> None:
    with (project / ANNOTATION).open("ab") as stream:
        stream.write(b"#" * (MAX_YAML_BYTES + 1 - stream.tell()))


def _large_line(project: Path) -> None:
    (project / ANNOTATION).unlink()
    (project / "annotations/c3.jsonl").write_bytes(b"\n" * 9 + b" " * MAX_LINE_BYTES + b"x\n")


def _large_article(project: Path) -> None:
    article, register = project / ARTICLE, project / "annotations/articles.yaml"
    registered = hashlib.sha256(article.read_bytes()).hexdigest()
    with article.open("ab") as stream:
        stream.write(b"\n" * (MAX_ARTICLE_BYTES + 1 - stream.tell()))
    found = hashlib.sha256(article.read_bytes()).hexdigest()
    register.write_text(register.read_text(encoding="utf-8").replace(registered, found), encoding="utf-8")


def _renamed(name: str, on_disk: str = "") -> Callable[[Path], None]:
    """Gives the article a name, in the register and on the disk, where it can be another one."""

    def rename(project: Path) -> None:
        register = project / "annotations/articles.yaml"
        text = register.read_text(encoding="utf-8")
        register.write_text(text.replace("file: c3_minato.txt", f"file: {json.dumps(name)}"), encoding="utf-8")
        (project / ARTICLE).rename(project / "seeds" / (on_disk or name))

    return rename


def _device(project: Path) -> None:
    (project / "annotations/Aux.x.jsonl").touch()


#: Files that are too large to keep, or have names that not every system can hold.
MADE: dict[str, Callable[[Path], None]] = {
    "name-not-portable--character": _renamed("c3_how late?.txt"),
    "name-not-portable--dot": _renamed("c3_minato."),
    "name-not-portable--blank": _renamed("c3_minato.txt "),
    "name-not-portable--device": _device,
    "seed-missing--other-form": _renamed("c3_minat\u014d.txt", "c3_minato\u0304.txt"),
    "file-too-large--yaml": _large_yaml,
    "file-too-large--json-line": _large_line,
    "file-too-large--article": _large_article,
}


def _good(bad: Path) -> Path:
    other = bad / "ON"
    return TESTS / other.read_text(encoding="utf-8").strip() if other.exists() else PROJECT


def _overlaid(bad: Path) -> list[Path]:
    return [path.relative_to(bad) for path in bad.rglob("*") if path.is_file() and path.name not in NOTES]


def _deleted(bad: Path) -> list[str]:
    listed = bad / "DELETE"
    return listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []


def _rule(bad: Path) -> str:
    return bad.name.split("--")[0]


def _expected(bad: Path) -> str:
    return (bad / "expected.txt").read_bytes().decode()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_project_gets_exactly_its_report(
    bad: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is compared whole, because a wrong line, a vague hint or a second problem is an error as well."""
    if any(path.suffix == ".csv" for path in _overlaid(bad)):
        monkeypatch.setitem(formats(), "csv", CsvFormat())
    project = Path(shutil.copytree(_good(bad), tmp_path / "project"))
    for name in _deleted(bad):
        if (project / name).is_dir():
            shutil.rmtree(project / name)
        else:
            (project / name).unlink()
    for path in _overlaid(bad):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bad / path, project / path)
    if bad.name in MADE:
        MADE[bad.name](project)
    monkeypatch.chdir(project)
    result = run("check")
    assert _unfolded(result.stdout, json.loads(run("check", "--format", "json").stdout)) == _expected(bad)
    severities = {found["severity"] for found in PROBLEM.finditer(result.stdout)}
    assert result.exit_code == int("error" in severities)


FOLDED = re.compile(
    r"^(?P<begun>(?P<path>\S+?):\d+:\d+: warning\[(?P<rule>\S+)\]: .+) "
    r"\(the first of (?P<number>\d+) such warnings in this file\)\n"
    r"(?P<hint>  hint: .+) `factpack check --format json` shows all of them\.\n",
    re.MULTILINE,
)


def _unfolded(text: str, listed: list[dict[str, Any]]) -> str:
    """Puts in the place of warnings that are one line all of them, as the JSON format gives them."""

    def all_of(folded: re.Match[str]) -> str:
        alike = [
            p for p in listed if (p["severity"], p["path"], p["rule"]) == ("warning", *folded.group("path", "rule"))
        ]
        lines = [
            f"{p['path']}:{p['line']}:{p['column']}: warning[{p['rule']}]: {p['message']}\n  hint: {p['hint']}\n"
            for p in alike
        ]
        assert lines[0] == "{begun}\n{hint}\n".format(**folded.groupdict())
        assert len(lines) == int(folded["number"]) > 1
        return "".join(lines)

    return FOLDED.sub(all_of, text)


@pytest.mark.parametrize("rule_id", sorted(rules()))
def test_every_rule_has_a_bad_project(rule_id: str) -> None:
    """A rule that nothing breaks may never fire."""
    assert any(_rule(bad) == rule_id for bad in BAD)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_project_breaks_its_rule_alone(bad: Path) -> None:
    """One mistake is one problem: no cascade, nothing twice, no line that is not a problem with its hint."""
    expected = _expected(bad)
    found = list(PROBLEM.finditer(expected))
    assert "".join(problem[0] + "\n" for problem in found) == expected
    assert _rule(bad) in {problem["rule"] for problem in found}
    assert max(Counter(problem[0] for problem in found).values()) == 1
    if not (bad / "WHY").exists():
        assert {problem["rule"] for problem in found} == {_rule(bad)}


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_project_holds_only_what_differs(bad: Path) -> None:
    """A file that is the same as in the good project would hide from the reader what is wrong."""
    assert all((_good(bad) / name).exists() for name in _deleted(bad))
    for path in _overlaid(bad):
        good = _good(bad) / path
        assert not good.is_file() or good.read_bytes() != (bad / path).read_bytes()
    assert bad.name in MADE or _overlaid(bad) or _deleted(bad)


@pytest.mark.parametrize("rule_id", sorted(rules()))
def test_every_rule_has_a_manual_page(rule_id: str) -> None:
    """Whoever is told off by a rule has to see what it wants: a sentence, something bad and something good."""
    manual = rules()[rule_id].manual
    assert re.fullmatch(r"(?s)[A-Z`“].+\.\n\n.*Bad: .+\n\nGood: .+", manual), manual
    assert manual.count("\nBad: ") == manual.count("\nGood: ") == 1
    bad, good = manual.split("\nBad: ")[1].split("\nGood: ")
    assert bad.strip() != good.strip()


@pytest.mark.parametrize(
    ("word", "meant"), [("2", "002"), ("0002", "002"), ("0", "000"), ("A1", "a1"), ("02", "002"), ("b", ""), ("", "")]
)
def test_an_id_without_its_zeros_or_in_capitals_is_known_again(word: str, meant: str) -> None:
    """A short word has few letters in common with any; these are nearest all the same."""
    hint = did_you_mean(word, ["000", "001", "002", "a1"], "")
    assert hint == (f"Did you mean `{meant}`?" if meant else "")
