"""Rules on facts: the claims that answer one question agree on what is right."""

from collections.abc import Iterator
from functools import partial

from factpack.corpus import AnchoredFact, AnchoredRecords, Answer
from factpack.rules.registry import Finding, rule


@rule("error")
def same_value_other_label(fact: AnchoredFact) -> Iterator[Finding]:
    """Claims that give the same value for the same fact carry the same label.

    Bad: ``value: "2023"`` is erroneous in 004 and disputed in 000

    Good: both are erroneous
    """
    first: dict[str, Answer] = {}
    for answer in fact.answers:
        if answer.label is None:
            continue
        other = first.setdefault(answer.value, answer)
        if other.label != answer.label:
            message = f"{answer.label}, but the claim `{other.id}` gives the same value and is {other.label}"
            yield Finding(answer.at("label"), message, partial(_same_label, other))


def _same_label(other: Answer) -> str:
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
    for passage in records.unverified:
        value = passage.record.value
        if bool(value.fact) != bool(value.value):
            given, missing = ("fact", "value") if value.fact else ("value", "fact")
            hint = f"Add `{missing}:`, or delete `{given}:`."
            yield Finding(passage.record.at_key(given), f"`{given}` without `{missing}`", hint)
