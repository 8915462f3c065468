"""Judge facts: the claims that answer one question agree on what is right."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from msgspec import UNSET

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.types import AnchoredFact, AnchoredRecords
from factpack.formats.locations import Record
from factpack.text.wording import wording

MAX_VALUES = 5  # answers that are listed


@rule("error")
def same_value_other_label(fact: AnchoredFact) -> Iterator[Problem]:
    """Give the same label to all claims with the same value for the same fact.

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
            message = f"claim is `{label}`, but `{answers.ids[other]}` gives the same value and is `{before}`"
            yield Problem(answers.record(index).at("label"), message, partial(_same_label, answers.record(other)))


def _same_label(other: Record[None]) -> str:
    spot = other.at("label").resolve()
    return f"Give both the same label, or correct a value. The other is at {spot.file}:{spot.line}."


@rule("warning")
def value_written_otherwise(fact: AnchoredFact) -> Iterator[Problem]:
    """Write the same answer to a fact the same way everywhere: to a program, two values that differ in case,
    punctuation or spaces are different.

    Bad: ``value: 15 people`` in 000, and ``value: "15  People"`` in 002

    Good: ``value: 15 people`` in both
    """
    different = dict.fromkeys(fact.answers.values)
    if len(different) <= 1:
        return
    first: dict[str, str] = {}
    same = {value: first.setdefault(wording(value) or value, value) for value in different}
    if len(first) < len(same):
        for index, value in enumerate(fact.answers.values):
            if value != same[value]:
                message = f"`{value}` differs from `{same[value]}` only in case, punctuation or spaces"
                hint = partial(_same_value, fact, same[value])
                yield Problem(fact.answers.record(index).at("value"), message, hint)


def _same_value(fact: AnchoredFact, value: str) -> str:
    place = fact.answers.record(fact.answers.values.index(value)).at("value").resolve()
    return f"Write both the same way. The other is at {place.file}:{place.line}."


@rule("warning")
def settled_on_no_answer(fact: AnchoredFact) -> Iterator[Problem]:
    """Settle a fact on a value that a claim or an unverified passage gives, unless all answers are erroneous.

    Bad: the fact is settled on ``16 people``, and the claims give ``15 people`` and ``20 people``

    Good: it is settled on ``15 people``
    """
    settled = fact.record.value.settled
    if settled is UNSET or not fact.complete:
        return
    given = dict.fromkeys(fact.answers.values)
    if settled.value in given or {*fact.answers.labels} <= {"erroneous"}:
        return
    alike = next((value for value in given if wording(value) == wording(settled.value)), None)
    if alike:
        hint = f"Write `{alike}`, as in the answers."
    else:
        shown = [f"`{value}`" for value in islice(given, MAX_VALUES)] + ["…"] * (len(given) > MAX_VALUES)
        hint = f"Write one of the given values, or correct them: {', '.join(shown)}."
    message = f"fact is settled on `{settled.value}`, but no answer gives this value"
    yield Problem(fact.record.at("settled", "value"), message, hint)


@rule("warning")
def unanswered_fact(fact: AnchoredFact) -> Iterator[Problem]:
    """Keep no fact without an answer.

    Bad: a fact that no claim and no unverified passage refers to

    Good: the fact is deleted, or a claim refers to it
    """
    if fact.complete and not fact.answers:
        yield Problem(fact.record.at("id"), "fact has no answer", "Refer to it in `fact:` of a claim, or delete it.")


@rule("error")
def half_an_answer(records: AnchoredRecords) -> Iterator[Problem]:
    """Give both the fact and the value where an unverified passage answers a fact.

    Bad: ``fact: delay-length`` without ``value``

    Good: ``fact: delay-length`` and ``value: about 40 minutes``
    """
    for index, value in enumerate(records.unverified.records.values):
        if bool(value.fact) != bool(value.value):
            given, missing = ("fact", "value") if value.fact else ("value", "fact")
            hint = f"Add `{missing}:`, or delete `{given}:`."
            yield Problem(
                records.unverified.records[index].at_key(given), f"`{given}` is given without `{missing}`", hint
            )
