"""Remember the releases that were made: which rows the last one had, and which versions added and changed each row.

Only ``factpack release`` writes ``annotations/released.jsonl``. The file is part of the sources, so that a release can
be built again from them alone, with the same versions in its rows.
"""

import secrets
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from semver import Version
from xxhash import xxh3_64_intdigest

from factpack.project.models import Release, ReleasedRow, ReleasedVersion

#: The version that added a row, and the version that last changed it.
VersionPair = tuple[str, str]

#: Makes hashes that nobody can foresee.
SEED = secrets.randbits(64)


class ReleasedRows:
    """Keep the rows of a table of the last release, in 20 bytes each, because there are millions.

    A hash has 64 bits that nobody can foresee, so two of a million ids have the same in one of forty million datasets;
    the later row of the two then gets wrong versions.

    Attributes:
        ids: The hash of the id of each row.
        digests: The hash of the digest of each row.
        numbers: The number of the pair of versions of each row, its place in ``versions``.
        versions: Every pair of versions that a row has, with the id of the first such row.
    """

    def __init__(self) -> None:
        self.ids, self.digests, self.numbers = array("Q"), array("Q"), array("I")
        self.versions: dict[VersionPair, str] = {}
        self._numbers: dict[VersionPair, int] = {}

    def extend(self, rows: Sequence[ReleasedRow]) -> None:
        """Add the next rows."""
        pairs = [(row.added_in, row.changed_in) for row in rows]
        if not self._numbers.keys() >= set(pairs):
            for row, pair in zip(rows, pairs, strict=True):
                self.versions.setdefault(pair, row.id)
                self._numbers.setdefault(pair, len(self._numbers))
        self.ids.extend([xxh3_64_intdigest(row.id.encode(), SEED) for row in rows])
        self.digests.extend([xxh3_64_intdigest(row.digest.encode(), SEED) for row in rows])
        self.numbers.extend(map(self._numbers.__getitem__, pairs))

    def have_valid_versions(self) -> bool:
        """Return whether all versions have the form that the model of a row asks for."""
        try:
            msgspec.convert(list(self.versions), list[tuple[ReleasedVersion, ReleasedVersion]])
        except msgspec.ValidationError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class History:
    """Give the releases that were made.

    Attributes:
        version: The version of the sources; when the last release is built again, its version.
        releases: The releases, oldest first.
        rows: The rows of the last release, by config.
    """

    version: str
    releases: tuple[Release, ...] = ()
    rows: Mapping[str, ReleasedRows] = field(default_factory=dict, repr=False)

    @property
    def last(self) -> Release | None:
        """Return the last release, if there is one."""
        return self.releases[-1] if self.releases else None

    @property
    def first_version(self) -> Version:
        """Return the version of the first release, made or yet to be made."""
        return Version.parse(self.releases[0].version if self.releases else self.version)

    def contradicts(self, version: str, digests: Mapping[str, str]) -> bool:
        """Return whether a version is released with other rows.

        Args:
            version: The version.
            digests: The digest of the rows of each table, by config.
        """
        return any(release.version == version and release.tables != digests for release in self.releases)
