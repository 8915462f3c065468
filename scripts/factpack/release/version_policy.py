"""Decide which change of a dataset needs which step of its version number.

`factpack diff` judges by this table, the release refuses by it, and the dataset card shows it. Published rule sets
disagree (a corrected label is MAJOR to Croissant and PATCH to Frictionless), so a dataset says which one it follows.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from semver import Version

#: Configs whose rows follow from claims and articles, or document them: whatever changes in them alone is PATCH.
DERIVED = ("propositions", "evidence", "sentences", "votes")


class Step(IntEnum):
    """Name a step of a version number, by the part that it raises (https://semver.org)."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Change(StrEnum):
    """Name the kinds of change. The value is the word that is printed."""

    RELABELLED = "relabelled"
    REANCHORED = "re-anchored"
    TEXT = "text changed"
    MOVED = "moved to another split"
    SPLIT_GONE = "split gone"
    REMOVED = "removed"
    COLUMN_GONE = "column gone"
    COLUMN_TYPE = "column type changed"
    NAMES = "names changed"
    WITHHELD = "text withheld"
    CONFIG_GONE = "config gone"
    ADDED = "added"
    SPLIT_ADDED = "split added"
    COLUMN_ADDED = "column added"
    NAMES_APPENDED = "names appended"
    GIVEN = "text given"
    CONFIG_ADDED = "config added"
    EVIDENCE = "evidence changed"
    CHANGED = "changed"
    REORDERED = "rows reordered"
    FILE_ADDED = "file added"
    FILE_GONE = "file gone"
    FILE_CHANGED = "file changed"


@dataclass(frozen=True, slots=True)
class Rule:
    """State a line of the policy.

    Attributes:
        step: The step of the version number.
        changes: The kinds of change that need it.
        words: The same for people.
        configs: The configs that it speaks of; empty for all.
        of_splits: Whether it speaks of splits, which most datasets do not have.
    """

    step: Step
    changes: tuple[Change, ...]
    words: str
    configs: tuple[str, ...] = ()
    of_splits: bool = False


#: The first line that fits decides.
POLICY: tuple[Rule, ...] = (
    Rule(Step.MAJOR, (Change.RELABELLED,), "the label of a claim changes"),
    Rule(Step.MAJOR, (Change.REANCHORED,), "the quote of a claim changes, or its place in the article"),
    Rule(Step.MAJOR, (Change.TEXT,), "the text of a claim or of an article changes"),
    Rule(Step.MAJOR, (Change.MOVED,), "a claim moves to another split", of_splits=True),
    Rule(Step.MAJOR, (Change.SPLIT_GONE,), "a split is removed or renamed", of_splits=True),
    Rule(Step.MINOR, (Change.SPLIT_ADDED,), "a split is added", of_splits=True),
    Rule(
        Step.PATCH,
        (Change.ADDED, Change.REMOVED, Change.CHANGED, Change.REORDERED),
        "rows of `propositions`, `evidence`, `sentences` or `votes` are changed, added or removed",
        DERIVED,
    ),
    Rule(Step.MAJOR, (Change.REMOVED,), "a claim, an article or a fact is removed"),
    Rule(Step.MAJOR, (Change.COLUMN_GONE, Change.COLUMN_TYPE), "a column is removed or changes its type"),
    Rule(Step.MAJOR, (Change.NAMES,), "the names of a ClassLabel change, other than by adding names at the end"),
    Rule(Step.MAJOR, (Change.WITHHELD,), "a release without the texts follows one with them"),
    Rule(Step.MAJOR, (Change.CONFIG_GONE,), "a config is removed"),
    Rule(Step.MINOR, (Change.ADDED,), "a claim, an article or a fact is added"),
    Rule(Step.MINOR, (Change.COLUMN_ADDED,), "a column is added"),
    Rule(Step.MINOR, (Change.NAMES_APPENDED,), "a name is added at the end of a ClassLabel"),
    Rule(Step.MINOR, (Change.GIVEN,), "a release with the texts follows one without them"),
    Rule(Step.MINOR, (Change.CONFIG_ADDED,), "a config is added"),
    Rule(Step.PATCH, (Change.EVIDENCE,), "the evidence of a claim changes, but not its label"),
    Rule(
        Step.PATCH,
        (Change.CHANGED,),
        "anything else in a row changes: rationale, correction, basis, speaker, fact, value, fold, metadata",
    ),
    Rule(Step.PATCH, (Change.REORDERED,), "the order of the rows changes"),
    Rule(
        Step.PATCH,
        (Change.FILE_ADDED, Change.FILE_GONE, Change.FILE_CHANGED),
        "only the card or another file beside the tables changes",
    ),
)


def step_of(change: Change, config: str) -> Step:
    """Return the step that a change in a config needs (``config`` is empty for a file beside the tables)."""
    return next(rule.step for rule in POLICY if change in rule.changes and (not rule.configs or config in rule.configs))


def allows(smallest: Version, version: Version) -> bool:
    """Tell whether ``version`` may follow where ``smallest`` may; a pre-release counts as what it comes before."""
    return version.finalize_version() >= smallest


def step_after(version: Version, step: Step) -> Step:
    """Return the step to take after a version for changes that need ``step``: below 1.0.0, MINOR instead of MAJOR."""
    return Step.MINOR if step is Step.MAJOR and version.major == 0 else step


def smallest_version(old: str, step: Step) -> Version:
    """Return the smallest version that may follow ``old``, a semantic version, after a change that needs ``step``.

    Below 1.0.0 nothing is stable yet (https://semver.org), and what needs a MAJOR step later needs a MINOR one. A
    pre-release such as 2.0.0-rc.1 may be followed by its own release.
    """
    version = Version.parse(old)
    return version if step is Step.NONE else version.next_version(step_after(version, step).name.lower())
