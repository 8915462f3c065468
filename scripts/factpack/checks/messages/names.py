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
    "speaker": "Add the name to `speakers` in {}, or write `article` for the article's own voice.",
}


def _unknown(name: UnknownName) -> Problem:
    hint = partial(did_you_mean, name.name, name.known, _WHERE[name.kind].format(name.register))
    return Problem(name.place, f"unknown {name.kind} `{name.name}`", hint)


@message("error", "article")
def unknown_article(name: UnknownName) -> Problem:
    """Register every article that is referred to.

    Bad: ``article: "0002"``

    Good: ``article: "002"``
    """
    return _unknown(name)


@message("error", "fact")
def unknown_fact(name: UnknownName) -> Problem:
    """Put every fact that is referred to into the file of facts.

    Bad: ``fact: reinstatment-year``

    Good: ``fact: reinstatement-year``
    """
    return _unknown(name)


@message("error", "speaker")
def unknown_speaker(name: UnknownName) -> Problem:
    """Give as the speaker ``article`` or a name that is listed in dataset.yaml, so that one person has one name.

    Bad: ``speaker: Trump``

    Good: ``speaker: Donald Trump``
    """
    return _unknown(name)


@message("error")
def duplicate_id(name: DuplicateId) -> Problem:
    """Use an id for one thing only, in the whole project and for ever, because people cite it.

    Bad: two claims with ``id: delay-40-minutes``

    Good: ``id: delay-40-minutes-000`` and ``id: delay-40-minutes-003``
    """
    if name.kind == "annotation":
        what = f"article `{name.name}` is annotated in two places"
        hint = "Put all annotations of an article into one file; in JSON Lines, on consecutive lines."
    else:
        what = f"duplicate id `{name.name}`"
        hint = "Choose another id."
    return Problem(name.place, what, partial(_first, name, hint))


def _first(name: DuplicateId, hint: str) -> str:
    first = name.first.resolve()
    return f"The first is at {first.file}:{first.line}. {hint}"


@message("warning")
def ids_differ_in_case(ids: AlikeIds) -> Problem:
    """Give articles ids that differ in more than case and Unicode normalization: files are named after them, and
    Windows and macOS treat names that differ only in these as equal.

    Bad: ``id: a1`` and ``id: A1``

    Good: ``id: a1`` and ``id: a2``
    """
    what = f"id `{ids.name}` differs from `{ids.first}` only in case"
    hint = "Choose another id: Windows and macOS cannot keep the files of both in one folder."
    return Problem(ids.place, what, hint)
