"""Word which names mean nothing, and which ids are taken."""

from functools import partial

from factpack.checks.messages.similar import did_you_mean
from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.file_subjects import AlikeIds
from factpack.corpus.subjects import DuplicateId, UnknownName

_WHERE = {
    "article": "Register the article in {}.",
    "fact": "Add the fact to {}.",
    "speaker": "Add the name to `speakers` in {}, or write `article` for the article's voice.",
}


def _unknown(name: UnknownName) -> Problem:
    hint = partial(did_you_mean, name.name, name.known, _WHERE[name.kind].format(name.register))
    return Problem(name.place, f"there is no {name.kind} `{name.name}`", hint)


@message("error", "article")
def unknown_article(name: UnknownName) -> Problem:
    """An article that is named is registered.

    Bad: ``article: "0002"``

    Good: ``article: "002"``
    """
    return _unknown(name)


@message("error", "fact")
def unknown_fact(name: UnknownName) -> Problem:
    """A fact that is named is in the file of facts.

    Bad: ``fact: reinstatment-year``

    Good: ``fact: reinstatement-year``
    """
    return _unknown(name)


@message("error", "speaker")
def unknown_speaker(name: UnknownName) -> Problem:
    """A speaker is ``article`` or listed in dataset.yaml, so that one person has one name.

    Bad: ``speaker: Trump``

    Good: ``speaker: Donald Trump``
    """
    return _unknown(name)


@message("error")
def duplicate_id(name: DuplicateId) -> Problem:
    """An id names one thing in the whole project, for good: people cite it.

    Bad: two claims with ``id: delay-40-minutes``

    Good: ``id: delay-40-minutes-000`` and ``id: delay-40-minutes-003``
    """
    if name.kind == "annotation":
        what = f"the article `{name.name}` is annotated in two places"
        hint = "Put all annotations of an article into one file; in JSON Lines, on lines that follow one another."
    else:
        what = f"the id `{name.name}` is taken"
        hint = "Choose another id."
    return Problem(name.place, what, partial(_first, name, hint))


def _first(name: DuplicateId, hint: str) -> str:
    first = name.first.resolve()
    return f"It stands first at {first.file}:{first.line}. {hint}"


@message("warning")
def ids_differ_in_case(ids: AlikeIds) -> Problem:
    """The ids of two articles differ in more than case and Unicode normalization, because files are named after them,
    and Windows and macOS take two names for one that differ in no more.

    Bad: ``id: a1`` and ``id: A1``

    Good: ``id: a1`` and ``id: a2``
    """
    what = f"the id `{ids.name}` differs from `{ids.first}` in case only"
    hint = "Choose another id: on Windows and macOS the files of both could not lie side by side."
    return Problem(ids.place, what, hint)
