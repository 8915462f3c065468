"""What accounts for a sentence is what has a character in common with it."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.checks.rules.articles import sentence_unaccounted
from factpack.corpus.types import AnchoredArticle, ArticleText, Claims, Notes, UnverifiedNotes
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.rows.article_rows import article_rows
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Address, Record, Records, SourceFile
from factpack.project.models import Article, Claim, NotCheckable, Unverified
from factpack.project.vocabulary import REASONS, STATUSES
from factpack.text.sentences import Span, sentence_bounds

TEXT = "The bridge is closed.  It is old.\n\nNobody came. Why?\nIt rained. The ferry was late. He left."
ARTICLE = Record(
    Article(id="001", file="001_x.txt", sha256="0" * 64, language="en"),
    SourceFile("articles.jsonl", Path("x"), JsonLinesFormat()),
    Address(1, 0),
)
_BOUNDS = sentence_bounds(TEXT, "en")
SENTENCES = tuple(map(Span, _BOUNDS[::2], _BOUNDS[1::2]))


def claim(span: Span, number: int) -> Claim:
    return Claim(
        id=f"c{number}",
        quote=TEXT[span.start : span.end],
        claim="It is old.",
        speaker="article",
        fact="age",
        value="old",
        label="supported",
        basis="corroborated",
        rationale="r",
        written=(),
    )


def unverified(span: Span, number: int) -> Unverified:
    return Unverified(id=f"u{number}", quote=TEXT[span.start : span.end], claim="It is old.", speaker="article")


def not_checkable(span: Span, number: int) -> NotCheckable:
    return NotCheckable(quote=TEXT[span.start : span.end], reason=REASONS[number])


T = TypeVar("T")


def records(make: Callable[[Span, int], T], spans: list[Span]) -> Records[T]:
    made = Records[T](ARTICLE.source)
    for number, span in enumerate(spans):
        made.add(make(span, number), Address(number, 0))
    return made


SPANS = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)).map(
    lambda place: Span(place[0], min(sum(place), len(TEXT)))
)
SOME = st.lists(SPANS, max_size=5)


@settings(deadline=None)
@given(SOME, SOME, SOME)
def test_what_accounts_for_a_sentence(claims: list[Span], passages: list[Span], remarks: list[Span]) -> None:
    """Spans in any order, over several sentences, or over the space between them alone."""
    article = AnchoredArticle(
        ARTICLE,
        ArticleText("001", TEXT, list(chain.from_iterable(SENTENCES))),
        "001.yaml",
        Claims(records(claim, claims), claims, [""] * len(claims), [()] * len(claims)),
        UnverifiedNotes(records(unverified, passages), passages, [()] * len(passages)),
        Notes(records(not_checkable, remarks), remarks),
        whole=True,
    )
    rows = article_rows(DEFAULT_TABLES, [article, article], {})["sentences"].to_pylist()
    assert rows[: len(SENTENCES)] == rows[len(SENTENCES) :]
    left = []
    for row, sentence in zip(rows, [*SENTENCES] * 2, strict=True):
        assert row["id"] == f"001:{sentence.start}-{sentence.end}"
        assert (row["start"], row["end"]) == sentence
        assert row["text"] == TEXT[sentence.start : sentence.end]
        assert row["claims"] == [each.record.value.id for each in article.claims if each.span.overlaps(sentence)]
        touching = [each for each in article.unverified if each.span.overlaps(sentence)]
        assert [(each["id"], each["start"]) for each in row["unverified"]] == [
            (each.record.value.id, each.span.start) for each in touching
        ]
        reasons = [each.record.value.reason for each in article.not_checkable if each.span.overlaps(sentence)]
        found = {"claim": row["claims"], "unverified": touching, "not_checkable": reasons, "unaccounted": True}
        status = next(name for name in STATUSES if found[name])
        assert STATUSES[row["status"]] == status
        assert row["reason"] == (REASONS.index(reasons[0]) if status == "not_checkable" else None)
        if status == "unaccounted":
            left.append(row["text"])
    messages = [problem.message for problem in sentence_unaccounted.judge(article)]
    assert messages * 2 == [f"sentence is not accounted for: ‘{sentence}’" for sentence in left]
