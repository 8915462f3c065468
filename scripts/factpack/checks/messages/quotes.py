"""Word why a quote is not found, is found twice, or cuts a word."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from itertools import islice

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.subjects import CutQuote, PlaceWithoutArticle, QuoteNotLocated
from factpack.formats.locations import LazyLocation, lines_and_columns
from factpack.text.locate import Ambiguous, Misplaced, Missing
from factpack.text.suggest import MAX_SEARCH
from factpack.text.word_edges import cut_in, whole

MAX_WORDS = 200  # code points of a quote that are shown
MAX_LINE = 2_000  # code points of one that is shown whole, to be copied


MAX_ESCAPED = 0xFFFF  # beyond, YAML and JSON differ


CONTEXT = 25  # code points shown on each side of an ambiguous quote


_ELLIPSIS = re.compile(r"…|\.\.\.")


@message("error", "missing")
def quote_not_found(quote: QuoteNotLocated) -> Problem:
    """Quote the exact words of the article, to the character.

    Bad: ``quote: migrant crime was "destroying" cities`` (straight quotation marks)

    Good: ``quote: migrant crime was “destroying” cities`` (curly, as printed)
    """
    missing = quote.result
    assert isinstance(missing, Missing)
    around = " between its prefix and suffix" if missing.prefix or missing.suffix else ""
    what = f"quote not found in article {quote.article}{around}"
    return Problem(quote.place, what, partial(_advice, quote, missing))


def _advice(quote: QuoteNotLocated, missing: Missing) -> str:
    return next(_advices(quote, missing))


def _advices(quote: QuoteNotLocated, missing: Missing) -> Iterator[str]:
    """Yield what may help, the best first."""
    if spaced := missing.spaced:
        given = zip(("prefix", "suffix"), (missing.prefix, missing.suffix), spaced, strict=True)
        lines = [f"`{key}: {json.dumps(words, ensure_ascii=False)}`" for key, had, words in given if words != had]
        yield f"The space next to the quote is missing; only quotation marks keep it. Write {' and '.join(lines)}."
    if other := missing.in_other_form:
        yield (
            "The article has these words in another Unicode normalization form, which looks the same. Write "
            f"`quote: {_escaped(other)}`, with its escapes."
        )
    if missing.quote.endswith("\n"):
        if missing.quote.rstrip("\n") in missing.text:
            yield "The quote ends with a line break. Write `|-` for `|` or `>-` for `>`, or put the words on one line."
        if " ".join(missing.quote.split()) in missing.text:
            yield "The quote keeps its line breaks. Write `>-` for `|`, or put the words on one line."
    if _ELLIPSIS.search(missing.quote) and not _ELLIPSIS.search(missing.nearest):
        yield "A quote is one passage without omissions. Quote one of its parts, or the whole passage."
    if not missing.prefix and not missing.suffix and (words := _over_line_ends(missing)):
        key = "quote: " if quote.place.source.format.name == "yaml" else '"quote": '
        line = f"`{key}{json.dumps(words, ensure_ascii=False)}`"
        yield f"The words continue over a line break in the article. Write the quote between double quotes: {line}."
    if missing.quote not in missing.text and (other := quote.elsewhere(missing.quote)):
        yield f"Article {other} has these words. Quote them from {other}, or quote other words from {quote.article}."
    if missing.nearest:
        yield f"The nearest passage is ‘{missing.nearest}’: {missing.difference}."
    yield "No similar passage was found. Copy the words from the article, and check that it is the right article."


def _over_line_ends(missing: Missing) -> str:
    """Return the words as the article has them, if it has line ends where the quote has spaces or other line ends."""
    text, words = missing.text[:MAX_SEARCH], " ".join(missing.quote.split())
    if not words or len(words) > MAX_LINE:
        return ""
    spaced = " ".join(text.split())
    at = spaced.find(words)
    if at < 0:
        return ""
    start, end = _place(text, spaced, at), _place(text, spaced, at + len(words) - 1) + 1
    return text[start:end] if "\n" in text[start:end] or "\r" in text[start:end] else ""


def _place(text: str, spaced: str, at: int) -> int:
    """Return where the character is in a text that is at ``at`` in the same text with single spaces."""
    word = next(islice(re.finditer(r"\S+", text), spaced.count(" ", 0, at), None))
    return word.start() + at - (spaced.rfind(" ", 0, at) + 1)


def _escaped(words: str) -> str:
    """Write words as YAML and JSON both read them, with escapes for what cannot be seen by itself."""
    written = json.dumps(words, ensure_ascii=False)
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c)[0] in "MC" and ord(c) <= MAX_ESCAPED else c for c in written
    )


@message("error", "ambiguous")
def quote_ambiguous(quote: QuoteNotLocated) -> Problem:
    """Say which occurrence of a quote is meant, if there are several: by its offset in the text, in Unicode code
    points, or by the words before or after it.

    Bad: ``quote: 40 minutes`` where the article says it twice

    Good: ``quote: 40 minutes`` with ``start: 1204``, or with ``prefix: "delayed the interview by "``
    """
    found = quote.result
    assert isinstance(found, Ambiguous)
    what = f"quote occurs more than once in article {quote.article}"
    return Problem(quote.place, what, partial(_choose, quote.place, found))


def _choose(place: LazyLocation, found: Ambiguous) -> str:
    return (
        f"Add the offset of the occurrence you mean: {_places(place, found)}. Or add `prefix:` or `suffix:` with the "
        "words next to it, in quotation marks, which keep the space next to the quote."
    )


def _places(place: LazyLocation, found: Ambiguous) -> str:
    """List where a quote is: what to write, the line, which tells places that look the same, and the words around."""
    key = '"start"' if place.source.format.name == "jsonl" else "start"
    text, places = found.text, []
    lines = lines_and_columns(text, found.starts)
    for start, (line, _) in zip(found.starts, lines, strict=True):
        end = start + len(found.quote)
        shown = f"{text[max(0, start - CONTEXT) : start]}[{_shortened(text[start:end])}]{text[end : end + CONTEXT]}"
        places.append(f"`{key}: {start}` (line {line}, ‘…{' '.join(shown.split())}…’)")
    return f"{' or '.join(places)}{', or another place' if found.more else ''}"


@message("error", "misplaced")
def quote_not_at_start(quote: QuoteNotLocated) -> Problem:
    """Give as the offset of a quote where it begins in the text of the article, in Unicode code points. A prefix or a
    suffix agrees with it.

    Bad: ``quote: 40 minutes`` with ``start: 1200`` where it begins at 1204

    Good: ``quote: 40 minutes`` with ``start: 1204``
    """
    found = quote.result
    assert isinstance(found, Misplaced)
    where = f"at offset {found.start} of article {quote.article}"
    what = f"prefix or suffix is not next to the quote {where}" if found.out_of_context else f"quote is not {where}"
    return Problem(quote.place, what, lambda: f"Write {_places(quote.place, found.places)}.")


@message("error")
def place_without_article(words: PlaceWithoutArticle) -> Problem:
    """Give a place only to words of an article: the quote of a claim needs an article, and so do ``prefix``, ``suffix``
    and ``start`` beside the quote of a passage.

    Bad: a passage with ``start: 17`` and ``source: https://example.org``, without ``article``

    Good: ``source: https://example.org`` alone
    """
    hint = f"Add `article:`, or delete `{words.key}:`."
    return Problem(words.place, f"`{words.key}` is given, but no article that the words are in", hint)


@message("warning")
def quote_cuts_word(quote: CutQuote) -> Problem:
    """Begin and end a quote where words do: not within a word, a number or a character, and not with a space.
    Scripts that have no spaces between words are left alone.

    Bad: ``quote: 5 million peop`` where the article has “15 million people”

    Good: ``quote: 15 million people``
    """
    text, (start, end) = quote.text, quote.span
    at_start = "with a space" if text[start].isspace() else _within(cut_in(text, start))
    at_end = "with a space" if text[end - 1].isspace() else _within(cut_in(text, end))
    ends = [f"{verb} {where}" for verb, where in (("begins", at_start), ("ends", at_end)) if where]
    return Problem(quote.place, f"quote {' and '.join(ends)}", partial(_whole_words, quote))


def _shortened(words: str) -> str:
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS // 2]} … {words[-MAX_WORDS // 2 :]}"


def _within(what: str) -> str:
    return f"within a {what}" if what else ""


def _whole_words(quote: CutQuote) -> str:
    start, end = whole(quote.text, quote.span)
    words = _shortened(quote.text[start:end])
    return f"Write the whole words: ‘{words}’." if words else "Quote words of the article."
