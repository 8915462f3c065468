"""Name the known word that a wrong one may mean."""

from collections.abc import Collection, Iterator

from rapidfuzz import fuzz, process

MIN_SIMILARITY = 60  # per cent, as for the standard library's get_close_matches


def did_you_mean(word: str, known: Collection[str], otherwise: str) -> str:
    """Return a hint that names the nearest known word, or what else to do."""
    twin = next((twin for twin in _twins(word) if twin in known), None)
    if twin:
        return f"Did you mean `{twin}`?"
    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    return f"Did you mean `{near[0]}`?" if near else otherwise


def _twins(word: str) -> Iterator[str]:
    """Yield the word in small letters, and a number with more zeros before it or fewer."""
    yield word.lower()
    if word.isdigit():
        yield from (word.lstrip("0").zfill(width) for width in range(1, 9))


def listed(words: Collection[str]) -> str:
    """Return words as they are listed in a hint."""
    return ", ".join(f"`{word}`" for word in words)
