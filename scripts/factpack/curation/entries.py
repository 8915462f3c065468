"""Decide which entries of evidence other claims stand for, and write entries out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from factpack.anchoring.cited.claim_store import ClaimStore, words_of
from factpack.anchoring.cited.write_out import write_out
from factpack.formats.locations import Record
from factpack.project.models import Claim, Evidence
from factpack.project.scheme import Scheme
from factpack.project.written_out import SAME_FACT, WrittenOut

_OF_PASSAGE = {"article", "quote", "prefix", "suffix", "start"}


@dataclass(frozen=True, slots=True)
class Replacement:
    """Say what comes in the place of entries that follow one another.

    Attributes:
        first: The index of the first of them.
        last: The index of the last one.
        entries: What comes in their place: ``same-fact``, or the keys that change. The rest of an entry stays.
    """

    first: int
    last: int
    entries: tuple[dict[str, Any] | str, ...]


def shortened(article: str, record: Record[Claim], claims: ClaimStore, scheme: Scheme) -> list[Replacement]:
    """Return which entries of a claim can be written as references, so that they stand for the same passages."""
    claim = record.value
    if isinstance(claim.written, str) or SAME_FACT in claim.written:
        return []
    entries: Sequence[Evidence] = [entry for entry in claim.written if isinstance(entry, Evidence)]
    run = _run(article, record, entries, claims, scheme)
    found = [Replacement(run[0], run[-1], (SAME_FACT,))] if run else []
    for index, entry in enumerate(entries):
        if index in run or entry.claim or not entry.article:
            continue
        for name in claims.with_passage(entry.article, words_of(entry), claim.fact):
            short = _without_words(entry, name)
            if _passages(article, record, (short,), claims, scheme) == [entry]:
                found.append(Replacement(index, index, ({"claim": name},)))
                break
    return sorted(found, key=lambda each: each.first)


def _run(article: str, record: Record[Claim], entries: Sequence[Evidence], claims: ClaimStore, scheme: Scheme) -> range:
    """Return the longest run of entries that ``same-fact`` can stand for, with the others left as they are."""
    stood_for = _passages(article, record, (SAME_FACT,), claims, scheme) or []
    numbers = {_where(passage): number for number, passage in enumerate(stood_for)}
    bare = _passages(article, record, entries, claims, scheme)
    runs: list[range] = []
    for index, passage in enumerate(bare or ()):
        number = numbers.get(_where(passage), -1)
        if number < 0 or stood_for[number] != passage:
            continue
        if runs and runs[-1].stop == index and numbers[_where(bare[index - 1])] < number:  # type: ignore[index]
            runs[-1] = range(runs[-1].start, index + 1)
        else:
            runs.append(range(index, index + 1))
    for run in sorted(runs, key=len, reverse=True):
        written: list[Evidence | str] = [*entries[: run.start], SAME_FACT, *entries[run.stop :]]
        if _passages(article, record, written, claims, scheme) == bare:
            return run
    return range(0)


def _where(passage: Evidence) -> tuple[str, bytes]:
    return passage.article, words_of(passage)


def lengthened(article: str, record: Record[Claim], claims: ClaimStore, scheme: Scheme) -> list[Replacement]:
    """Return what each reference of a claim stands for, in its place."""
    claim = record.value
    is_whole = isinstance(claim.written, str)
    written, _ = write_out(article, record, claims, scheme)
    assert isinstance(written.written, WrittenOut)
    found: dict[int, list[dict[str, Any] | str]] = {}
    for index in [0] if is_whole else range(len(claim.written)):
        if is_whole or isinstance(claim.written[index], str) or claim.written[index].claim:  # type: ignore[union-attr]
            found[index] = []
    for entry, passage in zip(written.written.entries, written.evidence, strict=True):
        if (entry or 0) in found:
            found[entry or 0].append(_keys(passage))
    return [Replacement(index, index, tuple(passages)) for index, passages in found.items()]


def _keys(passage: Evidence) -> dict[str, Any]:
    given = {key: getattr(passage, key) for key in ("article", "quote", "prefix", "suffix", "start", "stance")}
    return {key: value for key, value in given.items() if value not in ("", UNSET)}


def _without_words(entry: Evidence, claim: str) -> Evidence:
    return msgspec.structs.replace(entry, claim=claim, article="", quote="", prefix="", suffix="", start=UNSET)


def _passages(
    article: str, record: Record[Claim], written: Sequence[Evidence | str], claims: ClaimStore, scheme: Scheme
) -> list[Evidence] | None:
    """Return the passages that entries stand for; None if something is wrong with them."""
    claim = msgspec.structs.replace(record.value, written=tuple(written))
    made, troubles = write_out(article, Record(claim, record.source, record.address), claims, scheme)
    return None if troubles else list(made.evidence)
