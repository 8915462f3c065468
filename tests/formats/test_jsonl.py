"""JSON Lines: read by the block as line by line, and cut between articles."""

import json
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factpack.anchoring.registers.history_reader import HISTORY_LINES
from factpack.formats.format import WHOLE_FILE, ByteRange, InvalidRecord, ReadError
from factpack.formats.json_lines import blocks as json_blocks
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Address, Record, SourceFile
from factpack.limits import MAX_LINE_BYTES
from factpack.project.models import Article, Fact
from factpack.project.record_models import DEFAULT_MODELS
from test_properties import LINES_FILES, on_disk

PART_BYTES = 2 * 2**20

# Blocks of lines

CLAIM = {
    "kind": "claim",
    "article": "a1",
    "id": "x",
    "quote": "left late",
    "claim": "It left late.",
    "speaker": "article",
    "fact": "delay",
    "value": "late",
    "label": "supported",
    "basis": "corroborated",
    "rationale": "b2 has it.",
    "evidence": [{"article": "b2", "quote": "late", "stance": "supports"}],
}
TEXTS = st.text(st.sampled_from('ab"\\/é\u0301\u00e9𝕏\u0007\u0085\u00a0\ufeff\x7f\n\tb'), max_size=6)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """A line that is a record, or nearly."""
    record: dict[str, Any] = dict(CLAIM)
    for key in draw(st.sets(st.sampled_from([*CLAIM, "prefix", "unknown"]), max_size=2)):
        record[key] = draw(st.one_of(TEXTS, st.none(), st.just(7), st.just([])))
    text = json.dumps(record, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        key = draw(st.sampled_from(['"id"', '"prefix"', '"\\u0069d"', '"stance"']))
        pair = f"{key}: {json.dumps(draw(TEXTS), ensure_ascii=draw(st.booleans()))}, "
        at = draw(st.sampled_from([1, text.find('{"article": "b2"') + 1 or 1]))
        text = text[:at] + pair + text[at:]
    text = text.replace("\\u0022", '\\"') if draw(st.booleans()) else text.replace('\\"', "\\u0022")
    damage = draw(st.sampled_from(["", "", "", "\ud800", "\\ud800", "}", " ", "\r"]))
    return (text + damage).encode(errors="surrogatepass")


READER = JsonLinesFormat()


def file(path: Path, reader: JsonLinesFormat = READER) -> SourceFile:
    return SourceFile("x", path, reader)


def read(
    path: Path, models: Any = DEFAULT_MODELS.lines, part: ByteRange = WHOLE_FILE, size: int = READER.block_bytes
) -> list[Any]:
    reader = JsonLinesFormat(size)
    return list(reader.read_lines(file(path), models, part))


@pytest.fixture
def some_lines(tmp_path: Path) -> Path:
    """Some hundred lines."""
    path = tmp_path / "all.jsonl"
    path.write_text(LINES_FILES["annotations/all.jsonl"] * 12, encoding="utf-8")
    return path


NOTE = b'{"kind":"not_checkable","article":"a","quote":"x","reason":"tone"}'


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(lines(), st.sampled_from([b"", b"  ", b"[]", b"\xff", b"\xef\xbb\xbf"])), max_size=4))
@example([b'{"kind":"not_checkable","article":"a","quote":"x","quote":"\\u0022\\u0022","reason":"tone"}'])
@example([b'{"kind":"not_checkable","article":"a","quote":"x","quote":"x","prefix":"","reason":"tone"}'])
@example([NOTE + b" " + NOTE, NOTE[:23], NOTE[23:]])
@example([NOTE + b"\r", NOTE + b"\r"])
def test_a_block_is_decoded_as_its_lines_are(written: list[bytes]) -> None:
    """The fast way never takes what the slow way would not, and gives the same values and places."""
    with on_disk({"x.jsonl": ""}) as folder, pytest.MonkeyPatch.context() as patch:
        path = folder / "x.jsonl"
        path.write_bytes(b"\n".join(written))
        fast = read(path)
        patch.setattr(json_blocks, "_decode", lambda *_: None)
        slow = read(path)
    assert fast == slow


ARTICLE = b'{"id":"a1","file":"a1.txt","sha256":"%s","language":"en"' % (b"0" * 64)


@pytest.mark.parametrize(
    ("models", "line"),
    [
        (DEFAULT_MODELS.lines, NOTE),
        ({"article": Article}, ARTICLE + b"}"),
        ({"article": Article}, ARTICLE + b',"date":{"value":"2024-08-12","stated":"x"}}'),
        ({"fact": Fact}, b'{"id":"late","question":"How late?"}'),
        (HISTORY_LINES, b'{"kind":"row","config":"claims","id":"a","added_in":"1.0.0","changed_in":"1.0.0","sum":"x"}'),
        (HISTORY_LINES, b'{"kind":"release","version":"1.0.0","tables":{"claims":"x"},"columns":{"claims":["id"]}}'),
    ],
)
def test_a_key_that_stands_twice_in_any_line(models: dict[str, Any], line: bytes) -> None:
    """Each key once more, with the same value, with another, and often enough for whatever is written in its place."""
    with on_disk({"x.jsonl": ""}) as folder:
        path = folder / "x.jsonl"
        path.write_bytes(line)
        assert len(read(path, models)) == 1
        for key, value in json.loads(line).items():
            for other in (value, "zz" if isinstance(value, str) else value):
                for times in range(1, 8):
                    more = f"{json.dumps(key)}:{json.dumps(other)},".encode() * times
                    path.write_bytes(b"{" + more + line[1:])
                    errors = [item for item in read(path, models) if getattr(item, "kind", "") == "duplicate-key"]
                    assert len(errors) == times


def test_most_lines_are_decoded_in_blocks(some_lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the fast way is none."""
    monkeypatch.setattr(json_blocks, "_read_line", lambda *_: pytest.fail("a line was read by itself"))
    assert len(read(some_lines)) > 300
    text = some_lines.read_text(encoding="utf-8")
    some_lines.write_text("".join(json.dumps(json.loads(line)) + "\n" for line in text.splitlines()), encoding="utf-8")
    assert len(read(some_lines)) > 300


@pytest.mark.parametrize("size", [1, 50, 700])
def test_the_size_of_a_block_does_not_show(some_lines: Path, size: int) -> None:
    before = read(some_lines)
    assert read(some_lines, size=size) == before
    stop = some_lines.stat().st_size // 2
    stop = some_lines.read_bytes().index(b"\n", stop) + 1
    head = read(some_lines, part=ByteRange(0, stop), size=size)
    assert [*head, *read(some_lines, part=ByteRange(stop, None, len(head) + 1), size=size)] == before


def test_a_line_that_is_too_long_and_goes_on_behind_the_part(tmp_path: Path) -> None:
    """The lines after it are of the next part, and read once."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(NOTE + b"\n" + b" " * 2 * MAX_LINE_BYTES + b"\n" + NOTE + b"\n")
    items = read(path, part=ByteRange(0, MAX_LINE_BYTES))
    assert [type(item) for item in items] == [Record, ReadError, InvalidRecord]


# Parts


@settings(deadline=None)  # a file is written each time
@given(st.lists(st.sampled_from(["a", "b", "c", "?", ""]), max_size=40), st.integers(1, 60))
def test_a_file_is_cut_between_articles(articles: list[str], size: int) -> None:
    """No line is lost, none is cut, and no article goes on in the next part."""
    lines = [
        b"?\n" if name == "?" else b"\n" if not name else b'{"article":"%s"}\n' % name.encode() for name in articles
    ]
    with on_disk({"x.jsonl": ""}) as folder:
        path = folder / "x.jsonl"
        path.write_bytes(b"".join(lines))
        ranges = list(READER.cut(file(path), size))
    data = b"".join(lines)
    parts = [data[each.start : each.stop] for each in ranges]
    assert b"".join(parts) == data
    assert [each.line for each in ranges] == [1 + data[: each.start].count(b"\n") for each in ranges]
    for before, after in pairwise(parts):
        assert before.endswith(b"\n")
        assert json.loads(before.splitlines()[-1]) != json.loads(after.splitlines()[0])


def test_a_long_article_is_cut_from_the_next_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = NOTE.replace(b"x", b"x" * 1_000) + b"\n"
    path.write_bytes(line * 30_000 + line.replace(b'"a"', b'"b"'))
    tracemalloc.start()
    ranges = list(READER.cut(file(path), PART_BYTES))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ranges == [ByteRange(0, 30_000 * len(line), 1), ByteRange(30_000 * len(line), None, 30_001)]
    assert peak < 3 * PART_BYTES < path.stat().st_size / 4


# Places


def test_columns_are_those_of_the_line_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    place = Record(None, file(path), Address(1, 0)).at_key("b")
    for text in ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'):
        path.write_text(text)
        assert place.resolve().column == text.index('"b"') + 1
        time.sleep(0.05)  # the time of a file is counted in steps
