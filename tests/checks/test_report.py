"""The report of a check in every form: where its paths begin, what comes last, what is one line, what is left out."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import jsonschema
import pytest
from click.testing import Result

from checking import A1, B2, C3, REGISTER, edit
from conftest import PROJECT, TESTS, Run
from factpack import load_project
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckReport
from factpack.formats.locations import Location
from factpack.limits import Limits

#: OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def broken(folder: Path) -> Path:
    """A project with one error and, behind it, four warnings of one rule in one file."""
    project = Path(shutil.copytree(PROJECT, folder))
    edit(project, B2, ("label: disputed", "label: disputd"))
    text = (project / C3).read_text(encoding="utf-8")
    (project / C3).write_text(text.partition("not_checkable:")[0], encoding="utf-8")
    return project


def _sarif(result: Result) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(result.stdout)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    return log


def paths(run: Run, project: Path | str) -> list[set[str]]:
    """The paths of all problems in each format."""
    text, github, listed, sarif = (run("check", project, "--format", f) for f in ("text", "github", "json", "sarif"))
    located = [result["locations"][0]["physicalLocation"] for result in _sarif(sarif)["runs"][0]["results"]]
    return [
        {line.split(":")[0] for line in text.stdout.splitlines()[::2]},
        {line.partition("file=")[2].partition(",line=")[0] for line in github.stdout.splitlines()},
        {problem["path"] for problem in json.loads(listed.stdout)},
        {unquote(urlparse(place["artifactLocation"]["uri"]).path, errors="surrogateescape") for place in located},
    ]


SEED = "seeds/c3_minato.txt"
EXPLAINED = "`factpack rules RULE` explains a rule, such as unknown-word.\n"
PARTIAL = "      inferred: late on Tuesday\n    annotation: partial"


@pytest.mark.parametrize("name", ["sub", "a/b", "ein Ordner, 2%", "سفن 🚢", "日本"])
def test_paths_are_relative_to_the_working_directory(
    name: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every form, so that an editor and a code host find the file; whatever way the folder is named."""
    project = broken(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    wanted = {f"{name}/{B2}", f"{name}/{SEED}"}
    text, github, *programs = paths(run, name)
    assert text == wanted
    assert github == {path.replace("%", "%25").replace(",", "%2C") for path in wanted}
    assert programs == [wanted, wanted]
    assert paths(run, project)[2] == paths(run, Path(name) / ".." / project.name)[2] == wanted
    monkeypatch.chdir(project)
    assert paths(run, ".") == [{B2, SEED}] * 4


def test_paths_of_a_project_elsewhere_are_absolute(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    project = broken(tmp_path / "project")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert paths(run, "../project") == paths(run, project) == [{f"{project}/{B2}", f"{project}/{SEED}"}] * 4
    log = _sarif(run("check", project, "--format", "sarif"))
    uris = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in log["runs"][0]["results"]]
    assert {uri.removesuffix(end) for uri in uris for end in (B2, SEED) if uri.endswith(end)} == {
        f"{project.as_uri()}/"
    }


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_paths_that_are_not_utf_8(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are shown, a line end in a name stays on the line; SARIF, which has URIs, gives the very bytes."""
    name = os.fsdecode(b"caf\xe9\n")
    broken(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    shown = {f"caf\\xe9\\n/{B2}", f"caf\\xe9\\n/{SEED}"}
    assert paths(run, name) == [shown, shown, shown, {f"{name}/{B2}", f"{name}/{SEED}"}]


@pytest.mark.parametrize("command", ["build", "stats", "release"])
def test_other_commands_print_the_same_paths(
    command: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(tmp_path / "sub")
    monkeypatch.chdir(tmp_path)
    stdout = run(command, "sub").stdout
    assert f"sub/{B2}:56:12: error[unknown-word]" in stdout
    assert stdout == run("check", "sub").stdout


def test_errors_come_last_and_alike_warnings_once(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows the end, and there the summary. What is folded is whole in the other forms."""
    monkeypatch.chdir(broken(tmp_path / "project"))
    result = run("check")
    assert result.stdout == (
        "seeds/c3_minato.txt:1:1: warning[sentence-unaccounted]: sentence is not accounted for: "
        "‘フェリー「マリゴールド」号、また遅れる’ "
        "(the first of 2 such warnings in this file)\n"
        "  hint: Add a claim, an unverified or a not_checkable passage for it to annotations/c3.yaml. "
        "`factpack check --format json` shows all of them.\n"
        "annotations/b2.yaml:56:12: error[unknown-word]: unknown label `disputd`\n"
        "  hint: Did you mean `disputed`?\n"
    )
    assert result.stderr == f"1 error, 2 warnings\n{EXPLAINED}"
    rows = json.loads(run("check", "--format", "json").stdout)
    assert [row["severity"] for row in rows] == ["error", "warning", "warning"]  # by place
    assert run("check", "--format", "github").stdout.count("::warning ") == 2
    results = _sarif(run("check", "--format", "sarif"))["runs"][0]["results"]
    assert [each["level"] for each in results] == ["error", "warning", "warning"]


def test_errors_are_never_folded_and_nor_are_warnings_of_two_files() -> None:
    """Each error is to be mended; a file is opened at a time."""
    found = [
        Problem(Location(file, line, 1), "m", "h", severity, rule)
        for file in "ab"
        for rule in ("one", "two")
        for severity, line in (("error", 1), ("error", 2), ("warning", 3))
    ]
    assert len(CheckReport.of(Problems(found)).to_text().splitlines()) == 2 * len(found) == 24  # type: ignore[arg-type]


def test_a_new_project_has_a_line_for_each_file(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("init", "new", "--example")
    Path("new/annotations/GUIDELINES.md").write_text("TODO: which?\n" * 7, encoding="utf-8")
    result = run("check", "new")
    heads = [line.split(": ")[0] for line in result.stdout.splitlines()[::2]]
    assert [head.rsplit(":", 2)[0] for head in heads] == [
        "new/annotations/GUIDELINES.md",
        "new/annotations/dataset.yaml",
    ]
    assert result.stdout.count("(the first of 7 such warnings in this file)") == 2
    assert result.stderr == "0 errors, 14 warnings\n`factpack rules placeholder-text` explains the rule.\n"
    assert len(json.loads(run("check", "new", "--format", "json").stdout)) == 14


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_errors_only(form: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No form has a warning then, and the summary does not hide that there are some."""
    monkeypatch.chdir(broken(tmp_path / "project"))
    result = run("check", "--errors-only", "--format", form)
    assert result.exit_code == 1
    assert result.stdout.count("sentence-unaccounted") == 0
    assert result.stdout.count("unknown label `disputd`") == 1
    assert result.stderr == (f"1 error, 2 warnings\n{EXPLAINED}" if form == "text" else "")
    edit(Path(), B2, ("label: disputd", "label: disputed"))
    silent = run("check", "--errors-only", "--format", form)
    assert silent.exit_code == 0
    assert "warning" not in silent.stdout


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_no_error_is_left_out_for_a_warning(most: int, project_folder: Path) -> None:
    """Though the warnings come first and are more than are kept: it would be silent with --errors-only."""
    shutil.copy(TESTS / "bad/hash-starts-comment" / A1, A1)  # three
    edit(project_folder, C3, ("label: erroneous", "label: erroneus"))
    report = load_project(project_folder).check(limits=Limits(max_shown=most))
    assert report.counts == {"error": 1, "warning": 3}
    only = report.without_warnings()
    assert ([problem.rule for problem in only.problems], only.more) == (["unknown-word"], {})


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_no_error_of_an_article_is_left_out_for_a_warning(most: int, project_folder: Path) -> None:
    """The same for what is found when all annotations are read."""
    Path(A1).unlink()
    edit(project_folder, REGISTER, ("      inferred: late on Tuesday\n    annotation: complete", PARTIAL))
    edit(project_folder, B2, ("  - quote: Somehow, of the and.\n    reason: unclear\n", ""))
    report = load_project(project_folder).check(limits=Limits(max_shown=most))
    assert report.counts["warning"] > 10
    only = report.without_warnings()
    assert ([problem.path for problem in only.problems], only.more) == (["seeds/b2_coast-letter.txt"], {})


def test_a_sarif_log_of_nothing_and_of_too_much_is_valid(run: Run) -> None:
    assert _sarif(run("check", PROJECT, "--format", "sarif"))["runs"][0]["results"] == []
    many = Problems((Problem(Location("a b/ü:1.yaml", n, n), "m", "h", rule="r-1") for n in range(1, 9)), 3)
    log = json.loads(CheckReport.of(many).to_sarif())
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    places = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == ["a%20b/%C3%BC%3A1.yaml"] * 3
    assert log["runs"][0]["properties"] == {"more": "5 more: 5 error[r-1]"}
    log["runs"][0]["results"][0]["level"] = "fatal"  # the schema that is asked says no to something
    assert not jsonschema.Draft4Validator(SCHEMA).is_valid(log)
