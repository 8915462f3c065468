"""Judge the keys of records: which are missing, and which are unknown."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from factpack.checks.messages.similar import listed
from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.formats.format import ReadError
from factpack.project.vocabulary import RESERVED


def _unknown(found: dict[str, Any], known: tuple[str, ...]) -> dict[str, str]:
    """Return the keys that the schema does not know, each with the missing key that it may mean, or nothing."""
    missing = [key for key in known if key not in found]
    meant = {}
    for key in found:
        if key not in known:
            near = get_close_matches(key, missing, 1)
            meant[key] = near[0] if near else ""
            missing = [m for m in missing if m not in near]
    return meant


_OFFSETS = {"start", "end", "offset", "begin"}  # what other tools write beside a quote


@rule("error", "additionalProperties")
def unknown_key(error: ReadError) -> Iterator[Problem]:
    """Write only keys that a record knows, so that no typing error goes unnoticed.

    Bad: ``lable: supported``

    Good: ``label: supported``
    """
    for key, meant in _unknown(error.value, error.known).items():
        hint = f"Did you mean `{meant}`?" if meant else f"Delete it{_or_declare(key, error.known)}."
        if key in _OFFSETS and "quote" in error.known:
            hint = "Delete it: offsets follow from the quote."
        yield Problem(error.at_key(key), f"unknown key `{key}`", hint)


def _or_declare(key: str, known: tuple[str, ...]) -> str:
    """Say which keys there are, and how a project declares another one, where it can."""
    tables = {"articles": "sha256", "evidence": "stance", "claims": "claim"}
    table = next((table for table, mark in tables.items() if mark in known), "")
    if key == "split" and table != "evidence" and table:
        return ", or name the splits in dataset.yaml: `splits: {train: training, test: evaluation}`"
    addable = table and re.fullmatch("[a-z][a-z0-9_]*", key) and key not in RESERVED[table]
    own = f", or add a column in dataset.yaml: `columns: {{{table}: {{{key}: …}}}}`" if addable else ""
    return f"{own}. The keys here are {listed(known)}"


@rule("error", "required")
def missing_key(error: ReadError) -> Iterator[Problem]:
    """Give a record all keys that it needs.

    Bad: a claim without ``speaker``

    Good: ``speaker: article``
    """
    meant = _unknown(error.value, error.known).values()
    for key in error.detail:
        if key not in error.value and key not in meant:
            line = f"sha256: {error.sha256}" if key == "sha256" and error.sha256 else f"{key}:"
            yield Problem(error.place, f"missing key `{key}`", f"Add `{line}` here.")
