"""The corpora to measure with are sound projects, and the same ones everywhere."""

import hashlib
import json
from pathlib import Path

import pytest

from benchmarks.corpus import SCRIPTS, Corpus
from conftest import Run

CLAIMS = 200
SHAPES = ("even", "one-article", "long-evidence")


def sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("form", ["jsonl", "yaml"])
@pytest.mark.parametrize(
    ("script", "shape"),
    [*((script, "even") for script in (*SCRIPTS, "mixed")), *(("mixed", shape) for shape in SHAPES)],
)
def test_nothing_is_wrong_with_a_corpus(script: str, shape: str, form: str, tmp_path: Path, run: Run) -> None:
    Corpus(CLAIMS, script, shape).write(tmp_path, form)
    result = run("check", tmp_path)
    assert (result.stdout, result.stderr, result.exit_code) == ("", "0 errors, 0 warnings\n", 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_both_forms_of_a_corpus_build_the_same_tables(shape: str, tmp_path: Path, run: Run) -> None:
    tables = []
    for form in ("jsonl", "yaml"):
        Corpus(CLAIMS, "mixed", shape).write(tmp_path / form, form)
        result = run("build", tmp_path / form)
        assert result.exit_code == 0, result.stderr
        tables.append(json.loads((Path(result.stdout.strip()) / "release.json").read_text(encoding="utf-8"))["tables"])
    assert tables[0] == tables[1]
    assert tables[0]["claims"]["rows"] == CLAIMS
    more = CLAIMS - 3 if shape == "long-evidence" else 0
    assert tables[0]["evidence"]["rows"] == 2 * CLAIMS + more
    assert tables[0]["articles"]["rows"] == (1 if shape == "one-article" else CLAIMS // 20)


def test_every_claim_of_the_bad_corpus_has_one_error(tmp_path: Path, run: Run) -> None:
    Corpus(CLAIMS, "mixed", "bad").write(tmp_path)
    result = run("check", tmp_path, "--format", "json")
    problems = json.loads(result.stdout)
    assert [(problem["line"], problem["severity"]) for problem in problems] == [
        (20 + 24 * article - 19 + place, "error") for article in range(CLAIMS // 20) for place in range(20)
    ]
    assert len({problem["rule"] for problem in problems}) == 5


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("jsonl", "16c2f776674f7318f917aa2a3201723c5234fbb1bd73f99fedb9e9397d5475c0"),
        ("yaml", "35b167a00977b25b1f30fedc6da43a0d957e09a05731c7af9fcd5fcc3231d05b"),
    ],
)
def test_a_corpus_is_the_same_everywhere(form: str, expected: str, tmp_path: Path) -> None:
    Corpus(CLAIMS, "mixed").write(tmp_path, form)
    assert hashlib.sha256(json.dumps(sums(tmp_path)).encode()).hexdigest() == expected
