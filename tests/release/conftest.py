"""A release of the invented project, for the tests of releases."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    """A copy of the release to change."""
    return Path(shutil.copytree(built, tmp_path / "release"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment without network, whose home, caches and temporary folder are the test's own."""
    for name in ("home", "temp"):
        (tmp_path / name).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "HF_HOME": str(tmp_path / "home" / "hf"),
        "TMPDIR": str(tmp_path / "temp"),
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture(scope="session")
def none_once(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one without the texts; not to be changed."""
    from releases import make  # noqa: PLC0415 - imports datasets, which looks at the environment of the tests

    return make(built.parent / "project", tmp_path_factory.mktemp("none") / "none", "none")


@pytest.fixture
def none(none_once: Path, tmp_path: Path) -> Path:
    """That one, to be changed."""
    return Path(shutil.copytree(none_once, tmp_path / "none"))
