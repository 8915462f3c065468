"""Read the parts of a record that can be read, though the whole does not fit its model."""

import unicodedata
from typing import Any

from msgspec import UNSET

from factpack.formats.hygiene import control_characters
from factpack.project.models import Passage


def word(plain: Any, key: str) -> str:
    """Return the text at a key, or an empty text if something is wrong with it by itself."""
    value = plain.get(key) if isinstance(plain, dict) else None
    valid = isinstance(value, str) and unicodedata.is_normalized("NFC", value) and not control_characters(value)
    return str(value) if valid else ""


def passage(plain: Any, article: str) -> Passage:
    """Return the passage that a record names, as far as it can be read."""
    quote, prefix, suffix = (word(plain, key) for key in ("quote", "prefix", "suffix"))
    start = plain.get("start")
    valid = type(start) is int and start >= 0  # True is an integer too
    return Passage(article=article, quote=quote, prefix=prefix, suffix=suffix, start=start if valid else UNSET)
