"""Rules on the shape of records: the keys they have and the kind of value each key takes."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from msgspec.structs import fields
from rapidfuzz import fuzz, process

from factpack.model import Article, ArticleFile, Claim, Dataset, Date, Fact, FactsFile, Unverified
from factpack.records import Misfit
from factpack.rules.registry import Finding, rule
from factpack.syntax import Path

_KINDS = {"string": "text", "array": "a list", "object": "a mapping of keys to values"}


MIN_SIMILARITY = 60  # per cent, as for the standard library's get_close_matches


def did_you_mean(word: str, known: Collection[str], otherwise: str) -> str:
    """A hint that names the nearest known word, or what else to do."""
    twin = next((twin for twin in _twins(word) if twin in known), None)
    if twin:
        return f"Did you mean `{twin}`?"
    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    return f"Did you mean `{near[0]}`?" if near else otherwise


def _twins(word: str) -> Iterator[str]:
    """The word in small letters; a number with more zeros before it or fewer."""
    yield word.lower()
    if word.isdigit():
        yield from (word.lstrip("0").zfill(width) for width in range(1, 9))


def _unknown(found: dict[str, Any], known: tuple[str, ...]) -> dict[str, str]:
    """Every key that the schema does not know, with the missing key that it was probably meant to be, or nothing."""
    missing = [key for key in known if key not in found]
    meant = {}
    for key in found:
        if key not in known:
            near = get_close_matches(key, missing, 1)
            meant[key] = near[0] if near else ""
            missing = [m for m in missing if m not in near]
    return meant


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


@rule("error")
def unknown_key(misfit: Misfit) -> Iterator[Finding]:
    """A mapping has only the keys of its record, so that a typing error is no silent loss.

    Bad: ``lable: supported``

    Good: ``label: supported``
    """
    if misfit.keyword == "additionalProperties":
        for key, meant in _unknown(misfit.part.value, misfit.known).items():
            hint = f"Did you mean `{meant}`?" if meant else f"Delete it; the keys here are {_listed(misfit.known)}."
            yield Finding(misfit.part.at_key(key), f"unknown key `{key}`", hint)


@rule("error")
def missing_key(misfit: Misfit) -> Iterator[Finding]:
    """A record has all the keys that it cannot do without.

    Bad: a claim without ``speaker``

    Good: ``speaker: article``
    """
    if misfit.keyword == "required":
        meant = _unknown(misfit.part.value, misfit.known).values()
        for key in misfit.expected:
            if key not in misfit.part.value and key not in meant:
                line = f"sha256: {misfit.sum}" if key == "sha256" and misfit.sum else f"{key}:"
                yield Finding(misfit.part.at(), f"the key `{key}` is missing", f"Add `{line}` here.")


_MODELS = (ArticleFile, Claim, Unverified, Article, Date, FactsFile, Fact, Dataset)  # all that have optional keys
_FIELDS = [field for model in _MODELS for field in fields(model)]
_OPTIONAL = {field.name for field in _FIELDS if not field.required}
_REQUIRED = {field.name for field in _FIELDS if field.required}


def _or_leave_out(path: Path) -> str:
    """Says that a key can be left out as well, if the path of its value tells that it can."""
    *holder, name = path
    # An article needs no title, but the dataset does; an unverified passage no fact and value, but a claim does.
    either = name in _REQUIRED and not (holder[:1] in (["articles"], ["unverified"]) and isinstance(holder[-1], int))
    return ", or leave the key out" if name in _OPTIONAL and not either else ""


@rule("error")
def wrong_type(misfit: Misfit) -> Iterator[Finding]:
    """A key has the kind of value that it takes: text, a list or a mapping.

    Bad: ``evidence: none``

    Good: ``evidence: []``
    """
    if misfit.keyword != "type":
        return
    expected = _KINDS.get(misfit.expected, misfit.expected)
    name = misfit.part.path[-1] if misfit.part.path else ""
    what = f"`{name}`" if isinstance(name, str) and name else "this"
    if misfit.part.value is None and not misfit.part.path:
        yield Finding(misfit.part.at(), "there is nothing here", f"Write {expected} here.")
        return
    if misfit.part.value is None and what == "this":
        yield Finding(misfit.part.at(), "this entry is empty", f"Write {expected} here, or delete the entry.")
        return
    if misfit.part.value is None:
        hint = _sum(misfit) or f"Write {expected} after it{_or_leave_out(misfit.part.path)}."
        yield Finding(misfit.part.at_key(), f"{what} has no value", hint)
        return
    found = {str: "text", list: "a list", dict: "a mapping", bool: "true or false"}.get(
        type(misfit.part.value), "a number"
    )
    hint = "Put the value between double quotes." if expected == "text" else f"Write {expected} here."
    yield Finding(misfit.part.at(), f"{what} takes {expected}, not {found}", hint)


@rule("error")
def unknown_word(misfit: Misfit) -> Iterator[Finding]:
    """Where only certain words are allowed (label, basis, stance, reason, kind, annotation), it is one of those.

    Bad: ``label: suported``

    Good: ``label: supported``
    """
    if misfit.keyword != "enum":
        return
    words = tuple(misfit.expected)
    name = next((step for step in reversed(misfit.part.path) if isinstance(step, str)), "kind")
    if not isinstance(misfit.part.value, str):
        spot = misfit.part.at_key() if misfit.part.value is None else misfit.part.at()
        yield Finding(spot, f"`{name}` has no word as its value", f"Write one of {_listed(words)}.")
        return
    hint = did_you_mean(misfit.part.value, words, f"Write one of {_listed(words)}.")
    yield Finding(misfit.part.at(), f"`{misfit.part.value}` is no {name} that exists", hint)


@rule("error")
def malformed_value(misfit: Misfit) -> Iterator[Finding]:
    """Ids, sums, dates, language codes and addresses have the form that makes them one.

    Bad: ``id: Delay of 40 minutes``

    Good: ``id: delay-40-minutes-000``
    """
    if misfit.keyword == "pattern":
        known = (form for begin, form in _FORMS.items() if misfit.expected.startswith(begin))
        hint = _sum(misfit) or next(known, f"It has to match {misfit.expected}.")
        yield Finding(misfit.part.at(), f"`{misfit.part.value}` does not have the right form", hint)


def _sum(misfit: Misfit) -> str:
    return f"Write `sha256: {misfit.sum}`, which is the sum of the file." if misfit.sum else ""


#: What the patterns of the model stand for, by how they begin.
_FORMS = {
    "^[a-z0-9]+(-": "Write lower-case letters and digits, words joined by single hyphens.",
    "^[0-9A-Za-z]+": "Write the leading letters and digits of the article's file name.",
    "^[0-9a-f]{64}": "Write the SHA-256 sum as 64 lower-case hexadecimal digits (sha256sum prints it).",
    "^[a-z]{2,3}": "Write an ISO 639 code of two or three lower-case letters, such as en.",
    "^[0-9]{4}-": "Write the date as YYYY-MM-DD.",
    "^[^/": "Write the name of a file that lies directly in seeds/, without a folder.",
    "^https://": "Write an address that begins with https://, without spaces or brackets.",
}


@rule("error")
def empty_value(misfit: Misfit) -> Iterator[Finding]:
    """A key that is there says something.

    Bad: ``rationale: ""``

    Good: ``rationale: 002 and 003 give the same month.``
    """
    if misfit.keyword in ("minLength", "minItems"):
        name = misfit.part.path[-1]
        if isinstance(name, int):
            yield Finding(misfit.part.at(), "this entry is empty", "Fill it in, or delete it.")
        else:
            yield Finding(misfit.part.at(), f"`{name}` is empty", f"Fill it in{_or_leave_out(misfit.part.path)}.")


@rule("error")
def hidden_character(misfit: Misfit) -> Iterator[Finding]:
    r"""An escape does not bring in what the file itself may not hold: control characters, or text not in form C.

    Bad: ``claim: "Musk\u0008 said so"``

    Good: ``claim: Musk said so``
    """
    if misfit.keyword == "control":
        yield Finding(misfit.part.at(), "an escape in this text makes a control character", "Delete the escape.")
    elif misfit.keyword == "nfc":
        message = "an escape in this text makes it other than Unicode normalization form C"
        yield Finding(misfit.part.at(), message, "Write the composed letter itself.")
