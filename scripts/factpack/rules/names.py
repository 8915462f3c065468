"""Rules on ids and names: each is given once, and everything that is named exists."""

from collections.abc import Iterator
from functools import partial

from factpack.corpus import NameTaken, UnknownName
from factpack.rules.registry import Finding, rule
from factpack.rules.shape import did_you_mean

_WHERE = {
    "article": "Register the article in annotations/articles.yaml.",
    "fact": "Add the fact to annotations/facts.yaml.",
    "speaker": "Add the name to `speakers` in annotations/dataset.yaml, or write `article` for the article's voice.",
}


def _unknown(name: UnknownName, kind: str) -> Iterator[Finding]:
    if name.kind == kind:
        hint = partial(did_you_mean, name.name, name.known, _WHERE[kind])
        yield Finding(name.place, f"there is no {kind} `{name.name}`", hint)


@rule("error")
def unknown_article(name: UnknownName) -> Iterator[Finding]:
    """An article that is named is registered.

    Bad: ``article: "0002"``

    Good: ``article: "002"``
    """
    yield from _unknown(name, "article")


@rule("error")
def unknown_fact(name: UnknownName) -> Iterator[Finding]:
    """A fact that is named is in the file of facts.

    Bad: ``fact: reinstatment-year``

    Good: ``fact: reinstatement-year``
    """
    yield from _unknown(name, "fact")


@rule("error")
def unknown_speaker(name: UnknownName) -> Iterator[Finding]:
    """A speaker is ``article`` or listed in dataset.yaml, so that one person has one name.

    Bad: ``speaker: Trump``

    Good: ``speaker: Donald Trump``
    """
    yield from _unknown(name, "speaker")


@rule("error")
def duplicate_id(name: NameTaken) -> Iterator[Finding]:
    """An id names one thing in the whole project, for good: people cite it.

    Bad: two claims with ``id: delay-40-minutes``

    Good: ``id: delay-40-minutes-000`` and ``id: delay-40-minutes-003``
    """
    if name.kind == "annotation":
        message = f"the article `{name.name}` is annotated in two places"
        hint = "Put all annotations of an article into one file; in JSON Lines, on lines that follow one another."
    else:
        message = f"the id `{name.name}` is taken"
        hint = "Choose another id."
    yield Finding(name.place, message, lambda: _first(name, hint))


def _first(name: NameTaken, hint: str) -> str:
    first = name.first.spot()
    return f"It stands first at {first.file}:{first.line}. {hint}"
