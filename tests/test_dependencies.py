"""What the package imports is what pyproject.toml declares: nothing comes in by way of another package."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent


def imported() -> set[str]:
    """The packages that the code imports, at the top of a module or where it needs them."""
    names: set[str] = set()
    for path in (ROOT / "scripts/factpack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"factpack"}


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["cluster"]
    wanted = {re.split(r"[<>=~!\[ ]", line)[0].lower() for line in declared}
    distributions = packages_distributions()
    found = {name.lower().replace("_", "-") for module in imported() for name in distributions[module][:1]}
    assert found == wanted


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = re.findall(r'^    "[a-z0-9-]+[<>=].*$', text, re.MULTILINE)
    assert len(lines) > 20
    assert [line for line in lines if " # " not in line] == []
