"""Word what is wrong with splits as a whole."""

from functools import partial

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.file_subjects import AlikeTexts
from factpack.corpus.subjects import EmptySplit


@message("error")
def empty_split(split: EmptySplit) -> Problem:
    """Every split has claims: `datasets` cannot load one without any.

    Bad: ``splits: {dev: evaluation, test: evaluation}``, and no claim is in ``test``

    Good: ``splits: {dev: evaluation}``
    """
    hint = "Put claims into it, by `split:` of a claim or of its article in the register, or take it out."
    return Problem(split.place, f"no claim is in the split `{split.split}`", hint)


@message("warning")
def near_copy_of_text(text: AlikeTexts) -> Problem:
    """Articles of different splits differ in more than case, punctuation and spaces: a model would be tested on a text
    that it was trained on.

    Bad: 000 in dev, and 004 in test with the same text in capitals

    Good: both in dev, or one of them left out
    """
    this, first = text.record.value.id, text.first.value.id
    own, its = text.splits
    what = f"{this} is in the split `{own}`, and its text differs from that of {first} in `{its}` in case or signs only"
    return Problem(text.record.at("file"), what, partial(_place, text))


def _place(text: AlikeTexts) -> str:
    first = text.first.at("file").resolve()
    return f"Put both into one split, or leave one out. The other is registered at {first.file}:{first.line}."
