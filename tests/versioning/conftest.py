"""Releases of the invented project, to be compared."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT
from factpack.formats.registry import open_project


@pytest.fixture(scope="session")
def without_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the invented project without the texts."""
    from factpack.release.build import build  # noqa: PLC0415 - the same

    folder = tmp_path_factory.mktemp("none")
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    return build(open_project(project), folder / "release", lambda: None, "none")[0]


@pytest.fixture(scope="session")
def old(built: Path) -> Path:
    """A release of the invented project; not to be changed."""
    return built


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    """A copy of that release to change."""
    return Path(shutil.copytree(old, tmp_path / "new"))


@pytest.fixture
def pair(old: Path, new: Path) -> tuple[Path, Path]:
    """Both."""
    return old, new


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The release of the invented project after one of the edits, built once."""
    from releases import make  # noqa: PLC0415 - the same
    from versioning.edits import EDITS, edited  # noqa: PLC0415 - the same

    folder = tmp_path_factory.mktemp("edited")

    def release(name: str) -> Path:
        if not (folder / name).exists():
            project = edited(Path(shutil.copytree(PROJECT, folder / f"{name}-project")), EDITS[name])
            make(project, folder / name)
        return folder / name

    return release


@pytest.fixture(scope="session")
def released_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose version 1.1.0 is released; not to be changed."""
    from factpack.api.project import load_project  # noqa: PLC0415 - the same

    project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("released") / "project"))
    load_project(project).bump()
    return project


@pytest.fixture
def released(released_once: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(released_once, tmp_path / "project")).resolve()
