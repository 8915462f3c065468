"""A package that adds a format, a rule and a target is installed, and the command line has all three."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT, TESTS
from plugin.tables import write_table

Factpack = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def factpack(tmp_path_factory: pytest.TempPathFactory) -> Factpack:
    """The command in a fresh environment that has factpack and the package, and finds all else in the present one."""
    fresh = tmp_path_factory.mktemp("fresh")
    venv.create(fresh, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(fresh)}))
    (packages / "present.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))

    def run(*command: str | Path, also: Path = fresh) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(also)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    alone = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    pip = (sys.executable, "-m", "pip", "--python", fresh / "bin/python", "install", "--quiet", *alone)
    installed = run(*pip, TESTS.parent, TESTS / "plugin")
    assert installed.returncode == 0, installed.stderr
    assert (packages / "factpack/py.typed").exists()
    return lambda *args, **also: run(fresh / "bin/factpack", *args, **also)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with annotations in the format of the package, and something that its rule finds."""
    folder = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("project") / "ferry"))
    write_table(folder)
    table = folder / "annotations/table.csv"
    text = table.read_text(encoding="utf-8")
    assert "The ferry left an hour late." in text
    table.write_text(text.replace("The ferry left an hour late.", "THE FERRY LEFT AN HOUR LATE."), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def release(factpack: Factpack, project: Path) -> str:
    """The folder of the release of that project."""
    built = factpack("build", project)
    assert built.returncode == 0, built.stderr
    return built.stdout.strip()


def test_the_check_reads_its_format_and_asks_its_rule(factpack: Factpack, project: Path) -> None:
    checked = factpack("check", project)
    assert (checked.stdout, checked.returncode) == (
        (
            f"{project}/annotations/table.csv:16:34: warning[claim-in-capitals]: a claim in capitals\n"
            "  hint: Write: The ferry left an hour late.\n"
        ),
        0,
    )


def test_the_manual_has_its_rule(factpack: Factpack) -> None:
    page = factpack("rules", "claim-in-capitals").stdout
    assert page.startswith("claim-in-capitals (warning)\n\n  Write a claim in lower case, as any sentence.\n")


def test_its_target_is_published_to(factpack: Factpack, release: str, tmp_path: Path) -> None:
    published = factpack("publish", f"shelf://{tmp_path}/sets", release)
    assert published.returncode == 0, published.stderr
    assert published.stdout.endswith(f'load_dataset("{tmp_path}/sets/v1.1.0")\n')
    assert (tmp_path / "sets/v1.1.0/SHA256SUMS").exists()


@pytest.mark.parametrize(
    ("group", "added"),
    [
        ("formats", ("no_such_module:Broken", "ModuleNotFoundError: No module named 'no_such_module'")),
        ("formats", ("types:SimpleNamespace", "TypeError: a format must derive from {}.formats.format.Format")),
        ("rules", ("no_such_module:Broken", "ModuleNotFoundError: No module named 'no_such_module'")),
        ("rules", ("json:loads", "TypeError: it is neither a rule nor a module with rules")),
        ("targets", ("no_such_module:Broken", "ModuleNotFoundError: No module named 'no_such_module'")),
        ("targets", ("pathlib:Path", "TypeError: a target must derive from {}.publishing.target.Target")),
    ],
)
def test_what_cannot_be_used_is_named(
    factpack: Factpack, release: str, tmp_path: Path, group: str, added: tuple[str, str]
) -> None:
    value, reason = added
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[factpack.{group}]\nbroken = {value}\n", encoding="utf-8")
    command = {"formats": ["check", PROJECT], "rules": ["rules"], "targets": ["publish", "broken://place", release]}
    refused = factpack(*command[group], also=tmp_path)
    assert (refused.stdout, refused.stderr.strip(), refused.returncode) == (
        "",
        (
            f"Error: {value}, which broken adds to factpack.{group}, cannot be loaded: {reason.format('factpack')}. "
            "Update the package, or uninstall it."
        ),
        2,
    )
