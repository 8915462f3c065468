"""``factpack check`` as its users meet it: formats, exit statuses, every problem in one pass."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checking import A1, B2, C3, DATASET, FACTS, REGISTER, edit, found
from conftest import PROJECT, TESTS, Run
from factpack.anchoring.corpus_builder import build_corpus
from factpack.checks.problem import Problem, Problems
from factpack.checks.report import CheckReport
from factpack.formats.locations import Location
from factpack.formats.registry import open_project


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
        "annotations/c3.yaml:22:12: error[unknown-word]: unknown label `disputable`\n"
        "  hint: Did you mean `disputed`?\n"
        "seeds/b2_coast-letter.txt:5:1: error[sentence-unaccounted]: "
        "sentence is not accounted for: ‘Somehow, of the and.’\n"
        "  hint: Add a claim, an unverified or a not_checkable passage for it to annotations/b2.yaml.\n"
    )
    assert result.stderr.startswith("2 errors, 0 warnings\n`factpack rules RULE` explains a rule, such as ")


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
    assert result.stderr.startswith("0 errors, 2 warnings\n`factpack rules RULE` explains a rule, such as ")


def test_a_warning_comes_again_though_the_file_is_known(project_folder: Path, run: Run) -> None:
    """What was parsed is kept in the cache; what is to be said of it is not."""
    annotation = project_folder / "annotations/b2.yaml"
    annotation.write_text(annotation.read_text(encoding="utf-8").replace("same.\n", "same. #a1\n"), encoding="utf-8")
    first = run("check", project_folder).stdout
    assert "warning[hash-starts-comment]: ‘#a1’ is read as a comment" in first
    assert run("check", project_folder).stdout == first


def test_github_format(project_folder: Path, run: Run) -> None:
    """What GitHub shows beside the line of a pull request."""
    edit(project_folder, B2, ("label: disputed", "label: '100% wrong, so: no'"))
    edit(project_folder, C3, ("  - quote: 美しい船だ。\n    reason: opinion\n", ""))
    result = run("check", project_folder, "--format", "github")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "::error file=annotations/b2.yaml,line=56,col=12,title=unknown-word"
        "::unknown label `100%25 wrong, so: no`"
        "%0Ahint: Write one of `disputed`, `erroneous`, `supported`.\n"
        "::warning file=seeds/c3_minato.txt,line=2,col=101,title=sentence-unaccounted"
        "::sentence is not accounted for: ‘美しい船だ。’"
        "%0Ahint: Add a claim, an unverified or a not_checkable passage for it to annotations/c3.yaml.\n"
    )


def test_github_escapes() -> None:
    """A message cannot end the command or begin another one: line ends are shown by their pictures, and the escapes
    are those of GitHub's own toolkit.
    """
    problem = Problem(Location("a,b:c%.yaml", 3, 5), "100%: one\r\n::error::two", "x, y: z", rule="some-rule")
    assert CheckReport.of(Problems([problem])).to_github() == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=5,title=some-rule::100%25: one␍␊::error::two%0Ahint: x, y: z\n"
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
            "message": "unknown label `eroneous`",
            "hint": "Did you mean `erroneous`?",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--format", "xml"], "Invalid value for '--format'"),
        (["check", str(PROJECT), "two"], "Got unexpected extra argument (two)"),
        (["chekc"], "No such command 'chekc'"),
        (["rules", "quote-not-fond"], "unknown rule quote-not-fond; did you mean quote-not-found?"),
        (["rules", "zzz"], "Error: unknown rule zzz\n"),
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
        (
            tmp_path,
            f"{tmp_path} is not a factpack project: it has no {DATASET}. `factpack init DIR` creates a project.",
        ),
        (tmp_path / "nothing", f"folder {tmp_path / 'nothing'} does not exist"),
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
    assert f"{file}:1:1: error[stray-file]: file is ignored\n" in done.stdout
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
        "annotations/a1.yaml:90:16: error[quote-not-found]: quote not found in article b2\n"
        "  hint: The nearest passage is ‘No injuries 🚢’: "
        "the article has 🚢 (U+1F6A2) where the quote has 🚣 (U+1F6A3).\n"
    )
    assert re.fullmatch(r"1 error, 0 warnings\n`factpack rules [a-z-]+` explains the rule\.\n", done.stderr.decode())


# All problems in one pass, each once, and no problem because of another


def test_every_problem_in_one_pass(project_folder: Path, run: Run) -> None:
    """Whoever has ten errors mends them in one go; they are sorted by place, and none hides another."""
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


def _places(project: Path) -> list[tuple[str, int, str]]:
    found = Problems(item for item in build_corpus(open_project(project)) if isinstance(item, Problem | Problems))
    return [(problem.path, problem.line, problem.rule) for problem in found.shown]
