"""``factpack fmt``: the same rows in fewer lines, and not a byte of what it does not rewrite."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import A1, B2, C3, as_lines, edit
from conftest import PROJECT, TESTS, Run, digests
from factpack import CheckFailedError, load_project
from factpack.curation import rewrite
from factpack.curation.edits import Edit
from factpack.errors import CurationError
from factpack.formats.yaml_nodes import yaml_nodes, yaml_scalar
from factpack.formats.yaml_parser import read_yaml

SAME = "rewrote annotations/"


def _tables(project: Path, out: Path) -> dict[str, str]:
    load_project(project).build(out)
    return {name: digest for name, digest in digests(out).items() if name.endswith(".parquet")}


def test_every_row_stays_short_and_long(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """There and back, in YAML."""
    before = _tables(project_folder, tmp_path / "before")
    result = run("fmt", project_folder)
    assert result.exit_code == 0
    assert result.stdout == (
        "rewrote annotations/a1.yaml: 7 claims, 166 lines → 139\n"
        "rewrote annotations/b2.yaml: 4 claims, 87 lines → 81\n"
        "rewrote annotations/c3.yaml: 5 claims, 89 lines → 82\n"
    )
    assert "evidence: same-fact\n" in (project_folder / A1).read_text(encoding="utf-8")
    assert "{claim: ticket-40-kr-b2, stance: refutes}" in (project_folder / A1).read_text(encoding="utf-8")
    assert run("check", project_folder).stdout == ""
    assert _tables(project_folder, tmp_path / "short") == before
    assert run("fmt", project_folder).stdout == ""
    assert run("fmt", project_folder, "--long").exit_code == 0
    assert "same-fact" not in (project_folder / A1).read_text(encoding="utf-8")
    assert "claim: engine" not in (project_folder / A1).read_text(encoding="utf-8")
    assert _tables(project_folder, tmp_path / "long") == before


def test_json_lines_keep_the_bytes_of_what_is_beside(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Escapes, spaces and the order of keys are those of whoever wrote the line."""
    before = _tables(project_folder, tmp_path / "before")
    as_lines(project_folder, "a1", "b2", "c3")
    lines = project_folder / "annotations/claims.jsonl"
    text = lines.read_text(encoding="utf-8").replace("Nobody was hurt on", "Nobody was \\u0068urt on")
    lines.write_text(text, encoding="utf-8")
    assert run("fmt", project_folder).exit_code == 0
    short = lines.read_text(encoding="utf-8")
    assert "\\u0068urt" in short
    for old, new in zip(text.splitlines(), short.splitlines(), strict=True):
        assert old.split('"evidence"')[0] == new.split('"evidence"')[0]
    assert '"evidence": "same-fact"' in short
    assert _tables(project_folder, tmp_path / "short") == before
    assert run("fmt", project_folder, "--long").exit_code == 0
    assert "same-fact" not in lines.read_text(encoding="utf-8")
    assert [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()] == [
        json.loads(line) for line in text.splitlines()
    ]


def test_line_ends_marks_and_comments_stay(project_folder: Path, run: Run) -> None:
    """CRLF, a byte order mark, and an entry with a comment within, which is left as it is."""
    path = project_folder / A1
    text = path.read_text(encoding="utf-8")
    old = "      - article: b2\n        quote: No injuries 🚢\n        stance: supports\n"
    assert old in text
    text = text.replace(old, old.replace("🚢\n", "🚢 # said by the coast guard\n"))
    text = text.replace(
        "    evidence:\n      - article: b2\n        quote: left",
        "    evidence: # kept\n      - article: b2\n        quote: left",
    )
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert run("fmt", project_folder).exit_code == 0
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# yaml")
    assert data.count(b"\n") == data.count(b"\r\n") < text.count("\n")
    assert "🚢 # said by the coast guard\r\n        stance: supports\r\n".encode() in data
    assert b"evidence: # kept\r\n      - same-fact\r\n" in data
    assert run("fmt", project_folder, "--long").exit_code == 0
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == text.count("\n")
    assert run("check", project_folder).stdout == ""


def test_what_is_rewritten_is_all_that_differs(project_folder: Path, run: Run) -> None:
    """Every line that is there afterwards was there before, but for those of evidence."""
    before = (project_folder / B2).read_bytes()
    assert run("fmt", project_folder).exit_code == 0
    after = (project_folder / B2).read_bytes()
    new = [line for line in after.splitlines(keepends=True) if line not in before.splitlines(keepends=True)]
    assert new
    assert all(b"same-fact" in line or b"{claim: " in line for line in new)


def test_check_changes_nothing(project_folder: Path, run: Run) -> None:
    """As formatters do it: 1 if something would change, 0 if nothing would."""
    before = digests(project_folder)
    result = run("fmt", project_folder, "--check")
    assert result.exit_code == 1
    assert result.stdout.count("would rewrite annotations/") == 3
    assert digests(project_folder) == before
    run("fmt", project_folder)
    assert run("fmt", project_folder, "--check").exit_code == 0


def test_the_order_of_evidence_decides(project_folder: Path, run: Run) -> None:
    """Rows list evidence in its order: where another one is wanted, each passage has its own reference."""
    edit(
        project_folder,
        C3,
        (
            (
                "      - {article: a1, quote: entered service in 2023, stance: supports}\n"
                "      - {article: b2, quote: entered service in 2023, stance: supports}\n"
            ),
            (
                "      - {article: b2, quote: entered service in 2023, stance: supports}\n"
                "      - {article: a1, quote: entered service in 2023, stance: supports}\n"
            ),
        ),
    )
    assert run("fmt", project_folder).exit_code == 0
    assert "      - same-fact\n      - {claim: in-service-2023-a1, stance: supports}\n" in (
        project_folder / C3
    ).read_text(encoding="utf-8")


def test_a_project_with_errors_is_left_alone(project_folder: Path, run: Run) -> None:
    """What cannot be compared is not rewritten; the report is that of the check."""
    edit(project_folder, C3, ("label: erroneous", "label: eroneous"))
    before = digests(project_folder)
    result = run("fmt", project_folder)
    assert result.exit_code == 1
    assert "error[unknown-word]" in result.stdout
    assert result.stderr.endswith(
        "1 error, 0 warnings; nothing was rewritten\n`factpack rules unknown-word` explains the rule.\n"
    )
    assert digests(project_folder) == before
    with pytest.raises(CheckFailedError):
        load_project(project_folder).rewrite_evidence()


def test_a_file_that_was_saved_meanwhile_is_not_lost(project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor and the command meet: the editor wins, and nothing is rewritten at all."""
    compare = rewrite._compare  # noqa: SLF001 - the last step before the files move in

    def saved_meanwhile(*arguments: object) -> None:
        compare(*arguments)  # type: ignore[arg-type]
        with (project_folder / B2).open("a", encoding="utf-8") as stream:
            stream.write("# one more thought\n")

    monkeypatch.setattr(rewrite, "_compare", saved_meanwhile)
    before = digests(project_folder)
    with pytest.raises(CurationError, match=r"annotations/b2\.yaml was changed in the meantime"):
        load_project(project_folder).rewrite_evidence()
    after = digests(project_folder)
    assert {name for name in before if before[name] != after[name]} == {B2}
    assert after.keys() == before.keys()


def test_rows_that_would_change_keep_the_files(project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is no formality: an edit that is wrong is found, and nothing moves in."""

    def apply(text: str, edits: list[Edit]) -> str:
        return text.replace("stance: supports", "stance: refutes", 1) if edits else text

    monkeypatch.setattr(rewrite, "apply", apply)
    before = digests(project_folder)
    with pytest.raises(CurationError, match="would change its meaning; nothing was rewritten"):
        load_project(project_folder).rewrite_evidence()
    assert digests(project_folder) == before


def test_the_readings_stay_as_they_were_made(tmp_path: Path, run: Run) -> None:
    """They are evidence of what was read, not of how it is written best."""
    project = Path(shutil.copytree(PROJECT.parent / "readings", tmp_path / "project"))
    before = {name: digest for name, digest in digests(project).items() if "/readings/" in name}
    assert run("fmt", project).exit_code == 0
    after = {name: digest for name, digest in digests(project).items() if "/readings/" in name}
    assert after == before != {}


def test_a_file_keeps_its_mode(project_folder: Path, run: Run) -> None:
    """Whoever may write it may write it afterwards."""
    (project_folder / A1).chmod(0o640)
    assert run("fmt", project_folder).exit_code == 0
    assert (project_folder / A1).stat().st_mode & 0o777 == 0o640


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20))
def test_a_scalar_is_read_back(text: str) -> None:
    """Within brackets and on a line of its own, whatever it is: emoji, right-to-left text, line ends, numbers."""
    written = yaml_scalar(text)
    assert "\n" not in written
    assert read_yaml(f"k: {written}\n") == ({"k": text}, [])
    assert read_yaml(f"[{{k: {written}}}, x]\n") == ([{"k": text}, "x"], [])


@pytest.mark.parametrize("text", ["001", "yes", "null", "~", "2024-03-12", "1e3", "12:30", "=", "<<", ".5", "0x1f"])
def test_a_scalar_that_another_reader_would_take_for_more_has_marks(text: str) -> None:
    """A number, a date, a boolean or nothing."""
    assert yaml_scalar(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["TODO: می\u200cخواهم", "yes: 👨\u200d👩\u200d👧"])
def test_joiners_within_words_and_emoji_stay_as_they_are(text: str) -> None:
    assert yaml_scalar(text) == f'"{text}"'


def test_the_places_of_values() -> None:
    """Blanks and comments behind a value are no part of it, nor is the line end of a block."""
    text = "a: # one\n  - b: x  # two\n    'c': |\n      lines\n      more\n\n  - {d: [1, 𝕏 ]} # three\ne: 'y'\n"
    nodes = yaml_nodes(text)
    found = {path: text[node.start : node.end] for path, node in nodes.items()}
    assert found["a", 0] == "b: x  # two\n    'c': |\n      lines\n      more"
    assert found["a", 0, "c"] == "|\n      lines\n      more"
    assert found["a", 1] == "{d: [1, 𝕏 ]}"
    assert found["a", 1, "d", 1] == "𝕏"
    assert found["e",] == "'y'"
    assert found["a",].endswith("𝕏 ]}")


def test_our_own_annotations_are_written_short(run: Run) -> None:
    """This repository keeps to it."""
    assert run("fmt", TESTS.parent, "--check").exit_code == 0
