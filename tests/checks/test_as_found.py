"""Texts that are taken as they were found: what is not clean in them is a warning, and they stay true to the byte."""

import json
import unicodedata
from pathlib import Path

import pytest

from checking import DATASET, FACTS, REGISTER, as_lines, change_seed, edit, problems
from conftest import Run
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.verify import verify
from releases import contents, make, rows

FILE = "b2_coast-letter.txt"
NOTED = "cafe\u0301 \u202e\u0008 שלום 🚢"  # not composed, a control character, right-to-left
ADDED = f"\r\nThe {NOTED} is open.\r\n"


def quoted(words: str) -> str:
    """The words between quotation marks, as YAML and JSON both have them."""
    return json.dumps(words, ensure_ascii=False)


@pytest.fixture
def project(project_folder: Path) -> Path:
    """A byte order mark before an article, and at its end a quoted sentence that is not clean."""
    text = (project_folder / "seeds" / FILE).read_text(encoding="utf-8")
    change_seed(project_folder, FILE, f"\ufeff{text}{ADDED}".encode())
    record = f"  - quote: {quoted(f'The {NOTED} is open.')}\n    reason: tone\n"
    with (project_folder / "annotations/b2.yaml").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(record)
    return project_folder


def as_found(project: Path) -> None:
    with (project / DATASET).open("a", encoding="utf-8") as stream:
        stream.write("text: as-found\n")


def told(run: Run, project: Path) -> list[tuple[str, str, str]]:
    return [(p["severity"], p["rule"], p["path"]) for p in problems(run, project)]


IN_TEXT = [("control-character", f"seeds/{FILE}")] * 2 + [("not-nfc", f"seeds/{FILE}")]


def test_clean_texts_are_wanted_by_default(project: Path, run: Run) -> None:
    found = told(run, project)
    assert {severity for severity, _, _ in found} == {"error"}
    assert {(rule, path) for _, rule, path in found} >= set(IN_TEXT)


@pytest.mark.parametrize("lines", [False, True], ids=["YAML", "JSON Lines"])
def test_warnings_say_where(project: Path, run: Run, *, lines: bool) -> None:
    as_found(project)
    if lines:
        as_lines(project, "b2")
    found = [(p["severity"], p["rule"], p["path"], p["line"], p["column"]) for p in problems(run, project)]
    assert {severity for severity, *_ in found} == {"warning"}
    in_text = [(rule, line, column) for _, rule, path, line, column in found if path == f"seeds/{FILE}"]
    assert sorted(in_text) == [("control-character", 1, 1), ("control-character", 7, 12), ("not-nfc", 7, 8)]
    assert {path for _, _, path, *_ in found} > {f"seeds/{FILE}"}


@pytest.mark.slow
def test_the_release_is_true_to_the_byte(project: Path, tmp_path: Path, run: Run) -> None:
    as_found(project)
    release = make(project, tmp_path / "release")
    data = (project / "seeds" / FILE).read_bytes()
    (row,) = (row for row in rows(release, "articles") if row["id"] == "b2")
    assert row["text"].encode() == data
    assert verify(release) == ""
    none = build(open_project(project), tmp_path / "none", lambda: None, "none")[0]
    done = run("hydrate", none, project / "seeds", "--out", tmp_path / "again")
    assert done.exit_code == 0
    assert contents(tmp_path / "again") == contents(release)
    again = build(open_project(project), tmp_path / "parallel", lambda: None, jobs=2)[0]
    assert contents(again) == contents(release)


def test_a_composed_quote_is_not_that_of_the_text(project: Path, run: Run) -> None:
    """The hint says why, in a form that can be pasted and seen."""
    as_found(project)
    quote = unicodedata.normalize("NFC", "The cafe\u0301")
    edit(project, "annotations/b2.yaml", (quoted(f"The {NOTED} is open."), quote))
    (missing,) = (problem for problem in problems(run, project) if problem["severity"] == "error")
    assert missing["rule"] == "quote-not-found"
    assert missing["hint"] == (
        "The article has these words in another Unicode normalization form, which looks the same. Write "
        '`quote: "The cafe\\u0301"`, with its escapes.'
    )
    edit(project, "annotations/b2.yaml", (quote, '"The cafe\\u0301"'))
    assert {problem["severity"] for problem in problems(run, project)} == {"warning"}


def test_the_registers_may_quote_it_too(project: Path, run: Run) -> None:
    as_found(project)
    date = "    date: {value: 2024-03-12"
    edit(project, REGISTER, (date, f"    title: {quoted(NOTED)}\n{date}"))
    passage = f"{{article: b2, quote: {quoted(NOTED)}}}"
    edit(project, FACTS, ("        - {article: b2, quote: left 40 minutes late}\n", f"        - {passage}\n"))
    assert {problem["severity"] for problem in problems(run, project)} == {"warning"}


def test_what_is_no_text_stays_an_error(project: Path, run: Run) -> None:
    as_found(project)
    change_seed(project, FILE, (project / "seeds" / FILE).read_bytes() + b"\xff")
    assert ("error", "not-utf8", f"seeds/{FILE}") in told(run, project)


def test_a_word_that_is_none(project_folder: Path, run: Run) -> None:
    with (project_folder / DATASET).open("a", encoding="utf-8") as stream:
        stream.write("text: as_found\n")
    (problem,) = problems(run, project_folder)
    assert (problem["message"], problem["hint"]) == ("unknown value `as_found` for `text`", "Did you mean `as-found`?")
