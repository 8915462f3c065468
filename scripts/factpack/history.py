"""What the releases so far held, row by row: from it every row knows since when it is there and when it last changed.

``annotations/released.jsonl`` is written by ``factpack release`` and by nobody else. It is part of the sources, so that
a release can be built again from them alone, with the same stamps.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from semver import Version

from factpack.model import Release, ReleasedRow, ReleasedVersion

#: Since when a row is there, and when it last changed: two versions.
Stamp = tuple[str, str]


class Rows:
    """The rows of a table of the last release, in 20 bytes each, because there are millions.

    ``ids`` and ``sums`` are hashes of what :class:`~factpack.model.ReleasedRow` has; ``numbers`` say which of the
    ``stamps`` a row has, each of which comes with the id of the first such row. By their 64 bits, which nobody knows
    before, two of a million ids are taken for one in one of forty million datasets; the younger one has a wrong stamp.
    """

    def __init__(self) -> None:
        self.ids, self.sums, self.numbers = array("q"), array("q"), array("I")
        self.stamps: dict[Stamp, str] = {}
        self._numbers: dict[Stamp, int] = {}

    def extend(self, rows: Sequence[ReleasedRow]) -> None:
        """Takes the next rows."""
        stamps = [(row.added_in, row.changed_in) for row in rows]
        if not self._numbers.keys() >= set(stamps):
            for row, stamp in zip(rows, stamps, strict=True):
                self.stamps.setdefault(stamp, row.id)
                self._numbers.setdefault(stamp, len(self._numbers))
        self.ids.extend([hash(row.id) for row in rows])
        self.sums.extend([hash(row.sum) for row in rows])
        self.numbers.extend(map(self._numbers.__getitem__, stamps))

    def are_of_versions(self) -> bool:
        """Whether the stamps are versions, as the model of a row asks."""
        try:
            msgspec.convert(list(self.stamps), list[tuple[ReleasedVersion, ReleasedVersion]])
        except msgspec.ValidationError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class History:
    """The releases that were made, oldest first, and the rows of the last one by config.

    ``version`` is that of the present sources; it may be that of the last release, when that is built again.
    """

    version: str
    releases: tuple[Release, ...] = ()
    rows: Mapping[str, Rows] = field(default_factory=dict, repr=False)

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
