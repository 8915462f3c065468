"""The benchmarks run, on corpora so small that their figures say nothing."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent / "benchmarks"


def figures(script: str, *args: str) -> dict[str, list[str]]:
    """The cells of the printed table, by the second column."""
    command = [sys.executable, BENCHMARKS / script, *args, "--format", "markdown"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.split("\n") if "|" in line]
    return {cells[1]: [cells[0], *cells[2:]] for cells in lines[2:]}


def test_ways_to_package_are_measured() -> None:
    ways = ("floor", "rebuild", "check", "pandas")
    found = figures("run.py", "--claims", "40", *(option for way in ways for option in ("--way", way)))
    assert list(found) == ["floor", "factpack build, released", "factpack check", "pandas merge"]
    assert all(float(cells[1]) > 0 for cells in found.values())
    assert found["floor"][2] == "1.0"


def test_parsers_are_measured() -> None:
    found = figures("yaml_parsers.py", "--claims", "160", "--repeat", "1")
    assert {cells[0] for cells in found.values()} == {"YAML", "JSON Lines"}
    assert all(float(cells[1]) > 0 for name, cells in found.items() if "ruamel" not in name)
