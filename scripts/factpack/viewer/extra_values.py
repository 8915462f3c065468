"""Show what records have in the columns that the project adds."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from factpack.project.record_models import extra_values
from factpack.project.scheme import ColumnSpec

#: The name of each column, and its value or values as they are shown.
Extra = tuple[tuple[str, str | tuple[str, ...]], ...]


def extra_of(record: Struct, columns: Mapping[str, ColumnSpec]) -> Extra:
    """Return what a record has in the columns that the project adds."""
    return page_extra({name: extra_values([record], name, spec)[0] for name, spec in columns.items()})


def page_extra(values: Mapping[str, Any]) -> Extra:
    """Return the values of columns as they are shown, but those that are not there."""
    shown = {name: _shown(value) for name, value in values.items()}
    return tuple((name, value) for name, value in shown.items() if value or value == "")


def _shown(value: Any) -> str | tuple[str, ...]:
    match value:
        case None:
            return ()
        case list() | tuple():
            return tuple(value)
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value).removesuffix(".0")
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)
