"""Files that are empty, garbage, links, folders or badly named are problems, and never a crash."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import pytest

from checking import A1, C3, DATASET, FACTS, GUIDELINES, LINES, REGISTER, as_lines, change_seed, edit, found, problems
from conftest import Run
from factpack.project.files import MAX_NESTED

STRANGE = [
    b"",
    b"\n",
    b"# nothing\n",
    b"\x00",
    bytes(range(256)),
    b"\x89PNG\r\n\x1a\n\x00",
    b"\xef\xbb\xbf",
    b"\xff\xfea\x00",
]


@pytest.mark.parametrize("data", STRANGE, ids=repr)
@pytest.mark.parametrize("file", [A1, REGISTER, FACTS, DATASET])
def test_empty_files_and_garbage(file: str, data: bytes, project_folder: Path, run: Run) -> None:
    """Whatever the bytes, the report is about that file and no other."""
    (project_folder / file).write_bytes(data)
    listed = found(run, project_folder)
    assert {path for path, *_ in listed} == {file}
    assert len(listed) == len(set(listed)) <= 5


@pytest.mark.parametrize(
    "data", [b"\x00", b"\xff", b"\xef\xbb\xbf{}", b"null", b"[]", b"0", b"{", b"{}", b'"', b"{}{}", b"NaN"]
)
def test_garbage_in_json_lines(data: bytes, project_folder: Path, run: Run) -> None:
    """One bad line is one problem, and the lines around it count."""
    as_lines(project_folder, "a1", "b2", "c3")
    lines = (project_folder / LINES).read_bytes().splitlines(keepends=True)
    (project_folder / LINES).write_bytes(b"".join([*lines[:5], data + b"\n", *lines[5:]]))
    assert [problem[:2] for problem in found(run, project_folder)] == [(LINES, 6)]


@pytest.mark.parametrize("data", [b"", b"\n \n\t\n"])
def test_a_json_lines_file_without_a_record(data: bytes, project_folder: Path, run: Run) -> None:
    """Blank lines are nothing."""
    (project_folder / "annotations/more.jsonl").write_bytes(data)
    assert found(run, project_folder) == []


@pytest.mark.parametrize("data", [b"", b"\n", "、".encode(), b"A letter without an end"])
def test_an_article_of_a_few_bytes(data: bytes, project_folder: Path, run: Run) -> None:
    """There is nothing to quote, and the search for something like the quote does not stumble over it."""
    change_seed(project_folder, "c3_minato.txt", data)
    edit(project_folder, REGISTER, ("    title: フェリー「マリゴールド」号、また遅れる\n", ""))
    assert {rule for *_, rule in found(run, project_folder)} == {"quote-not-found"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("file", ["seeds/c3_minato.txt", C3, FACTS, REGISTER])
def test_a_link_that_leads_out_is_not_read(file: str, project_folder: Path, tmp_path: Path, run: Run) -> None:
    """A project from a stranger must not read the files of whoever checks it; and that is the only problem."""
    outside = tmp_path / "outside"
    (project_folder / file).rename(outside)
    (project_folder / file).symlink_to(outside)
    keys = ("path", "line", "column", "rule", "message", "hint")
    hint = "It is a link to a place outside the project folder. Replace it with a copy of the file."
    assert [tuple(p[key] for key in keys) for p in problems(run, project_folder)] == [
        (file, 1, 1, "stray-file", "file is ignored", hint)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_the_sum_of_a_file_that_a_link_leads_to_is_not_told(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """The digest of a text that is registered with none is shown; that of another file would be a look into it."""
    seed = project_folder / "seeds/c3_minato.txt"
    written = hashlib.sha256(seed.read_bytes()).hexdigest()
    edit(project_folder, REGISTER, (written, "unknown"))
    assert written in run("check", project_folder).stdout
    seed.rename(tmp_path / "outside")
    seed.symlink_to(tmp_path / "outside")
    result = run("check", project_folder).stdout
    assert "malformed-value" in result
    assert written not in result


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_nothing_is_read_through_a_folder_that_leads_out(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Not even files that are no links themselves."""
    (project_folder / "seeds").rename(tmp_path / "outside")
    (project_folder / "seeds").symlink_to(tmp_path / "outside")
    paths = {p["path"] for p in problems(run, project_folder) if p["rule"] == "stray-file"}
    assert paths == {f"seeds/{path.name}" for path in (tmp_path / "outside").iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_description_that_leads_out_is_not_read(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Of the file that the link leads to, no word is shown."""
    outside = tmp_path / "outside"
    outside.write_text("license: the secret\n")
    (project_folder / DATASET).unlink()
    (project_folder / DATASET).symlink_to(outside)
    assert found(run, project_folder) == [(DATASET, 1, 1, "stray-file")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_within_the_project_is_read(project_folder: Path, run: Run) -> None:
    """It cannot show anything that is not in the project."""
    (project_folder / "other").mkdir()
    (project_folder / C3).rename(project_folder / "other/c3.yaml")
    (project_folder / C3).symlink_to("../other/c3.yaml")
    assert found(run, project_folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("target", ["nowhere", "c3.yaml"])
def test_a_link_to_nothing(target: str, project_folder: Path, run: Run) -> None:
    """Neither a missing target nor a link to itself is passed over in silence."""
    (project_folder / C3).unlink()
    (project_folder / C3).symlink_to(target)
    assert found(run, project_folder) == [(C3, 1, 1, "stray-file")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_folder_that_is_a_link_to_itself(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """It is as good as missing, wherever it is."""
    (project_folder / "annotations/first").symlink_to("first")
    shutil.rmtree(project_folder / "seeds")
    (project_folder / "seeds").symlink_to("seeds")
    assert sorted({(file, rule) for file, _, _, rule in found(run, project_folder)}) == [
        ("annotations/articles.yaml", "seed-missing"),
        ("annotations/first", "stray-file"),
    ]
    (tmp_path / "loop").symlink_to("loop")
    for command in ("check", "build", "view", "stats", "agreement", "release", "schema"):
        done = run(command, tmp_path / "loop")
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"folder {tmp_path / 'loop'} does not exist" in done.stderr.replace("\n", "")
    made = run("init", tmp_path / "loop")
    assert (made.exit_code, made.stdout) == (2, "")
    assert "/loop cannot be created (Not a directory); choose another folder" in made.stderr


@pytest.mark.parametrize("file", [C3, FACTS, REGISTER])
def test_a_folder_named_like_a_file(file: str, project_folder: Path, run: Run) -> None:
    """Its annotations would be missing without a word."""
    (project_folder / file).unlink()
    (project_folder / file).mkdir()
    assert found(run, project_folder) == [(file, 1, 1, "stray-file")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_guidelines_that_lead_out_are_not_read(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """A release would show whatever file of the builder's they lead to."""
    (tmp_path / "outside").write_text("the secret\n")
    (project_folder / GUIDELINES).symlink_to(tmp_path / "outside")
    assert found(run, project_folder) == [(GUIDELINES, 1, 1, "stray-file")]


def test_guidelines_that_are_a_folder(project_folder: Path, run: Run) -> None:
    (project_folder / GUIDELINES).mkdir()
    assert found(run, project_folder) == [(GUIDELINES, 1, 1, "stray-file")]


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        (b"# Rules\n1.1 caf\xe9\n", (2, 8), "not-utf8"),
        (b"# Rules\x07\n", (1, 8), "control-character"),
        (b" " * (16 * 2**20 + 1), (1, 1), "file-too-large"),
    ],
)
def test_guidelines_are_text_of_bounded_size(
    data: bytes, place: tuple[int, int], rule: str, project_folder: Path, run: Run
) -> None:
    (project_folder / GUIDELINES).write_bytes(data)
    assert found(run, project_folder) == [(GUIDELINES, *place, rule)]
    result = run("build", project_folder)
    assert (result.exit_code, rule in result.stdout) == (1, True)
    assert not (project_folder / "dist").exists()


def test_hidden_and_other_files_are_left_alone(project_folder: Path, run: Run) -> None:
    """A README, schemas and what an operating system leaves behind are nobody's mistake."""
    for name in (".DS_Store", "Thumbs.db", "THUMBS.DB", "desktop.ini", "Desktop.ini", "._c3.yaml"):
        (project_folder / "seeds" / name).write_bytes(b"\x00")
        (project_folder / "annotations" / name).write_bytes(b"\x00")
    (project_folder / "annotations/.c3.yaml.swp").write_bytes(b"\x00")
    (project_folder / "annotations/.hidden.yaml").write_bytes(b"[")
    (project_folder / "annotations/README.md").write_bytes(b"\xff")
    (project_folder / "annotations/schemas").mkdir()
    (project_folder / "annotations/schemas/facts.schema.json").write_bytes(b"{")
    assert found(run, project_folder) == []


def test_a_file_name_that_no_register_can_hold(project_folder: Path, run: Run) -> None:
    """A name that is not UTF-8 cannot stand in YAML or JSON, so renaming the file is the first step."""
    (project_folder / os.fsdecode(b"seeds/na\xefve.txt")).write_bytes(b"A text.\n")
    result = run("check", project_folder)
    assert result.exit_code == 1
    assert result.stdout == (
        "seeds/na\\xefve.txt:1:1: error[stray-file]: file is ignored\n"
        "  hint: A name that is not UTF-8 cannot be registered. Rename it.\n"
    )


@pytest.mark.parametrize("inside", [None, ".gitkeep", "Thumbs.db", "inner/.DS_Store"])
@pytest.mark.parametrize("place", ["annotations/x", "seeds/x"])
def test_a_folder_that_holds_nothing_is_not_read(
    place: str, inside: str | None, project_folder: Path, run: Run
) -> None:
    folder = project_folder / place
    folder.mkdir()
    if inside:
        (folder / inside).parent.mkdir(exist_ok=True)
        (folder / inside).write_bytes(b"")
    result = run("check", project_folder)
    assert result.exit_code == 1
    assert result.stdout == (
        f"{place}:1:1: error[stray-file]: folder is ignored\n"
        "  hint: It contains no file that could be read; delete it.\n"
    )


def test_a_folder_that_holds_very_much_is_one_problem(project_folder: Path, run: Run) -> None:
    (project_folder / "annotations/x").mkdir()
    for number in range(MAX_NESTED + 1):
        (project_folder / f"annotations/x/{number}.yaml").write_bytes(b"")
    assert run("check", project_folder).stdout == (
        "annotations/x:1:1: error[stray-file]: folder is ignored\n"
        "  hint: Folders are not read here; move the files that you need up to annotations/, and the folder out of "
        "it.\n"
    )


@pytest.mark.parametrize("name", ["dataset.yml", "dataset.YAML", "dataset.yaml.txt"])
def test_a_description_of_another_name_is_no_missing_project(name: str, project_folder: Path, run: Run) -> None:
    (project_folder / "annotations/dataset.yaml").rename(project_folder / "annotations" / name)
    result = run("check", project_folder)
    assert result.exit_code != 0
    assert f"Rename annotations/{name} to dataset.yaml.\n" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
@pytest.mark.parametrize("form", ["text", "github", "json"])
@pytest.mark.parametrize("folder", ["seeds", "annotations"])
def test_a_file_name_that_is_not_utf8(folder: str, form: str, project_folder: Path, run: Run) -> None:
    """It can be shown in every format."""
    path = os.fsencode(project_folder / folder) + b"/caf\xe9.yaml"
    with open(path, "wb") as stream:  # noqa: PTH123 - Path takes no bytes
        stream.write(b"article: d4\n")
    result = run("check", project_folder, "--format", form)
    assert result.exit_code == 1
    assert f"{folder}/caf\\xe9.yaml" in result.stdout.replace("\\\\", "\\")


def test_a_file_name_with_a_line_end(project_folder: Path, run: Run) -> None:
    """One problem is two lines, whatever is in the name."""
    try:
        (project_folder / "seeds/d4\n_letter.txt").write_bytes(b"A letter.\n")
    except OSError:
        pytest.skip("such names are not allowed here")
    assert run("check", project_folder).stdout.count("\n") == 2
