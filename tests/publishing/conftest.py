"""An S3 server, and releases to publish to stores.

What imports `datasets` is imported late: it looks once at the environment that the tests set up.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import PROJECT

if TYPE_CHECKING:
    from factpack.publishing.release import Release
    from publishing.publications import Which
    from store.server import S3


@pytest.fixture(scope="session")
def s3() -> Iterator["S3"]:
    """The server; a process can have one, because moto keeps what it stores for all of them."""
    from store.server import s3_server  # noqa: PLC0415 - few tests need it

    with s3_server() as server:
        yield server


Built = Callable[..., "Release"]


@pytest.fixture(params=["one of each kind", pytest.param("all", marks=pytest.mark.exhaustive)])
def which(request: pytest.FixtureRequest) -> "Which":
    """At which of many points a publication is broken."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Builds the invented project with another version and title, once for all tests."""

    from factpack.publishing.release import read_release  # noqa: PLC0415 - imports datasets
    from releases import make  # noqa: PLC0415 - the same

    @cache
    def released(version: str, title: str = "Ferry Fact-Check") -> "Release":
        project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("built") / "project"))
        dataset = project / "annotations/dataset.yaml"
        text = dataset.read_text(encoding="utf-8")
        text = text.replace("version: 1.1.0", f"version: {version}").replace("Ferry Fact-Check", title)
        dataset.write_text(text, encoding="utf-8")
        return read_release(make(project))

    return released


@pytest.fixture
def old(versions: Built) -> "Release":
    return versions("1.0.0")


@pytest.fixture
def new(versions: Built) -> "Release":
    return versions("1.1.0")


@pytest.fixture
def other(versions: Built) -> "Release":
    """The version of ``new``, with other bytes."""
    return versions("1.1.0", "Another Fact-Check")


@pytest.fixture(params=["file", "memory", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path, s3: "S3") -> str:
    """A place that nothing was published to."""
    s3.expect(lambda _: "")
    match request.param:
        case "file":
            return f"file://{tmp_path}/sets"
        case "memory":
            return f"memory://{tmp_path.name}"
        case _:
            return f"s3://sets/{tmp_path.name}"


@pytest.fixture
def small(new: "Release", tmp_path: Path) -> "Release":
    """Some files of ``new``, because every request is one run of the test."""
    from factpack.release.layout import SUMS, sha256  # noqa: PLC0415 - imports datasets

    folder = tmp_path / "small"
    names = ["README.md", "articles/test-00000-of-00001.parquet"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new.folder / name, folder / name)
    (folder / SUMS).write_text("".join(f"{new.digests[name]}  {name}\n" for name in names))
    return replace(new, folder=folder, digests={name: sha256(folder / name) for name in [*names, SUMS]})
