"""Publishing to a folder, to memory and to an S3 server: what a reader finds there after every kind of end."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import fsspec
import pytest
import s3fs
from datasets import load_dataset
from semver import Version

from conftest import PROJECT, Run
from factpack import store
from factpack.folder import SUMS, listed, sha256
from factpack.project import open_project
from factpack.publish import BrokenOffError, MisuseError, Plan, RefusedError, Release, read_release
from factpack.release import build
from store.publisher import killed_before, start, together
from store.server import S3, Fault, no_fault, s3_server

STATUSES = (403, 409, 429, 500, 503)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No request is tried again, so that a fault is one."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


Built = Callable[..., Release]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Builds the invented project with another version and title, once for all tests."""

    @cache
    def released(version: str, title: str = "Ferry Fact-Check") -> Release:
        project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("built") / "project"))
        dataset = project / "annotations/dataset.yaml"
        text = dataset.read_text(encoding="utf-8")
        text = text.replace("version: 1.1.0", f"version: {version}").replace("Ferry Fact-Check", title)
        dataset.write_text(text, encoding="utf-8")
        return read_release(build(open_project(project), None, lambda: None)[0])

    return released


@pytest.fixture
def old(built: Built) -> Release:
    return built("1.0.0")


@pytest.fixture
def new(built: Built) -> Release:
    return built("1.1.0")


@pytest.fixture
def other(built: Built) -> Release:
    """The version of ``new``, with other bytes."""
    return built("1.1.0", "Another Fact-Check")


@pytest.fixture(params=["file", "memory", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> str:
    """A place that nothing was published to."""
    s3.expect(no_fault)
    match request.param:
        case "file":
            return f"file://{tmp_path}/sets"
        case "memory":
            return f"memory://{tmp_path.name}"
        case _:
            return f"s3://sets/{tmp_path.name}"


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


def test_a_release_is_published_and_loads(target: str, old: Release, new: Release, tmp_path: Path) -> None:
    planned = store.plan(target, old)
    assert (planned.state, planned.latest) == ("new", None)
    assert planned.size == sum((old.folder / name).stat().st_size for name in old.sums)
    assert seen(target, tmp_path) == {}, "a plan changes nothing"
    steps: list[str] = []
    assert store.publish(target, old, steps.append) == planned
    assert {f"writing {name}" for name in old.sums} <= set(steps)
    publish(target, new)
    assert seen(target, tmp_path) == {"v1.0.0": old.sums, "v1.1.0": new.sums}
    assert left(target) == []
    for release in (old, new):
        line = store.loading(target, release)
        loaded = eval(line, {"load_dataset": partial(load_dataset, cache_dir=str(tmp_path))})  # noqa: S307 - our own line
        assert loaded.features["label"].names == ["supported", "disputed", "erroneous"]
        assert set(loaded["added_in"]) == {str(release.version)}


def test_again_is_nothing_to_do(target: str, new: Release, tmp_path: Path) -> None:
    publish(target, new)
    planned = store.plan(target, new)
    assert planned.state == "published"
    assert planned.as_text().endswith("Already published with the same bytes; nothing to do.\n")
    steps: list[str] = []
    assert store.publish(target, new, steps.append) == planned
    assert [step for step in steps if step.startswith("writing")] == []
    assert seen(target, tmp_path) == {"v1.1.0": new.sums}


def test_other_bytes_are_refused(target: str, new: Release, other: Release, tmp_path: Path) -> None:
    publish(target, new)
    with pytest.raises(RefusedError) as refused:
        publish(target, other)
    assert str(refused.value) == (
        f"1.1.0 is published at {target} with other bytes. What is published stays as it is; "
        "give the dataset a higher version, and build it again."
    )
    assert seen(target, tmp_path) == {"v1.1.0": new.sums}
    assert left(target) == []


def test_a_lower_version_is_refused(target: str, old: Release, new: Release, tmp_path: Path) -> None:
    publish(target, new)
    for act in (store.plan, publish):
        with pytest.raises(RefusedError, match=r"1\.0\.0 does not come after 1\.1\.0"):
            act(target, old)
    assert seen(target, tmp_path) == {"v1.1.0": new.sums}
    assert left(target) == []


def test_what_was_changed_in_the_store_is_told(target: str, new: Release) -> None:
    publish(target, new)
    driver, root = fresh(target)
    driver.pipe_file(f"{root}/v1.1.0/README.md", b"mine")
    with pytest.raises(RefusedError, match=r"README\.md was changed there since\. If nobody is at it, remove"):
        publish(target, new)


def test_a_file_of_nobody_is_not_touched(target: str, new: Release, tmp_path: Path) -> None:
    driver, root = fresh(target)
    driver.makedirs(f"{root}/v1.1.0", exist_ok=True)
    driver.pipe_file(f"{root}/v1.1.0/notes.txt", b"mine")
    with pytest.raises(RefusedError, match=r"/v1\.1\.0 holds notes\.txt, which belongs to no publication"):
        publish(target, new)
    assert driver.cat_file(f"{root}/v1.1.0/notes.txt") == b"mine"
    assert seen(target, tmp_path) == {}


def test_names_that_are_no_versions_are_left_alone(target: str, new: Release) -> None:
    driver, root = fresh(target)
    driver.makedirs(f"{root}/vault", exist_ok=True)
    driver.pipe_file(f"{root}/vault/{SUMS}", b"")
    driver.makedirs(f"{root}/v9.0.0", exist_ok=True)
    driver.pipe_file(f"{root}/v9.0.0/README.md", b"never finished")
    assert store.plan(target, new).latest is None
    publish(target, new)
    assert store.plan(target, new).latest == Version.parse("1.1.0")


@pytest.mark.parametrize(
    ("sums", "damage"),
    [
        (b"0" * 64 + b"  ../../stolen\n", f"v1.0.0/{SUMS} lists '../../stolen', which leads out of the folder"),
        (b"0" * 64 + b"  README.md\n", f"v1.0.0/README.md is not what v1.0.0/{SUMS} says"),
    ],
)
def test_a_published_version_that_is_damaged_is_told(
    target: str, old: Release, new: Release, sums: bytes, damage: str
) -> None:
    publish(target, old)
    driver, root = fresh(target)
    driver.pipe_file(f"{root}/v1.0.0/{SUMS}", sums)
    with pytest.raises(RefusedError) as refused:
        store.plan(target, new)
    assert str(refused.value) == f"{target}/{damage}. Put v1.0.0 right, or remove it; then publish again."


# Broken off


def test_killed_before_any_step_in_a_folder(
    tmp_path: Path, old: Release, new: Release, say: Callable[[str], None]
) -> None:
    """The process is killed, so that nothing of it can clean up."""
    points = 0
    publish(f"file://{tmp_path}/old", old)
    while True:
        target = f"file://{shutil.copytree(tmp_path / 'old', tmp_path / str(points))}"
        process = start(killed_before, target, new, points)
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -9
        assert seen(target, tmp_path) == {"v1.0.0": old.sums}
        assert publish(target, new).state == "new"
        assert seen(target, tmp_path) == {"v1.0.0": old.sums, "v1.1.0": new.sums}
        assert left(target) == []
        points += 1
    say(f"{points} points of a publication to a folder at which the process was killed")
    assert points == len(new.sums) + 3


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
    assert seen(target, tmp_path) == {"v1.0.0": old.sums}
    assert left(target) == [".v1.1.0.publishing"]
    publish(target, new)
    assert seen(target, tmp_path) == {"v1.0.0": old.sums, "v1.1.0": new.sums}
    assert left(target) == []


@pytest.fixture
def small(new: Release, tmp_path: Path) -> Release:
    """Some files of ``new``, because every request is one run of the test."""
    folder = tmp_path / "small"
    names = ["README.md", "articles/test-00000-of-00001.parquet"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new.folder / name, folder / name)
    (folder / SUMS).write_text("".join(f"{new.sums[name]}  {name}\n" for name in names))
    return replace(new, folder=folder, sums={name: sha256(folder / name) for name in [*names, SUMS]})


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
    assert whole == {f"v1.1.0/{name}": (small.folder / name).read_bytes() for name in small.sums}
    broken = 0
    for point, request in enumerate(requests):
        s3.forget(prefix)
        breaking(s3, kind, point)
        try:
            publish(target, small)
        except BrokenOffError as error:
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
        with pytest.raises(BrokenOffError) as broken:
            store.plan(target, new)
        assert_told(broken.value, target)
    say(f"{len(requests)} requests of a look at S3 broken")
    s3.expect(no_fault)
    assert store.plan(target, new).added == planned.added
    assert s3.objects(prefix) == before


def assert_told(error: BrokenOffError, target: str) -> None:
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
        assert seen(target, tmp_path) == {"v1.1.0": new.sums}
        assert left(target) == []


def test_of_two_with_other_bytes_one_wins(places: list[str], tmp_path: Path, new: Release, other: Release) -> None:
    for target in places:
        ends = at_once(tmp_path, target, new, other)
        assert sorted(ends) == [0, 3]
        assert seen(target, tmp_path) == {"v1.1.0": (new, other)[ends.index(0)].sums}
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
            with pytest.raises(RefusedError) as refused:
                publish(target, other)
            assert str(refused.value) == (
                f"A publication of other bytes as 1.1.0 to {target} is under way, or was broken off. If nobody is at "
                f"it, remove {target}/v1.1.0 and {target}/.v1.1.0.publishing; publish again."
            )

    store.publish(target, new, on_step)
    assert len(steps) > 6
    assert seen(target, tmp_path) == {"v1.1.0": new.sums}
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
            for name in other.sums:
                fsspec.filesystem("s3").put_file(str(other.folder / name), f"sets/{tmp_path.name}/v1.1.0/{name}")

    with pytest.raises(RefusedError, match=r"1\.1\.0 is published at \S+ with other bytes"):
        store.publish(target, new, on_step)
    assert seen(target, tmp_path) == {"v1.1.0": other.sums}
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
    assert seen(target, tmp_path) == {"v1.1.0": new.sums}
    assert left(target) == []


# What goes wrong before


def test_a_busy_server_is_asked_again(s3: S3, tmp_path: Path, small: Release) -> None:
    target = f"s3://sets/{tmp_path.name}"
    s3.expect(lambda number: {3: 503, 9: "before", 13: 500, 19: "after"}.get(number, ""))
    publish(target, small)
    assert s3.objects(f"{tmp_path.name}/").keys() == {f"v1.1.0/{name}" for name in small.sums}
    assert len(s3.requests) > 19


def test_a_bucket_that_is_not_there_is_named(s3: S3, new: Release) -> None:
    s3.expect(no_fault)
    with pytest.raises(BrokenOffError) as broken:
        publish("s3://nowhere/sets", new)
    assert str(broken.value) == (
        "s3://nowhere/sets: The specified bucket does not exist (FileNotFoundError).\n"
        "When that is put right, publish again."
    )


def test_nobody_is_logged_in(s3: S3, tmp_path: Path, new: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.expect(no_fault)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(BrokenOffError) as broken:
        publish("s3://sets/here", new)
    s3fs.S3FileSystem.clear_instance_cache()
    assert str(broken.value) == (
        "s3://sets/here: Unable to locate credentials (NoCredentialsError).\nWhen that is put right, publish again."
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nothing://sets", "fsspec knows no nothing://, which nothing://sets begins with"),
        ("gs://sets", "gs:// needs a package that is not installed: Please install gcsfs to access Google Storage"),
        ("simplecache::s3://sets", "is no URL of a folder, such as file:///data/sets or s3://bucket/sets"),
    ],
)
def test_what_cannot_be_published_to(target: str, message: str, new: Release) -> None:
    with pytest.raises(MisuseError) as misused:
        store.plan(target, new)
    assert message in str(misused.value)


def test_s3_without_its_package(monkeypatch: pytest.MonkeyPatch, new: Release) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"].__dict__["_registry"], "s3", raising=False)
    with pytest.raises(MisuseError) as misused:
        store.plan("s3://sets/here", new)
    assert str(misused.value) == "s3:// needs a package that is not installed: pip install 'factpack[s3]'"


@pytest.mark.parametrize(
    "target", ["ftp://me:secr%40t@127.0.0.1:1/sets", "http://secr%40t@127.0.0.1:1/sets?k=secr%40t"]
)
def test_credentials_in_a_url_are_not_shown(target: str, new: Release) -> None:
    told = []
    for act in (store.plan, publish):
        with pytest.raises(BrokenOffError) as broken:
            act(target, new)
        told.append(str(broken.value))
    assert [text for text in told if "127.0.0.1:1/sets" not in text] == []
    assert [text for text in told if "secr" in text or "me:" in text] == []


def test_a_folder_that_may_not_be_written(tmp_path: Path, new: Release) -> None:
    (tmp_path / "sets").write_text("a file")
    with pytest.raises(BrokenOffError) as broken:
        publish(f"file://{tmp_path}/sets", new)
    assert "When that is put right, publish again." in str(broken.value)


# The command


def test_the_command_publishes_to_a_folder(tmp_path: Path, new: Release, run: Run) -> None:
    target = f"file://{tmp_path}/sets"
    dry = run("publish", target, new.folder, "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout == store.plan(target, new).as_text()
    assert dry.stdout.startswith(f"ferry-factcheck 1.1.0 to {target}, tag v1.1.0\n15 added, 0 changed, 0 deleted, ")
    assert not (tmp_path / "sets").exists()
    result = run("publish", target, new.folder)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{dry.stdout}\nPublished, read back and loaded. It is loaded by:\n\n"
        f'load_dataset("{tmp_path}/sets/v1.1.0", split="test")\n'
    )
    again = run("publish", target, new.folder)
    assert again.exit_code == 0
    assert "Already published with the same bytes; nothing to do." in again.stdout


def test_the_command_says_what_is_refused(tmp_path: Path, new: Release, other: Release, run: Run) -> None:
    target = f"file://{tmp_path}/sets"
    run("publish", target, new.folder)
    refused = run("publish", target, other.folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.endswith(
        f"1.1.0 is published at {target} with other bytes. What is published stays as it is; "
        "give the dataset a higher version, and build it again.\n"
    )
    assert run("publish", "nothing://sets", new.folder).exit_code == 2


def test_a_card_that_the_hub_would_not_understand_is_refused_first(tmp_path: Path, new: Release, run: Run) -> None:
    folder = Path(shutil.copytree(new.folder, tmp_path / "release"))
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("\nlicense: ", "\nlicence: ", 1), encoding="utf-8")
    sums = (folder / SUMS).read_text()
    (folder / SUMS).write_text(sums.replace(new.sums["README.md"], sha256(card)))
    result = run("publish", f"file://{tmp_path}/sets", folder)
    assert result.exit_code == 1
    assert result.stderr.endswith(
        f"The Hub would not understand the header of {card}:\n"
        "licence: the Hub does not know this key; did you mean `license`?\n"
    )
    assert not (tmp_path / "sets").exists()
