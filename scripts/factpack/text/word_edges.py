"""Tell whether a quote begins and ends where words, numbers and characters do."""

import unicodedata

from factpack.text.sentences import Span

# Scripts without spaces between words that East Asian Width does not call wide.
_UNSPACED = ((0x0E00, 0x109F), (0x1780, 0x17FF), (0x1950, 0x1AAF), (0x1B00, 0x1B7F), (0xA980, 0xAADF))
_JOINER = "\u200d"
_IN_NUMBERS = ".,'’\u00a0\u202f"
_BEFORE = frozenset(["", *" \n"])  # what no word goes on beyond
_BEHIND = frozenset(["", *" \n.,;:!?"])  # the same behind a letter
_MAX_WORD = 100  # code points that a quote is lengthened by at one end


def cut_in(text: str, at: int) -> str:
    """Name what an offset in a text is within.

    Returns:
        ``word``, ``number``, ``character`` (one of several code points), or an empty text.
    """
    if not 0 < at < len(text):
        return ""
    before, after = text[at - 1], text[at]
    if before == " " or after == " ":
        return ""
    if _extends(before, after) or (_is_flag(before) and _is_flag(after) and _flags(text, at) % 2):
        return "character"
    if before.isalnum() and after.isalnum():
        return "" if _unspaced(before) or _unspaced(after) else "number" if (before + after).isdecimal() else "word"
    digits_before = before.isdecimal() and after in _IN_NUMBERS and text[at + 1 : at + 2].isdecimal()
    digits_after = after.isdecimal() and before in _IN_NUMBERS and text[max(at - 2, 0) : at - 1].isdecimal()
    return "number" if digits_before or digits_after else ""


def is_cut(text: str, span: Span) -> bool:
    """Tell whether a span begins or ends within a word, or with a blank."""
    start, end = span
    before, first, last, after = text[start - 1 : start], text[start], text[end - 1], text[end : end + 1]
    if before in _BEFORE and first.isalnum() and last.isalpha() and after in _BEHIND:  # as nearly always
        return False
    return bool(cut_in(text, start) or cut_in(text, end) or first.isspace() or last.isspace())


def whole(text: str, span: Span) -> Span:
    """Return a span lengthened to whole words, without blanks at its edges."""
    start, end = span
    while text[start:end][:1].isspace():
        start += 1
    while text[start:end][-1:].isspace():
        end -= 1
    for _ in range(_MAX_WORD):
        start -= bool(cut_in(text, start))
        end += bool(cut_in(text, end))
    return Span(start, end)


def _extends(before: str, after: str) -> bool:
    """Tell whether a reader takes two code points for one character (a grapheme cluster)."""
    if after.isascii():
        return before == _JOINER or (before == "\r" and after == "\n")
    joined = _JOINER in {before, after} or "\U0001f3fb" <= after <= "\U0001f3ff"
    return joined or unicodedata.category(after)[0] == "M"


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags(text: str, at: int) -> int:
    """Count the letters of flags right before an offset."""
    count = 0
    while count < at and count < _MAX_WORD and _is_flag(text[at - count - 1]):
        count += 1
    return count


def _unspaced(character: str) -> bool:
    """Tell whether the script of a character has no spaces between words."""
    if character.isascii():
        return False
    point = ord(character)
    return unicodedata.east_asian_width(character) in "WFH" or any(low <= point <= high for low, high in _UNSPACED)
