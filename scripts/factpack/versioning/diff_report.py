"""Print a diff: text for a terminal, JSON for programs, Markdown for a changelog or a pull request."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import msgspec
from semver import Version

from factpack.checks.report import counted, printable
from factpack.release.version_policy import DERIVED, Change, Step
from factpack.versioning.changes import Anchor, Diff, Difference, Side, in_order

FILES = "files"  # what stands in place of a config for what lies beside the tables

#: How many of a kind are listed in text and Markdown; JSON has them all.
LISTED = 20
MAX_TEXT = 200  # characters of a text that are shown

_ROW_CHANGES = (Change.ADDED, Change.REMOVED, Change.CHANGED, Change.REORDERED)
_NOUNS = {"claims": "claim", "articles": "article", "facts": "fact"}
_PARTICIPLES = {Change.TEXT: "with another text", Change.EVIDENCE: "with other evidence"}
_COLUMN_CHANGES = (
    Change.COLUMN_ADDED,
    Change.COLUMN_GONE,
    Change.COLUMN_TYPE,
    Change.NAMES,
    Change.NAMES_APPENDED,
    Change.WITHHELD,
    Change.GIVEN,
)


_SPLIT_CHANGES = (Change.SPLIT_ADDED, Change.SPLIT_GONE)


@dataclass(frozen=True, slots=True)
class _Group:
    """Group all changes of one kind in one config."""

    step: Step
    config: str
    change: Change
    items: tuple[Difference, ...]

    @property
    def key(self) -> str:
        """Return what a subject is: id of a row, path of a column, or name of a split or a file."""
        if not self.config:
            return "file"
        if self.change in _SPLIT_CHANGES:
            return "split"
        return "column" if self.change in _COLUMN_CHANGES else "id"


def _configs(diff: Diff) -> list[str]:
    """Return the configs of both releases in their order; the files beside the tables come last."""
    return [*in_order({*(diff.old.rows if diff.old else ()), *diff.new.rows}), ""]


def _config(group: _Group) -> str:
    return group.config


def _groups(diff: Diff) -> list[_Group]:
    """Group the changes by step, the largest first, then by config and kind; within a kind the order stays."""
    configs, kinds = _configs(diff), list(Change)

    def order(difference: Difference) -> tuple[int, int, int]:
        return -difference.step, configs.index(difference.config), kinds.index(difference.change)

    grouped = groupby(sorted(diff.differences, key=order), key=lambda item: (item.step, item.config, item.change))
    return [_Group(*key, tuple(items)) for key, items in grouped]


def as_text(diff: Diff) -> str:
    """Return the text for a terminal: the counts, then what changed, a line each, then the smallest step."""
    groups = _groups(diff)
    lines = [_title(diff)]
    if groups:
        rows = [("step", "where", "change", "count")]
        rows += [(g.step.name, g.config or FILES, str(g.change), str(len(g.items))) for g in groups]
        lines += ["", *_aligned(rows)]
    for config, here in groupby(sorted(groups, key=lambda group: _configs(diff).index(group.config)), _config):
        rows_here: list[tuple[str, str, str]] = []
        for group in here:
            rows_here += [
                (str(group.change), _short(item.subject), _detail(diff, item)) for item in group.items[:LISTED]
            ]
            if len(group.items) > LISTED:
                rows_here.append((str(group.change), f"… and {len(group.items) - LISTED} more", ""))
        lines += ["", printable(config) or FILES, *(f"  {line}" for line in _aligned(rows_here))]
    return "\n".join([*lines, "", smallest_step(diff)]) + "\n"


def as_json(diff: Diff) -> str:
    """Return one JSON object, for programs.

    ``old`` (null for a first release) and ``new`` have ``name``, ``version`` and ``rows`` by config. ``step`` is one of
    ``none``, ``patch``, ``minor`` and ``major``, ``smallest_version`` the version that it leads to. ``changes`` is a
    list of groups with ``config`` (null for files beside the tables), ``change``, ``step``, ``count`` and ``items``. An
    item has one of ``id``, ``column``, ``split`` and ``file``, and, where they apply, ``columns`` (those of the row
    that changed), ``old`` and ``new``: labels, texts, types, lists of names, or objects with ``article``, ``start``,
    ``end`` and ``quote``. A change of a config as a whole has an empty list of items.
    """
    document = {
        "old": asdict(diff.old) if diff.old else None,
        "new": asdict(diff.new),
        "step": diff.required_step.name.lower(),
        "smallest_version": str(diff.smallest_version),
        "changes": [
            {
                "config": group.config or None,
                "change": group.change,
                "step": group.step.name.lower(),
                "count": len(group.items),
                "items": [_item(group, item) for item in group.items if item.subject],
            }
            for group in _groups(diff)
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def as_markdown(diff: Diff) -> str:
    """Return the entry of the changelog under the version of the new release, or the smallest that it may have."""
    smallest = diff.smallest_version
    return changelog_entry(diff, max(smallest, Version.parse(diff.new.version)))


def changelog_entry(diff: Diff, version: Version | str) -> str:
    """Return the entry of a version in the changelog of the dataset, in Markdown."""
    return "\n".join([f"## {version}", "", *(f"- {line}" for line in _bullets(diff))]) + "\n"


def smallest_step(diff: Diff) -> str:
    """Return a line such as ``smallest step: MINOR (1.0.0 -> 1.1.0)``."""
    if diff.old is None:
        return f"first release: {diff.new.version}"
    if diff.required_step is Step.NONE:
        return "nothing changed"
    return f"smallest step: {diff.required_step.name} ({diff.old.version} -> {diff.smallest_version})"


FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown}


def _title(diff: Diff) -> str:
    new = f"{printable(diff.new.name)} {diff.new.version}"
    if diff.old is None:
        return new
    same = diff.old.name == diff.new.name
    return f"{printable(diff.old.name)} {diff.old.version} -> {diff.new.version if same else new}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return lines whose cells are below each other."""
    shown = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _detail(diff: Diff, item: Difference) -> str:
    """Return what a line says after the subject."""
    match item.change:
        case Change.WITHHELD:
            return "null in every row of the new release, not compared"
        case Change.GIVEN:
            return "null in every row of the old release, not compared"
        case Change.CONFIG_ADDED | Change.CONFIG_GONE:
            return f"{_rows(diff, item)} rows"
        case Change.CHANGED:
            return ", ".join(item.columns)
        case _:
            return " -> ".join(_values(item))


def _rows(diff: Diff, item: Difference) -> int:
    side = diff.new if item.change is Change.CONFIG_ADDED else diff.old
    return side.rows[item.config] if side else 0


def _values(item: Difference) -> list[str]:
    """Return the old and the new value, as far as there are any, without what both have."""
    old, new = item.old, item.new
    if isinstance(old, Anchor) and isinstance(new, Anchor):  # a foreign release may have no quote
        same = old.quote == new.quote
        return [f"{a.article}[{a.start}:{a.end}]" + ("" if same else f" ‘{_short(str(a.quote))}’") for a in (old, new)]
    if isinstance(old, tuple) and isinstance(new, tuple):
        if item.change is Change.NAMES_APPENDED:
            return [", ".join(new[len(old) :])]
        return [", ".join(names) for names in (old, new)]
    texts = [_short(value) for value in (old, new) if isinstance(value, str)]
    return [f"‘{text}’" for text in texts] if item.change is Change.TEXT else texts


def _item(group: _Group, item: Difference) -> dict[str, Any]:
    values = {"old": item.old, "new": item.new, "columns": item.columns or None}
    return {group.key: item.subject} | {name: value for name, value in values.items() if value is not None}


def _bullets(diff: Diff) -> Iterable[str]:
    if diff.old is None:
        yield f"First release: {_contents(diff.new)}."
        return
    groups = _groups(diff)
    following = [group for group in groups if group.config in DERIVED and group.change in _ROW_CHANGES]
    files = [group for group in groups if not group.config]
    for group in groups:
        if group not in following and group not in files:
            yield _bullet(diff, group)
    for config, changes in groupby(following, _config):
        counts = ", ".join(f"{len(group.items)} {group.change}" for group in changes)
        yield f"Rows of {_code(config)}: {counts}."  # they follow those of the claims, so that counts are enough
    if groups == files:  # else they changed because the tables did
        for group in files:
            yield f"{str(group.change).capitalize()}: {_listed([_code(item.subject) for item in group.items])}."
    if not groups:
        yield "Nothing changed."


def _bullet(diff: Diff, group: _Group) -> str:
    config, count = _code(group.config), len(group.items)
    if group.change in (Change.CONFIG_ADDED, Change.CONFIG_GONE):
        return f"Config {config} {group.change.split()[1]}: {_rows(diff, group.items[0])} rows."
    if group.change is Change.REORDERED:
        return f"{config}: the rows stand in another order."
    listed = _listed([_code(item.subject) + _remark(item) for item in group.items])
    if group.change in (*_COLUMN_CHANGES, *_SPLIT_CHANGES):
        return f"{config}: {group.change}: {listed}."
    what = counted(count, _NOUNS.get(group.config, f"row of {config}"))
    return f"{what} {_PARTICIPLES.get(group.change, group.change)}: {listed}."


def _remark(item: Difference) -> str:
    """Return what comes in brackets after a subject."""
    match item.change:
        case Change.CHANGED:
            text = ", ".join(item.columns)
        case Change.REANCHORED | Change.TEXT:
            text = ""
        case _:
            text = " → ".join(_values(item))
    return f" ({printable(text)})" if text else ""


def _contents(side: Side) -> str:
    nouns = {**_NOUNS, "evidence": "passage of evidence"}
    count = {config: counted(side.rows.get(config, 0), noun) for config, noun in nouns.items()}
    return f"{count['claims']} from {count['articles']}, with {count['evidence']} and {count['facts']}"


def _listed(texts: Sequence[str]) -> str:
    more = f" … and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    return ", ".join(texts[:LISTED]) + more


def _code(text: str) -> str:
    """Return a code span of Markdown; a backtick would end it."""
    return f"`{printable(_short(text)).replace('`', chr(39))}`"
