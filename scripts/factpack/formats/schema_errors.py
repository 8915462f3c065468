"""Convert plain data to its model, or explain with jsonschema, by the schema of the same model, why it does not fit."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from factpack.formats.format import ReadError
from factpack.formats.hygiene import escape_errors
from factpack.formats.locations import Plain, Record
from factpack.project.models import schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

T = TypeVar("T", bound=msgspec.Struct)


def convert(
    whole: Record[Plain],
    model: type[T],
    explained_by: type[msgspec.Struct] | tuple[str, ...] | None = None,
    *,
    escapes: bool = True,
) -> tuple[T | None, list[ReadError]]:
    """Return plain data as a value of its model, and everything in which it does not fit.

    Args:
        whole: The data, and where it is.
        model: The model, or a union of models that differ in ``kind``.
        explained_by: The model by which to explain what does not fit, or what ``kind`` may be; by default ``model``.
        escapes: Whether the text may have escapes, so that a value can have what no clean text has.
    """
    errors = list(escape_errors(whole)) if escapes else []
    try:
        # With jsonschema alone, a check of 100,000 claims costs +540% (tests/benchmarks/corpus.py).
        return msgspec.convert(whole.value, model), errors
    except msgspec.ValidationError as error:
        found = [*schema_errors(whole, explained_by or model)]
        # What the schema alone allows has no place: said as it is, for nothing may be lost in silence.
        return None, [*errors, *(found or [ReadError("pattern", whole.at(), "", str(error))])]


def schema_errors(whole: Record[Plain], model: type[msgspec.Struct] | tuple[str, ...]) -> Iterator[ReadError]:
    """Yield everything in which data does not fit its model, or that it is of none of the kinds; each part once."""
    seen, root = set(), _validator(model).schema
    for error in _validator(model).iter_errors(whole.value):
        place = (error.validator, *error.absolute_path)
        if place in seen:  # an error for every missing key; one is enough, for its rule names them all
            continue
        seen.add(place)
        # The kind alone says which keys there are: without it none is a slip of another.
        alone = isinstance(model, tuple) and error.validator == "required"
        known = () if alone else _keys(error.schema, root)
        at = whole.at(*error.absolute_path)
        yield ReadError(error.validator, at, error.instance, error.validator_value, known)


def _keys(part: Any, root: Any) -> tuple[str, ...]:
    """Return the keys that a part of a schema allows; of a list those of its entries."""
    part = part.get("items", part)
    part = part.get("else", part) if "properties" not in part else part
    part = root["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    return tuple(part.get("properties", ()))


@lru_cache
def _validator(model: Any) -> "Draft202012Validator":
    # Imported here: it takes longer than checking a project in which everything fits.
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415

    if isinstance(model, tuple):
        kinds = {"type": "object", "properties": {"kind": {"enum": list(model)}}, "required": ["kind"]}
        return Draft202012Validator(kinds)
    return Draft202012Validator(_deciding(schema(model)), format_checker=FormatChecker(["date"]))


def _deciding(part: Any) -> Any:
    """Return a schema in which words decide between a word and what can be in its place, so that errors are of one."""
    if isinstance(part, list):
        return [_deciding(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {key: _deciding(value) for key, value in part.items()}
    match made:
        case {"anyOf": [{"enum": [str(word)]} as that, other] | [other, {"enum": [str(word)]} as that]}:
            # Only what looks like the word is meant as it.
            made = {key: value for key, value in made.items() if key != "anyOf"}
            alike = {"type": "string", "pattern": f"^{word[:4]}"}
            return made | {"if": alike, "then": that, "else": other}
        case {"properties": dict(keys), "then": dict(then), "else": dict(other)}:
            known = {"properties": dict.fromkeys(keys, True)}  # which an error is to name
            return made | {"then": then | known, "else": other | known}
    return made
