"""Sentences: nothing of an article is lost between them, whatever the text."""

import time
import unicodedata
from array import array
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from factpack.text import sentences
from factpack.text.sentence_ends import sentence_ends
from factpack.text.sentences import MAX_SENTENCE, Span, divide_long, sentence_bounds


def split_sentences(text: str, language: str) -> tuple[Span, ...]:
    """The spans of the sentences."""
    bounds = sentence_bounds(text, language)
    return tuple(map(Span, bounds[::2], bounds[1::2]))


def pieces(text: str, language: str = "en") -> list[str]:
    """The sentences as text."""
    return [text[start:end] for start, end in split_sentences(text, language)]


def test_sentences_of_a_paragraph() -> None:
    """With their offsets, and without the space between them."""
    text = "It is late. Nobody came.  Why?"
    assert split_sentences(text, "en") == (Span(0, 11), Span(12, 24), Span(26, 30))


def test_a_heading_is_a_sentence() -> None:
    """It has no full stop, so the line end ends it; empty lines are nothing."""
    assert pieces("Bridge closed\n\nThe bridge is closed. It was old.\n") == [
        "Bridge closed",
        "The bridge is closed.",
        "It was old.",
    ]


@pytest.mark.parametrize("heading", ["1. Return to X", "2) Return to X", "12. Return to X", "1. Return of J. Doe"])
def test_a_numbered_heading_is_one_sentence(heading: str) -> None:
    """The number alone is no sentence that somebody could account for."""
    assert pieces(f"{heading}\nHe is back.") == [heading, "He is back."]


def test_a_number_at_the_end_of_a_line_goes_with_the_sentence_before() -> None:
    """A footnote mark is no sentence of its own."""
    assert pieces("He came back. 12.\nThen he left.") == ["He came back. 12.", "Then he left."]


@pytest.mark.parametrize("line", ["2023", "***", "— — —", "1.", "12. 13."])
def test_a_line_without_a_letter_is_kept(line: str) -> None:
    """As one piece: it belongs to no other line, and somebody may quote it."""
    assert pieces(f"A word.\n{line}\nAnother word.") == ["A word.", line, "Another word."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr. Smith met Dr. Brown in Washington.",
        "It started at 8 p.m. and ended at 10 p.m. on Monday.",
        "The U.S. election is near.",
        "He paid 44.5 million dollars.",
        "Trump vs. Harris is on.",
        "J. D. Vance spoke.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    """Its full stop is part of the word."""
    assert pieces(f"{sentence} Then it rained.") == [sentence, "Then it rained."]


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\t"])
@pytest.mark.parametrize("language", ["en", "kk"])
def test_any_space_after_an_initial(space: str, language: str) -> None:
    """sentencex panics there in Kazakh: white space other than the plain one after an initial."""
    text = f"J.{space}. Doe spoke.{space}He left."
    spans = split_sentences(text, language)
    assert spans[0].start == 0
    assert spans[-1].end == len(text)
    assert "".join("".join(pieces(text, language)).split()) == "".join(text.split())


def test_carriage_returns_belong_to_no_sentence() -> None:
    """Windows line ends: one boundary each, and the offsets count both characters."""
    text = "Bridge closed\r\n\r\nIt is old. It is\r\nlong.\r\n"
    assert split_sentences(text, "en") == (Span(0, 13), Span(17, 27), Span(28, 33), Span(35, 40))
    assert pieces(text) == ["Bridge closed", "It is old.", "It is", "long."]


def test_an_astral_character_counts_once() -> None:
    """Offsets are code points."""
    assert split_sentences("\U0001d54f is new. It is old.", "en") == (Span(0, 9), Span(10, 20))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Das kostet z. B. viel. Es regnet.", ["Das kostet z. B. viel.", "Es regnet."]),
        ("es", "¿Qué pasa? Nada.", ["¿Qué pasa?", "Nada."]),
        ("hi", "यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"]),
        ("ja", "今日は晴れ。明日は雨。", ["今日は晴れ。", "明日は雨。"]),
        ("zz", "One. Two.", ["One.", "Two."]),
    ],
)
def test_languages(language: str, text: str, expected: list[str]) -> None:
    """By the rules of the language; by those for English if it is not known."""
    assert pieces(text, language) == expected


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\r\n", "\u00a0\t\n"])
def test_no_words_no_sentences(text: str) -> None:
    """White space is not a sentence."""
    assert split_sentences(text, "en") == ()


PIECES = st.sampled_from(
    [
        *(
            "Mr. ",
            "J.",
            "J. D. ",
            "e.g. ",
            "p.m.",
            "1.",
            "2) ",
            "a)",
            "No. 5",
            "...",
            "…",
            "?!",
            "“",
            "”",
            '"',
            "'",
            "’s",
            "(",
            ")",
        ),
        *(
            " ",
            "  ",
            "\u00a0",
            "\u202f",
            "\u3000",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\n\n",
            "\x0b",
            "\u2028",
            "\u2029",
            "\x85",
            "\x1c",
        ),
        *(
            "Word",
            "word ",
            "é",
            "e\u0301",
            "\U0001d54f",
            "\U0001f468\u200d\U0001f469",
            "。",
            "।",
            "؟",
            "—",
            "Ⅳ",
            "²",
            "İ",
            "http://x.y/z",
        ),
    ]
)
TEXTS = st.one_of(st.lists(PIECES).map("".join), st.text(st.characters(exclude_categories=["Cs"])))
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "ru", "ar", "hi", "ja", "zh", "el", "kk", "zz", "no"])


@given(TEXTS, LANGUAGES)
@example("D.\u00a0.", "kk")
@example("1.\r\n2. A", "de")
@settings(max_examples=800, deadline=None, derandomize=True)
def test_no_text_is_lost(text: str, language: str) -> None:
    """Spans are in order, apart, stripped and not empty; what is outside of them is white space, no letter."""
    spans = split_sentences(text, language)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()
    covered = {i for start, end in spans for i in range(start, end)}
    assert all(i in covered for i, c in enumerate(text) if unicodedata.category(c)[0] == "L")


@given(TEXTS, LANGUAGES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_no_sentence_runs_over_a_line_end(text: str, language: str) -> None:
    """A heading is never part of the sentence below it."""
    assert all(len(text[start:end].splitlines()) == 1 for start, end in split_sentences(text, language))


def has_letter(text: str) -> bool:
    """Whether there is anything to read in a text: letters, or numbers such as Ⅳ that are written with them."""
    return any(c.isalnum() and not c.isdecimal() for c in text)


@given(TEXTS, LANGUAGES)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_sentence_has_a_letter_unless_its_line_has_none(text: str, language: str) -> None:
    """Nobody has to account for a lone number."""
    for line in text.splitlines():
        found = pieces(line, language)
        if has_letter(line):
            assert all(has_letter(piece) for piece in found)
        else:
            assert len(found) == bool(line.strip())


def whole_lines(text: str, language: str) -> list[int]:
    """The bounds where every line is split in one piece."""

    def lengths(line: str, code: str) -> Iterator[int]:
        ends = sentence_ends(line, code)
        return (end - begun for begun, end in pairwise([0, *ends]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences, "_lengths", lengths)
        return list(sentence_bounds(text, language))


@given(TEXTS, LANGUAGES)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_a_line_of_one_piece_is_split_as_a_whole(text: str, language: str) -> None:
    """Pieces are for long lines only: in ordinary text they change nothing."""
    assert list(sentence_bounds(text, language)) == whole_lines(text, language)


def test_a_long_line_of_ordinary_text_is_split_as_a_whole() -> None:
    """Where a piece ends, no sentence does."""
    line = "Mr. Smith said: “It is late. Nobody came.” Why (he asked)? It cost 44.5 million dollars. " * 500
    assert list(sentence_bounds(line, "en")) == whole_lines(line, "en")


NASTY = [
    "word ",
    "a",
    "“",
    "«",
    "'",
    "(",
    "a.",
    "A. B. ",
    "A word is here. ",
    "中。",
    "7",
    "😀",
    "x\u0301",
    "\n",
    "a.\n",
]


@pytest.mark.parametrize("unit", [*NASTY, "كلمة؟ ", "กำ", "की है। ", "“A. B.” ", "“A. B c ", "5 m. A ", "x. ' "])
@pytest.mark.slow
def test_time_grows_with_the_length(unit: str) -> None:
    """Whatever the text: four times as much of it takes about four times as long, not sixteen times."""

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        begun = time.process_time()
        sentence_bounds(text, "en")
        return time.process_time() - begun

    seconds(1_000)
    rounds = [(seconds(40_000), seconds(160_000)) for _ in range(5)]  # in turn, as other processes come and go
    quarter, whole = map(min, zip(*rounds, strict=True))
    assert whole <= 8 * quarter + 0.02


@pytest.mark.parametrize("language", ["ca", "co", "da", "it", "kl", "oc"])
@pytest.mark.parametrize("unit", ["A. ", "A!", "A.B.", "En dag gik. ", "“A.” "])
@pytest.mark.slow
def test_no_language_is_slow(unit: str, language: str) -> None:
    """sentencex takes up to 200 µs a full stop in some; in a long text that would be minutes."""
    text = unit * (1_100_000 // len(unit))
    begun = time.process_time()
    assert len(sentence_bounds(text, language)) >= 2
    assert time.process_time() - begun < 20


@pytest.mark.slow
def test_a_long_text_in_a_slow_language_is_split_as_in_one_that_is_near() -> None:
    """A text of usual length keeps the abbreviations of its own language."""
    sentence = "Ved adr. Vej gik han. "
    assert len(sentence_bounds(sentence * 10_000, "da")) // 2 == 10_000
    long = sentence * 20_000
    assert sentence_bounds(long, "da") == sentence_bounds(long, "nb")
    assert len(sentence_bounds(long, "da")) // 2 == 40_000  # its abbreviations are not known there


@pytest.mark.parametrize(
    "unit", ["word ", "و كلمة ", "第一", "🎉", "a\u3000", " ", "x" * 9_999 + " ", "x" * 10_000 + " "]
)
def test_long_sentences_are_divided(unit: str) -> None:
    """As in a transcript without punctuation: at white space if there is any, and nothing is lost."""
    text = unit * (41_000 // len(unit))
    bounds = divide_long(text, array("I", [0, len(text.rstrip())] if text.strip() else []))
    divided = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    assert all(0 < len(piece) <= MAX_SENTENCE and piece == piece.strip() for piece in divided)
    assert "".join("".join(divided).split()) == "".join(text.split())
    assert list(bounds) == sorted(bounds)
    if unit.strip() != unit:
        assert " ".join(divided).split() == text.split()  # no word is cut


def test_sentences_of_usual_length_are_left_alone() -> None:
    text = "A short one. " * 1_000 + "w" * 10_000
    bounds = sentence_bounds(text, "en")
    assert divide_long(text, bounds) == bounds
