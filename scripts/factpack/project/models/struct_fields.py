"""Make fields and subclasses of the models of records."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct, defstruct

from factpack.project.scheme import Presence

Field = tuple[str, Any, Any]


def one_of(words: Iterable[str]) -> Any:
    """Return the type of one of some words."""
    return Literal[tuple(words)]


def list_of(model: type[Struct]) -> Any:
    """Return the type of a list of records."""
    return tuple[model, ...]  # type: ignore[valid-type]


def required(name: str, kind: Any) -> Field:
    """Return a field that every record has."""
    return name, kind, msgspec.NODEFAULT


def described(model: type[Struct], name: str, kind: Any, default: Any = msgspec.NODEFAULT) -> Field:
    """Return a field with the description that it has in a model."""
    meta = next(each for each in get_type_hints(model, include_extras=True)[name].__metadata__ if each.description)
    return name, Annotated[kind, Meta(description=meta.description)], default


def present(name: str, presence: Presence, kind: Any, description: str) -> list[Field]:
    """Return the field of a list that a scheme requires or allows; none if it does neither."""
    listed = Annotated[kind, Meta(min_length=1 if presence == "required" else 0, description=description)]
    default = msgspec.NODEFAULT if presence == "required" else ()
    return [] if presence == "forbidden" else [(name, listed, default)]


def subclass(model: type[Any], changed: list[Field], **members: object) -> type[Any]:
    """Return a subclass of a model with other fields and class variables; everything else is as in the model."""
    config = model.__struct_config__
    return defstruct(
        model.__name__,
        [(name, kind) if default is msgspec.NODEFAULT else (name, kind, default) for name, kind, default in changed],
        bases=(model,),
        namespace={"__doc__": model.__doc__, **members},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=config.omit_defaults,
        gc=config.gc,
        tag_field=config.tag_field,
        tag=config.tag,
    )
