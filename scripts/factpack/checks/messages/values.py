"""Word which values their model does not allow."""

import json

from msgspec.structs import fields

from factpack.checks.messages.reading import AS_FOUND
from factpack.checks.messages.shapes import shape_hint
from factpack.checks.messages.similar import did_you_mean, listed
from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.formats.format import ReadError
from factpack.formats.locations import Path
from factpack.project.models import (
    ANY_SIGNS,
    Article,
    ArticleFile,
    Claim,
    Dataset,
    Date,
    Fact,
    FactsFile,
    Sentences,
    Unverified,
)

_KINDS = {
    "string": "text",
    "array": "a list",
    "object": "a mapping of keys to values",
    "integer": "a whole number",
    "number": "a number",
}
#: All that have optional keys.
_MODELS = (ArticleFile, Claim, Unverified, Article, Sentences, Date, FactsFile, Fact, Dataset)
_FIELDS = [field for model in _MODELS for field in fields(model)]
_OPTIONAL = {field.encode_name for field in _FIELDS if not field.required}
_REQUIRED = {field.encode_name for field in _FIELDS if field.required}


#: What the patterns of the model stand for, by how they begin.
_FORMS = {
    "^[a-z0-9]+(-": "Write lower-case letters and digits, words joined by single hyphens.",
    "^[0-9A-Za-z]+": "Write the leading letters and digits of the article's file name.",
    "^[0-9a-f]{64}": "Write the SHA-256 as 64 lower-case hexadecimal digits (sha256sum prints it).",
    "^[a-z]{2,3}": "Write an ISO 639 code of two or three lower-case letters, such as en.",
    "^[0-9]{4}-": "Write the date as YYYY-MM-DD.",
    "^[^/": "Write the name of a file directly in seeds/, without a folder.",
    "^[^ !$%": "Write a letter or a digit of any script, then also spaces and ! $ % & ' ( ) + , - . / : ; = @ _.",
    "^(?!(all|shared)": "Write lower-case letters, digits and _, and begin with a letter; not `all` or `shared`.",
    "^[^.\\x00": f"Write {ANY_SIGNS}; : is allowed too.",
    "^[^.:\\x00": f"Write {ANY_SIGNS}. An id from another dataset can be kept in a column.",
    "^https?://": "Write a URL that begins with https:// or http://, without spaces.",
    "^[a-z][a-z0-9_]": "Write lower-case letters, digits and _, and begin with a letter.",
    "^https://": "Write a URL that begins with https://, without spaces or brackets.",
}


_VALUES = {"number": "Write a number, such as 0.5.", "integer": "Write a whole number, such as 12."}


@message("error", "type")
def wrong_type(error: ReadError) -> Problem:
    """Give a value of the type that its key takes: text, a list or a mapping.

    Bad: ``evidence: none``

    Good: ``evidence: []``
    """
    expected = _KINDS.get(error.detail, error.detail)
    name = error.path[-1] if error.path else ""
    what = f"`{name}`" if isinstance(name, str) and name else "this"
    if error.value is None and not error.path:
        return Problem(error.place, "no content here", shape_hint(error))
    if error.value is None and what == "this":
        return Problem(error.place, "entry is empty", f"{shape_hint(error)} Or delete the entry.")
    if error.value is None:
        or_out = _or_leave_out(error.path)
        hint = _digest(error) or shape_hint(error) + (f" O{or_out[3:]}." if or_out else "")
        if error.detail in ("string", "integer", "number") and not _digest(error):
            hint = f"Write {expected} after it{or_out}."
        return Problem(error.at_key(), f"{what} has no value", hint)
    found = {str: "text", list: "a list", dict: "a mapping", bool: "true or false", bytes: "bytes"}.get(
        type(error.value), "a number"
    )
    if expected == "a whole number":
        found = "a number with a decimal point" if isinstance(error.value, float) else found
        hint = "Write only digits, without quotation marks."
    elif error.detail in _VALUES:
        hint = _VALUES[error.detail]
    elif expected == "text" and name == "label":
        hint = "Write the name of the label; `int2str` of the `ClassLabel` in the features gives the name of a number."
    else:
        hint = "Put the value between double quotes." if expected == "text" else shape_hint(error)
    return Problem(error.place, f"{what} must be {expected}, not {found}", hint)


@message("error", "null")
def plain_null(error: ReadError) -> Problem:
    """Put ``null`` and ``~`` between quotation marks if they are text; else YAML reads them as no value.

    Bad: ``correction: null``

    Good: no key ``correction``; or ``correction: "null"``, if the article says so
    """
    if not error.path:
        return Problem(error.place, f"no content here except `{error.value}`", "Write the keys of the file here.")
    name = next((f"`{step}`" for step in error.path[-1:] if isinstance(step, str)), "entry")
    instead = "Leave the key out" if _or_leave_out(error.path) else "Write a value"
    instead = "Delete the entry" if name == "entry" else instead
    what = f"{name} has no value: YAML reads `{error.value}` as no value"
    return Problem(error.place, what, f"{instead}, or put the word between quotation marks.")


#: Keys that are called by their own name.
_NOUNS = {"basis", "kind", "label", "reason", "side", "split", "stance"}


@message("error", "enum")
def unknown_word(error: ReadError) -> Problem:
    """Write one of the words that a key allows (label, basis, stance, reason, kind, annotation).

    Bad: ``label: suported``

    Good: ``label: supported``
    """
    words = tuple(error.detail)
    name = next((step for step in reversed(error.path) if isinstance(step, str)), "kind")
    if error.path[:-1] == ("vocabulary", "stances"):
        name = "side"
    if not isinstance(error.value, str):
        place = error.at_key() if error.value is None else error.place
        hint = (
            f'Write it as text: `"{error.value}"`.' if str(error.value) in words else f"Write one of {listed(words)}."
        )
        return Problem(place, f"`{name}` must be one word", hint)
    hint = did_you_mean(error.value, words, f"Write one of {listed(words)}.")
    what = f"unknown {name} `{error.value}`" if name in _NOUNS else f"unknown value `{error.value}` for `{name}`"
    return Problem(error.place, what, hint)


@message("error", "pattern", "minimum", "format", "anyOf")
def malformed_value(error: ReadError) -> Problem:
    """Write ids, SHA-256 sums, dates, language codes, URLs and offsets in their form.

    Bad: ``id: Delay of 40 minutes``

    Good: ``id: delay-40-minutes-000``
    """
    if error.kind == "minimum":
        return Problem(error.place, f"`{error.value}` is not an offset", f"Offsets count from {error.detail}.")
    if error.kind == "anyOf":  # of the columns that a project adds
        kinds = [each.get("type") for each in error.detail]
        hint = next((form for kind, form in _VALUES.items() if kind in kinds), "Write true or false.")
    elif error.kind == "format":
        hint = "Write a date that exists, as YYYY-MM-DD. A column with other dates has the type `text`."
    else:
        known = (form for begin, form in _FORMS.items() if error.detail.startswith(begin))
        hint = _digest(error) or next(known, f"It must match {error.detail}.")
    value = error.value if isinstance(error.value, str) else json.dumps(error.value)
    return Problem(error.place, f"malformed value `{value}`", hint)


@message("error", "minLength", "minItems", "minProperties")
def empty_value(error: ReadError) -> Problem:
    """Give content to every key that is there.

    Bad: ``rationale: ""``

    Good: ``rationale: 002 and 003 give the same month.``
    """
    name = error.path[-1]
    if isinstance(name, int):
        return Problem(error.place, "entry is empty", "Fill it in, or delete it.")
    return Problem(error.place, f"`{name}` is empty", f"Fill it in{_or_leave_out(error.path)}.")


@message("error", "escaped-control", "escaped-nfc")
def hidden_character(error: ReadError) -> Problem:
    r"""Add by no escape what the file itself must not contain: control characters, or text not in form C.

    Bad: ``claim: "Musk\u0008 said so"``

    Good: ``claim: Musk said so``
    """
    if error.kind == "escaped-control":
        what, hint = "text contains an escaped control character", "Delete the escape."
    else:
        what = "text is not in Unicode normalization form C (NFC) because of an escape"
        hint = "Write the composed letter instead of the escape."
    return Problem(error.place, what, *((AS_FOUND, "warning") if error.tolerated else (hint,)))


def _or_leave_out(path: Path) -> str:
    """Say that a key can be left out as well, if the path of its value tells that it can."""
    *holder, name = path
    # An article needs no title, but the dataset does; an unverified passage no fact and value, but a claim does.
    either = name in _REQUIRED and not (holder[:1] in (["articles"], ["unverified"]) and isinstance(holder[-1], int))
    added = name not in _REQUIRED  # a column of the project, or a key of its scheme
    return ", or leave the key out" if (name in _OPTIONAL or added) and not either else ""


def _digest(error: ReadError) -> str:
    return f"Write `sha256: {error.sha256}`, the SHA-256 of the file." if error.sha256 else ""
