"""What is at a place that releases are published to, as a reader sees it."""

import shutil
from pathlib import Path

import fsspec

from factpack.publishing import flow as store
from factpack.publishing.release import Plan, Release
from factpack.release.layout import SUMS, listed, sha256


def fresh(target: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The driver for a target, which remembers nothing of it, and the path there."""
    driver, root = fsspec.url_to_fs(target)
    driver.invalidate_cache()
    return driver, root


def publish(target: str, release: Release) -> Plan:
    return store.publish(target, release, lambda _: None)


def seen(target: str, folder: Path) -> dict[str, dict[str, str]]:
    """The versions that a reader sees, each with the sum of every file; it must be the one in SHA256SUMS."""
    driver, root = fresh(target)
    versions: dict[str, dict[str, str]] = {}
    for number, path in enumerate(driver.glob(f"{root}/v*/{SUMS}")):
        version = path.rpartition("/")[0]
        copy = folder / f"read-{number}"
        shutil.rmtree(copy, ignore_errors=True)
        names = [name.removeprefix(f"{version}/") for name in driver.find(version)]
        for name in names:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            driver.get_file(f"{version}/{name}", str(copy / name))
        sums = {name: sha256(copy / name) for name in names}
        assert listed((copy / SUMS).read_bytes()) == {name: digest for name, digest in sums.items() if name != SUMS}
        versions[version.rpartition("/")[2]] = sums
    return versions


def left(target: str) -> list[str]:
    """What lies at the target besides versions."""
    driver, root = fresh(target)
    names = [path.rpartition("/")[2] for path in driver.ls(root, detail=False)]
    return [name for name in names if not name.startswith("v")]
