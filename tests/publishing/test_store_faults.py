"""Publishing to a folder, to memory and to an S3 server: what is there after a publication that was broken off."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
import s3fs

from factpack.errors import PublicationInterruptedError, PublicationRefusedError
from factpack.publishing import flow as store
from factpack.publishing.release import Release
from factpack.release.layout import SUMS
from publishing.publications import Which
from store.places import fresh, left, publish, seen
from store.publisher import killed_before, start, together
from store.server import S3, Fault, no_fault

STATUSES = (403, 409, 429, 500, 503)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No request is tried again, so that a fault is one."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


# Broken off


def test_killed_before_any_step_in_a_folder(
    tmp_path: Path, old: Release, new: Release, which: Which, say: Callable[[str], None]
) -> None:
    """The process is killed, so that nothing of it can clean up."""
    steps = list[str]()
    publish(f"file://{tmp_path}/old", old)
    store.publish(f"file://{shutil.copytree(tmp_path / 'old', tmp_path / 'whole')}", new, steps.append)
    assert len(steps) > len(new.digests) + 3
    points = range(len(steps)) if which == "all" else ends(steps)
    for point in (*points, len(steps)):
        target = f"file://{shutil.copytree(tmp_path / 'old', tmp_path / str(point))}"
        process = start(killed_before, target, new, point)
        process.join()
        if point == len(steps):  # so there is no other point
            assert process.exitcode == 0
            break
        assert process.exitcode == -9
        assert seen(target, tmp_path) == {"v1.0.0": old.digests}
        assert publish(target, new).state == "new"
        assert seen(target, tmp_path) == {"v1.0.0": old.digests, "v1.1.0": new.digests}
        assert left(target) == []
    say(f"{len(points)} points of a publication to a folder at which the process was killed")


def ends(steps: list[str]) -> list[int]:
    """The first and the last step of each kind: those of one kind do the same with one file after another."""
    kinds = [step if SUMS in step else re.sub(r"^(writing|loading) .*", r"\1", step) for step in steps]
    return sorted({kinds.index(kind) for kind in kinds} | {len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds})


@pytest.mark.parametrize("step", [5, -1])
def test_killed_while_publishing_to_s3(s3: S3, tmp_path: Path, old: Release, new: Release, step: int) -> None:
    """Between two files, and before the sums. Every request is broken in the next test."""
    s3.expect(no_fault)
    target = f"s3://sets/{tmp_path.name}"
    publish(target, old)
    steps: list[str] = []
    store.publish(f"memory://{tmp_path.name}", new, steps.append)
    process = start(killed_before, target, new, range(len(steps))[step])
    process.join()
    assert process.exitcode == -9
    assert seen(target, tmp_path) == {"v1.0.0": old.digests}
    assert left(target) == [".v1.1.0.publishing"]
    publish(target, new)
    assert seen(target, tmp_path) == {"v1.0.0": old.digests, "v1.1.0": new.digests}
    assert left(target) == []


def breaking(s3: S3, kind: str, point: int) -> None:
    """From the request ``point`` on, the network is gone, or the server refuses, or half of each answer arrives."""
    fault: Fault = STATUSES[point % len(STATUSES)] if kind == "status" else kind
    s3.expect(lambda number: fault if number >= point else "")


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("kind", ["after", "status", "half"])  # cut before one request is cut after the last
def test_every_request_of_a_publication_can_fail(
    s3: S3, tmp_path: Path, small: Release, kind: str, say: Callable[[str], None]
) -> None:
    s3.expect(no_fault)
    target, prefix = f"s3://sets/{tmp_path.name}", f"{tmp_path.name}/"
    publish(target, small)
    requests, whole = s3.requests, s3.objects(prefix)
    assert whole == {f"v1.1.0/{name}": (small.folder / name).read_bytes() for name in small.digests}
    broken = 0
    for point, request in enumerate(requests):
        s3.forget(prefix)
        breaking(s3, kind, point)
        try:
            publish(target, small)
        except PublicationInterruptedError as error:
            broken += 1
            assert_told(error, target)
        s3.expect(no_fault)
        found = s3.objects(prefix)
        if f"v1.1.0/{SUMS}" in found:
            found.pop(".v1.1.0.publishing", None)
            assert found == whole, request
        publish(target, small)
        assert s3.objects(prefix) == whole, request
    say(f"{len(requests)} requests of a publication to S3 broken ({kind}), {broken} publications broken off")
    assert requests[-1].startswith("DELETE")
    assert broken == len(requests) - 1, "without the last one, which removes the claim, the version is published"


@pytest.mark.usefixtures("once")
def test_every_request_of_a_look_can_fail(
    s3: S3, tmp_path: Path, old: Release, new: Release, say: Callable[[str], None]
) -> None:
    s3.expect(no_fault)
    target, prefix = f"s3://sets/{tmp_path.name}", f"{tmp_path.name}/"
    publish(target, old)
    s3.expect(no_fault)
    planned = store.plan(target, new)
    requests, before = s3.requests, s3.objects(prefix)
    for point in range(len(requests)):
        breaking(s3, ("before", "after", "status", "half")[point % 4], point)
        with pytest.raises(PublicationInterruptedError) as broken:
            store.plan(target, new)
        assert_told(broken.value, target)
    say(f"{len(requests)} requests of a look at S3 broken")
    s3.expect(no_fault)
    assert store.plan(target, new).added == planned.added
    assert s3.objects(prefix) == before


def assert_told(error: PublicationInterruptedError, target: str) -> None:
    assert str(error).startswith(f"{target}: ")
    assert str(error).endswith("publish again.")
    assert "not-to-be-printed" not in str(error)


# Two at once


@pytest.fixture(params=["file", "s3"])
def places(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> list[str]:
    """Two places that nothing was published to, where a version can come to be by one step of the system."""
    s3.expect(no_fault)
    root = f"file://{tmp_path}/sets" if request.param == "file" else f"s3://sets/{tmp_path.name}"
    return [f"{root}-{number}" for number in range(2)]


def test_two_with_the_same_bytes_both_come_to_their_end(places: list[str], tmp_path: Path, new: Release) -> None:
    for target in places:
        assert at_once(tmp_path, target, new, new) == [0, 0]
        assert seen(target, tmp_path) == {"v1.1.0": new.digests}
        assert left(target) == []


def test_of_two_with_other_bytes_one_wins(places: list[str], tmp_path: Path, new: Release, other: Release) -> None:
    for target in places:
        ends = at_once(tmp_path, target, new, other)
        assert sorted(ends) == [0, 3]
        assert seen(target, tmp_path) == {"v1.1.0": (new, other)[ends.index(0)].digests}
        assert left(target) == []


def at_once(folder: Path, target: str, *releases: Release) -> list[int]:
    """How publications end that begin together, each in a process of its own."""
    go, ready = folder / "go", [folder / f"ready-{number}" for number in range(len(releases))]
    for path in (go, *ready):
        path.unlink(missing_ok=True)
    started = [start(together, target, *each, go) for each in zip(releases, ready, strict=True)]
    while not all(path.exists() for path in ready):
        time.sleep(0.01)
    go.touch()
    for process in started:
        process.join()
    return [process.exitcode or 0 for process in started]


def test_a_publication_under_way_is_not_disturbed(s3: S3, tmp_path: Path, new: Release, other: Release) -> None:
    """Where a store is written file by file, the second is refused while the first is between two files."""
    s3.expect(no_fault)
    target, steps = f"s3://sets/{tmp_path.name}", []

    def on_step(step: str) -> None:
        steps.append(step)
        if len(steps) == 6:
            with pytest.raises(PublicationRefusedError) as refused:
                publish(target, other)
            assert str(refused.value) == (
                f"A publication of other bytes as 1.1.0 to {target} is running or was interrupted. If nobody is "
                f"publishing it, remove {target}/v1.1.0 and {target}/.v1.1.0.publishing; then publish again."
            )

    store.publish(target, new, on_step)
    assert len(steps) > 6
    assert seen(target, tmp_path) == {"v1.1.0": new.digests}
    assert left(target) == []


@pytest.mark.parametrize("moment", ["claiming", "writing SHA256SUMS"])
def test_a_version_that_comes_in_between_wins(
    s3: S3, tmp_path: Path, new: Release, other: Release, moment: str
) -> None:
    """Another publisher, who does not keep to the claim, finishes the version at the worst moments."""
    s3.expect(no_fault)
    target = f"s3://sets/{tmp_path.name}"

    def on_step(step: str) -> None:
        if step.startswith(moment):
            for name in other.digests:
                fsspec.filesystem("s3").put_file(str(other.folder / name), f"sets/{tmp_path.name}/v1.1.0/{name}")

    with pytest.raises(PublicationRefusedError, match=r"1\.1\.0 is already published at \S+ with other bytes"):
        store.publish(target, new, on_step)
    assert seen(target, tmp_path) == {"v1.1.0": other.digests}
    assert left(target) == []


def test_half_a_file_is_written_again(target: str, new: Release, tmp_path: Path) -> None:
    """As some stores leave it; a local folder never has it, because it is renamed when it is whole."""
    if target.startswith("file:"):
        return
    driver, root = fresh(target)
    driver.pipe_file(f"{root}/.v1.1.0.publishing", (new.folder / SUMS).read_bytes())
    driver.pipe_file(f"{root}/v1.1.0/README.md", (new.folder / "README.md").read_bytes()[:100])
    assert "README.md" in store.plan(target, new).added
    publish(target, new)
    assert seen(target, tmp_path) == {"v1.1.0": new.digests}
    assert left(target) == []
