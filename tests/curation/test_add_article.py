"""``factpack add-article``: any text becomes an article, and a failure leaves no trace."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checking import DATASET, REGISTER, as_lines, found, registers_as_lines
from conftest import PROJECT, Run, digests
from factpack import load_project
from factpack.curation import files
from factpack.curation.additions import with_entry
from factpack.errors import CurationError
from factpack.formats.yaml_parser import read_yaml

GERMAN = "Brücke eröffnet\n\nDie Brücke über die „Alm“ wurde 1911 eröffnet. Sie ist 40 m lang.\n"
ARABIC = "فُتح الجسر عام 1911. طوله 40 متراً.\n"
EMOJI = "The bridge 🌉 opened in 1911. It is 40 m long.\r\nIt is long.\r\n"


def _added(before: dict[str, str], project: Path) -> set[str]:
    after = digests(project)
    return {name for name in after if before.get(name) != after[name]}


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [
        (GERMAN.encode(), GERMAN, ""),
        (b"\xef\xbb\xbf" + GERMAN.encode(), GERMAN, "convert UTF-8 with a byte order mark to UTF-8"),
        (GERMAN.encode("utf-16"), GERMAN, "convert UTF-16 to UTF-8"),
        (GERMAN.encode("utf-16-be"), GERMAN, "convert UTF-16 to UTF-8"),
        (GERMAN.encode("cp1252"), GERMAN, "convert what looks like Windows-1252 to UTF-8"),
        (ARABIC.encode("utf-16"), ARABIC, "convert UTF-16 to UTF-8"),
        (
            EMOJI.encode(),
            EMOJI.replace("\r\n", "\n"),
            "replace 2 line endings (CR LF or CR) with LF",
        ),
        (
            "Cafe\u0301 offen.\fEnde.\n".encode(),
            "Café offen. Ende.\n",
            "remove 1 control character\nnormalize 1 line to Unicode form NFC",
        ),
    ],
)
def test_what_the_file_is_and_what_changes_is_said(  # noqa: PLR0913, PLR0917 - fixtures
    data: bytes, text: str, said: str, project_folder: Path, tmp_path: Path, run: Run
) -> None:
    """The text is registered with its digest; the check finds nothing but the stubs."""
    file = tmp_path / "Ein Text.txt"
    file.write_bytes(data)
    before = digests(project_folder)
    if said:
        refused = run("add-article", file, project_folder, "--language", "de")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert digests(project_folder) == before
    result = run("add-article", file, project_folder, "--language", "de", "--yes")
    assert result.exit_code == 0
    assert result.stderr == "".join(f"{file}: {line}\n" for line in said.splitlines())
    seed = project_folder / "seeds/000_ein-text.txt"
    assert seed.read_bytes() == text.encode()
    assert _added(before, project_folder) == {"annotations/000.yaml", REGISTER, DATASET, "seeds/000_ein-text.txt"}
    problems = {rule for _, _, _, rule in found(run, project_folder)}
    assert problems - {"language-of-other-script"} == {"placeholder-text"}


def test_not_a_byte_of_what_is_there_changes(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Comments, blank lines, and line ends with a carriage return; the entry is set apart as the others are."""
    register = project_folder / REGISTER
    text = register.read_text(encoding="utf-8").replace("  - id: b2", "\n  # the letter\n  - id: b2")
    text = text.replace("  - id: c3", "\n  - id: c3").rstrip("\n") + " # the last\n# the end"
    register.write_bytes(text.replace("\n", "\r\n").encode())
    (tmp_path / "x.txt").write_text("One sentence.\n", encoding="utf-8")
    assert run("add-article", tmp_path / "x.txt", project_folder, "--language", "en").exit_code == 0
    lines = register.read_bytes().split(b"\r\n")
    old = text.encode().split(b"\n")
    digest = hashlib.sha256(b"One sentence.\n").hexdigest().encode()
    new = [b"", b'  - id: "000"', b"    file: 000_x.txt", b"    sha256: " + digest]
    new += [b"    language: en", b"    annotation: partial"]
    assert lines == [*old[:-1], *new, old[-1]]


def test_ids_and_names(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """What the file begins with, else the next number; a name that no system refuses."""
    for name, seed in (
        ("d4_Über uns?.txt", "seeds/d4_uber-uns.txt"),
        ("d4_again.txt", "seeds/000_d4-again.txt"),
        ("7_x.txt", "seeds/7_x.txt"),
        ("新聞.txt", "seeds/008.txt"),
        ("CON.txt", "seeds/009_con.txt"),
    ):
        (tmp_path / name).write_text(f"A text of {name}.\n", encoding="utf-8")
        result = run("add-article", tmp_path / name, project_folder, "--language", "en")
        assert result.stdout.startswith(f"Added {seed} as article "), result.stderr
        assert (project_folder / seed).is_file()
    assert {rule for _, _, _, rule in found(run, project_folder)} == {"placeholder-text"}


def test_the_next_step_names_the_project_as_seen_from_here(
    project_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project_folder.parent)
    Path("d4_log.txt").write_text("One. Two.\n", encoding="utf-8")
    result = run("add-article", "d4_log.txt", project_folder.name, "--language", "en")
    assert result.stdout.endswith(f" Next: factpack check {project_folder.name}\n")


def test_a_text_in_seeds_stays_where_it_is(project_folder: Path, run: Run) -> None:
    """Whoever has put it there already need not do so again."""
    seed = project_folder / "seeds/d4_log.txt"
    seed.write_bytes(b"One.\r\nTwo.\r\n")
    result = run("add-article", seed, project_folder, "--language", "en", "--yes")
    assert result.stdout.startswith("Added seeds/d4_log.txt as article d4, with 2 stubs in annotations/d4.yaml.")
    assert result.stdout.endswith(" Next: factpack check\n")  # the working directory is the project
    assert seed.read_bytes() == b"One.\nTwo.\n"


def test_stubs_are_found_where_they_are_until_they_are_written(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Also the second of two sentences with the same words; nothing with a stub is released."""
    (tmp_path / "d4_x.txt").write_text("Ja: # so.\nJa: # so.\n", encoding="utf-8")
    run("add-article", tmp_path / "d4_x.txt", project_folder, "--language", "en")
    stubs = yaml.safe_load((project_folder / "annotations/d4.yaml").read_text(encoding="utf-8"))["unverified"]
    assert [(stub["id"], stub["quote"], stub["start"]) for stub in stubs] == [
        ("s1-d4", "Ja: # so.", 0),
        ("s2-d4", "Ja: # so.", 10),
    ]
    assert found(run, project_folder) == [
        ("annotations/d4.yaml", 10, 12, "placeholder-text"),
        ("annotations/d4.yaml", 16, 12, "placeholder-text"),
    ]
    assert run("release", project_folder).exit_code == 1


def test_registers_and_annotations_in_json_lines(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """A line each, behind what is there."""
    as_lines(project_folder, "a1", "b2", "c3")
    registers_as_lines(project_folder)
    before = {name: (project_folder / name).read_bytes() for name in digests(project_folder)}
    (tmp_path / "x.txt").write_text("One. Two.\n", encoding="utf-8")
    assert run("add-article", tmp_path / "x.txt", project_folder, "--language", "en").exit_code == 0
    for name, count in (("annotations/articles.jsonl", 1), ("annotations/claims.jsonl", 2)):
        data = (project_folder / name).read_bytes()
        assert data.startswith(before[name])
        assert len([json.loads(line) for line in data[len(before[name]) :].splitlines()]) == count
    assert {rule for _, _, _, rule in found(run, project_folder)} == {"placeholder-text"}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.txt",
            b"PK\x03\x04word/document.xml",
            "is a Word document (.docx), not text. Open it in the program that made it, and sa",
        ),
        ("a.docx", b"plain", "is an office document, not text. Open it in the program that made it, and save it as pl"),
        ("a.txt", b"%PDF-1.7", "is a PDF document, not text. Copy its text into a text file, or run `pdftotext -enc"),
        ("a.txt", b"\n<!-- x --><!DOCTYPE html><p>", "is a web page, not text. Open it in a browser, and copy the tex"),
        (
            "a.html",
            b"plain",
            "is a web page, not text. Open it in a browser, and copy the text of the article into a t",
        ),
        ("a.txt", "Мост открыт".encode("cp1251"), "is in an unknown encoding: byte 0xCC is not valid"),
        ("a.txt", b"\xff\xfea", "begins like UTF-16 but is not: truncated data at byte 2. Save it as UTF-8."),
        ("a.txt", b" \r\n", "has no text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(  # noqa: PLR0913, PLR0917 - fixtures
    name: str, data: bytes, message: str, project_folder: Path, tmp_path: Path, run: Run
) -> None:
    """By its content, and by its name; nothing is left behind."""
    (tmp_path / name).write_bytes(data)
    before = digests(project_folder)
    result = run("add-article", tmp_path / name, project_folder, "--language", "en", "--yes")
    assert result.exit_code == 2
    assert f"Error: {tmp_path / name} {message}" in result.stderr
    assert digests(project_folder) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["https://example.org/a.txt"],
            "is a URL, and factpack downloads nothing. Save the text of the page in a file",
        ),
        (["x.txt", "--id", "a1"], "article a1 already exists; give this one another id with --id"),
        (["x.txt", "--id", "A1"], "article A1 already exists; give this one another id with --id"),
        (["x.txt", "--id", "../x"], "`../x` cannot be the id of an article; write letters and digits"),
        (["x.txt", "--language", "german"], "`german` cannot be the language of an article; write an ISO 639 code"),
        (["x.txt", "--language", "jp"], "the Hub does not know the language `jp`."),
        (
            ["x.txt", "--title", "Two"],
            "does not contain the title ‘Two’; give it as it is printed in the text, or leave it out",
        ),
        (["again.txt"], "is already registered as article a1"),
    ],
)
def test_what_cannot_be_added_is_refused(
    arguments: list[str], message: str, project_folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """With a sentence, and without a trace."""
    monkeypatch.chdir(project_folder.parent)
    Path("x.txt").write_text("One.\n", encoding="utf-8")
    Path("again.txt").write_bytes((PROJECT / "seeds/a1_harbour-gazette.txt").read_bytes())
    before = digests(project_folder)
    language = [] if "--language" in arguments else ["--language", "en"]
    result = run("add-article", *arguments, project_folder, *language, "--yes")
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert digests(project_folder) == before


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_a_failure_at_any_point_leaves_nothing(
    step: int, project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the four files it is that cannot be moved."""
    (tmp_path / "x.txt").write_text("Eins.\n", encoding="utf-8")
    before = digests(project_folder)
    plan = load_project(project_folder).plan_article(tmp_path / "x.txt", "de")
    move_in, calls = files.FileChanges._move_in, []  # noqa: SLF001 - the step that fails

    def failing(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == step + 1:
            raise OSError(28, "No space left on device")
        move_in(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(files.FileChanges, "_move_in", staticmethod(failing))
    with pytest.raises(OSError, match="No space left"):
        plan.carry_out()
    assert digests(project_folder) == before


def test_a_register_that_was_saved_meanwhile_is_not_lost(project_folder: Path, tmp_path: Path) -> None:
    """Between the question and the answer somebody else may write."""
    (tmp_path / "x.txt").write_text("One.\n", encoding="utf-8")
    plan = load_project(project_folder).plan_article(tmp_path / "x.txt", "en")
    with (project_folder / REGISTER).open("a", encoding="utf-8") as stream:
        stream.write("# more\n")
    before = digests(project_folder)
    with pytest.raises(CurationError, match=r"articles\.yaml was changed in the meantime; nothing was written"):
        plan.carry_out()
    assert digests(project_folder) == before


def test_texts_as_found_keep_everything_but_their_encoding(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """A corpus that is true to the byte stays so."""
    with (project_folder / DATASET).open("a", encoding="utf-8") as stream:
        stream.write("text: as-found\n")
    data = "Cafe\u0301.\r\nOne.\r\n".encode()
    (tmp_path / "d4_x.txt").write_bytes(data)
    assert run("add-article", tmp_path / "d4_x.txt", project_folder, "--language", "en").exit_code == 0
    assert (project_folder / "seeds/d4_x.txt").read_bytes() == data


BEFORE = (
    "",
    "# nothing\n",
    "other: x\n",
    "list: []\n",
    "list:\n",
    "list:\nother: x\n",
    "list:\n- a: b\nother: x",
    "list: [{a: b}]\n",
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(st.dictionaries(st.sampled_from(["id", "quote", "claim"]), words, min_size=1), st.booleans())
def test_an_entry_is_read_back(entry: dict[str, str], crlf: bool) -> None:  # noqa: FBT001 - a property
    """Whatever its values are, behind whatever is there."""
    for text in BEFORE:
        before = text.replace("\n", "\r\n") if crlf else text
        added = with_entry(before, "list", entry)
        plain, errors = read_yaml(added)
        assert not errors
        assert plain["list"][-1] == entry
        assert all(line in added for line in before.split("\n") if "list:" not in line)
