"""The texts of articles, on disk and partly in memory, and long ones above all."""

import gc
import pickle
import time
import weakref
from pathlib import Path

import pytest

from conftest import PROJECT
from factpack.anchoring.corpus_builder import build_corpus
from factpack.anchoring.text_store import TextStore, pack
from factpack.corpus.types import AnchoredArticle, AnchoredFact, ArticleText, RegisteredText
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.rows.article_rows import article_rows
from factpack.dataset.rows.fact_rows import fact_rows
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Address, Record, SourceFile
from factpack.formats.registry import open_project
from factpack.formats.yaml import LISTS, YamlFormat
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.models import Article
from factpack.text.phrase_index import PhraseIndex
from factpack.text.sentences import Span


def test_long_texts_are_joined_the_same() -> None:
    """An article of any length has the same spans, also if hardly a text can be cached."""
    found = []
    for limits in (DEFAULT_LIMITS, Limits(cached=1, long_text=0, index_after=0)):
        items = list(build_corpus(open_project(PROJECT), limits))
        tables = article_rows(DEFAULT_TABLES, [item for item in items if isinstance(item, AnchoredArticle)], {})
        found.append(
            tables | {"facts": fact_rows(DEFAULT_TABLES, [item for item in items if isinstance(item, AnchoredFact)])}
        )
    assert all(len(rows) for rows in found[0].values())
    assert found[0] == found[1]


def test_the_store_gives_back_what_was_put_there(tmp_path: Path) -> None:
    """In another process too: the text, the entry, and where this stands, in whichever register."""
    yaml = SourceFile("annotations/articles.yaml", tmp_path / "articles.yaml", YamlFormat())
    lines = SourceFile("annotations/articles.jsonl", tmp_path / "articles.jsonl", JsonLinesFormat())
    places = [(yaml, Address(3, LISTS.index("articles") + 1)), (lines, Address(7, 700)), (lines, Address(9, 900))]
    texts = []
    filled = TextStore(tmp_path / "texts")
    for number, (source, address) in enumerate(places):
        article = Article(id=f"a{number}", file=f"a{number}.txt", sha256="0" * 64, language="en")
        text = ArticleText(article.id, f"Café {number}. " * number, [0, number])
        texts.append(RegisteredText(Record(article, source, address), text))
        filled.add(texts[-1].record, pack(texts[-1]))
    filled.close()
    for each in (filled, pickle.loads(pickle.dumps(filled))):  # noqa: S301 - our own
        assert [each.registered(f"a{number}") for number in range(3)] == texts
        assert each.get("a2") == texts[2].text
        assert each.get("a3") is each.registered("a3") is None


def filled_store(path: Path, texts: dict[str, str], limits: Limits) -> TextStore:
    filled = TextStore(path, limits)
    for name, text in texts.items():
        article = Article(id=name, file=f"{name}.txt", sha256="0" * 64, language="en")
        record = Record(article, SourceFile("x", path, JsonLinesFormat()), Address(1, 0))
        registered = RegisteredText(record, ArticleText(name, text, [0, len(text)]))
        filled.add(registered.record, pack(registered))
    filled.close()
    return filled


def test_what_was_used_last_is_cached(tmp_path: Path) -> None:
    filled = filled_store(tmp_path / "texts", {name: name * 10 for name in "abc"}, Limits(cached=20))
    a, b = filled.get("a"), filled.get("b")
    assert filled.get("a") is a
    filled.get("c")
    assert filled.get("a") is a
    assert filled.get("b") is not b


@pytest.mark.parametrize("cached", [DEFAULT_LIMITS.cached, 1])
def test_quotes_in_several_long_texts_in_turn(cached: int, tmp_path: Path) -> None:
    """No text is sorted for a few quotes, nor again for the next one; for many it is, once, if it can be cached."""
    texts = {name: "".join(f"{name} {number}. " for number in range(60_000)) for name in "abc"}
    filled = filled_store(tmp_path / "texts", texts, Limits(cached=cached))

    def seek(numbers: range) -> int:
        for number in numbers:
            for name in "abc":
                start = texts[name].index(f"{name} {number}.")
                assert filled.locate(name, f"{name} {number}.", "", "") == Span(start, start + len(f"{name} {number}."))
        return sum(each.phrases is not None for each in filled._cached.values())  # noqa: SLF001 - no other way to count

    begin = time.process_time()
    assert seek(range(DEFAULT_LIMITS.index_after)) == 0
    assert seek(range(50_000, 50_010)) == (3 if cached > 1 else 0)
    assert time.process_time() - begin < 30  # 1,500 sorted texts take minutes


def test_an_index_goes_with_its_text(tmp_path: Path) -> None:
    """So their memory is bounded by that of the texts."""
    made: list[weakref.ref[PhraseIndex]] = []
    limits = Limits(cached=20, index_after=0)
    filled = filled_store(tmp_path / "texts", {name: name * 10 for name in "abcd"}, limits)
    for name in "abcd":
        filled.locate(name, name * 10, "", "")
        made += [weakref.ref(each.phrases) for each in filled._cached.values() if each.phrases]  # noqa: SLF001 - the same
    gc.collect()
    assert len({id(index()) for index in made if index()}) == 2 < len(made)


def test_the_article_that_has_some_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only texts count, and no more of them are searched than is said; in another process too."""
    texts = {"a": "Nothing of the kind.", "b": "Ein Schiff mit 90 Gästen 🚢 an Bord.", "c": "العبارة متأخرة ٤٠ دقيقة."}
    store = filled_store(tmp_path / "texts", texts, DEFAULT_LIMITS)
    for each in (store, pickle.loads(pickle.dumps(store))):  # noqa: S301 - our own
        assert each.article_with("mit 90 Gästen 🚢") == "b"
        assert each.article_with("العبارة متأخرة") == "c"
        assert each.article_with("mit 91 Gästen 🚢") == each.article_with("Schiff") == ""
        assert each.article_with("0" * 64) == ""  # which the entry in the register has
    assert filled_store(tmp_path / "none", {}, DEFAULT_LIMITS).article_with("mit 90 Gästen 🚢") == ""
    many = {f"t{number}": f"Ship {number} was late. " * 9 for number in range(99)}
    for size in (40, 41, 64):
        monkeypatch.setattr("factpack.anchoring.text_store.CHUNK", size)
        every = filled_store(tmp_path / f"many{size}", many, DEFAULT_LIMITS)
        assert [every.article_with(f"late. Ship {number} was") for number in range(99)] == list(many)
    monkeypatch.setattr("factpack.anchoring.text_store.CHUNK", 2**22)
    assert filled_store(tmp_path / "all", many, DEFAULT_LIMITS).article_with("Ship 1 was late. " * 9) == "t1"
    assert filled_store(tmp_path / "long", {"a": "x" * 500 + "y"}, DEFAULT_LIMITS).article_with("x" * 400 + "z") == ""
    monkeypatch.setattr("factpack.anchoring.text_store.MAX_SEARCHED", 0)
    assert filled_store(tmp_path / "few", texts, DEFAULT_LIMITS).article_with("mit 90 Gästen 🚢") == ""
