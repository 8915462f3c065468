"""Rules on facts: the claims that answer one question agree on what is right."""

from collections.abc import Iterator
from functools import partial

from factpack.corpus import AnchoredFact, AnchoredRecords
from factpack.records import Record
from factpack.rules.registry import Finding, rule


@rule("error")
def same_value_other_label(fact: AnchoredFact) -> Iterator[Finding]:
    """Claims that give the same value for the same fact carry the same label.

    Bad: ``value: "2023"`` is erroneous in 004 and disputed in 000

    Good: both are erroneous
    """
    answers, labels = fact.answers, fact.answers.labels
    if len({*labels} - {None}) <= 1:
        return
    first: dict[str, int] = {}
    for index, (value, label) in enumerate(zip(answers.values, labels, strict=True)):
        if label is None:
            continue
        other = first.setdefault(value, index)
        before = labels[other]
        if before != label:
            message = f"{label}, but the claim `{answers.ids[other]}` gives the same value and is {before}"
            yield Finding(answers.record(index).at("label"), message, partial(_same_label, answers.record(other)))


def _same_label(other: Record[None]) -> str:
    spot = other.at("label").spot()
    return f"Give both the same label, or correct a value; the other stands at {spot.file}:{spot.line}."


@rule("warning")
def unanswered_fact(fact: AnchoredFact) -> Iterator[Finding]:
    """A fact is there because something answers it.

    Bad: a fact that no claim and no unverified passage names

    Good: the fact is deleted, or a claim names it
    """
    if fact.complete and not fact.answers:
        yield Finding(fact.record.at("id"), "nothing answers this fact", "Name it in a claim, or delete it.")


@rule("error")
def half_an_answer(records: AnchoredRecords) -> Iterator[Finding]:
    """An unverified passage that answers a fact gives both the fact and the value.

    Bad: ``fact: delay-length`` without ``value``

    Good: ``fact: delay-length`` and ``value: about 40 minutes``
    """
    for index, value in enumerate(records.unverified.records.values):
        if bool(value.fact) != bool(value.value):
            given, missing = ("fact", "value") if value.fact else ("value", "fact")
            hint = f"Add `{missing}:`, or delete `{given}:`."
            yield Finding(records.unverified.records[index].at_key(given), f"`{given}` without `{missing}`", hint)
