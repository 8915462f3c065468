"""Every quote is found at its place, or it is said exactly why not."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from factpack.text.locate import MAX_PLACES, Ambiguous, Misplaced, Missing, locate
from factpack.text.sentences import Span
from factpack.text.suggest import MAX_DIFFERENCES, nearest

TEXT = "Musk said “no” on X. He’d wait—perhaps 40 minutes, perhaps 40 minutes more.\nIt ended at 10 p.m."


def test_exact_words_are_found_at_their_code_points() -> None:
    """The span is start inclusive, end exclusive."""
    span = locate(TEXT, "“no” on X")
    assert span == Span(10, 19)
    assert TEXT[10:19] == "“no” on X"


def test_an_astral_character_counts_once() -> None:
    """Offsets are code points, not UTF-16 units: after U+1D54F nothing shifts."""
    assert locate("\U0001d54f is new", "is") == Span(2, 4)


@pytest.mark.parametrize(
    ("prefix", "suffix", "start"),
    [
        ("—perhaps ", "", 39),
        ("minutes, perhaps ", "", 59),
        ("", " more", 59),
        ("", ",", 39),
        ("wait—perhaps ", ", perhaps", 39),
    ],
)
def test_prefix_and_suffix_choose_the_place(prefix: str, suffix: str, start: int) -> None:
    """They are not part of the span."""
    assert locate(TEXT, "40 minutes", prefix, suffix) == Span(start, start + len("40 minutes"))


def test_two_places_are_ambiguous() -> None:
    """Both starts are told, so that both can be shown."""
    assert locate(TEXT, "40 minutes") == Ambiguous((39, 59), "40 minutes", TEXT)


def test_the_starts_are_those_of_the_quote_not_of_the_prefix() -> None:
    """A prefix that both places share does not help, and does not shift them either."""
    assert locate(TEXT, "40 minutes", "perhaps ") == Ambiguous((39, 59), "40 minutes", TEXT)


def test_the_offset_chooses_the_place_and_agrees_with_the_words_around() -> None:
    """Of the three none is passed over."""
    assert locate(TEXT, "40 minutes", start=59) == Span(59, 69)
    assert locate(TEXT, "40 minutes", "perhaps ", start=59) == Span(59, 69)
    assert locate(TEXT, "40 minutes", suffix=" more", start=59) == Span(59, 69)
    elsewhere = locate(TEXT, "40 minutes", suffix=" more", start=39)
    assert elsewhere == Misplaced(39, Ambiguous((59,), "40 minutes", TEXT))
    assert isinstance(elsewhere, Misplaced)
    assert elsewhere.out_of_context
    assert isinstance(locate(TEXT, "40 minutes", suffix=" less", start=39), Missing)
    for start in (0, 38, 40, len(TEXT), 10**30):
        assert locate(TEXT, "40 minutes", start=start) == Misplaced(start, Ambiguous((39, 59), "40 minutes", TEXT))


def test_an_offset_before_the_prefix_begins_is_wrong() -> None:
    """A negative index would count from the end of the text."""
    assert isinstance(locate("abcab", "b", "za", start=1), Missing)
    assert isinstance(locate("cab ab", "b", "a", start=0), Misplaced)


@pytest.mark.parametrize(
    ("text", "quote", "starts"),
    [("banana", "ana", (1, 3)), ("aaaa", "aa", (0, 1, 2)), ("no no no", "no no", (0, 3))],
)
def test_places_that_overlap_are_two_places(text: str, quote: str, starts: tuple[int, int]) -> None:
    """``str.count`` would find one of them."""
    assert locate(text, quote) == Ambiguous(starts, quote, text)


@pytest.mark.parametrize(
    ("quote", "nearest", "difference"),
    [
        ('said "no', "said “no", 'the article has “ (U+201C) where the quote has ‘"’ (another quotation mark)'),
        ("He'd wait", "He’d wait", "the article has ’ (U+2019) where the quote has ‘'’ (another quotation mark)"),
        ("wait-perhaps", "wait—perhaps", "the article has — (U+2014) where the quote has ‘-’ (another dash)"),
        ("musk said", "Musk said", "the article has ‘Musk’ where the quote has ‘musk’ (upper and lower case)"),
        ("Musk\u00a0said", "Musk said", "the article has a space where the quote has U+00A0 (another space)"),
        ("more. It ended", "more.\nIt ended", "the article has ‘\n’ where the quote has a space (another space)"),
        ("It endd at 10", "It ended at 10", "the article has ‘ended’ where the quote has ‘endd’"),
        ("ended 10 p.m.", "ended at 10 p.m.", "the article also has ‘ at’"),
        ("He’d wit", "He’d wait", "the article has ‘wait’ where the quote has ‘wit’"),
        ("It  ended at 10", "It ended at 10", "the quote has a space too many after ‘It’"),
        ("on X .", "on X.", "the quote has a space too many after ‘X’"),
        (" Musk said", "Musk said", "the quote has a space too many at its beginning"),
        ("more.\n\nIt ended", "more.\nIt ended", "the quote has ‘\n’ too many after ‘.’"),
        ("perhaps 40 long minutes more", "perhaps 40 minutes more", "the article does not have ‘long ’"),
    ],
)
def test_what_is_different_is_told(quote: str, nearest: str, difference: str) -> None:
    """A curator sees at once which character to correct, lookalikes included."""
    result = locate(TEXT, quote)
    assert isinstance(result, Missing)
    assert result.nearest == nearest
    assert result.difference == difference


def test_a_space_more_in_the_article_is_told() -> None:
    """The other way round."""
    assert nearest("It ended  late", "It ended late") == (
        "It ended  late",
        "the article also has a space after ‘ended’",
    )


@pytest.mark.parametrize(
    ("prefix", "quote", "suffix", "spaced"),
    [
        ("perhaps", "40 minutes", "", ("perhaps ", "")),
        ("", "40 minutes", "more", ("", " more")),
        (", perhaps", "40 minutes", " more", (", perhaps ", " more")),
        (", perhaps", "40 minutes", "more", (", perhaps ", " more")),
        ("more.", "It ended", "", ("more.\n", "")),
        ("on", "X.", "", ("on ", "")),
        ("", "said", " no", None),
        ("perhapz", "40 minutes", "", None),
        ("perhaps", "41 minutes", "", None),
        ("perhaps", "40minutes", "", None),
    ],
)
def test_a_space_that_is_missing_beside_the_quote(
    prefix: str, quote: str, suffix: str, spaced: tuple[str, str] | None
) -> None:
    """A prefix and a suffix lose it where they stand without quotation marks."""
    result = locate(TEXT, quote, prefix, suffix)
    assert isinstance(result, Missing)
    assert result.spaced == spaced


def test_a_no_break_space_of_the_article_is_named() -> None:
    """It cannot be seen, so its code point is told."""
    assert nearest("about 40\u00a0minutes late", "40 minutes") == (
        "40\u00a0minutes",
        "the article has U+00A0 where the quote has a space (another space)",
    )


def test_many_differences_are_cut_short() -> None:
    """The message stays readable."""
    result = locate("One Two Three Four Five Six", "one two three four five six")
    assert isinstance(result, Missing)
    assert result.nearest == "One Two Three Four Five Six"
    assert result.difference.count("where the quote has") == MAX_DIFFERENCES
    assert result.difference.endswith("; and more")


@pytest.mark.parametrize("text", ["", "x", TEXT])
def test_nothing_similar_is_said_plainly(text: str) -> None:
    """A passage that is not alike would only mislead."""
    missing = locate(text, "Völlig andere Wörter stehen hier")
    assert isinstance(missing, Missing)
    assert (missing.nearest, missing.difference) == ("", "")


def test_letters_whose_lower_case_is_longer_do_not_shift_the_passage() -> None:
    """``İ`` has a lower case of two code points."""
    assert nearest("İİİ. He’d wait", "He'd wait") == (
        "He’d wait",
        "the article has ’ (U+2019) where the quote has ‘'’ (another quotation mark)",
    )


def test_the_nearest_passage_is_whole_words() -> None:
    """The alignment can end within a word; what is shown does not."""
    result = locate("Before that the interviewer was delayed considerably.", "the interviewr was delayd")
    assert isinstance(result, Missing)
    assert result.nearest == "the interviewer was delayed"


CHARACTERS = st.characters(exclude_categories=["Cs"])
TRICKY = st.sampled_from(
    [*"aab .'’-–—“”\t\r\n\u00a0\u0301\u200d\U0001d54f\U0001f468\u2028\ufeff\x00İßΣ", "\r\n", "e\u0301"]
)
TEXTS = st.one_of(st.text(CHARACTERS, min_size=1), st.lists(TRICKY, min_size=1).map("".join))


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text and a piece of it that is not empty."""
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(cuts())
@example(("e\u0301e\u0301", 2, 4))
@example(("\U0001d54f\r\n\U0001d54f", 1, 3))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_a_piece_of_a_text_is_found_again(cut: tuple[str, int, int]) -> None:
    """At its own offsets; or it stands there more than once, and every start told is one of its places."""
    text, start, end = cut
    quote = text[start:end]
    places = tuple(i for i in range(len(text)) if text.startswith(quote, i))
    found = locate(text, quote)
    if len(places) == 1:
        assert found == Span(start, end)
    else:
        assert found == Ambiguous(places[:MAX_PLACES], quote, text, len(places) > MAX_PLACES)
    for place in places:
        assert locate(text, quote, start=place) == Span(place, place + len(quote))
    for other in set(range(len(text) + 2)) - set(places):
        misplaced = locate(text, quote, start=other)
        assert isinstance(misplaced, Misplaced)
        assert misplaced.places.more == (len(places) > MAX_PLACES)
        shown = misplaced.places.starts
        assert list(shown) == sorted(set(shown) & set(places))
        assert len(shown) == min(len(places), MAX_PLACES)
        farthest = max(abs(place - other) for place in shown)
        assert all(abs(place - other) >= farthest for place in set(places) - set(shown))
        assert not misplaced.out_of_context


@given(cuts())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_all_the_words_around_make_it_unique(cut: tuple[str, int, int]) -> None:
    """With the whole rest of the text as prefix and suffix there is one place."""
    text, start, end = cut
    assert locate(text, text[start:end], text[:start], text[end:]) == Span(start, end)
    assert locate(text, text[start:end], text[:start], text[end:], start=start) == Span(start, end)


@given(cuts(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_some_words_around_never_lead_elsewhere(cut: tuple[str, int, int], before: int, after: int) -> None:
    """A true prefix and suffix lead to the place, or leave it ambiguous; never to another, never to none."""
    text, start, end = cut
    found = locate(text, text[start:end], text[max(0, start - before) : start], text[end : end + after])
    if isinstance(found, Ambiguous):
        assert all(text.startswith(text[start:end], at) for at in found.starts)
        assert found.starts[0] <= start
    else:
        assert found == Span(start, end)


@given(TEXTS, TEXTS)
@example("", "a")
@example("İ", "i\u0307")
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_words_in_any_text_have_an_answer(text: str, words: str) -> None:
    """Never an exception; a passage shown as the nearest stands in the text, and a difference goes with it."""
    found = locate(text, words)
    if isinstance(found, Missing):
        assert words not in text
        assert found.nearest in text
        assert bool(found.nearest) == bool(found.difference)


@given(st.text(st.sampled_from("abc “”’—\u00a0"), min_size=12, max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_passage_that_differs_in_lookalikes_only_is_found(text: str) -> None:
    """Straight quotes, hyphens and plain spaces for the printed ones: the message points at the right passage."""
    typed = text.translate(str.maketrans("“”’—\u00a0", '""\'- '))
    found = locate(text, typed)
    if typed == text:
        assert found == Span(0, len(text))
    else:
        assert isinstance(found, Missing)
        assert found.nearest == text
        assert found.difference


def test_a_long_quote_that_is_wrong_is_answered_at_once() -> None:
    """A pasted table in place of a quote must not stop the check for minutes: pieces that recur are slow to compare."""
    begun = time.process_time()
    assert isinstance(locate("a b " * 4000, "a c " * 400), Missing)
    assert isinstance(locate("the ferry was late again; " * 2000, "the ferri was late again. " * 400), Missing)
    assert time.process_time() - begun < 5  # seconds


def test_a_decomposed_letter_is_another_word() -> None:
    """The same letter in another normalization form is not the same code points; the nearest passage is shown."""
    composed = "Café society meets"
    found = locate(composed, unicodedata.normalize("NFD", "Café society"))
    assert isinstance(found, Missing)
    assert found.nearest == "Café society"
