"""Find what other packages add to factpack, by their entry points."""

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import TypeVar

from factpack.errors import FactpackError, PluginError

T = TypeVar("T")


def plugin_versions() -> dict[str, str]:
    """Return the version of each package that adds something to factpack, by its name."""
    points = entry_points()
    added = [point for group in points.groups if group.startswith("factpack.") for point in points.select(group=group)]
    return {point.dist.name: point.dist.version for point in added if point.dist}


def load_plugins(group: str, convert: Callable[[object], T], name: str | None = None) -> Iterator[T]:
    """Yield what the entry points of a group name, in the order of their names.

    Args:
        group: The group, such as ``factpack.formats``.
        convert: Return what is meant by an object, or raise an exception that says why it cannot be used.
        name: The name of the only entry point that is loaded, if it is not all of them.

    Raises:
        PluginError: One of them cannot be loaded.
        FactpackError: As raised by ``convert``.
    """
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        if name not in {None, point.name}:
            continue
        try:
            found = convert(point.load())
        except FactpackError:
            raise
        except Exception as error:
            package = point.dist.name if point.dist else "an unknown package"
            message = (
                f"{point.value}, which {package} adds to {group}, cannot be loaded: {type(error).__name__}: {error}. "
                "Update the package, or uninstall it."
            )
            raise PluginError(message) from error
        yield found
