"""The version of the tool is written in one place, and every file that repeats it agrees."""

import re
import tomllib
from pathlib import Path

import yaml

import factpack
from conftest import Run

ROOT = Path(__file__).parent.parent


def test_the_command_prints_the_version(run: Run) -> None:
    assert run("--version").output.endswith(f", version {factpack.__version__}\n")


def test_the_build_reads_the_version_from_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["dynamic"] == ["version"]
    path = ROOT / settings["tool"]["hatch"]["version"]["path"]
    assert path == ROOT / "scripts/factpack/__init__.py"
    assert f'__version__ = "{factpack.__version__}"' in path.read_text(encoding="utf-8")


def test_changelog_and_citation_name_the_version_and_its_date() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## ([\d.]+) \((\d{4}-\d{2}-\d{2})\)$", changelog, re.MULTILINE)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert released[0] == (factpack.__version__, str(citation["date-released"]))
    assert citation["version"] == factpack.__version__
