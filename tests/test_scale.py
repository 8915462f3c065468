"""What is done to be fast and small gives what would be had without it."""

import gc
import hashlib
import json
import pickle
import shutil
import subprocess
import sys
import time
import tracemalloc
import unicodedata
import weakref
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conftest import PROJECT, Run
from factpack import cache, divide, problems, section, shelf, stamps
from factpack import lines as lines_module
from factpack.anchor import Phrases
from factpack.corpus import AnchoredArticle, ArticleText, LabelledClaim, Labelling, RegisteredText
from factpack.join import HISTORY_LINES, join
from factpack.ledger import NO_FACT, Answers, Ledger
from factpack.lines import Stretch, read_lines
from factpack.model import BASES, LABELS, STANCES, Article, ArticleFile, Fact
from factpack.problems import Problem, Problems
from factpack.project import open_project
from factpack.records import (
    LISTS,
    MAX_LINE_BYTES,
    JsonLine,
    Places,
    RawText,
    Record,
    SyntaxFault,
    Unfit,
    Whole,
    YamlFile,
)
from factpack.release import ProblemsError, build
from factpack.rules import judge
from factpack.sentences import Span
from factpack.soundness import clean, control_characters
from factpack.sources import LINES, read_yaml_file
from test_properties import LINES_FILES, on_disk


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# Several processes


def copies(folder: Path, count: int) -> None:
    """Makes ``count`` projects in one of a project in JSON Lines, with ids of their own."""
    for name in ("articles", "facts", "all"):
        path = folder / f"annotations/{name}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        lines = [json.dumps(renamed(row, number), ensure_ascii=False) for number in range(count) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for seed in list((folder / "seeds").iterdir()):
        for number in range(1, count):
            article, rest = seed.name.split("_", 1)
            shutil.copyfile(seed, folder / "seeds" / f"{article}{number}_{rest}")


def renamed(value: Any, number: int) -> Any:
    """A record of the copy with this number."""
    if not number or not isinstance(value, dict):
        return [renamed(item, number) for item in value] if isinstance(value, list) else value
    made = {key: renamed(part, number) for key, part in value.items()}
    for key in ("article", "fact", "id"):
        if made.get(key):
            article = key == "article" or (key == "id" and "file" in made)
            made[key] += f"{number}" if article else f"-{number}"
    if "file" in made:
        article, rest = made["file"].split("_", 1)
        made["file"] = f"{article}{number}_{rest}"
    return made


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in JSON Lines with 36 articles."""
    folder = tmp_path_factory.mktemp("corpus") / "project"
    with on_disk(LINES_FILES) as made:
        shutil.copytree(made, folder)
    copies(folder, 12)
    return folder


def test_the_release_does_not_depend_on_the_number_of_processes(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the byte, however the annotations are cut."""
    monkeypatch.setattr(divide, "PART_BYTES", 20_000)
    monkeypatch.setattr(divide, "PART_TEXTS", 7)
    project = open_project(corpus)
    assert sum(1 for _ in divide._stretches(project.annotations[0])) > 4  # noqa: SLF001 - else nothing is divided
    calls: list[int] = []
    one = build(project, tmp_path / "one", lambda: calls.append(1))
    articles = len(calls)
    two = build(project, tmp_path / "two", lambda: calls.append(1), jobs=2)
    assert sums(one.folder) == sums(two.folder)
    assert list(one.warnings) == list(two.warnings)
    assert len(calls) == 2 * articles > 2 * 30


def test_yaml_in_several_processes(tmp_path: Path) -> None:
    """A file is a part."""
    one = build(open_project(PROJECT), tmp_path / "one", lambda: None)
    two = build(open_project(PROJECT), tmp_path / "two", lambda: None, jobs=3)
    assert sums(one.folder) == sums(two.folder)


@pytest.mark.parametrize(
    "change",
    [
        ('"label": "supported"', '"label": "disputed"', 1),  # in a part
        ('"id": "passengers-90-a1-11"', '"id": "passengers-90-a1-7"', 1),  # in two parts
        ('"article": "a111"', '"article": "a1"', -1),  # an article in two parts
        ('"language": "ja"', '"language": "J"', 1),  # before them
    ],
)
def test_errors_in_several_processes(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str, int]
) -> None:
    """They are those that one process finds, and nothing is built."""
    monkeypatch.setattr(divide, "PART_BYTES", 20_000)
    old, new, count = change
    folder = Path(shutil.copytree(corpus, tmp_path / "project"))
    texts = {path: path.read_text(encoding="utf-8") for path in folder.glob("annotations/*.jsonl")}
    assert any(old in text for text in texts.values())
    for path, text in texts.items():
        path.write_text(text.replace(old, new, count), encoding="utf-8")
    found = []
    for jobs in (1, 2):
        with pytest.raises(ProblemsError) as refused:
            build(open_project(folder), None, lambda: None, jobs=jobs)
        found.append(list(refused.value.problems))
    assert found[0] == found[1] != []
    assert not (folder / "dist").exists()


@settings(deadline=None)  # a file is written each time
@given(st.lists(st.sampled_from(["a", "b", "c", "?", ""]), max_size=40), st.integers(1, 60))
def test_a_file_is_cut_between_articles(articles: list[str], size: int) -> None:
    """No line is lost, none is cut, and no article goes on in the next part."""
    lines = [
        b"?\n" if name == "?" else b"\n" if not name else b'{"article":"%s"}\n' % name.encode() for name in articles
    ]
    with on_disk({"x.jsonl": ""}) as folder, pytest.MonkeyPatch.context() as patch:
        path = folder / "x.jsonl"
        path.write_bytes(b"".join(lines))
        patch.setattr(divide, "PART_BYTES", size)
        stretches = list(divide._stretches(path))  # noqa: SLF001 - what the parts are made of
    data = b"".join(lines)
    parts = [data[each.start : each.stop] for each in stretches]
    assert b"".join(parts) == data
    assert [each.line for each in stretches] == [1 + data[: each.start].count(b"\n") for each in stretches]
    for before, after in pairwise(parts):
        assert before.endswith(b"\n")
        assert json.loads(before.splitlines()[-1]) != json.loads(after.splitlines()[0])


# Memory


def test_a_long_article_is_cut_from_the_next_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = NOTE.replace(b"x", b"x" * 1_000) + b"\n"
    path.write_bytes(line * 30_000 + line.replace(b'"a"', b'"b"'))
    tracemalloc.start()
    stretches = list(divide._stretches(path))  # noqa: SLF001 - what the parts are made of
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stretches == [Stretch(0, 30_000 * len(line), 1), Stretch(30_000 * len(line), None, 30_001)]
    assert peak < 3 * divide.PART_BYTES < path.stat().st_size / 4


def test_a_corpus_is_joined_without_garbage_that_refers_to_itself(corpus: Path) -> None:
    """So nobody has to look for it meanwhile, and it is looked for again afterwards."""
    for _ in join(open_project(corpus)):  # whatever is made only once
        pass
    gc.collect()
    articles = sum(isinstance(item, AnchoredArticle) for item in join(open_project(corpus)))
    assert gc.isenabled()
    assert gc.collect() < articles == 36


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


NOTE = b'{"kind":"not_checkable","article":"a","quote":"x","reason":"tone"}'


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(lines(), st.sampled_from([b"", b"  ", b"[]", b"\xff", b"\xef\xbb\xbf"])), max_size=4))
@example([b'{"kind":"not_checkable","article":"a","quote":"x","quote":"\\u0022\\u0022","reason":"tone"}'])
@example([b'{"kind":"not_checkable","article":"a","quote":"x","quote":"x","prefix":"","reason":"tone"}'])
@example([NOTE + b" " + NOTE, NOTE[:23], NOTE[23:]])
@example([NOTE + b"\r", NOTE + b"\r"])
def test_what_a_block_accepts_the_lines_accept(written: list[bytes]) -> None:
    """The fast way never takes what the slow way would not, and gives the same values and places."""
    with on_disk({"x.jsonl": ""}) as folder, pytest.MonkeyPatch.context() as patch:
        path = folder / "x.jsonl"
        path.write_bytes(b"\n".join(written))
        fast = list(read_lines("x", path, LINES))
        patch.setattr(lines_module, "_accepted", lambda *_: None)
        slow = list(read_lines("x", path, LINES))
    assert fast == slow


ARTICLE = b'{"id":"a1","file":"a1.txt","sha256":"%s","language":"en"' % (b"0" * 64)


@pytest.mark.parametrize(
    ("models", "line"),
    [
        (LINES, NOTE),
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
        assert len(list(read_lines("x", path, models))) == 1
        for key, value in json.loads(line).items():
            for other in (value, "zz" if isinstance(value, str) else value):
                for times in range(1, 8):
                    more = f"{json.dumps(key)}:{json.dumps(other)},".encode() * times
                    path.write_bytes(b"{" + more + line[1:])
                    faults = [item for item in read_lines("x", path, models) if isinstance(item, SyntaxFault)]
                    assert len(faults) == times


def test_most_lines_are_accepted_by_the_block(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the fast way is none."""
    path = corpus / "annotations/all.jsonl"
    monkeypatch.setattr(lines_module, "_read_line", lambda *_: pytest.fail("a line was read by itself"))
    assert sum(1 for _ in read_lines("x", path, LINES)) > 300
    ascii_lines = "".join(json.dumps(json.loads(line)) + "\n" for line in path.read_text(encoding="utf-8").splitlines())
    (corpus / "ascii").write_text(ascii_lines, encoding="utf-8")
    assert sum(1 for _ in read_lines("x", corpus / "ascii", LINES)) > 300
    (corpus / "ascii").unlink()


@pytest.mark.parametrize("size", [1, 50, 700])
def test_the_size_of_a_block_does_not_show(corpus: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    path = corpus / "annotations/all.jsonl"
    before = list(read_lines("x", path, LINES))
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", size)
    assert list(read_lines("x", path, LINES)) == before
    stop = path.stat().st_size // 2
    stop = path.read_bytes().index(b"\n", stop) + 1
    head = list(read_lines("x", path, LINES, Stretch(0, stop)))
    assert [*head, *read_lines("x", path, LINES, Stretch(stop, None, len(head) + 1))] == before


def test_a_line_that_is_too_long_and_goes_on_behind_the_stretch(tmp_path: Path) -> None:
    """The lines after it are of the next stretch, and read once."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(NOTE + b"\n" + b" " * 2 * MAX_LINE_BYTES + b"\n" + NOTE + b"\n")
    items = list(read_lines("x", path, LINES, Stretch(0, MAX_LINE_BYTES)))
    assert [type(item) for item in items] == [Record, RawText, Unfit]


# Sound text


@settings(deadline=None)
@given(st.text("aé’\u00a0\u02ff\u0300\u0301\u0323\u0085\u2126\ufeffα가\n\t\x07\x7f", max_size=8))
def test_clean_bytes_are_clean_text(text: str) -> None:
    assert clean(text.encode()) == (not control_characters(text) and unicodedata.is_normalized("NFC", text))


# Labels


@settings(deadline=None)
@given(
    st.sampled_from(LABELS),
    st.sampled_from(BASES),
    st.booleans(),
    st.sampled_from(["", "2022"]),
    st.lists(st.tuples(st.sampled_from(STANCES), st.integers(0, 2)), max_size=3),
)
def test_a_label_is_judged_by_its_labelling_alone(
    label: str,
    basis: str,
    corrected: bool,  # noqa: FBT001 - hypothesis gives it
    settled: str,
    evidence: list[tuple[str, int]],
) -> None:
    """So what was right once is right again: the rules get nothing else of the claim, not even its value."""
    labelling = Labelling(label, basis, corrected, settled, tuple(evidence))
    found = []
    for name in ("x", "y"):
        place: Record[Any] = Record(None, YamlFile(name, PROJECT / "annotations/a1.yaml"), ("claims", 0))
        found.append([(p.rule, p.message, p.hint) for p in judge(LabelledClaim(labelling, place))])
    assert found[0] == found[1]


# Long texts


@settings(deadline=None)
@given(st.text("ab c𝕏é", max_size=60), st.text("ab c𝕏é", min_size=1, max_size=20), st.integers(0, 60))
def test_phrases_are_found_as_by_the_text_itself(text: str, words: str, start: int) -> None:
    index = Phrases(text)
    at = text.find(words, start)
    assert index.find(words, start) == at
    for piece in (text[1:12], text[5:14], text[-9:]):
        if piece:
            assert index.find(piece, start) == text.find(piece, start)


def test_long_texts_are_joined_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An article of any length has the same spans, also if hardly a text can be held."""
    before = build(open_project(PROJECT), tmp_path / "before", lambda: None)
    monkeypatch.setattr(section, "LONG_TEXT", 0)
    monkeypatch.setattr(shelf, "INDEX_AFTER", 0)
    monkeypatch.setattr(shelf, "HELD", 1)
    after = build(open_project(PROJECT), tmp_path / "after", lambda: None)
    assert sums(before.folder) == sums(after.folder)


def test_the_shelf_gives_back_what_was_put_on_it(tmp_path: Path) -> None:
    """In another process too: the text, the entry, and where this stands, in whichever register."""
    places: list[tuple[Any, tuple[str | int, ...]]] = [
        (YamlFile("annotations/articles.yaml", tmp_path / "articles.yaml"), ("articles", 3)),
        (JsonLine("annotations/articles.jsonl", tmp_path / "articles.jsonl", 7, 700), ()),
        (JsonLine("annotations/articles.jsonl", tmp_path / "articles.jsonl", 9, 900), ()),
    ]
    texts = []
    filled = shelf.Shelf(tmp_path / "texts")
    for number, (source, path) in enumerate(places):
        article = Article(id=f"a{number}", file=f"a{number}.txt", sha256="0" * 64, language="en")
        text = ArticleText(article.id, f"Café {number}. " * number, [0, number])
        texts.append(RegisteredText(Record(article, source, path), text))
        filled.add(texts[-1].record, shelf.pack(texts[-1]))
    filled.close()
    for each in (filled, pickle.loads(pickle.dumps(filled))):  # noqa: S301 - our own
        assert [each.registered(f"a{number}") for number in range(3)] == texts
        assert each.get("a2") == texts[2].text
        assert each.get("a3") is each.registered("a3") is None


def filled_shelf(path: Path, texts: dict[str, str]) -> shelf.Shelf:
    filled = shelf.Shelf(path)
    for name, text in texts.items():
        article = Article(id=name, file=f"{name}.txt", sha256="0" * 64, language="en")
        registered = RegisteredText(Record(article, JsonLine("x", path, 1, 0)), ArticleText(name, text, [0, len(text)]))
        filled.add(registered.record, shelf.pack(registered))
    filled.close()
    return filled


def test_what_was_used_last_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "HELD", 20)
    filled = filled_shelf(tmp_path / "texts", {name: name * 10 for name in "abc"})
    a, b = filled.get("a"), filled.get("b")
    assert filled.get("a") is a
    filled.get("c")
    assert filled.get("a") is a
    assert filled.get("b") is not b


@pytest.mark.parametrize("held", [shelf.HELD, 1])
def test_quotes_in_several_long_texts_in_turn(held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text is sorted for a few quotes, nor again for the next one; for many it is, once, if it can be held."""
    monkeypatch.setattr(shelf, "HELD", held)
    texts = {name: "".join(f"{name} {number}. " for number in range(60_000)) for name in "abc"}
    filled = filled_shelf(tmp_path / "texts", texts)

    def seek(numbers: range) -> int:
        for number in numbers:
            for name in "abc":
                start = texts[name].index(f"{name} {number}.")
                assert filled.locate(name, f"{name} {number}.", "", "") == Span(start, start + len(f"{name} {number}."))
        return sum(each.phrases is not None for each in filled._held.values())  # noqa: SLF001 - no other way to count

    begin = time.perf_counter()
    assert seek(range(shelf.INDEX_AFTER)) == 0
    assert seek(range(50_000, 50_010)) == (3 if held > 1 else 0)
    assert time.perf_counter() - begin < 30  # 1,500 sorted texts take minutes


def test_an_index_goes_with_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So their memory is bounded by that of the texts."""
    monkeypatch.setattr(shelf, "HELD", 20)
    monkeypatch.setattr(shelf, "INDEX_AFTER", 0)
    made: list[weakref.ref[Phrases]] = []
    filled = filled_shelf(tmp_path / "texts", {name: name * 10 for name in "abcd"})
    for name in "abcd":
        filled.locate(name, name * 10, "", "")
        made += [weakref.ref(held.phrases) for held in filled._held.values() if held.phrases]  # noqa: SLF001 - the same
    gc.collect()
    assert len({id(index()) for index in made if index()}) == 2 < len(made)


# Ids and answers


def entered(files: list[list[tuple[str, int, str]]], *, merged: bool) -> Ledger:
    """A ledger of files, each of one article, with ids, facts and values, a line each; of each file, or ``merged``."""
    whole = Ledger()
    for number, some in enumerate(files):
        ledger = Ledger() if merged else whole
        ledger.begin(f"article{number}")
        for line, (name, fact, value) in enumerate(some):
            places = Places.one(Record(None, JsonLine(f"f{number}", Path("x"), line, 0)))
            ledger.take([name], places, [fact], [value], ["supported" if line % 2 else None])
        if merged:
            whole.merge(ledger)
    return whole


@settings(deadline=None)
@given(
    st.lists(
        # The two words have one CRC-32.
        st.lists(st.sampled_from(["a", "b", "plumless", "buckeroo"]), max_size=5),
        max_size=4,
    ),
    st.booleans(),
)
def test_ids_that_are_taken_twice(names: list[list[str]], merged: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    seen: dict[str, tuple[str, int]] = {}
    expected = []
    for number, some in enumerate(names):
        for line, name in enumerate(some):
            first = seen.setdefault(name, (f"f{number}", line))
            if first != (f"f{number}", line):
                expected.append((name, (f"f{number}", line), first))
    ledger = entered([[(name, NO_FACT, "") for name in some] for some in names], merged=merged)
    places = [(name, (one.source, other.source)) for name, one, other in ledger.taken_twice()]
    found = [
        (name, *((source.name, source.number) for source in sources if isinstance(source, JsonLine)))
        for name, sources in places
    ]
    assert found == expected


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from([0, 1, 3, NO_FACT]), st.sampled_from("xyé")), max_size=5), max_size=4),
    st.booleans(),
)
def test_answers_come_back_by_fact(given_: list[list[tuple[int, str]]], merged: bool) -> None:  # noqa: FBT001 - the same
    files = [
        [(f"{number}-{line}", fact, value) for line, (fact, value) in enumerate(some)]
        for number, some in enumerate(given_)
    ]
    answers = Answers(entered(files, merged=merged), 5)
    for fact in range(5):
        expected = [
            ((name, f"article{number}", value, "supported" if line % 2 else None), (f"f{number}", line))
            for number, some in enumerate(files)
            for line, (name, each, value) in enumerate(some)
            if each == fact
        ]
        found = answers.of(fact)
        columns = zip(found.ids, found.articles, found.values, found.labels, strict=True)
        sources = [found.record(index).source for index in range(len(found))]
        places = [(source.name, source.number) for source in sources if isinstance(source, JsonLine)]
        assert list(zip(columns, places, strict=True)) == expected


# Many problems


def problem(number: int, severity: Any = "error") -> Problem:
    return Problem("x", number, 1, f"rule-{number % 3}", severity, "m", "h")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), unique_by=lambda pair: pair[0]))
def test_the_first_problems_are_kept(found: list[tuple[int, int]]) -> None:
    """In whatever order and through however many hands they come."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(problems, "MAX_SHOWN", 5)
        parts = [Problems(), Problems(), Problems(), Problems()]
        for number, part in found:
            parts[part].add(problem(number))
        together = Problems(parts)
        ordered = sorted(number for number, _ in found)
        assert [p.line for p in together] == ordered[:5]
        left: dict[tuple[str, str], int] = {}
        for number in ordered[5:]:
            left["error", f"rule-{number % 3}"] = left.get(("error", f"rule-{number % 3}"), 0) + 1
        assert together.left == left
        assert (len(together), together.count("error"), together.count("warning")) == (len(found), len(found), 0)


def test_very_many_problems(corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first in full, the rest by rule, in every form; those of whole articles too."""
    folder = Path(shutil.copytree(corpus, tmp_path / "project"))
    path = folder / "annotations/all.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong: list[dict[str, Any]] = [
        {"label": "erroneous"},
        {"label": "eroneous"},
        {"speaker": "Somebody"},
        {"fact": "no-such-fact"},
        {"quote": "no such words"},
        {"id": "the-same-id"},
        {"evidence": [{"article": "nowhere", "quote": "no such words", "stance": "supports"}]},
    ]
    claims = [row for row in rows if row["kind"] == "claim"]
    kept = [row | wrong[number % len(wrong)] for number, row in enumerate(claims)]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    every = json.loads(run("check", folder, "--format", "json").stdout)
    assert len(every) > 100
    assert len({each["rule"] for each in every}) > len(wrong)
    monkeypatch.setattr(problems, "MAX_SHOWN", 10)
    monkeypatch.setattr(section, "MAX_SHOWN", 10)
    done = run("check", folder, "--format", "json")
    shown = json.loads(done.stdout)
    assert done.exit_code == 1
    assert shown[:10] == every[:10]
    counts: dict[tuple[str, str], int] = {}
    for each in every[10:]:
        counts[each["rule"], each["severity"]] = counts.get((each["rule"], each["severity"]), 0) + 1
    assert {(each["rule"], each["severity"]): each["more"] for each in shown[10:]} == counts
    text = run("check", folder)
    assert text.stdout.splitlines()[-1].startswith(f"and {len(every) - 10:,} more: ")
    assert f"{sum(each['severity'] == 'error' for each in every)} errors" in text.stderr
    assert run("check", folder, "--format", "github").stdout.splitlines()[-1].startswith("::notice::and ")


# Small things


def test_a_sound_yaml_file_is_converted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not each record again."""
    convert, calls = msgspec.convert, 0

    def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return convert(*args)

    monkeypatch.setattr(msgspec, "convert", counted)
    items = list(read_yaml_file("x", PROJECT / "annotations/a1.yaml", ArticleFile, LISTS))
    assert calls == 1
    (plain,) = (item.record.value for item in items if isinstance(item, Whole))
    records = [item for item in items if isinstance(item, Record)]
    assert len(records) == sum(len(plain.get(list_, ())) for list_ in LISTS) > 8
    for item in records:
        list_, index = item.path
        assert convert(plain[list_][index], type(item.value)) == item.value


@pytest.mark.parametrize("command", [["--help"], ["check", str(PROJECT)]])
def test_nothing_large_is_imported(command: list[str]) -> None:
    """Each of these takes longer to import than a small project to check."""
    code = (
        "import sys\nfrom factpack.cli import main\n"
        f"try: main({command!r})\nexcept SystemExit: pass\n"
        "print(*({name.split('.')[0] for name in sys.modules} & {'datasets', 'numpy', 'pandas', 'pyarrow', 'scipy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: folder)
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
    assert sums(one.folder) == sums(two.folder)


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


def test_the_cache_is_bounded(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 10_000)
    for number in range(30):
        source = b"%d" % number * cache.MIN_SOURCE
        cache.put(source, ["x" * 1_000, None, {"key": "value"}])
        assert cache.get(source) == [["x" * 1_000, None, {"key": "value"}]]
    assert sum(path.stat().st_size for path in kept.iterdir()) < 12_000


@pytest.mark.parametrize("room", [cache.MAX_BYTES, 2_000_000])
def test_the_cache_is_seldom_looked_through(kept: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Whether it gets full or not; what lay there before the run is counted, and goes first."""
    monkeypatch.setattr(cache, "MAX_BYTES", room)
    kept.mkdir()
    (kept / "before").write_bytes(b"x" * 1_500_000)
    begin = time.perf_counter()
    for number in range(3_000):
        cache.put(b"%d" % number * cache.MIN_SOURCE, ["x" * 1_000])
    assert time.perf_counter() - begin < 8  # 20, if each looks at all before it
    sizes = [path.stat().st_size for path in kept.iterdir()]
    if room > 2_000_000:
        assert len(sizes) == 3_001
    else:
        assert room * cache.KEPT * 0.99 < sum(sizes) <= room
        assert not (kept / "before").exists()


def test_what_the_cache_holds_is_plain(kept: Path) -> None:
    """Nothing that is read from it can run."""
    source = b"x" * cache.MIN_SOURCE
    cache.put(source, {"a": ["b", None]})
    (path,) = kept.iterdir()
    assert msgspec.msgpack.decode(path.read_bytes()[32:]) == {"a": ["b", None]}


# Sums of rows

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ['"\\/', "\b\f\n\r\t\x00\x1f\x7f"]
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
ROWS = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "Größe": st.none() | NUMBERS,
        "end": st.none() | TEXTS,
        "names": st.none() | st.lists(st.none() | TEXTS, max_size=3),
        "passages": st.lists(st.fixed_dictionaries({"start": st.none() | NUMBERS, "quote": TEXTS}), max_size=3),
    }
)


@given(st.lists(ROWS, max_size=5))
def test_rows_have_the_sums_of_their_json(rows: list[dict[str, Any]]) -> None:
    """Those of released versions were made of it row by row."""
    passage = pa.struct({"start": pa.int64(), "quote": pa.string()})
    texts, number = pa.list_(pa.string()), pa.int64()
    kinds = {"id": pa.string(), "Größe": number, "end": pa.string(), "names": texts, "passages": pa.list_(passage)}
    made = list(stamps.row_sums(pa.Table.from_pylist(rows, schema=pa.schema(kinds))))
    plain = [json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows]
    assert made == [hashlib.sha256(text.encode()).hexdigest()[:32] for text in plain]
