"""Publishing to a folder, to memory and to an S3 server: what a reader finds there."""

import shutil
import sys
from functools import partial
from pathlib import Path

import pytest
import s3fs
from datasets import load_dataset
from semver import Version

from conftest import PROJECT, Run
from factpack.errors import InvalidTargetError, PublicationInterruptedError, PublicationRefusedError
from factpack.publishing import flow as store
from factpack.publishing.release import Release
from factpack.publishing.target import open_target
from factpack.release.layout import SUMS, write_sums
from publishing.publications import older
from releases import FILES
from store.places import fresh, left, publish, seen
from store.server import S3, no_fault


def test_a_release_is_published_and_loads(target: str, old: Release, new: Release, tmp_path: Path) -> None:
    planned = store.plan(target, old)
    assert (planned.state, planned.latest) == ("new", None)
    assert planned.size == sum((old.folder / name).stat().st_size for name in old.digests)
    assert seen(target, tmp_path) == {}, "a plan changes nothing"
    steps: list[str] = []
    assert store.publish(target, old, steps.append) == planned
    assert {f"writing {name}" for name in old.digests} <= set(steps)
    publish(target, new)
    assert seen(target, tmp_path) == {"v1.0.0": old.digests, "v1.1.0": new.digests}
    assert left(target) == []
    for release in (old, new):
        line = open_target(target).loading(release)
        loaded = eval(line, {"load_dataset": partial(load_dataset, cache_dir=str(tmp_path))})  # noqa: S307 - our own line
        assert loaded.features["label"].names == ["supported", "disputed", "erroneous"]
        assert set(loaded["added_in"]) == {str(release.version)}


def test_again_is_nothing_to_do(target: str, new: Release, tmp_path: Path) -> None:
    publish(target, new)
    planned = store.plan(target, new)
    assert planned.state == "published"
    assert planned.to_text().endswith("Already published with the same bytes; nothing to do.\n")
    steps: list[str] = []
    assert store.publish(target, new, steps.append) == planned
    assert [step for step in steps if step.startswith("writing")] == []
    assert seen(target, tmp_path) == {"v1.1.0": new.digests}


def test_other_bytes_are_refused(target: str, new: Release, other: Release, tmp_path: Path) -> None:
    publish(target, new)
    with pytest.raises(PublicationRefusedError) as refused:
        publish(target, other)
    assert str(refused.value) == (
        f"1.1.0 is already published at {target} with other bytes. It cannot be changed. "
        "Give the dataset a higher version, and build it again."
    )
    assert seen(target, tmp_path) == {"v1.1.0": new.digests}
    assert left(target) == []


def test_a_lower_version_is_refused(target: str, old: Release, new: Release, tmp_path: Path) -> None:
    publish(target, new)
    for act in (store.plan, publish):
        with pytest.raises(PublicationRefusedError, match=r"1\.0\.0 is not later than 1\.1\.0"):
            act(target, old)
    assert seen(target, tmp_path) == {"v1.1.0": new.digests}
    assert left(target) == []


def test_what_was_changed_in_the_store_is_told(target: str, new: Release) -> None:
    publish(target, new)
    driver, root = fresh(target)
    driver.pipe_file(f"{root}/v1.1.0/README.md", b"mine")
    with pytest.raises(
        PublicationRefusedError, match=r"README\.md was changed there afterwards\. If nobody is publishing it, remove"
    ):
        publish(target, new)


def test_a_file_of_nobody_is_not_touched(target: str, new: Release, tmp_path: Path) -> None:
    driver, root = fresh(target)
    driver.makedirs(f"{root}/v1.1.0", exist_ok=True)
    driver.pipe_file(f"{root}/v1.1.0/notes.txt", b"mine")
    with pytest.raises(PublicationRefusedError, match=r"/v1\.1\.0 contains notes\.txt, which no publication"):
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
        (b"0" * 64 + b"  ../../stolen\n", f"v1.0.0/{SUMS} lists '../../stolen', which is outside the folder"),
        (b"0" * 64 + b"  a\0b\n", f"v1.0.0/{SUMS} lists 'a\\x00b', which is outside the folder"),
        (b"no digests", f"v1.0.0/{SUMS} lists '', which is outside the folder"),
        (b"0" * 64 + b"  README.md\n", f"v1.0.0/README.md does not match v1.0.0/{SUMS}"),
    ],
)
def test_a_published_version_that_is_damaged_is_told(
    target: str, old: Release, new: Release, sums: bytes, damage: str
) -> None:
    publish(target, old)
    driver, root = fresh(target)
    driver.pipe_file(f"{root}/v1.0.0/{SUMS}", sums)
    with pytest.raises(PublicationRefusedError) as refused:
        store.plan(target, new)
    assert str(refused.value) == f"{target}/{damage}. Correct or remove v1.0.0; then publish again."


# What goes wrong before


def test_a_busy_server_is_asked_again(s3: S3, tmp_path: Path, small: Release) -> None:
    target = f"s3://sets/{tmp_path.name}"
    s3.expect(lambda number: {3: 503, 9: "before", 13: 500, 19: "after"}.get(number, ""))
    publish(target, small)
    assert s3.objects(f"{tmp_path.name}/").keys() == {f"v1.1.0/{name}" for name in small.digests}
    assert len(s3.requests) > 19


def test_a_bucket_that_is_not_there_is_named(s3: S3, new: Release) -> None:
    s3.expect(no_fault)
    with pytest.raises(PublicationInterruptedError) as broken:
        publish("s3://nowhere/sets", new)
    assert str(broken.value) == (
        "s3://nowhere/sets: The specified bucket does not exist (FileNotFoundError).\nCorrect this, and publish again."
    )


def test_nobody_is_logged_in(s3: S3, tmp_path: Path, new: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.expect(no_fault)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(PublicationInterruptedError) as broken:
        publish("s3://sets/here", new)
    s3fs.S3FileSystem.clear_instance_cache()
    assert str(broken.value) == (
        "s3://sets/here: Unable to locate credentials (NoCredentialsError).\nCorrect this, and publish again."
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nothing://sets", "fsspec does not know nothing://, with which nothing://sets begins"),
        ("gs://sets", "gs:// needs a package that is not installed: Please install gcsfs to access Google Storage"),
        ("simplecache::s3://sets", "is not the URL of a folder, such as file:///data/sets or s3://bucket/sets"),
    ],
)
def test_what_cannot_be_published_to(target: str, message: str, new: Release) -> None:
    with pytest.raises(InvalidTargetError) as misused:
        store.plan(target, new)
    assert message in str(misused.value)


def test_s3_without_its_package(monkeypatch: pytest.MonkeyPatch, new: Release) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"].__dict__["_registry"], "s3", raising=False)
    with pytest.raises(InvalidTargetError) as misused:
        store.plan("s3://sets/here", new)
    assert str(misused.value) == "s3:// needs a package that is not installed: pip install 'factpack[s3]'"


@pytest.mark.parametrize(
    "target", ["ftp://me:secr%40t@127.0.0.1:1/sets", "http://secr%40t@127.0.0.1:1/sets?k=secr%40t"]
)
def test_credentials_in_a_url_are_not_shown(target: str, new: Release) -> None:
    told = []
    for act in (store.plan, publish):
        with pytest.raises(PublicationInterruptedError) as broken:
            act(target, new)
        told.append(str(broken.value))
    assert [text for text in told if "127.0.0.1:1/sets" not in text] == []
    assert [text for text in told if "secr" in text or "me:" in text] == []


def test_a_folder_that_may_not_be_written(tmp_path: Path, new: Release) -> None:
    (tmp_path / "sets").write_text("a file")
    with pytest.raises(PublicationInterruptedError) as broken:
        publish(f"file://{tmp_path}/sets", new)
    assert "Correct this, and publish again." in str(broken.value)


# The command


def test_the_command_publishes_to_a_folder(tmp_path: Path, new: Release, run: Run) -> None:
    target = f"file://{tmp_path}/sets"
    dry = run("publish", target, new.folder, "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout == store.plan(target, new).to_text()
    assert dry.stdout.startswith(
        f"ferry-factcheck 1.1.0 to {target}, tag v1.1.0\n{len(FILES)} added, 0 changed, 0 deleted, "
    )
    assert not (tmp_path / "sets").exists()
    result = run("publish", target, new.folder)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{dry.stdout}\nPublished, read back and loaded. Load it with:\n\n"
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
        f"1.1.0 is already published at {target} with other bytes. It cannot be changed. "
        "Give the dataset a higher version, and build it again.\n"
    )
    assert run("publish", "nothing://sets", new.folder).exit_code == 2


def test_a_card_that_the_hub_would_not_understand_is_refused_first(tmp_path: Path, new: Release, run: Run) -> None:
    folder = older(new.folder, tmp_path / "release")
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("\nlicense: ", "\nlicence: ", 1), encoding="utf-8")
    write_sums(folder, {})
    result = run("publish", f"file://{tmp_path}/sets", folder)
    assert result.exit_code == 1
    assert result.stderr.endswith(
        f"The Hub would not accept the header of {card}:\n"
        "licence: the Hub does not know this key; did you mean `license`?\n"
    )
    assert not (tmp_path / "sets").exists()


# Names of folders


@pytest.mark.parametrize("name", ["sets [1] a*b? {x}", "[%41 #1 é…"])
def test_a_folder_whose_name_is_a_pattern(tmp_path: Path, run: Run, name: str) -> None:
    """A project in such a folder is built and verified, and published to a folder beside it."""
    parent = tmp_path / name
    project = Path(shutil.copytree(PROJECT, parent / "project"))
    built = run("build", project)
    assert built.exit_code == 0, built.output
    assert run("verify", project / "dist/ferry-factcheck-1.1.0").exit_code == 0
    target = f"file://{parent}/sets"
    published = run("publish", target, project)
    assert published.exit_code == 0, published.output
    assert run("publish", target, project).exit_code == 0
    assert run("verify", parent / "sets/v1.1.0").exit_code == 0
    line = published.stdout.splitlines()[-1]
    loaded = eval(line, {"load_dataset": partial(load_dataset, cache_dir=str(tmp_path / "cache"))})  # noqa: S307 - our own line
    assert loaded.num_rows == 23


# Targets of other packages


def test_a_target_of_another_package(tmp_path: Path, new: Release, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "installed/shelf_target-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf-target\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[factpack.targets]\nshelf = plugin.factpack_example.shelf_target:ShelfTarget\n"
    )
    monkeypatch.syspath_prepend(str(installed.parent))
    target = f"shelf://{tmp_path}/sets"
    for said in (f"{len(FILES)} added, 0 changed, 0 deleted", "Already published with the same bytes; nothing to do."):
        result = run("publish", target, new.folder)
        assert result.exit_code == 0
        assert said in result.stdout
        assert result.stdout.endswith(f'Load it with:\n\nload_dataset("{tmp_path}/sets/v1.1.0")\n')
    assert {path.name for path in (tmp_path / "sets").iterdir()} == {"v1.1.0"}
    (tmp_path / "sets/v1.1.0/view.html").unlink()
    result = run("publish", target, new.folder)
    assert (result.exit_code, result.stderr) == (
        1,
        (
            f"v1.1.0 is already published on {target} with other bytes: view.html. It cannot be changed. "
            "Give the dataset a higher version, and build it again.\n"
        ),
    )
    damaged = tmp_path / "sets/v1.1.0/claims/test-00000-of-00001.parquet"
    shutil.copytree(new.folder, tmp_path / "sets/v1.1.0", dirs_exist_ok=True)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    with pytest.raises(PublicationInterruptedError) as broken:
        publish(target, new)
    assert str(broken.value) == (
        f"v1.1.0 of {target} differs from what was published: claims/test-00000-of-00001.parquet. Look at {target}."
    )
