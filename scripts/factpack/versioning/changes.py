"""What a comparison of two releases finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from semver import Version

from factpack.dataset.columns import CONFIG_NAMES
from factpack.release.version_policy import Change, Step, smallest_version, step_after, step_of


@dataclass(frozen=True, slots=True)
class Anchor:
    """Say where a claim is: ``article[start:end]``, in Unicode code points, is ``quote``."""

    article: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Describe one change.

    Attributes:
        change: Its kind.
        config: The config; empty for a file beside the tables.
        subject: The id of the row, the path of the column (such as ``evidence[].stance``) or the name of the file;
            empty if the change concerns the config as a whole.
        columns: Those of a row that changed.
        old: The label, anchor, text of a claim, type or names of a column before.
        new: The same after.
    """

    change: Change
    config: str
    subject: str = ""
    columns: tuple[str, ...] = ()
    old: str | Anchor | tuple[str, ...] | None = None
    new: str | Anchor | tuple[str, ...] | None = None

    @property
    def step(self) -> Step:
        """Return the step of the version number that it needs."""
        return step_of(self.change, self.config)


@dataclass(frozen=True, slots=True)
class Side:
    """Describe one of the two releases: its name and version, and the number of rows by config."""

    name: str
    version: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Diff:
    """Give everything that changed; ``old`` is None for a first release, which has no differences."""

    old: Side | None
    new: Side
    differences: tuple[Difference, ...]

    @property
    def required_step(self) -> Step:
        """Return the smallest step of the version number that the changes require after the old one."""
        step = max((difference.step for difference in self.differences), default=Step.NONE)
        return step_after(Version.parse(self.old.version), step) if self.old else step

    @property
    def smallest_version(self) -> Version:
        """Return the smallest version that the new release may have; a first release may have its own."""
        return smallest_version(self.old.version, self.required_step) if self.old else Version.parse(self.new.version)


def in_order(configs: Iterable[str]) -> list[str]:
    """Return the configs in the order of the table of columns; others come last."""
    known = {name: number for number, name in enumerate(CONFIG_NAMES)}
    return sorted(configs, key=lambda name: (known.get(name, len(known)), name))
