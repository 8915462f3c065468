"""Word what is wrong with splits as a whole."""

from functools import partial

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.file_subjects import AlikeTexts
from factpack.corpus.subjects import EmptySplit


@message("error")
def empty_split(split: EmptySplit) -> Problem:
    """Put claims into every split: `datasets` cannot load one without any.

    Bad: ``splits: {dev: evaluation, test: evaluation}``, and no claim in ``test``

    Good: ``splits: {dev: evaluation}``
    """
    hint = "Add `split:` to claims, or to their articles in the register, or delete the split."
    return Problem(split.place, f"split `{split.split}` has no claims", hint)


@message("warning")
def near_copy_of_text(text: AlikeTexts) -> Problem:
    """Put articles that differ only in case, punctuation or spaces into one split: otherwise a model would be tested on
    a text that it was trained on.

    Bad: 000 in dev, and 004 in test with the same text in capitals

    Good: both in dev, or one of them deleted
    """
    this, first = text.record.value.id, text.first.value.id
    own, its = text.splits
    what = f"article {this} in split `{own}` differs from {first} in split `{its}` only in case, punctuation or spaces"
    return Problem(text.record.at("file"), what, partial(_place, text))


def _place(text: AlikeTexts) -> str:
    first = text.first.at("file").resolve()
    return f"Put both into one split, or delete one. The other is registered at {first.file}:{first.line}."
