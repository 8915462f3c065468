"""Rules on bytes and syntax: what has to hold before anything can be read from a file."""

import unicodedata
from collections.abc import Iterator

from factpack.records import RawText, SyntaxFault
from factpack.rules.registry import Finding, rule
from factpack.soundness import control_characters
from factpack.syntax import CutOff, DuplicateKey, Malformed, Refused

MAX_SHOWN = 5  # control characters shown one by one; a binary file has thousands


def _decoded(raw: RawText) -> str | None:
    try:
        return raw.data.decode()
    except UnicodeDecodeError:
        return None


@rule("error")
def file_too_large(raw: RawText) -> Iterator[Finding]:
    """Files are read whole, so their size is bounded: 16 MiB for a YAML file, an article or the guidelines, 4 MiB
    for a line of JSON Lines.

    Bad: annotations/000.yaml with 100,000 claims (90 MB)

    Good: annotations/claims.jsonl with one claim a line, which is read line by line
    """
    if raw.too_large:
        hint = "Large corpora belong into JSON Lines files, one record a line; an article this long into several files."
        yield Finding(raw.spot(0), f"{raw.size:,} bytes are more than {raw.limit:,}", hint)


@rule("error")
def not_utf8(raw: RawText) -> Iterator[Finding]:
    """Articles and annotations are UTF-8, because an offset in any other encoding would mean another character.

    Bad: a file saved as Windows-1252, where the curly apostrophe is the byte 0x92

    Good: the same file saved as UTF-8
    """
    if raw.too_large:
        return
    try:
        raw.data.decode()
    except UnicodeDecodeError as error:
        byte = raw.data[error.start]
        hint = "Save the file as UTF-8. For an article, register the sum of the converted file."
        yield Finding(raw.spot(error.start), f"the byte 0x{byte:02X} is not UTF-8", hint)


@rule("error")
def not_nfc(raw: RawText) -> Iterator[Finding]:
    """Text is in Unicode normalization form C, so that the same letter is the same code points in article, quote and
    query.

    Bad: ``cafe`` followed by U+0301 COMBINING ACUTE ACCENT

    Good: ``café`` with U+00E9
    """
    text = None if raw.too_large else _decoded(raw)
    if text is None or unicodedata.is_normalized("NFC", text):
        return
    lines = text.split("\n")
    number = next(n for n, line in enumerate(lines) if not unicodedata.is_normalized("NFC", line))
    line = lines[number]
    column = next(
        c for c, (a, b) in enumerate(zip(line, unicodedata.normalize("NFC", line) + "\0", strict=False)) if a != b
    )
    spot = raw.spot(len("\n".join(lines[:number]).encode()) + (number > 0) + len(line[:column].encode()))
    yield Finding(
        spot,
        "the text is not in Unicode normalization form C from here on",
        "Normalize the file (Python: unicodedata.normalize('NFC', text)). For an article, register its new sum.",
    )


@rule("error")
def control_character(raw: RawText) -> Iterator[Finding]:
    """Text holds no control characters but tab and line ends, and no byte order mark: they are invisible and shift
    offsets.

    Bad: ``Musk<U+0008> said``

    Good: ``Musk said``
    """
    text = None if raw.too_large else _decoded(raw)
    found = control_characters(text) if text is not None else []
    for index in found[:MAX_SHOWN]:
        assert text is not None
        more = f", the first {MAX_SHOWN} of {len(found)}" if len(found) > MAX_SHOWN else ""
        message = f"the control character U+{ord(text[index]):04X}{more}"
        hint = "Delete the character."
        if text[index] == "\ufeff" and index == 0:
            hint = "Save the file as UTF-8 without byte order mark (BOM). For an article, register its new sum."
        yield Finding(raw.spot(len(text[:index].encode())), message, hint)


_YAML_HINT = (
    "Put text that holds `: ` or ` #`, or begins with one of \" ' [ { - @ ` % & * ! | >, between quotes; "
    "indent with spaces only, by the same width within a list."
)
#: What helps against the commonest faults, by words of the message.
_YAML_HINTS = {
    "mapping values are not allowed": "Put text that holds `: ` between quotes, and each key on a line of its own.",
    "found a tab character": "Indent with spaces, not with tabs.",
    "unknown escape": "Double a backslash between double quotes, or put the text between single quotes.",
    "cannot start any token": "Indent with spaces, not with tabs; put text that begins with @ ` or % between quotes.",
    "could not find expected ':'": (
        "Write `: `, a colon and a space, after the key; indent text that goes on from the line above further than its "
        "key."
    ),
    "a merge that git": "Keep what is right of the two sides, and delete the lines with <<<<<<<, ======= and >>>>>>>.",
    "more text of the line above": (
        "Begin a key in the column of the keys above it; write `: ` after the key of the line above if that lacks it; "
        "put text that holds `: ` between quotes."
    ),
    "no entry of the list": (
        "Begin an entry in that column, with a dash and a space, and a key in the column of the keys above it."
    ),
    "no key of the mapping": (
        "Begin a key of it in that column, and an entry of a list, with its dash, in the column of those above it."
    ),
    "quotation mark": (
        "Write the second quotation mark where the text ends. Within '…' write '' for ', within \"…\" write \\\" "
        'for ".'
    ),
    "the bracket here": "Close it, write a comma between its parts, and put text that begins with a bracket in quotes.",
    "did not find expected ','": "Write a comma between the parts; put text that holds brackets or commas in quotes.",
    "may not stand here": "Delete the character, or write it as an escape between double quotes.",
    "nested more than": "Annotation files are never that deep; look for brackets or dashes that do not belong there.",
}


@rule("error")
def malformed_yaml(fault: SyntaxFault) -> Iterator[Finding]:
    """An annotation file is well-formed YAML.

    Bad: ``quote: He said: no`` (a colon and a space inside a plain scalar)

    Good: ``quote: "He said: no"``
    """
    if isinstance(fault.fault, Malformed) and fault.fault.language == "YAML":
        detail = fault.fault.detail
        hint = next((hint for words, hint in _YAML_HINTS.items() if words in detail), _YAML_HINT)
        yield Finding(fault.spot(), f"this is not YAML: {detail}", hint)


@rule("error")
def malformed_json(fault: SyntaxFault) -> Iterator[Finding]:
    """Every line of a JSON Lines file is one JSON object: no array of objects, and no object over several lines.

    Bad: ``{"kind": "claim", "id": 'a'}``

    Good: ``{"kind": "claim", "id": "a"}``
    """
    if isinstance(fault.fault, Malformed) and fault.fault.language in _JSON_HINTS:
        what = "line" if fault.fault.language == "JSON" else "file"
        message = f"this {what} is not {fault.fault.language}: {fault.fault.detail}"
        yield Finding(fault.spot(), message, _JSON_HINTS[fault.fault.language])


_JSON_HINTS = {
    "JSON": "Write one whole JSON object on the line, with double quotes around keys and text.",
    "JSON Lines": "Write each record on one line, without brackets or commas around (`jq -c '.[]'` splits an array).",
}


@rule("error")
def duplicate_key(fault: SyntaxFault) -> Iterator[Finding]:
    """A key stands once in a mapping: of two, a reader would silently drop one.

    Bad: ``label: supported`` and, three lines on in the same claim, ``label: disputed``

    Good: one ``label``
    """
    if isinstance(fault.fault, DuplicateKey):
        first = fault.fault.first
        message = f"the key `{fault.fault.key}` stands here a second time"
        hint = f"It stands first in line {first.line}, column {first.column}. Delete one of the two."
        yield Finding(fault.spot(), message, hint)


_FEATURE_HINT = "Write the text out in full; if it is meant to be text, put it between quotes."
_FEATURE_HINTS = {
    "a second document": "Delete the line `---`; what follows belongs to the same file, or to a file of its own.",
    "a key that is not a word": "Write a word and `: `; text that begins with a bracket or `? ` goes between quotes.",
}


@rule("error")
def yaml_feature(fault: SyntaxFault) -> Iterator[Finding]:
    """Annotation files need no anchors, aliases, tags or second documents, and untrusted files must not have them.

    Bad: ``evidence: *same-as-above``

    Good: the evidence written out
    """
    if isinstance(fault.fault, Refused):
        hint = _FEATURE_HINTS.get(fault.fault.feature, _FEATURE_HINT)
        yield Finding(fault.spot(), f"{fault.fault.feature} is not used in annotation files", hint)


MAX_WORDS = 60  # code points of a comment that are shown


@rule("warning")
def hash_starts_comment(fault: SyntaxFault) -> Iterator[Finding]:
    """A number sign after a space begins a comment in YAML, and what follows it is no part of the text: it is lost
    without a word, unless the text stands between quotes. A comment that is meant has a space after its number sign.

    Bad: ``quote: Social media #expert Matt Navarra``

    Good: ``quote: "Social media #expert Matt Navarra"``
    """
    if isinstance(fault.fault, CutOff):
        words = fault.fault.words
        shown = words if len(words) <= MAX_WORDS else words[:MAX_WORDS] + "…"
        hint = "Put the whole text between quotes, or, if a comment is meant, a space after its #."
        yield Finding(fault.spot(), f"‘{shown}’ is a comment here, and not part of the text", hint)
