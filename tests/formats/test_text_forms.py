"""Annotations in another Unicode form, or with a byte order mark, are read as what they say."""

import shutil
import unicodedata
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from checking import C3, LINES, as_lines, change_seed, edit, found, problems, registers_as_lines
from conftest import PROJECT, Run
from factpack.api import load_project
from factpack.formats.foreign import foreign_errors
from factpack.formats.hygiene import encoding_errors

CAFE = "Café Öresund: déjà vu."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with letters that can be decomposed, in an article and in its annotations."""
    made = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    change_seed(made, "c3_minato.txt", (made / "seeds/c3_minato.txt").read_bytes() + f"{CAFE}\n".encode())
    edit(made, C3, ("not_checkable:\n", f"not_checkable:\n  - {{quote: '{CAFE}', reason: opinion}}\n"))
    return made


def decompose(project: Path) -> None:
    changed = 0
    for path in (project / "annotations").glob("*.*"):
        text = path.read_text(encoding="utf-8")
        changed += not unicodedata.is_normalized("NFD", text)
        path.write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    assert changed


@pytest.mark.parametrize("lines", [False, True])
def test_a_decomposed_quote_is_found(project: Path, run: Run, *, lines: bool) -> None:
    """The release says the same: all text is composed. What is wrong has its place in the file as it is."""
    if lines:
        as_lines(project, "a1", "b2", "c3")
        registers_as_lines(project)
    before = load_project(project).load()
    decompose(project)
    assert found(run, project) == []
    after = load_project(project).load()
    assert [(c.record.value, c.span, c.context) for c in after.claims] == [
        (c.record.value, c.span, c.context) for c in before.claims
    ]
    assert [a.not_checkable.records.values for a in after.articles] == [
        a.not_checkable.records.values for a in before.articles
    ]
    nfd = unicodedata.normalize("NFD", CAFE)
    edit(project, LINES if lines else C3, (f"{nfd}", f"{nfd}, opinion"))
    (problem,) = (each for each in problems(run, project) if each["rule"] == "quote-not-found")
    line = (project / problem["path"]).read_text(encoding="utf-8").split("\n")[problem["line"] - 1]
    assert line[problem["column"] :].startswith(nfd)


def test_yaml_may_begin_with_a_byte_order_mark(project: Path, run: Run) -> None:
    for path in (project / "annotations").glob("*.*"):
        path.write_bytes(BOM_UTF8 + path.read_bytes())
    assert found(run, project) == []
    path = project / C3
    path.write_bytes(path.read_bytes().replace(b"article: c3\n", b"article: c4\n", 1))
    path.write_bytes(BOM_UTF8 + path.read_bytes().removeprefix(BOM_UTF8).partition(b"\n")[2])  # without its comment
    assert ("annotations/c3.yaml", 1, 10, "unknown-article") in found(run, project)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04" + b"\0" * 30 + b"xl/workbook.xml", "an Excel table (.xlsx)"),
        (
            b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text",
            "an OpenDocument text (.odt)",
        ),
        (b"PK\x03\x04" + b"\0" * 30 + b"news.txt", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "an office document (such as .doc)"),
        (b"{\\rtf1\\ansi The ferry is late.}", "an RTF document"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        ("The ferry".encode("utf-32"), "UTF-32"),
        ("The ferry".encode("utf-16-be"), "UTF-16"),
        ("\ufeffالعبارة".encode("utf-16-le"), "UTF-16"),
    ],
)
def test_what_a_file_is(data: bytes, what: str) -> None:
    (error,) = foreign_errors("seeds/a.txt", data)
    assert error.value == what
    assert encoding_errors("seeds/a.txt", data) == [error]


@pytest.mark.parametrize("text", ["", "a", "PKW und Schiff", "%PDF is a form of file", "العبارة", "👩‍🚒", "\0"])
def test_text_is_no_other_file(text: str) -> None:
    assert encoding_errors("seeds/a.txt", text.encode()) == []


def test_windows_1252_is_told_from_other_encodings() -> None:
    def detail(text: str, encoding: str) -> object:
        (error,) = encoding_errors("seeds/a.txt", text.encode(encoding))
        return error.detail

    assert detail("The ferry’s captain said “no”.", "cp1252") == "’"
    assert detail("Паром опоздал на сорок минут.", "cp1251") == ""
    assert detail("フェリーは遅れた。", "shift_jis") == ""
