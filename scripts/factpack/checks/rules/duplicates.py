"""Judge claims that say the same: one label, one fact, one place, and no passage that counts twice."""

from collections.abc import Iterator
from functools import partial

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.alike import ContradictoryStances, CopiedPassage, Said, SaidAgain
from factpack.formats.locations import LazyLocation

AS_FOUND = "If each label rests on the evidence of its own claim, set `duplicates: as-found` in dataset.yaml."


@rule("error")
def repeated_claim(claim: SaidAgain) -> Iterator[Problem]:
    """Annotate the same words of an article once for the same claim. Claims say the same if they differ only in
    case, punctuation, spaces or compatibility forms of characters.

    Bad: two claims with ``quote: hurt 15 people`` and ``claim: 15 people were hurt.``

    Good: one
    """
    other = claim.words
    if other:
        message = f"`{other.id}` quotes the same words and says the same"
        yield Problem(claim.this.record.at("claim"), message, partial(stands, other, _keep_one(claim.this, other)))


def _keep_one(this: Said, other: Said) -> str:
    pairs = [("label", this.label or "unverified", other.label or "unverified")]
    if this.label and other.label:
        pairs += [("fact", this.fact, other.fact), ("value", this.value, other.value)]
    differ = [f"the {key} is `{mine}` here and `{its}` there" for key, mine, its in pairs if mine != its]
    return f"Decide which is right, and delete the other: {', '.join(differ)}." if differ else "Delete one of the two."


@rule("error")
def same_claim_other_label(claim: SaidAgain) -> Iterator[Problem]:
    """Give claims that say the same one label, in all articles. So do claims that differ only in case,
    punctuation, spaces or compatibility forms of characters. It is a warning if one of the two is an unverified
    passage, or if ``dataset.yaml`` sets ``duplicates: as-found``: in many datasets a label rests on the evidence
    given with its claim, and the same claim comes with evidence for and against it.

    Bad: ``claim: 15 people were hurt.`` is supported in 000, and ``claim: 15 people were hurt`` disputed in 002

    Good: both are disputed
    """
    this, first = claim.this, claim.first
    if first is None or this.label == first.label:
        return
    if this.label is None:
        message = f"passage is unverified, but the claim `{first.id}` says the same and is `{first.label}`"
        hint = "List it under `claims` with its evidence, or say in `claim:` how the two differ."
        yield Problem(this.record.at("claim"), message, partial(stands, first, hint), "warning")
    elif this.answer != first.answer or not this.value:  # else same_value_other_label says so
        message = f"claim is `{this.label}`, but `{first.id}` says the same and is `{first.label}`"
        hint = f"Give both the same label, or say in `claim:` how the two differ. {AS_FOUND}"
        yield Problem(this.record.at("label"), message, partial(stands, first, hint, "label"))


@rule("error")
def same_claim_other_fact(claim: SaidAgain) -> Iterator[Problem]:
    """Let claims that say the same answer one fact, so that they are in one fold: otherwise a model could be tested on
    what it was trained on. It is a warning if both facts happen to be in one fold, if one of the two is an unverified
    passage, which is in no fold, or if neither has a fact.

    Bad: ``claim: 15 people were hurt.`` with ``fact: people-hurt`` in 000, and with ``fact: injuries`` in 002

    Good: ``fact: people-hurt`` in both
    """
    this, first = claim.this, claim.first
    if first and this.fact and first.fact and this.fact != first.fact:
        apart = bool(this.label and first.label) and this.fold != first.fold
        mine, its = (f"`{each.fact}`" + (f" (fold {each.fold})" if apart else "") for each in (this, first))
        message = f"claim answers {mine}, but `{first.id}` says the same and answers {its}"
        hint = "Give both the same fact, or say in `claim:` how the two differ."
        place = this.record.at("fact")
        yield Problem(place, message, partial(stands, first, hint, "fact"), "error" if apart else "warning")
    elif (
        first
        and this.label
        and first.label
        and not (this.value or first.value)
        and this.fold != first.fold
        and not claim.voice
    ):
        message = f"claim is in fold {this.fold}, but `{first.id}` says the same and is in fold {first.fold}"
        hint = "Give both the same fact, or say in `claim:` how the two differ."
        yield Problem(this.record.at("claim"), message, partial(stands, first, hint), "warning")


@rule("warning")
def claim_said_twice(claim: SaidAgain) -> Iterator[Problem]:
    """Annotate once a claim that one speaker repeats in an article: an article that repeats itself is no second
    source, and a row that comes twice counts double.

    Bad: two claims of 000 with ``claim: 15 people were hurt.`` and ``speaker: article``

    Good: one; another claim accounts for the other sentence, or it is listed under ``not_checkable``
    """
    this, voice = claim.this, claim.voice
    if voice and (this.label, this.fact, this.split) == (voice.label, voice.fact, voice.split):
        hint = "Delete one of the two, or say in `claim:` how they differ."
        message = f"`{voice.id}` says the same, and neither speaker nor article tells them apart"
        yield Problem(this.record.at("claim"), message, partial(stands, voice, hint))


@rule("warning")
def claim_written_otherwise(claim: SaidAgain) -> Iterator[Problem]:
    """Write claims that say the same the same way, so that a search finds both.

    Bad: ``claim: 15 people were hurt.`` in 000, and ``claim: "15 people  were hurt!"`` in 002

    Good: ``claim: 15 people were hurt.`` in both
    """
    this, first = claim.this, claim.first
    if claim.voice or claim.written_alike or first is None or this.split != first.split:
        return
    if (this.label, this.fact) == (first.label, first.fact):
        message = f"`{first.id}` says the same except for case, punctuation or spaces"
        hint = "Write both the same way, or say in `claim:` how they differ."
        yield Problem(this.record.at("claim"), message, partial(stands, first, hint))


@rule("error")
def contradictory_stances(passage: ContradictoryStances) -> Iterator[Problem]:
    """Give a passage the same stance on all claims that say the same.

    Bad: “About 15 people were hurt.” has ``stance: supports`` for a claim in 000, and ``stance: refutes`` for an equal
    claim in 002

    Good: ``stance: supports`` for both
    """
    if passage.this.label != passage.first.label:
        return  # same_claim_other_label says so; which stance is right follows from the label
    message = f"`{passage.first.id}` says the same but gives this passage another stance"
    hint = "Give the passage one stance in both, or say in `claim:` how the two differ."
    place = passage.this.record.at(*passage.path, "stance")
    yield Problem(place, message, partial(stands, passage.first, hint))


@rule("warning")
def copied_passage(passage: CopiedPassage) -> Iterator[Problem]:
    """Take evidence from two articles only if they are two sources. If both have the same whole sentence, one may have
    copied it from the other, or both from an agency.

    Bad: 000 and 003 have the sentence “About 15 people were hurt, the fire service said.”, and each supports the other

    Good: the sentence is evidence from one article alone
    """
    message = f"sentence is also in article {passage.other}, word for word"
    articles = f"{passage.article} and {passage.other}"
    hint = f"If {articles} have it from one source, they do not corroborate each other: leave one out."
    place = passage.record.at(*passage.path, "quote")
    yield Problem(place, message, partial(_seen, passage.first, hint))


def stands(other: Said, hint: str, key: str = "claim") -> str:
    """Return a hint that ends in the place of another claim."""
    spot: LazyLocation = other.record.at(key)
    place = spot.resolve()
    return f"{hint} The other is at {place.file}:{place.line}."


def _seen(other: Said, hint: str) -> str:
    place = other.record.at("id").resolve()
    return f"{hint} The other is used in `{other.id}` at {place.file}:{place.line}."
