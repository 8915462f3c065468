"""What YAML files were parsed to is found again, in bounded space, and harms nothing if it is damaged."""

import time
from pathlib import Path

import msgspec
import pytest

from conftest import PROJECT, Run, digests
from factpack.formats.cache import KEPT, ParseCache
from factpack.formats.registry import formats, open_project
from factpack.formats.yaml import YamlFormat
from factpack.release.build import build


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty cache, which every check uses."""
    folder = tmp_path / "cache"
    monkeypatch.setitem(formats(), "yaml", YamlFormat(ParseCache(folder)))
    return folder


def test_what_was_parsed_is_found_again(kept: Path, project_folder: Path, run: Run, tmp_path: Path) -> None:
    """With a warm cache everything is as with a cold one; a changed file is another file."""
    path = project_folder / "annotations/a1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("late", "later", 1), encoding="utf-8")
    cold = run("check", project_folder).output
    assert len(list(kept.iterdir())) > 3
    assert run("check", project_folder).output == cold != ""
    one = build(open_project(PROJECT), tmp_path / "one", lambda: None)
    two = build(open_project(PROJECT), tmp_path / "two", lambda: None)
    assert digests(one.folder) == digests(two.folder)


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_a_damaged_cache_is_passed_over(kept: Path, run: Run, damage: bytes | None) -> None:
    before = run("check", PROJECT).output
    for path in kept.iterdir():
        data = path.read_bytes()
        path.write_bytes(data[:40] + b"x" + data[41:] if damage is None else damage)
    assert run("check", PROJECT).output == before


def test_a_cache_that_cannot_be_written(kept: Path, run: Run) -> None:
    kept.write_bytes(b"a file where the folder would be")
    assert run("check", PROJECT).exit_code == 0


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "cache", 10_000)
    for number in range(30):
        source = b"%d" % number * cache.min_source
        cache.put(source, ["x" * 1_000, None, {"key": "value"}])
        assert cache.get(source) == [["x" * 1_000, None, {"key": "value"}]]
    assert sum(path.stat().st_size for path in cache.folder.iterdir()) < 12_000


@pytest.mark.parametrize("room", [256 * 2**20, 2_000_000])
def test_the_cache_is_seldom_looked_through(tmp_path: Path, room: int) -> None:
    """Whether it gets full or not; what lay there before the run is counted, and goes first."""
    cache = ParseCache(tmp_path / "cache", room)
    cache.folder.mkdir()
    (cache.folder / "before").write_bytes(b"x" * 1_500_000)
    begin = time.process_time()
    for number in range(3_000):
        cache.put(b"%d" % number * cache.min_source, ["x" * 1_000])
    assert time.process_time() - begin < 8  # 20, if each looks at all before it
    sizes = [path.stat().st_size for path in cache.folder.iterdir()]
    if room > 2_000_000:
        assert len(sizes) == 3_001
    else:
        assert room * KEPT * 0.99 < sum(sizes) <= room
        assert not (cache.folder / "before").exists()


def test_what_the_cache_holds_is_plain(tmp_path: Path) -> None:
    """Nothing that is read from it can run."""
    cache = ParseCache(tmp_path / "cache")
    cache.put(b"x" * cache.min_source, {"a": ["b", None]})
    (path,) = cache.folder.iterdir()
    assert msgspec.msgpack.decode(path.read_bytes()[32:]) == {"a": ["b", None]}
