"""The library: its names, its exceptions, and that it leaves the process as it finds it."""

import ast
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import factpack
from conftest import PROJECT
from factpack.errors import FactpackError

NAMES = [
    "CheckFailedError",
    "CheckReport",
    "Corpus",
    "FactpackError",
    "Project",
    "ProjectNotFoundError",
    "Release",
    "Scores",
    "__version__",
    "create_project",
    "diff",
    "load_project",
    "open_release",
    "publish",
    "rules",
    "score",
]

#: Exceptions of Python that its own rules ask for.
FOREIGN = {
    "AttributeError",  # for a name that the package does not have
    "FileNotFoundError",  # for a file that went away in between, as opening it would raise
    "OSError",  # for a full disk, or what is no regular file, as the system would raise
    "TypeError",  # for a rule, format or target that is none; from another package it becomes a PluginError
    "ValueError",  # for a rule that is there already; the same
}

#: Prints what a library could change in its process, then works with a project, and prints it again.
STATE = """
import gc, json, logging, os, sys
import datasets, huggingface_hub, pyarrow
import scipy.io  # datasets imports it, and what that imports sets KMP_DUPLICATE_LIB_OK
from huggingface_hub import constants
import factpack

pyarrow.set_memory_pool(pyarrow.system_memory_pool())

def state():
    return {
        "gc": gc.isenabled(),
        "switch interval": sys.getswitchinterval(),
        "memory pool": pyarrow.default_memory_pool().backend_name,
        "log levels": {name: logging.getLogger(name).level for name in ("", "datasets", "huggingface_hub", "fsspec")},
        "constants": {name: repr(value) for name, value in vars(constants).items() if name.isupper()},
        "bars": [datasets.are_progress_bars_disabled(), huggingface_hub.utils.are_progress_bars_disabled()],
        "environment": dict(os.environ),
    }

print(json.dumps(state()))
project = factpack.load_project(sys.argv[1])
assert project.check().ok
with project.build() as release:
    release.verify()
    assert release.load().num_rows == release.table().num_rows
    factpack.publish(release, f"file://{sys.argv[1]}/published")
    assert not factpack.diff(release, project).differences
print(json.dumps(state()))
"""


def python(code: str, *args: str | Path) -> list[str]:
    """Run code in a new process, with the bars and logs of libraries as they are by default; return its lines."""
    environment = {name: value for name, value in os.environ.items() if "PROGRESS_BARS" not in name}
    command = [sys.executable, "-c", code, *map(str, args)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def modules() -> list[str]:
    """Return the names of all modules of the package that can be imported without running it."""
    found = (each.name for each in pkgutil.walk_packages(factpack.__path__, "factpack."))
    return ["factpack", *(name for name in found if name != "factpack.__main__")]


def test_the_names_are_exact() -> None:
    assert factpack.__all__ == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_every_name_is_documented(name: str) -> None:
    found = getattr(factpack, name)
    assert len(found.__doc__.splitlines()[0]) > 10
    for member, value in vars(found).items() if isinstance(found, type) else ():
        if callable(value) and not member.startswith("_"):
            assert value.__doc__, f"{name}.{member}"


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'factpack' has no attribute 'Shelf'"):
        factpack.Shelf  # noqa: B018 - to ask for it is the test


def test_to_import_it_imports_nothing_heavy() -> None:
    code = "import sys, factpack.api, factpack; print(sorted({'datasets', 'pandas', 'pyarrow'} & sys.modules.keys()))"
    assert python(code) == ["[]"]


def raised() -> Iterator[tuple[str, str]]:
    """Yield the modules below the command line, each with the names of the exceptions that it raises."""
    for module in modules():
        if not module.startswith("factpack.cli"):
            path = import_module(module).__file__
            assert path
            for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Raise) and node.exc:
                    what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                    if isinstance(what, ast.Name) and what.id.lstrip("_")[0].isupper():
                        yield module, what.id


def test_every_exception_is_one_of_factpack() -> None:
    """A private exception does not leave its module."""
    found = set(raised())
    assert len(found) > 20
    assert {name for _, name in found} >= FOREIGN
    for module, name in found:
        if not name.startswith("_") and name not in FOREIGN:
            assert issubclass(getattr(import_module(module), name), FactpackError), (module, name)


def test_it_leaves_the_process_as_it_is(tmp_path: Path) -> None:
    before, after = map(json.loads, python(STATE, shutil.copytree(PROJECT, tmp_path / "project")))
    assert after == before
