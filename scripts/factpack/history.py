"""What the releases so far held, row by row: from it every row knows since when it is there and when it last changed.

``annotations/released.jsonl`` is written by ``factpack release`` and by nobody else. It is part of the sources, so that
a release can be built again from them alone, with the same stamps.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from semver import Version

from factpack.model import Release


class Stamp(NamedTuple):
    """Since when a row is there, when it last changed, and the sum of what it says (:func:`row_sum`)."""

    added_in: str
    changed_in: str
    sum: str


@dataclass(frozen=True, slots=True)
class History:
    """The releases that were made, oldest first, and the rows of the last one by config and id.

    ``version`` is that of the present sources; it may be that of the last release, when that is built again.
    """

    version: str
    releases: tuple[Release, ...] = ()
    rows: Mapping[str, Mapping[str, Stamp]] = field(default_factory=dict, repr=False)

    @property
    def last(self) -> Release | None:
        """The last release."""
        return self.releases[-1] if self.releases else None

    @property
    def first_version(self) -> Version:
        """The version of the first release, made or yet to be made."""
        return Version.parse(self.releases[0].version if self.releases else self.version)

    def contradicts(self, version: str, sums: Mapping[str, str]) -> bool:
        """Whether ``version`` is released, and with other rows than those of the tables with these sums."""
        return any(release.version == version and release.tables != sums for release in self.releases)

    def added_in(self, config: str, row_id: str) -> Version:
        """The version that first carried a row."""
        stamp = self.rows.get(config, {}).get(row_id)
        return Version.parse(stamp.added_in if stamp else self.version)

    def stamp(self, config: str, row: dict[str, Any]) -> Stamp:
        """The stamp of a row, which has none yet.

        A column that the last release did not have is no change of the rows: it says the same of all of them.
        """
        known = self.rows.get(config)
        if not known or not self.last:
            return Stamp(self.version, self.version, "")
        columns = self.last.columns.get(config, ())
        found, now = known.get(row["id"]), row_sum({name: row[name] for name in columns if name in row})
        if found is None:
            return Stamp(self.version, self.version, now)
        return found if found.sum == now else Stamp(found.added_in, self.version, now)


def row_sum(row: dict[str, Any]) -> str:
    """The sum of what a row says, its stamp left out: half of a SHA-256, in hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(row, order="sorted")).hexdigest()[:32]
