"""What accounts for a sentence is what has a character in common with it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from factpack.columns import STATUSES
from factpack.corpus import AnchoredArticle, AnchoredClaim, AnchoredNotCheckable, AnchoredUnverified, ArticleText
from factpack.model import Article, Claim, NotCheckable, Unverified
from factpack.rules.coverage import sentence_unaccounted
from factpack.sentences import Span, sentence_bounds
from factpack.sources import JsonLine, Record

TEXT = "The bridge is closed.  It is old.\n\nNobody came. Why?\nIt rained. The ferry was late. He left."
ARTICLE = Record(
    Article(id="001", file="001_x.txt", sha256="0" * 64, language="en"), JsonLine("articles.jsonl", Path("x"), 1, 0)
)
BOUNDS = sentence_bounds(TEXT, "en")


def claim(span: Span, number: int) -> AnchoredClaim:
    value = Claim(
        id=f"c{number}",
        quote=TEXT[span.start : span.end],
        claim="It is old.",
        speaker="article",
        fact="age",
        value="old",
        label="supported",
        basis="corroborated",
        rationale="r",
        evidence=(),
    )
    return AnchoredClaim(Record(value, ARTICLE.source), "001", span, "", ())


def unverified(span: Span, number: int) -> AnchoredUnverified:
    value = Unverified(id=f"u{number}", quote=TEXT[span.start : span.end], claim="It is old.", speaker="article")
    return AnchoredUnverified(Record(value, ARTICLE.source), span)


def not_checkable(span: Span) -> AnchoredNotCheckable:
    value = NotCheckable(quote=TEXT[span.start : span.end], reason="opinion")
    return AnchoredNotCheckable(Record(value, ARTICLE.source), span)


SPANS = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)).map(
    lambda place: Span(place[0], min(sum(place), len(TEXT)))
)
SOME = st.lists(SPANS, max_size=5)


@given(SOME, SOME, SOME)
def test_what_accounts_for_a_sentence(claims: list[Span], passages: list[Span], remarks: list[Span]) -> None:
    """Spans in any order, over several sentences, or over the space between them alone."""
    article = AnchoredArticle(
        ArticleText(ARTICLE, TEXT, BOUNDS),
        "001.yaml",
        tuple(claim(span, number) for number, span in enumerate(claims)),
        tuple(unverified(span, number) for number, span in enumerate(passages)),
        tuple(map(not_checkable, remarks)),
    )
    accounts = article.accounts
    assert len(accounts.statuses) == len(article.text.sentences) == 7
    left = []
    for number, sentence in enumerate(article.text.sentences):
        found = {"unaccounted": True}
        for name, noted, all_of_them in (
            ("not_checkable", accounts.not_checkable, article.not_checkable),
            ("unverified", accounts.unverified, article.unverified),
            ("claim", accounts.claims, article.claims),
        ):
            touching = [each for each in all_of_them if each.span.overlaps(sentence)]
            assert [each for at, each in noted if at == number] == touching
            found[name] = bool(touching)
        status = next(name for name in STATUSES if found[name])
        assert STATUSES[accounts.statuses[number]] == status
        if status == "unaccounted":
            left.append(TEXT[sentence.start : sentence.end])
    for noted in (accounts.not_checkable, accounts.unverified, accounts.claims):
        numbers = [number for number, _ in noted]
        assert numbers == sorted(numbers)
    messages = [finding.message for finding in sentence_unaccounted(article)]
    assert messages == [f"nothing accounts for the sentence ‘{sentence}’" for sentence in left]
