"""Reduce a sentence to its wording: case, punctuation, spaces and compatibility forms of characters do not count."""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = "'’ʼ‘`´＇"  # one within a word is left out of it
_IN_NUMBERS = ".,:/'-"
_KEPT = "%‰‱#&@"  # punctuation that says something
#: What is dropped but where it is part of a number: 3.5, 1,000, 12:30, -5, 2020-2024. Each begins with a character, so
#: that little is looked at.
_MARK = re.compile(r"[.,:/](?:(?<!\d.)|(?!\d))")
_DASH = re.compile(r"-(?:(?<=[^\W\d_]-)|(?!\d))")
_APOSTROPHE = re.compile(r"'(?:(?<!\d')|(?!\d))")
#: Where an exponent or a fraction follows a number: NFKC would make 102 of 10².
_RAISED = re.compile(r"(?<=\d)(?=[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2150-\u215e])")
#: A space beside a letter of a script that needs none.
_BESIDE_WIDE = re.compile(r" +(?=[\u3040-\u30ff\u3400-\u9fff])|(?<=[\u3040-\u30ff\u3400-\u9fff]) +")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return what is kept of a character for now, before its neighbours are looked at."""
    category = unicodedata.category(character)
    if category == "Pd" or character == "\u2212":
        return "-"
    if character in _APOSTROPHES:
        return "'"
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f":  # invisible: soft hyphens, joiners, marks of direction
        return ""
    return character if category[0] in "LMNS" or character in _IN_NUMBERS or character in _KEPT else " "


_ASCII = bytes(ord(_plain(chr(c).lower())) for c in range(128)) + bytes(128)


def wording(text: str) -> str:
    """Return a text in lower case and form NFKC, without punctuation, the words apart by one space.

    Signs and separators of numbers are kept, and symbols: 1.5 and 15, 5 and -5, 5 and 5 % are not the same.
    """
    if text.isascii():
        folded = text.encode().translate(_ASCII).decode().rstrip(" .,:/")  # none of these is part of a number there
    else:
        folded = "".join(map(_plain, unicodedata.normalize("NFKC", _RAISED.sub("^", text)).casefold()))
        folded = _BESIDE_WIDE.sub("", folded)
    if "'" in folded:
        folded = _APOSTROPHE.sub("", folded)
    if "-" in folded:
        folded = _DASH.sub(" ", folded)
    if "," in folded or "." in folded or ":" in folded or "/" in folded:
        folded = _MARK.sub(" ", folded)
    return " ".join(folded.split()) if "  " in folded else folded.strip()
