"""The benchmarks run, on corpora so small that their figures say nothing."""

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent / "benchmarks"


def printed_by(script: str, *args: str) -> str:
    command = [sys.executable, BENCHMARKS / script, *args, "--format", "markdown"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def figures(printed: str) -> dict[str, list[str]]:
    """The cells of the printed table, by the second column."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.split("\n") if "|" in line]
    return {cells[1]: [cells[0], *cells[2:]] for cells in lines[2:]}


def test_ways_to_package_are_measured() -> None:
    ways = ("floor", "rebuild", "check", "pandas")
    found = figures(printed_by("run.py", "--claims", "40", *(option for way in ways for option in ("--way", way))))
    assert list(found) == ["floor", "factpack build --jobs 1, released", "factpack check --jobs 1", "pandas merge"]
    assert all(float(cells[1]) > 0 for cells in found.values())
    assert found["floor"][2] == "1.0"


def test_a_cluster_is_measured() -> None:
    found = figures(printed_by("cluster.py", "--claims", "40", "--workers", "1"))
    assert list(found) == ["first process", "worker 1"]
    assert sum(int(cells[2].removesuffix("%")) for cells in found.values()) in (99, 100, 101)


def test_parsers_are_measured() -> None:
    printed = printed_by("yaml_parsers.py", "--claims", "160", "--repeat", "3")
    found = figures(printed)
    assert {cells[0] for cells in found.values()} == {"YAML", "JSON Lines"}
    assert all(float(cells[1]) > 0 for name, cells in found.items() if "ruamel" not in name)
    first, again = (float(found[f"factpack, checked records, {time}"][1]) for time in ("first time", "again"))
    assert first > again  # what was parsed before is not found the first time
    ratio = re.search(
        r"^a checked claim takes (\d+) times as long from YAML as from JSON Lines; again, \d+$", printed, re.MULTILINE
    )
    assert ratio
    (least, most), (fewest, longest) = (
        rounded(found[f"factpack, checked records{time}"][1]) for time in (", first time", "")
    )
    assert least / longest - 0.5 <= int(ratio[1]) <= most / fewest + 0.5


def rounded(printed: str) -> tuple[float, float]:
    """Between which numbers the one lies that was printed with so many digits."""
    half = 0.5 * 10 ** -len(printed.partition(".")[2])
    return float(printed) - half, float(printed) + half
