"""What does not fit the model of a file or record, explained by jsonschema against the schema of the same model."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from factpack.model import schema
from factpack.records import Misfit, Record
from factpack.syntax import Plain

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


@lru_cache
def _validator(model: type[msgspec.Struct] | tuple[str, ...]) -> "Draft202012Validator":
    # Imported here: it takes longer than checking a project in which everything fits.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    if isinstance(model, tuple):
        kinds = {"type": "object", "properties": {"kind": {"enum": list(model)}}, "required": ["kind"]}
        return Draft202012Validator(kinds)
    return Draft202012Validator(schema(model))


def misfits(whole: Record[Plain], model: type[msgspec.Struct] | tuple[str, ...]) -> Iterator[Misfit]:
    """Everything in which the data does not fit its model, or is of none of the kinds, each part once."""
    seen = set()
    for error in _validator(model).iter_errors(whole.value):
        place = (error.validator, *error.absolute_path)
        if place in seen:  # an error for every missing key; one is enough, for its rule names them all
            continue
        seen.add(place)
        known = tuple(error.schema.get("properties", ()))
        part = Record(error.instance, whole.source, (*whole.path, *error.absolute_path))
        yield Misfit(part, error.validator, error.validator_value, known)
