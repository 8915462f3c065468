"""Every URL that publishing writes can be read: by verify, diff, hydrate and release --since."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from conftest import PROJECT, Run, edit
from factpack.limits import MAX_FILE_BYTES
from factpack.publishing.release import Release
from factpack.release.layout import SUMS
from hub.server import Hub
from store.server import S3, no_fault


@pytest.fixture(params=["file", "memory", "s3"])
def published(request: pytest.FixtureRequest, tmp_path: Path, s3: S3, first: Release, run: Run) -> str:
    """The URL of a published version."""
    s3.expect(no_fault)
    url = {
        "file": f"file://{tmp_path}/sets",
        "memory": f"memory://{tmp_path.name}",
        "s3": f"s3://sets/{tmp_path.name}",
    }[request.param]
    assert run("publish", url, first.folder).exit_code == 0
    return f"{url}/{first.tag}"


@pytest.fixture
def in_memory(tmp_path: Path, first: Release, run: Run) -> str:
    """The same, in memory."""
    url = f"memory://{tmp_path.name}"
    assert run("publish", url, first.folder).exit_code == 0
    return f"{url}/{first.tag}"


def change(url: str, name: str, to: Callable[[bytes], bytes] | None) -> None:
    """Somebody else changes a file in a store, or removes it."""
    driver, root = fsspec.url_to_fs(url)
    if to is None:
        driver.rm_file(f"{root}/{name}")
    else:
        driver.pipe_file(f"{root}/{name}", to(driver.cat_file(f"{root}/{name}")))


def test_what_was_published_is_read(published: str, first: Release, second: Release, run: Run) -> None:
    verified = run("verify", published)
    assert (verified.exit_code, verified.stderr) == (0, "")
    assert verified.stdout.startswith("ferry-factcheck 1.1.0: sums, spans, keys and labels are right; every config")
    assert run("diff", published, first.folder).exit_code == 0
    assert run("diff", f"{published}/", second.folder).exit_code == 1


def test_the_next_release_is_made_since_a_url(published: str, tmp_path: Path, run: Run) -> None:
    """Without the last release in ``dist``."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    assert run("release", project).exit_code == 0
    shutil.rmtree(project / "dist")
    edit(project, "dataset.yaml", lambda data: data.update(version="1.2.0"))
    edit(project, "b2.yaml", lambda data: data["claims"][0].update(rationale="Another reason."))
    result = run("release", project, "--since", published)
    assert result.exit_code == 0, result.output


def test_texts_are_put_back_into_what_was_published(tmp_path: Path, run: Run) -> None:
    none, full, out = (tmp_path / name for name in ("none", "full", "out"))
    run("build", PROJECT, "--text", "none", "--out", none)
    run("build", PROJECT, "--out", full)
    assert run("publish", f"memory://{tmp_path.name}", none).exit_code == 0
    hydrated = run("hydrate", f"memory://{tmp_path.name}/v1.1.0", PROJECT / "seeds", "--out", out)
    assert (hydrated.exit_code, hydrated.stdout) == (0, f"{out}\n")
    assert run("diff", full, out).exit_code == 0


def test_a_hub_by_its_url(hub: Hub, repo: str, first: Release, run: Run) -> None:
    del hub
    assert run("publish", f"hf://{repo}", first.folder).exit_code == 0
    for url in (f"hf://{repo}@v1.1.0", f"hf://datasets/{repo}@v1.1.0"):
        assert run("diff", url, first.folder).exit_code == 0


@pytest.mark.parametrize(
    ("name", "to", "said"),
    [
        ("view.html", None, "view.html: missing, but listed in SHA256SUMS"),
        ("README.md", lambda data: data + b"!", "README.md: its SHA-256 does not match SHA256SUMS"),
    ],
)
def test_a_published_version_that_was_changed(
    in_memory: str, run: Run, name: str, to: Callable[[bytes], bytes] | None, said: str
) -> None:
    change(in_memory, name, to)
    result = run("verify", in_memory)
    after = "the release is damaged or was changed after it was built; nothing was verified\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{in_memory}/{said}\n{after}")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:evil", "a\\evil", "a//evil", "."])
def test_a_list_that_leads_out_of_the_folder(in_memory: str, run: Run, tmp_path: Path, name: str) -> None:
    """Nothing is written there."""
    change(in_memory, SUMS, lambda data: data + f"{'0' * 64}  {name}\n".encode())
    result = run("verify", in_memory)
    assert result.stderr == f"Error: {in_memory} is not a release: its SHA256SUMS lists {name!r}\n"
    assert (result.exit_code, list(tmp_path.rglob("evil"))) == (2, [])


def test_a_list_of_very_many_files(in_memory: str, run: Run) -> None:
    change(in_memory, SUMS, lambda _: b"".join(b"%064d  %d\n" % (0, number) for number in range(1001)))
    result = run("verify", in_memory)
    assert (result.exit_code, result.stderr) == (
        2,
        f"Error: {in_memory} is not a release: its SHA256SUMS lists 1001 files\n",
    )


def test_a_file_without_end(in_memory: str, run: Run) -> None:
    """It is not copied to its end."""
    change(in_memory, "README.md", lambda _: bytes(MAX_FILE_BYTES + 1))
    result = run("diff", in_memory, in_memory)
    assert result.exit_code == 2
    assert result.stderr.endswith(f" bytes exceed the limit of {MAX_FILE_BYTES:,}\n")


def test_another_version_in_the_place_of_one(in_memory: str, second: Release, run: Run) -> None:
    driver, root = fsspec.url_to_fs(in_memory)
    driver.put(f"{second.folder}/", root, recursive=True)
    result = run("verify", in_memory)
    said = f"Error: {in_memory} is not version 1.1.0: the release there is ferry-factcheck 1.1.1\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)


def test_no_release_at_a_url(published: str, run: Run) -> None:
    parent = published.rpartition("/")[0]
    for url in (parent, f"{parent}/v9.9.9"):
        said = f"no release at {url}: it has no SHA256SUMS; give the version of the release too, such as {url}/v1.0.0"
        for command in (["verify", url], ["diff", url, url]):
            result = run(*command)
            assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {said}\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nothing://sets/v1.0.0", "fsspec does not know nothing://, with which nothing://sets/v1.0.0 begins"),
        ("s3://[sets", "s3://… is not a URL: Invalid IPv6 URL"),
    ],
)
def test_no_url(run: Run, url: str, said: str) -> None:
    result = run("verify", url)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {said}\n")


def test_credentials_are_not_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the driver says of the URL that it was given."""

    def fail(url: str, **_: Any) -> None:
        message = f"cannot log in to {url}\x1b[2J as ann:pa%20ss or pa ss with key=secret"
        raise ConnectionError(message)

    monkeypatch.setattr("fsspec.url_to_fs", fail)
    result = run("verify", "ftp://ann:pa%20ss@host/sets/v1.0.0?key=secret")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: ftp://host/sets/v1.0.0 cannot be fetched: cannot log in to ftp://host/sets/v1.0.0\\x1b[2J as … or … "
        "with … (ConnectionError)\n"
    )


@pytest.mark.parametrize("status", [403, 500])
def test_a_store_that_refuses(tmp_path: Path, s3: S3, run: Run, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    import s3fs  # noqa: PLC0415 - after the server is there

    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    s3.expect(lambda _: status)
    url = f"s3://sets/{tmp_path.name}/v1.0.0"
    result = run("verify", url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {url} cannot be fetched: ")
    assert "not-to-be-printed" not in result.stderr
    s3fs.S3FileSystem.clear_instance_cache()
