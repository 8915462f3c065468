"""A sample of the fuzzer, which is run by hand: `python -m fuzz` changes thousands of projects and releases."""

import os
import subprocess
import sys

import pytest

from conftest import TESTS

NOTHING_WRONG = (
    "0 tracebacks and crashes",
    "0 over 20 s",
    "0 over 1 GiB",
    "0 releases accepted that differ in meaning",
    "0 other faults",
)


def fuzz(*args: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "fuzz", "--jobs", "2", *args]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
def test_a_sample_finds_nothing() -> None:
    done = fuzz("--count", "60", "--seed", "20240312")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "60 mutations\n36 projects: " in done.stdout
    found = done.stdout.splitlines()[-len(NOTHING_WRONG) :]
    assert [line.startswith(words) for line, words in zip(found, NOTHING_WRONG, strict=True)] == [True] * 5, found


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
def test_a_case_is_made_again() -> None:
    """What is printed of a fault is enough to see it again."""
    once, again = (fuzz("--case", "project:arabic-crlf:1:3").stdout.splitlines()[0] for _ in range(2))
    said, _, _ = once.rpartition(", ")
    assert said.startswith("project:arabic-crlf:1:3 (")
    assert again.startswith(f"{said}, ")
