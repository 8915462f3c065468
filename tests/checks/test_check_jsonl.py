"""Annotations in JSON Lines are checked like those in YAML."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checking import (
    A1,
    C3,
    DATASET,
    DECISIONS,
    FACTS,
    LINES,
    REGISTER,
    as_lines,
    edit,
    found,
    problems,
    registers_as_lines,
)
from conftest import Run
from factpack.anchoring.corpus_builder import build_corpus
from factpack.corpus.types import AnchoredArticle, AnchoredFact, AnchoredPassage
from factpack.formats.registry import open_project
from factpack.limits import MAX_LINE_BYTES
from factpack.project.models import Dataset


def _passage(passage: AnchoredPassage) -> tuple[Any, ...]:
    return msgspec.to_builtins(passage.passage), passage.span, passage.context


def _record(value: Any) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.to_builtins(value)
    kept.pop("kind", None)
    kept.pop("article", None)
    return kept


def _content(project: Path) -> list[Any]:
    """Everything that the tables are made of, without where it was read."""
    content: list[Any] = []
    for item in build_corpus(open_project(project)):
        match item:
            case Dataset():
                content.append(item)
            case AnchoredArticle():
                content.append((item.record.value, item.text.text, list(item.text.bounds), item.whole))
                for claim in item.claims:
                    evidence = [_passage(passage) for passage in claim.evidence]
                    content.append((_record(claim.record.value), claim.span, claim.context, evidence))
                content += [
                    (_record(other.record.value), other.span) for other in (*item.unverified, *item.not_checkable)
                ]
            case AnchoredFact():
                settled = [_passage(passage) for passage in item.settled]
                given = item.answers
                answers = list(zip(given.ids, given.values, given.articles, given.labels, strict=True))
                content.append((item.record.value, settled, answers))
    return content


def test_json_lines_say_the_same(project_folder: Path, run: Run) -> None:
    """The two forms are two spellings of one dataset."""
    before = _content(project_folder)
    as_lines(project_folder, "a1", "b2", "c3")
    registers_as_lines(project_folder)
    assert found(run, project_folder) == []
    assert _content(project_folder) == before
    assert len(before) == 1 + 3 + 23 + 3 + 9 + 10


def test_both_forms_side_by_side(project_folder: Path, run: Run) -> None:
    """A corpus can be moved article by article."""
    as_lines(project_folder, "a1", "c3")
    assert found(run, project_folder) == []


def test_lines_of_an_article_have_to_be_adjacent(project_folder: Path, run: Run) -> None:
    """The articles are read one after the other; what comes too late is one problem, and its sentences are none."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_text(encoding="utf-8").splitlines(keepends=True)
    last = next(index for index, line in enumerate(lines) if '"quote": "So sad!"' in line)
    lines.append(lines.pop(last))
    (project_folder / LINES).write_text("".join(lines), encoding="utf-8")
    [problem] = problems(run, project_folder)
    assert (problem["path"], problem["line"], problem["rule"]) == (LINES, len(lines), "duplicate-id")
    assert problem["message"] == "article `a1` is annotated in two places"
    assert problem["hint"] == (
        f"The first is at {LINES}:1. Put all annotations of an article into one file; "
        "in JSON Lines, on consecutive lines."
    )


@pytest.mark.parametrize(
    ("change", "at", "rule"),
    [
        (('"stance": "refutes"}]', '"stance": "refuses"}]'), '"refuses"', "unknown-word"),
        (('"stance": "refutes"}]', '"stand": "refutes"}]'), '"stand"', "unknown-key"),
        (('"value": "1 hour"', '"value": 1'), "1, ", "wrong-type"),
        (('"quote": "1時間遅れた"', '"quote": "2時間遅れた"'), '"2時間', "quote-not-found"),
        (('"article": "b2", "quote": "40', '"article": "b9", "quote": "40'), '"b9"', "unknown-article"),
        (('"id": "late-1-hour-c3"', '"id": "𝕏"'), '"𝕏"', "malformed-value"),
    ],
)
def test_columns_in_json_lines(change: tuple[str, str], at: str, rule: str, project_folder: Path, run: Run) -> None:
    """The column is that of the value or key in the line, however deep it stands."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_text(encoding="utf-8").splitlines()
    number = next(index for index, line in enumerate(lines) if '"late-1-hour-c3"' in line)
    edit(project_folder, LINES, (lines[number], lines[number].replace(*change)))
    column = lines[number].replace(*change).index(at) + 1
    assert found(run, project_folder) == [(LINES, number + 1, column, rule)]


@pytest.mark.parametrize("second", ['"nonsense"', '"supported"', "5", "null", "[[]]", '{"a": 1}'])
def test_the_first_of_two_json_values_stands(second: str, project_folder: Path, run: Run) -> None:
    """As in YAML: a second value is one problem, whatever it is, and is not judged."""
    as_lines(project_folder, "a1", "b2", "c3")
    label = '"value": "1 hour", "label": "erroneous"'
    edit(project_folder, LINES, (label, f'{label}, "label": {second}'))
    assert [rule for *_, rule in found(run, project_folder)] == ["duplicate-key"]


def test_a_bad_line_between_two_articles_belongs_to_either(project_folder: Path, run: Run) -> None:
    """What was on it is not known, so no sentence of either article is unaccounted because of it."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_text(encoding="utf-8").splitlines(keepends=True)
    begin = next(index for index, line in enumerate(lines) if line.startswith('{"kind": "claim", "article": "b2"'))
    moved = next(
        index for index, line in enumerate(lines) if line.startswith('{"kind": "not_checkable", "article": "b2"')
    )
    lines.insert(begin, lines.pop(moved).replace('"not_checkable"', '"not_checkable'))
    (project_folder / LINES).write_text("".join(lines), encoding="utf-8")
    listed = [(path, line, rule) for path, line, _, rule in found(run, project_folder)]
    assert listed == [(LINES, begin + 1, "malformed-json")]


@pytest.mark.parametrize("extra", [0, 1, 2, MAX_LINE_BYTES])
def test_a_line_at_the_limit(extra: int, project_folder: Path, run: Run) -> None:
    """The line that is too long is a problem, and the one after it is read, to the byte."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_bytes().splitlines(keepends=True)
    bad = b" " * (MAX_LINE_BYTES - len(lines[3]) + extra) + lines[3]
    edit(
        project_folder,
        LINES,
        ('"label": "erroneous", "basis": "magnitude"', '"label": "eroneous", "basis": "magnitude"'),
    )
    lines = (project_folder / LINES).read_bytes().splitlines(keepends=True)
    (project_folder / LINES).write_bytes(b"".join([*lines[:3], bad, *lines[4:]]))
    wrong = next(index for index, line in enumerate(lines) if b'"eroneous"' in line)
    expected = [(LINES, 4, "file-too-large")] if extra else []
    listed = [(path, line, rule) for path, line, _, rule in found(run, project_folder)]
    assert listed == [*expected, (LINES, wrong + 1, "unknown-word")]


def test_a_line_with_many_problems(project_folder: Path, run: Run) -> None:
    """It is not walked through for each of them."""
    as_lines(project_folder, "a1", "b2", "c3")
    line = '{"kind": "claim", ' + ", ".join(f'"key{number}": 1' for number in range(8_000)) + "}"
    (project_folder / LINES).write_text(line + "\n", encoding="utf-8")
    begin = time.process_time()
    listed = [p for p in problems(run, project_folder) if p["rule"] == "unknown-key" and "path" in p]
    assert [p["column"] for p in listed] == [line.index(f'"key{n}"') + 1 for n in range(len(listed))]
    assert len(listed) > 900
    assert time.process_time() - begin < 15  # as many walks take a minute


@pytest.mark.parametrize("file", [A1, DATASET, REGISTER, FACTS, DECISIONS, "seeds/a1_harbour-gazette.txt"])
@pytest.mark.slow
def test_a_file_of_any_size(file: str, project_folder: Path) -> None:
    """What is too large is not read, and its size is told, not that its digest is another one."""
    size = 3 * 2**30
    with (project_folder / file).open("ab") as stream:
        stream.truncate(size)  # a hole, which takes no room
    if file == DECISIONS:
        for reading in ("first", "second"):
            (project_folder / "annotations/readings" / reading).mkdir(parents=True)
    code = (
        "import sys\nfrom resource import *\nfrom factpack.cli import main\n"
        "setrlimit(RLIMIT_DATA, (2 * 2**30, RLIM_INFINITY))\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "check", str(project_folder)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert f"{file}:1:1: error[file-too-large]: 3,221,225,472 bytes exceed the limit of 16,777,216\n" in done.stdout
    assert "seed-changed" not in done.stdout
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_a_hint_names_the_file_that_is_there(project_folder: Path, run: Run) -> None:
    """An entry in a second file would be a second place, which is a problem."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_text(encoding="utf-8").splitlines(keepends=True)
    (project_folder / LINES).write_text("".join(line for line in lines if '"So sad!"' not in line), encoding="utf-8")
    [problem] = problems(run, project_folder)
    assert problem["hint"] == f"Add a claim, an unverified or a not_checkable passage for it to {LINES}."


@pytest.mark.parametrize(
    "value", [r'"\ud800"', r'"\udc00\ud800"', "NaN", "-Infinity", "1e999", "9" * 5000, "[" * 5000, '{"a":' * 5000]
)
@pytest.mark.parametrize("earlier", ["", '"id": 5, '])
def test_what_json_readers_differ_on(value: str, earlier: str, project_folder: Path, run: Run) -> None:
    """Half a surrogate pair, huge numbers, deep nesting are problems that can be printed, behind another one too."""
    line = f'{{"kind": "claim", "article": "c3", {earlier}"label": {value}}}\n'
    (project_folder / C3).unlink()
    (project_folder / "annotations/c3.jsonl").write_text(line)
    for form in ("text", "github", "json"):
        result = run("check", project_folder, "--format", form)
        assert result.exit_code == 1
        assert "annotations/c3.jsonl" in result.stdout
        assert "sys.set_int_max_str_digits" not in result.stdout
        assert "unknown-fact" not in result.stdout
