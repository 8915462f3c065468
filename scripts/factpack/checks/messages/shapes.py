"""Show how a list or a mapping is written, where something else is."""

import re

from factpack.formats.format import ReadError
from factpack.formats.locations import LazyLocation

#: What mappings look like whose keys alone do not say it.
_EXAMPLES = {
    "date": (
        "Write `date: {{value: {date}, stated: WORDS}}` with the words of the article that state the date, or with "
        "`inferred: WORDS`, the words that it follows from."
    ),
    "publisher": (
        "Write `publisher: {{name: NAME, quote: WORDS}}` with the words of the article that name the publisher."
    ),
    "settled": "Write `settled: {{value: VALUE, passages: [{{article: ID, quote: WORDS}}]}}`.",
    "sentences": "Write `sentences: {{join: [WORDS]}}`, `{{split: [WORDS]}}`, or both keys.",
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXAMPLE_DATE = "2024-03-12"
_MAX_SHOWN = 60  # code points of a value that are shown as they would be in a list
_MAX_KEYS = 4  # keys that are shown in brackets; a longer mapping has a line for each


def shape_hint(error: ReadError) -> str:
    """Return how to write the list, the mapping or the text that is wanted."""
    name = error.path[-1] if error.path and isinstance(error.path[-1], str) else ""
    if error.detail == "array":
        return _list_hint(error, name)
    return _mapping_hint(error, name) if error.detail == "object" else "Write text here."


def _is_yaml(error: ReadError) -> bool:
    return not isinstance(error.place, LazyLocation) or error.place.source.format.name == "yaml"


def _list_hint(error: ReadError, name: str) -> str:
    value, first = error.value, error.known[0] if error.known else ""
    if not _is_yaml(error):
        entry = f'{{"{first}": …}}' if first else '"…"'
        return f'Write `"{name}": [{entry}]`, or `[]` if there is none.'
    if first and isinstance(value, dict):
        return f"Begin each entry with a dash and a space, `- {next(iter(value), first)}: …`, and its other keys below."
    if first:
        return f"Begin each entry below with a dash and a space, `- {first}: …`, or write `{name}: []` for none."
    shown = value if isinstance(value, str) and len(value) <= _MAX_SHOWN else "…"
    return f"Write `{name}: [{shown}]`, or put each entry on its own line below, after a dash and a space: `- {shown}`."


def _mapping_hint(error: ReadError, name: str) -> str:
    keys = error.known
    listed = ", ".join(f"`{key}`" for key in keys)
    if not _is_yaml(error):
        inner = ", ".join(f'"{key}": …' for key in keys[:_MAX_KEYS])
        return f"Write an object: `{{{inner}{', …' if len(keys) > _MAX_KEYS or keys == ('kind',) else ''}}}`."
    if not error.path:
        above = " above the list, and indent the list" if isinstance(error.value, list) else ""
        which = listed[:-1] + ":`" if len(keys) == 1 else f"one of its keys and a colon ({listed})"
        return f"Begin the file with {which}{above}."
    if name in _EXAMPLES:
        date = error.value if isinstance(error.value, str) and _DATE.fullmatch(error.value) else _EXAMPLE_DATE
        return _EXAMPLES[name].format(date=date)
    if len(keys) <= _MAX_KEYS:
        inner = ", ".join(f"{key}: …" for key in keys)
        return f"Write its keys, `{name}: {{{inner}}}`." if name else f"Write its keys, `{{{inner}}}`."
    return f"Write its keys, each with its value on its own line: {listed}."
