"""``factpack check`` as its users meet it: formats, exit statuses, every problem in one pass, never a crash."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from conftest import PROJECT, TESTS, Run
from factpack.corpus import AnchoredArticle, AnchoredFact, AnchoredPassage
from factpack.join import join
from factpack.model import SCHEMA_FILES, Dataset
from factpack.problems import Problem, Problems, as_github
from factpack.project import open_project
from factpack.records import MAX_LINE_BYTES, JsonLine
from factpack.rules import RULES
from factpack.syntax import MAX_FAULTS

A1, B2, C3 = "annotations/a1.yaml", "annotations/b2.yaml", "annotations/c3.yaml"
REGISTER, FACTS, DATASET = "annotations/articles.yaml", "annotations/facts.yaml", "annotations/dataset.yaml"
GUIDELINES = "annotations/GUIDELINES.md"
LINES, DECISIONS = "annotations/claims.jsonl", "annotations/adjudications.yaml"


def edit(project: Path, file: str, *changes: tuple[str, str]) -> None:
    """Replaces text that stands exactly once."""
    data = (project / file).read_bytes()
    for old, new in changes:
        assert data.count(old.encode()) == 1, f"{old!r} stands {data.count(old.encode())} times in {file}"
        data = data.replace(old.encode(), new.encode())
    (project / file).write_bytes(data)


def change_seed(project: Path, file: str, data: bytes) -> None:
    """Other bytes for an article, registered with their sum."""
    before = (project / "seeds" / file).read_bytes()
    (project / "seeds" / file).write_bytes(data)
    edit(project, REGISTER, (hashlib.sha256(before).hexdigest(), hashlib.sha256(data).hexdigest()))


def as_lines(project: Path, *names: str) -> None:
    """Turns the annotations of the articles into one JSON Lines file."""
    with (project / LINES).open("w", encoding="utf-8", newline="\n") as stream:
        for name in names:
            path = project / f"annotations/{name}.yaml"
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
            for key, kind in (("claims", "claim"), ("unverified", "unverified"), ("not_checkable", "not_checkable")):
                for record in data.get(key, []):
                    line = {"kind": kind, "article": name, **record}
                    stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            path.unlink()


def registers_as_lines(project: Path) -> None:
    """Turns both registers into JSON Lines."""
    for name in ("articles", "facts"):
        path = project / f"annotations/{name}.yaml"
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in data[name])
        path.with_suffix(".jsonl").write_bytes(lines.encode())
        path.unlink()


def found(run: Run, project: Path) -> list[tuple[str, int, int, str]]:
    """File, line, column and rule of every problem."""
    return [(p["path"], p["line"], p["column"], p["rule"]) for p in problems(run, project)]


def problems(run: Run, project: Path) -> list[dict[str, Any]]:
    """Every problem, as the JSON format gives it."""
    result = run("check", project, "--format", "json")
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    assert result.exit_code == int(any(problem["severity"] == "error" for problem in listed))
    return listed


# Formats and exit statuses


def test_the_good_project_is_good(run: Run) -> None:
    """Every other test rests on this: the project has no problem of its own."""
    result = run("check", PROJECT)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 errors, 0 warnings\n")


def test_the_good_project_has_what_makes_offsets_hard() -> None:
    """A version control system that changes line ends would take the difficulty out of the project."""
    texts = {path.name[:2]: path.read_bytes().decode() for path in (PROJECT / "seeds").iterdir()}
    assert "𝕏" in texts["a1"]
    assert "\u00a0" in texts["a1"]
    assert "’" in texts["b2"]
    assert texts["b2"].count("\r\n") == texts["b2"].count("\n") == 5
    assert not texts["c3"][:5].isascii()


def test_the_project_with_two_readings_is_good(run: Run) -> None:
    """So is the one that the bad readings are made of."""
    result = run("check", TESTS / "readings")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 errors, 0 warnings\n")


def test_text_format_and_exit_status_of_errors(project_folder: Path, run: Run) -> None:
    """The report goes to the standard output, the count to the standard error, so that a pipe gets problems only."""
    edit(project_folder, C3, ("label: erroneous", "label: disputable"))
    edit(project_folder, B2, ("  - quote: Somehow, of the and.\n    reason: unclear\n", ""))
    result = run("check", project_folder)
    assert result.exit_code == 1
    assert result.stdout == (
        "annotations/c3.yaml:22:12: error[unknown-word]: `disputable` is no label that exists\n"
        "  hint: Did you mean `disputed`?\n"
        "seeds/b2_coast-letter.txt:5:1: error[sentence-unaccounted]: "
        "nothing accounts for the sentence ‘Somehow, of the and.’\n"
        "  hint: Add a claim, an unverified or a not_checkable passage for it to annotations/b2.yaml.\n"
    )
    assert result.stderr == "2 errors, 0 warnings\n"


def test_warnings_alone_are_no_failure(project_folder: Path, run: Run) -> None:
    """A corpus that is still being read is not broken."""
    edit(project_folder, C3, ("  - quote: 美しい船だ。\n    reason: opinion\n", ""))
    edit(
        project_folder,
        FACTS,
        ("  - id: sailing-date", "  - id: age\n    question: How old is she?\n  - id: sailing-date"),
    )
    result = run("check", project_folder)
    assert result.exit_code == 0
    assert result.stdout.count(": warning[") == 2
    assert result.stderr == "0 errors, 2 warnings\n"


def test_a_warning_comes_again_though_the_file_is_known(project_folder: Path, run: Run) -> None:
    """What was parsed is kept in the cache; what is to be said of it is not."""
    annotation = project_folder / "annotations/b2.yaml"
    annotation.write_text(annotation.read_text(encoding="utf-8").replace("same.\n", "same. #a1\n"), encoding="utf-8")
    first = run("check", project_folder).stdout
    assert "warning[hash-starts-comment]: ‘#a1’ is a comment here" in first
    assert run("check", project_folder).stdout == first


def test_github_format(project_folder: Path, run: Run) -> None:
    """What GitHub shows beside the line of a pull request."""
    edit(project_folder, B2, ("label: disputed", "label: '100% wrong, so: no'"))
    edit(project_folder, C3, ("  - quote: 美しい船だ。\n    reason: opinion\n", ""))
    result = run("check", project_folder, "--format", "github")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "::error file=annotations/b2.yaml,line=56,col=12,title=unknown-word"
        "::`100%25 wrong, so: no` is no label that exists"
        "%0Ahint: Write one of `disputed`, `erroneous`, `supported`.\n"
        "::warning file=seeds/c3_minato.txt,line=2,col=101,title=sentence-unaccounted"
        "::nothing accounts for the sentence ‘美しい船だ。’"
        "%0Ahint: Add a claim, an unverified or a not_checkable passage for it to annotations/c3.yaml.\n"
    )


def test_github_escapes() -> None:
    """A message cannot end the command or begin another one: the escapes are those of GitHub's own toolkit."""
    problem = Problem("a,b:c%.yaml", 3, 5, "some-rule", "error", "100%: one\r\n::error::two", "x, y: z")
    assert as_github(Problems([problem])) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=5,title=some-rule::100%25: one%0D%0A::error::two%0Ahint: x, y: z\n"
    )


def test_json_format(project_folder: Path, run: Run) -> None:
    """A program gets the fields, and an empty array if there is nothing."""
    assert json.loads(run("check", project_folder, "--format", "json").stdout) == []
    edit(project_folder, C3, ("label: erroneous", "label: eroneous"))
    result = run("check", project_folder, "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout) == [
        {
            "path": "annotations/c3.yaml",
            "line": 22,
            "column": 12,
            "rule": "unknown-word",
            "severity": "error",
            "message": "`eroneous` is no label that exists",
            "hint": "Did you mean `erroneous`?",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--format", "xml"], "Invalid value for '--format'"),
        (["check", str(PROJECT), "two"], "Got unexpected extra argument (two)"),
        (["chekc"], "No such command 'chekc'"),
        (["rules", "quote-not-fond"], "there is no rule quote-not-fond; did you mean quote-not-found?"),
        (["rules", "zzz"], "Error: there is no rule zzz\n"),
    ],
)
def test_wrong_use_is_status_2(arguments: list[str], message: str, run: Run) -> None:
    """A script can tell a broken project from a broken command."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("command", ["check", "build", "schema"])
def test_not_a_project(command: str, tmp_path: Path, run: Run) -> None:
    """The message says what is missing, and how to make it."""
    for folder, message in (
        (tmp_path, f"{tmp_path} is not a factpack project: it has no {DATASET}. `factpack init DIR` makes a project."),
        (tmp_path / "nothing", f"there is no folder {tmp_path / 'nothing'}"),
    ):
        result = run(command, folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in " ".join(result.stderr.split())


def test_not_the_project_but_a_folder_in_it(project_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands in annotations/ is sent to the project, and not to make another one there."""
    monkeypatch.chdir(project_folder / "annotations")
    result = run("check")
    message = f". is not a factpack project: it has no {DATASET}. The folder .. is one."
    assert message in " ".join(result.stderr.split())


def unprivileged(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line with no right to read whatever it likes, which root has."""
    command = [sys.executable, "-m", "factpack", *map(str, arguments)]
    if os.geteuid() == 0:
        without = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *command]
    return subprocess.run(command, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("file", [A1, DATASET, FACTS, "annotations/released.jsonl", "seeds/a1_harbour-gazette.txt"])
@pytest.mark.parametrize("command", ["check", "stats"])
def test_a_file_that_may_not_be_read(command: str, file: str, project_folder: Path) -> None:
    """It is told like any other problem, and the others beside it."""
    (project_folder / "annotations/released.jsonl").touch()
    edit(project_folder, C3, ("basis: outweighed", "basis: doubted"))
    (project_folder / file).chmod(0)
    done = unprivileged(command, project_folder)
    assert f"{file}:1:1: error[stray-file]: this file is not read\n" in done.stdout
    assert "  hint: You have no permission to read it.\n" in done.stdout
    assert "basis-of-other-label" in done.stdout
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.parametrize("folder", ["annotations", "seeds"])
@pytest.mark.parametrize("command", ["check", "build", "view"])
def test_a_folder_that_may_not_be_read(command: str, folder: str, project_folder: Path) -> None:
    (project_folder / folder).chmod(0)
    done = unprivileged(command, project_folder)
    (project_folder / folder).chmod(0o755)
    assert f"{project_folder / folder}" in done.stderr
    assert done.stderr.endswith(": Permission denied\n")
    assert (done.returncode, done.stdout) == (1, "")


def test_a_page_that_may_not_be_written(project_folder: Path) -> None:
    (project_folder / "dist").mkdir(mode=0o555)
    done = unprivileged("view", project_folder)
    assert done.stderr == f"Error: {project_folder}/dist: Permission denied\n"
    assert (done.returncode, done.stdout) == (1, "")


def test_the_real_command(project_folder: Path) -> None:
    """The installed entry point prints UTF-8 and exits with the status, in a process of its own."""
    edit(project_folder, A1, ("quote: No injuries 🚢", "quote: No injuries 🚣"))
    command = [sys.executable, "-m", "factpack", "check", str(project_folder)]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONUTF8": "1"})
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "annotations/a1.yaml:90:16: error[quote-not-found]: these words do not stand in article b2\n"
        "  hint: The nearest passage is ‘No injuries 🚢’: "
        "the article has 🚢 (U+1F6A2) where the quote has 🚣 (U+1F6A3).\n"
    )
    assert done.stderr.decode() == "1 error, 0 warnings\n"


# All problems in one pass, each once, and no problem because of another


def test_every_problem_in_one_pass(project_folder: Path, run: Run) -> None:
    """Whoever has ten faults mends them in one go; they are sorted by place, and none hides another."""
    edit(project_folder, A1, ("speaker: Ines Dahl", "speaker: Ina Dahl"), ("quote: So sad!", "quote: So bad!"))
    edit(project_folder, A1, ("    quote: the engine gives 1,000 kW", "    quotes: the engine gives 1,000 kW"))
    edit(project_folder, B2, ("value: 12:30", "value: [12, 30]"), ("fact: sailing-date", "fact: sailing-dates"))
    edit(project_folder, C3, ("reason: opinion", "reason: opinions"), ("basis: outweighed", "basis: doubted"))
    edit(project_folder, DATASET, ("version: 1.1.0", "version: one"))
    edit(project_folder, REGISTER, ("title: フェリー", "title: 船"))
    assert found(run, project_folder) == [
        ("annotations/a1.yaml", 20, 14, "unknown-speaker"),
        ("annotations/a1.yaml", 139, 5, "unknown-key"),
        ("annotations/a1.yaml", 165, 12, "quote-not-found"),
        ("annotations/articles.yaml", 25, 12, "register-not-in-text"),
        ("annotations/b2.yaml", 66, 12, "wrong-type"),
        ("annotations/b2.yaml", 77, 11, "unknown-fact"),
        ("annotations/c3.yaml", 23, 12, "basis-of-other-label"),
        ("annotations/c3.yaml", 89, 13, "unknown-word"),
        ("annotations/dataset.yaml", 4, 10, "version-not-semver"),
    ]


def test_a_missing_key_hides_nothing_else_in_its_claim(project_folder: Path, run: Run) -> None:
    """Whoever writes a claim gets all that is wrong with it at once, in its evidence too."""
    edit(
        project_folder,
        C3,
        ("    rationale: a1 and b2 stand for 40 minutes, and no other article for an hour.\n", ""),
        ("id: late-1-hour-c3\n    quote: 1時間遅れた", "id: in-service-2023-c3\n    quote: 2時間遅れた"),
        ("speaker: article\n    fact: delay-length", "speaker: artcle\n    fact: delay-lenght"),
        (
            "{article: a1, quote: 40 minutes late, stance: refutes}\n      - {article: b2, quote: 40 minutes late",
            "{article: a9, quote: 40 minutes late, stance: refutes}\n      - {article: b2, quote: 40 minuets late",
        ),
    )
    assert [(line, rule) for _, line, _, rule in found(run, project_folder)] == [
        (16, "missing-key"),
        (16, "duplicate-id"),
        (17, "quote-not-found"),
        (19, "unknown-speaker"),
        (20, "unknown-fact"),
        (26, "unknown-article"),
        (27, "quote-not-found"),
    ]


def test_a_broken_claim_does_not_hide_the_next_one(project_folder: Path, run: Run) -> None:
    """Nor does its sentence count as unaccounted, nor its fact as unanswered."""
    edit(project_folder, C3, ("label: erroneous", "lable: erroneous"))
    edit(project_folder, C3, ("quote: 乗客は約90人だった", "quote: 乗客は90人だった"))
    edit(project_folder, B2, ("    quote: on 12 March 2024\n", ""))
    assert found(run, project_folder) == [
        ("annotations/b2.yaml", 73, 5, "missing-key"),
        ("annotations/c3.yaml", 22, 5, "unknown-key"),
        ("annotations/c3.yaml", 30, 12, "quote-not-found"),
    ]


def test_a_broken_file_of_facts_makes_no_fact_unknown(project_folder: Path, run: Run) -> None:
    """Two dozen claims name facts; one typing error is one problem."""
    edit(project_folder, FACTS, ("question: How late did the ferry leave?", "question: How late: did it leave?"))
    assert found(run, project_folder) == [("annotations/facts.yaml", 4, 23, "malformed-yaml")]


def test_a_broken_fact_is_still_known(project_folder: Path, run: Run) -> None:
    """Its id can be read, even if nothing else can."""
    edit(project_folder, FACTS, ("question: How late did the ferry leave?", "query: How late did the ferry leave?"))
    assert found(run, project_folder) == [
        ("annotations/facts.yaml", 3, 5, "missing-key"),
        ("annotations/facts.yaml", 4, 5, "unknown-key"),
    ]


def test_a_broken_register_makes_no_article_unknown(project_folder: Path, run: Run) -> None:
    """Nor a fact unanswered, nor a seed stray."""
    edit(project_folder, REGISTER, ("title: フェリー「マリ", "title: フェリー: 「マリ"))
    assert found(run, project_folder) == [("annotations/articles.yaml", 25, 16, "malformed-yaml")]


def test_a_changed_seed_is_one_problem(project_folder: Path, run: Run) -> None:
    """Its quotes, in its own annotations and as evidence elsewhere, cannot be judged."""
    (project_folder / "seeds/a1_harbour-gazette.txt").write_bytes(b"Another text.\n")
    assert found(run, project_folder) == [("annotations/articles.yaml", 5, 13, "seed-changed")]


def test_what_can_be_judged_without_the_text_is_judged(project_folder: Path, run: Run) -> None:
    """Labels and names do not depend on the seed."""
    (project_folder / "seeds/c3_minato.txt").unlink()
    edit(project_folder, C3, ("basis: outweighed", "basis: doubted"), ("speaker: Captain Yoshida", "speaker: Yoshida"))
    assert found(run, project_folder) == [
        ("annotations/articles.yaml", 22, 11, "seed-missing"),
        ("annotations/c3.yaml", 23, 12, "basis-of-other-label"),
        ("annotations/c3.yaml", 77, 14, "unknown-speaker"),
    ]


def test_an_unreadable_dataset_makes_no_speaker_unknown(project_folder: Path, run: Run) -> None:
    """Nor a version wrong."""
    edit(project_folder, DATASET, ("title: Ferry Fact-Check", "title: Ferry: Fact-Check"))
    assert found(run, project_folder) == [("annotations/dataset.yaml", 3, 13, "malformed-yaml")]


@pytest.mark.parametrize("file", [A1, B2, C3])
def test_a_broken_annotation_file_is_one_problem(file: str, project_folder: Path, run: Run) -> None:
    """No sentence counts as unaccounted, and no fact as unanswered, because the file cannot be read."""
    with (project_folder / file).open("ab") as stream:
        stream.write(b"\n]")
    assert [problem[::3] for problem in found(run, project_folder)] == [(file, "malformed-yaml")]


def test_a_missing_folder_of_seeds(project_folder: Path, run: Run) -> None:
    """Every registered article is missing, and that is all."""
    shutil.rmtree(project_folder / "seeds")
    assert [rule for *_, rule in found(run, project_folder)] == ["seed-missing"] * 3


def test_places_are_those_of_the_file_as_it_is_now(project_folder: Path) -> None:
    """One process can check a project again after an edit, as ``view --watch`` does."""
    edit(project_folder, A1, ("id: passengers-900-a1", "id: late-40-minutes-a1"))
    before = _places(project_folder)
    data = (project_folder / A1).read_bytes()
    (project_folder / A1).write_bytes(b"# A line more.\n" + data)
    assert _places(project_folder) == [(file, line + 1, rule) for file, line, rule in before]
    assert [rule for *_, rule in before] == ["duplicate-id"]


def test_columns_are_those_of_the_line_as_it_is_now(tmp_path: Path) -> None:
    line = JsonLine("x", tmp_path / "x.jsonl", 1, 0)
    for text in ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'):
        line.file.write_text(text)
        assert line.spot(("b",), key=True).column == text.index('"b"') + 1
        time.sleep(0.05)  # the time of a file is counted in steps


def _places(project: Path) -> list[tuple[str, int, str]]:
    found = Problems(item for item in join(open_project(project)) if isinstance(item, Problem | Problems))
    return [(problem.path, problem.line, problem.rule) for problem in found]


# YAML surprises


@pytest.mark.parametrize(
    "value", ["no", "12:30", "1e3", "2023", "~", "null", "0x1F", "1_000", "007", "2024-03-12", "-1", "1.10"]
)
def test_values_come_through_as_written(value: str, project_folder: Path) -> None:
    """A value is text, and the release holds the very characters of the file."""
    edit(project_folder, C3, ("value: 1 hour", f"value: {value}"))
    articles = [item for item in join(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    assert articles[2].claims.records[1].value.value == value


def test_values_of_the_good_project(project_folder: Path) -> None:
    """Quoted and unquoted are the same: both stand in the project."""
    articles = [item for item in join(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    values = {claim.record.value.id: claim.record.value.value for article in articles for claim in article.claims}
    assert values["hurt-no-a1"] == values["hurt-no-b2"] == "no"
    assert values["in-service-2023-a1"] == values["in-service-2023-b2"] == "2023"
    assert values["engine-1000-kw-a1"] == "1e3"
    assert values["departs-1230-b2"] == "12:30"
    assert [item.record.value.value for item in articles[1].unverified] == ["2024-03-12", ""]


def test_every_quote_is_the_words_at_its_offsets(project_folder: Path) -> None:
    """Astral characters count once, and a carriage return counts."""
    anchored = [item for item in join(open_project(project_folder)) if isinstance(item, AnchoredArticle)]
    assert [article.text.article for article in anchored] == ["a1", "b2", "c3"]
    for article in anchored:
        file = project_folder / "seeds" / article.record.value.file
        assert article.text.text == file.read_bytes().decode()
        items = [*article.claims, *article.unverified, *article.not_checkable]
        assert len(items) > 8
        for item in items:
            assert article.text.text[item.span.start : item.span.end] == item.record.value.quote


def test_the_billion_laughs(project_folder: Path, run: Run) -> None:
    """A file of 300 bytes that would become gigabytes is refused before anything grows."""
    lines = ["a: &a [lol]"]
    lines += [
        f"{key}: &{key} [{', '.join(['*' + last] * 9)}]" for last, key in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (project_folder / C3).write_text("\n".join(lines))
    begin = time.perf_counter()
    listed = found(run, project_folder)
    assert {(file, rule) for file, _, _, rule in listed} == {(C3, "yaml-feature")}
    assert len(listed) == len(set(listed)) == MAX_FAULTS
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- ", "? ", "[{", "!!str ", "&a "])
def test_a_hundred_thousand_brackets(bracket: str, project_folder: Path, run: Run) -> None:
    """A problem in a moment, and not the end of the process."""
    (project_folder / C3).write_text(bracket * 100_000)
    begin = time.perf_counter()
    assert {file for file, *_ in found(run, project_folder)} == {C3}
    assert time.perf_counter() - begin < 2


def test_a_line_separator_in_an_article(project_folder: Path, run: Run) -> None:
    """YAML takes U+2028 for a line end and drops the spaces beside it, so it has to be written as an escape."""
    seed = project_folder / "seeds/c3_minato.txt"
    change_seed(project_folder, seed.name, seed.read_bytes() + "A fine\u2028 day.\n".encode())
    quote = '\n  - quote: "A fine{} day."\n    reason: opinion\n'
    with (project_folder / C3).open("ab") as stream:
        stream.write(quote.format("\\L").encode())
    assert found(run, project_folder) == []
    edit(project_folder, C3, ("\\L", "\u2028"))
    assert found(run, project_folder) == [(C3, 91, 19, "malformed-yaml")]


# Strange files


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
    hint = "It is a link that leads out of the project folder. Put a copy of the file here."
    assert [tuple(p[key] for key in keys) for p in problems(run, project_folder)] == [
        (file, 1, 1, "stray-file", "this file is not read", hint)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_the_sum_of_a_file_that_a_link_leads_to_is_not_told(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """The sum of a text that is registered with none is shown; that of another file would be a look into it."""
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
    """Notes, schemas and what an operating system leaves behind are nobody's mistake."""
    (project_folder / "seeds/.DS_Store").write_bytes(b"\x00")
    (project_folder / "annotations/.c3.yaml.swp").write_bytes(b"\x00")
    (project_folder / "annotations/.hidden.yaml").write_bytes(b"[")
    (project_folder / "annotations/NOTES.md").write_bytes(b"\xff")
    (project_folder / "annotations/schemas").mkdir()
    (project_folder / "annotations/schemas/facts.schema.json").write_bytes(b"{")
    assert found(run, project_folder) == []


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


# JSON Lines


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
    for item in join(open_project(project)):
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
    assert problem["message"] == "the article `a1` is annotated in two places"
    assert problem["hint"] == (
        f"It stands first at {LINES}:1. Put all annotations of an article into one file; "
        "in JSON Lines, on lines that follow one another."
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
    begin = time.perf_counter()
    listed = [p for p in problems(run, project_folder) if p["rule"] == "unknown-key" and "path" in p]
    assert [p["column"] for p in listed] == [line.index(f'"key{n}"') + 1 for n in range(len(listed))]
    assert len(listed) > 900
    assert time.perf_counter() - begin < 15  # as many walks take a minute


@pytest.mark.parametrize("file", [A1, DATASET, REGISTER, FACTS, DECISIONS, "seeds/a1_harbour-gazette.txt"])
def test_a_file_of_any_size(file: str, project_folder: Path) -> None:
    """What is too large is not read, and its size is told, not that its sum is another one."""
    size = 3 * 2**30
    with (project_folder / file).open("ab") as stream:
        stream.truncate(size)  # a hole, which takes no room
    if file == DECISIONS:
        for reading in ("first", "second"):
            (project_folder / "annotations" / reading).mkdir()
    code = (
        "import sys\nfrom resource import *\nfrom factpack.cli import main\n"
        "setrlimit(RLIMIT_DATA, (2 * 2**30, RLIM_INFINITY))\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "check", str(project_folder)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert f"{file}:1:1: error[file-too-large]: 3,221,225,472 bytes are more than 16,777,216\n" in done.stdout
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


# Other commands


def test_init_makes_a_project_that_checks(tmp_path: Path, run: Run) -> None:
    """A beginner starts from something that works, with the name of the folder."""
    folder = tmp_path / "Ein neues Projekt, 2. Versuch"
    result = run("init", folder)
    assert (result.exit_code, result.stdout) == (0, f"Made a project in {folder}. Next: factpack check '{folder}'\n")
    assert found(run, folder) == []
    assert "name: ein-neues-projekt-2-versuch\n" in (folder / DATASET).read_text(encoding="utf-8")


def test_init_takes_an_empty_folder_and_any_name(tmp_path: Path, run: Run) -> None:
    """A name without a letter that a dataset name may have becomes a neutral one."""
    folder = tmp_path / "日本"
    folder.mkdir()
    assert run("init", folder).exit_code == 0
    assert found(run, folder) == []


def test_init_refuses_what_is_in_use(project_folder: Path, run: Run) -> None:
    """Nobody's files are mixed with an example, or overwritten."""
    before = {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()}
    for folder, message in (
        (project_folder, "exists and is not empty; choose another folder"),
        (project_folder / DATASET, "exists and is not empty; choose another folder"),
        (project_folder / DATASET / "below", "choose another folder"),
    ):
        result = run("init", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in " ".join(result.stderr.split())
    assert {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()} == before


def test_rules_prints_every_manual_page(run: Run) -> None:
    """In the order of the alphabet, each once."""
    result = run("rules")
    assert result.exit_code == 0
    heads = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads == [f"{name} ({RULES[name].severity})" for name in sorted(RULES)]


def test_rules_prints_one_manual_page(run: Run) -> None:
    """The page of the rule that one was told off by."""
    result = run("rules", "quote-not-found")
    assert result.exit_code == 0
    assert result.stdout == (
        "quote-not-found (error)\n\n"
        "  A quote is the exact words of its article, to the character.\n\n"
        '  Bad: ``quote: migrant crime was "destroying" cities`` (straight quotation marks)\n\n'
        "  Good: ``quote: migrant crime was “destroying” cities`` (curly, as printed)\n"
    )


def test_a_copy_is_blamed_and_not_what_it_is_a_copy_of(project_folder: Path, run: Run) -> None:
    shutil.copyfile(project_folder / A1, project_folder / "annotations/a1 copy.yaml")
    assert [(path, rule) for path, _, _, rule in found(run, project_folder)] == [
        ("annotations/a1 copy.yaml", "duplicate-id")
    ]


def test_a_seed_that_may_not_be_read_is_told_once(tmp_path: Path, run: Run) -> None:
    """Also in a project with readings, which have the same seeds."""
    project = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    seed = next((project / "seeds").iterdir())
    text = seed.rename(tmp_path / seed.name)
    seed.symlink_to(text)
    assert [(path, rule) for path, _, _, rule in found(run, project)] == [(f"seeds/{seed.name}", "stray-file")]


def test_schema_writes_the_schemas(project_folder: Path, run: Run) -> None:
    """They land where the first line of every annotation file points."""
    result = run("schema", project_folder)
    folder = project_folder / "annotations/schemas"
    assert (result.exit_code, result.stdout) == (0, f"{folder.resolve()}\n")
    assert sorted(path.name for path in folder.iterdir()) == sorted(SCHEMA_FILES)
    assert found(run, project_folder) == []


@pytest.mark.parametrize(
    ("command", "link"),
    [
        ("schema", "annotations/schemas/article.schema.json"),
        ("view", "dist/.view.html.new"),
    ],
)
def test_nothing_is_written_through_a_link(
    command: str, link: str, project_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that somebody else made could have it lead to any file of the user's."""
    monkeypatch.setattr("webbrowser.open", str)
    mine = project_folder.with_name("mine")
    mine.write_text("precious", encoding="utf-8")
    (project_folder / link).parent.mkdir(parents=True, exist_ok=True)
    (project_folder / link).unlink(missing_ok=True)
    (project_folder / link).symlink_to(mine)
    assert run(command, project_folder).exit_code == 0
    assert mine.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", sorted(SCHEMA_FILES))
def test_the_committed_schemas_are_those_of_the_models(name: str, project_folder: Path, run: Run) -> None:
    """An editor must not underline what the check accepts, or the other way round."""
    run("schema", project_folder)
    committed = TESTS.parent / "annotations/schemas" / name
    assert committed.read_bytes() == (project_folder / "annotations/schemas" / name).read_bytes()


# Mutations

SNIPPETS = [
    b"[", b"]", b"{", b"}", b": ", b"- ", b"\n", b" ", b"\t", b'"', b"'", b" #", b"&a ", b"*a", b"!!int ", b"? ",
    b"|\n", b"---\n", b"%YAML 1.1\n", b"\xff", b"\x00", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbf", b"\xf0\x9f\x98\x80", b"null", b"~", b"NaN", b"\\u0000", b"\\ud800", b"\\", b",", b"e\xcc\x81",
    b"\r", b"<<: ", b"[" * 30,
]  # fmt: skip


def _cut(data: bytes, at: int, end: int, _: random.Random) -> bytes:
    return data[:at] + data[end:]


def _insert(data: bytes, at: int, _: int, chance: random.Random) -> bytes:
    return data[:at] + chance.choice(SNIPPETS) + data[at:]


def _replace(data: bytes, at: int, end: int, chance: random.Random) -> bytes:
    return data[:at] + chance.choice(SNIPPETS) + data[end:]


def _repeat(data: bytes, at: int, end: int, _: random.Random) -> bytes:
    return data[:end] + data[at:]


def _swap_value(data: bytes, at: int, _: int, chance: random.Random) -> bytes:
    colon = data.find(b": ", at)
    end = data.find(b"\n", colon)
    odd = chance.choice([b"[]", b"{}", b"", b"null", b"[a, {b: c}]", b'""', b"|\n      x", b'"\\n"', b"x" * 2000, b"5"])
    return data if colon < 0 else data[: colon + 2] + odd + data[end:]


MUTATIONS: list[Callable[[bytes, int, int, random.Random], bytes]] = [_cut, _insert, _replace, _repeat, _swap_value]


@pytest.mark.parametrize("lines", [False, True], ids=["yaml", "json-lines"])
def test_no_mutation_crashes(lines: bool, project_folder: Path, run: Run) -> None:  # noqa: FBT001
    """Whatever a hand, a merge or a disk does to a file, the answer is a report with places in files that exist."""
    if lines:
        as_lines(project_folder, "a1", "b2", "c3")
        registers_as_lines(project_folder)
    chance = random.Random(20240312)  # noqa: S311 - the same mutations every time
    files = sorted(path for path in (project_folder / "annotations").iterdir())
    for _ in range(300):
        file = chance.choice(files)
        before = data = file.read_bytes()
        for _ in range(chance.choice((1, 1, 3))):
            at = chance.randrange(len(data) + 1)
            data = chance.choice(MUTATIONS)(data, at, min(len(data), at + chance.choice((1, 3, 30, 300))), chance)
        file.write_bytes(data)
        listed = problems(run, project_folder)
        assert len({tuple(problem.items()) for problem in listed}) == len(listed)
        assert all(problem["line"] > 0 and problem["column"] > 0 for problem in listed)
        assert all((project_folder / problem["path"]).is_file() for problem in listed)
        file.write_bytes(before)
    assert found(run, project_folder) == []
