"""Find the passage nearest to a quote that was not found, and describe how the two differ."""

import difflib
import re
import unicodedata

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

MIN_SIMILARITY = 75  # per cent; below that the "nearest" passage is just another passage

MAX_SEARCH = 2_000_000  # code points of an article that are searched

MAX_WORDS = 500  # code points of a quote that are searched for, and compared: enough for a hint, and never slow

NEAR = 30  # code points around the end of a window in which the end of a passage is looked for

MAX_DIFFERENCES = 3

_TOKENS = re.compile(r"\w+|\s|[^\w\s]")

_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′`´"), "'") | dict.fromkeys(map(ord, "“”„‟″«»"), '"')

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")

_SPACES = dict.fromkeys((c for c in range(0x3001) if chr(c).isspace()), " ")


def nearest(text: str, words: str) -> tuple[str, str]:
    """Find the passage of a text that is most similar to some words, or to their beginning if they are long.

    Returns:
        The passage, and how it differs from the words; two empty texts if none is similar.
    """
    text, words = text[:MAX_SEARCH], words[:MAX_WORDS]
    alike_text, alike_words = _alike(text), _alike(words)
    at = alike_text.find(alike_words)
    if at >= 0:
        found = text[at : at + len(words)]
        return found, _difference(words, found)
    match = fuzz.partial_ratio_alignment(alike_words, alike_text, score_cutoff=MIN_SIMILARITY)
    if match is None or len(words) > len(text):
        return "", ""

    def distance(start: int, end: int) -> int:
        return Levenshtein.distance(alike_words, alike_text[start:end])

    # The window of the alignment is as long as the words, so it can begin or end within a word, or a word too early.
    start, end = match.dest_start, match.dest_end
    end = min(_edges(text, end), key=lambda at: distance(start, at), default=end)
    start = min(_edges(text, start), key=lambda at: distance(at, end), default=start)
    found = text[start:end].strip()
    return found, _difference(words, found)


def _edges(text: str, near: int) -> list[int]:
    """Return where words may begin or end close to an offset, the closest first.

    Beside a wide character, as scripts without spaces have them, that is anywhere.
    """
    places = range(max(near - NEAR, 0), min(near + NEAR, len(text)) + 1)
    within = (at for at in places if text[max(at - 1, 0) : at].isalnum() and text[at : at + 1].isalnum())
    narrow = {at for at in within if "W" not in map(unicodedata.east_asian_width, text[at - 1 : at + 1])}
    return sorted((at for at in places if at not in narrow), key=lambda at: abs(at - near))


def _alike(text: str) -> str:
    """Replace what is easily mistyped by one form of it, code point by code point."""
    folded = text.translate(_QUOTES | _DASHES | _SPACES)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def _difference(written: str, printed: str) -> str:
    """Describe in words what the article has where the quote has something else: the first few differences, once."""
    old, new = _TOKENS.findall(written), _TOKENS.findall(printed)
    differences: dict[str, None] = {}
    opcodes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (tag, i, j, k, m) in enumerate(opcodes):
        at_edge = number in (0, len(opcodes) - 1) and len(opcodes) > 1
        if tag == "equal" or (tag in ("insert", "delete") and at_edge and "replace" in {o[0] for o in opcodes}):
            continue  # at its edges the passage is cut as long as the quote, not where the words end
        wrote, has = "".join(old[i:j]), "".join(new[k:m])
        if (wrote + has).isspace() and not (wrote and has):
            word = next((f"after ‘{token}’" for token in reversed(old[:i]) if not token.isspace()), "at its beginning")
            space = f"the quote has {_name(wrote)} too many" if wrote else f"the article also has {_name(has)}"
            differences[f"{space} {word}"] = None
        elif not has:
            differences[f"the article does not have {_name(wrote)}"] = None
        elif not wrote:
            differences[f"the article also has {_name(has)}"] = None
        else:
            ours, theirs = _name(has) + _odd(has, wrote), _name(wrote) + _odd(wrote, has)
            differences[f"the article has {ours} where the quote has {theirs}{_kind(wrote, has)}"] = None
    shown = list(differences)[:MAX_DIFFERENCES]
    return "; ".join(shown) + ("; and more" if len(differences) > len(shown) else "")


def _name(piece: str) -> str:
    """Name a piece of text so that it differs from its lookalikes."""
    if len(piece) == 1 and not piece.isascii():
        if not piece.isprintable() and not piece.isspace():
            return _character(piece)
        return f"U+{ord(piece):04X}" if piece.isspace() else f"{piece} (U+{ord(piece):04X})"
    return "a space" if piece == " " else f"‘{piece}’"


def _kind(wrote: str, has: str) -> str:
    """Name the kind of a difference, if it is in the form of a character alone."""
    for kind, table in (("quotation mark", _QUOTES), ("dash", _DASHES), ("space", _SPACES)):
        if wrote.translate(table) == has.translate(table):
            return f" (another {kind})"
    return " (upper and lower case)" if wrote.lower() == has.lower() else ""


def _character(character: str) -> str:
    """Name a character by its number and its name in Unicode."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def _odd(piece: str, other: str) -> str:
    """Name the characters of a word that are hardly seen, or taken for those of the other word."""
    odd = [c for c in dict.fromkeys(piece) if c not in other and not c.isascii() and _is_odd(c, other)]
    return f" (with {', '.join(map(_character, odd))})" if odd and len(piece) > 1 else ""


def _is_odd(character: str, other: str) -> bool:
    """Tell whether a character is hardly seen, or taken for one of another word."""
    foreign = other.isascii() and not unicodedata.name(character, "").startswith("LATIN")
    composed = unicodedata.normalize("NFKC", character) != character
    return not character.isprintable() or (character.isalpha() and (composed or foreign))
