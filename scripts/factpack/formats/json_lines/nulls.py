"""Leave out what a record in JSON says nothing of: other programs write null for every key that has no value."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec.structs import fields

from factpack.formats.locations import Plain


def without_nulls(plain: Plain, model: type[msgspec.Struct], others: Mapping[str, type[msgspec.Struct]]) -> Plain:
    """Return a record without the keys that are null and can be left out, also in the records within it.

    Args:
        plain: The record.
        model: Its model.
        others: All models of the lines of a file. In a table of several kinds every line has the keys of all.
    """
    if not isinstance(plain, dict):
        return plain
    keys, known = _keys(model), {name for other in others.values() for name in _keys(other).names}
    kept: dict[str, Plain] = {}
    for key, value in plain.items():
        if value is None and key not in keys.required and (key in keys.names or key in known):
            continue
        inner = keys.inner.get(key)
        if inner and isinstance(value, list):
            kept[key] = [without_nulls(item, inner, {}) for item in value]
        else:
            kept[key] = without_nulls(value, inner, {}) if inner else value
    return kept


class _Keys(NamedTuple):
    names: frozenset[str]
    required: frozenset[str]
    inner: dict[str, type[msgspec.Struct]]  # the model of the record or of the records in a key


@lru_cache
def _keys(model: type[msgspec.Struct]) -> _Keys:
    found = fields(model)
    return _Keys(
        frozenset(each.encode_name for each in found),
        frozenset(each.encode_name for each in found if each.required),
        {each.encode_name: inner for each in found for inner in _models(each.type)},
    )


def _models(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the models in a type such as a tuple or a union of them."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _models(part)
