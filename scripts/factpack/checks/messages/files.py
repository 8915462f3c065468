"""Word what is wrong with the files of a project."""

from functools import partial
from pathlib import PurePath

from factpack.checks.problem import Problem
from factpack.checks.rule import message
from factpack.corpus.file_subjects import (
    AnnotatedSource,
    ArticleFileError,
    MisnamedFile,
    NotAnnotated,
    RepeatedText,
    StrayFile,
)
from factpack.corpus.subjects import IdleSentenceWords, Unwritten
from factpack.formats.locations import Location
from factpack.project.checkout import POINTER, restore_hint
from factpack.project.placeholders import DATASET_TEXTS


@message("error", "missing")
def seed_missing(seed: ArticleFileError) -> Problem:
    """Every registered article lies in ``seeds/``.

    Bad: articles.yaml registers ``005_news.txt``, and there is no such file

    Good: the file is there, or the entry is gone
    """
    file, place = seed.record.value.file, seed.record.at("file")
    if seed.other_form:
        what = f"seeds/{file} is there, but its name has another Unicode form, which looks alike"
        return Problem(
            place, what, f"Rename the file in two steps: to another name, then to `{file}`, copied from here."
        )
    return Problem(place, f"seeds/{file} does not exist", "Put the file there, or delete this entry.")


@message("error", "changed")
def seed_changed(seed: ArticleFileError) -> Problem:
    """An article is the bytes that were registered, because every offset counts from its beginning.

    Git can change it: to other line ends, or to the pointer that Git LFS leaves in the place of a file.

    Bad: somebody corrected a typing error in ``seeds/000.txt``

    Good: the file is as it was; or its new sum is registered, and every quote in it checked again
    """
    name = f"seeds/{seed.record.value.file}"
    if seed.mishap:
        differs = "differs from the registered article in its line ends only"
        what = f"{name} {f'is {POINTER}' if seed.mishap == 'pointer' else differs}"
        hint = restore_hint(seed.mishap, name)
    else:
        what = f"{name} has another SHA-256 sum"
        hint = f"Restore the file. If the change is meant, write `sha256: {seed.found}` and check again."
    return Problem(seed.record.at("sha256"), what, hint)


@message("error")
def repeated_article(article: RepeatedText) -> Problem:
    """A text is registered once, because two articles count as two sources; other blanks and line ends make no other
    text.

    Bad: ``001_news.txt`` and ``004_news-copy.txt`` with the same ``sha256``

    Good: ``001_news.txt`` alone
    """
    this, first = article.record, article.first
    but = "" if this.value.sha256 == first.value.sha256 else " but for blanks and line ends"
    what = f"article {this.value.id} has the text of article {first.value.id}{but}, and would count as a second source"
    return Problem(this.at("sha256"), what, partial(_delete_article, article))


def _delete_article(article: RepeatedText) -> str:
    first, file = article.first.at("sha256").resolve(), article.record.value.file
    other = f"The other one is registered at {first.file}:{first.line}."
    delete = "Delete this entry" + ("" if file == article.first.value.file else f" and seeds/{file}")
    return f"{other} {delete}, and name {article.first.value.id} where it is evidence."


@message("error")
def stray_file(file: StrayFile) -> Problem:
    """Nothing lies in ``annotations/``, in a reading's folder or in ``seeds/`` that looks as if it were part of the
    dataset, and is not: every file that is not read, every folder, and a pointer of Git LFS in the place of a file.

    Other files that belong there: ``CHANGELOG.md``, ``GUIDELINES.md`` and the folder ``schemas`` in ``annotations/``,
    and a ``README`` (also .md, .txt, .rst) beside annotations. Ignored is what begins with a dot, and what operating
    systems leave (``Thumbs.db``, ``desktop.ini``).

    Bad: ``seeds/005_news.txt`` that articles.yaml does not register; ``annotations/000.yaml.txt``

    Good: the article is registered; ``annotations/000.yaml``
    """
    place = Location(file.name, 1, 1)
    if file.sha256:
        hint = f"Register it in {file.reason}, with `sha256: {file.sha256}`, or move it out of seeds/."
        return Problem(place, "this article is not registered", hint)
    return Problem(place, f"this {'folder' if file.is_folder else 'file'} is not read", file.reason)


@message("error")
def misnamed_file(file: MisnamedFile) -> Problem:
    """The file with the annotations of an article is named after it, so that a person finds the one from the other.

    Bad: ``article: "001"`` in ``annotations/000.yaml``

    Good: ``article: "001"`` in ``annotations/001.yaml``
    """
    hint = f"Rename it to {file.article}{PurePath(file.name).suffix}, or correct `article:`."
    return Problem(Location(file.name, 1, 1), f"this file annotates the article `{file.article}`", hint)


@message("error")
def not_annotated(missing: NotAnnotated) -> Problem:
    """An article that is said to be annotated completely is annotated.

    Bad: ``annotation: complete`` in the register, and no file of annotations for the article

    Good: ``annotations/000.yaml``
    """
    article = missing.record.value.id
    what = f"the article `{article}` is said to be annotated completely, and nothing annotates it"
    step = f"Add {missing.file}" if PurePath(missing.file).stem == article else f"Annotate it in {missing.file}"
    return Problem(missing.record.at("annotation"), what, f"{step}, or write `annotation: partial`.")


@message("error")
def source_annotated(annotated: AnnotatedSource) -> Problem:
    """An article that is only a source gives passages of evidence, and has no annotations of its own: its sentences
    are in no count of what is accounted for, and the page shows only the passages that are cited.

    Bad: ``annotation: none`` in the register, and a claim in the article

    Good: ``annotation: partial``, and the same claim
    """
    what = f"the article `{annotated.article}` is registered as only a source, and is annotated here"
    hint = "Write `annotation: partial` for it in the register, or delete these annotations."
    return Problem(annotated.place, what, hint)


#: What to write in the place of what the template has, where its words do not say it.
_TO_WRITE = {
    "license": (
        "Choose a licence, and write its id: cc-by-4.0, cc-by-sa-4.0, cc-by-nc-4.0, cc0-1.0, odc-by, odbl or another "
        "of https://huggingface.co/docs/hub/repositories-licenses, or `other` with `license_name`."
    ),
    "license_link": (
        "Write the address of the text of the licence, such as https://creativecommons.org/licenses/by/4.0/."
    ),
    "claim": (
        "Say what it states, so that it is understood alone; label it under `claims` if another passage bears on it, "
        "or list its sentence under `not_checkable`."
    ),
    "": "Write your rule in its place, or delete the question if it does not arise in your articles.",
}


@message("warning")
def placeholder_text(text: Unwritten) -> Problem:
    """What `factpack init` and `factpack add-article` leave to be written has been written. `factpack release` takes it
    for an error, and `factpack publish` refuses a release that has it: nobody shall cite “TODO”, or reuse articles
    without a licence.

    Bad: ``license: TODO``; ``title: "TODO: the name of the dataset for people"``

    Good: ``license: cc-by-4.0``; ``title: Ferry Fact-Check``
    """
    hint = _TO_WRITE.get(text.key) or f"Write {DATASET_TEXTS[text.key].removeprefix('TODO: ')}."
    what = f"`{text.key}` has the text of the template" if text.key else "a question of the template is not answered"
    what = "this stub is not written out" if text.key == "claim" else what
    return Problem(text.place, what, f"{hint} Until then it is not released or published.")


@message("warning")
def idle_sentence_words(idle: IdleSentenceWords) -> Problem:
    """Words under ``sentences`` in the register mend a sentence of the article: within those of ``join`` one would end,
    behind those of ``split`` one would go on. They count wherever they occur, the first 10,000 times.

    Bad: ``sentences: {join: [M.]}`` in an article with “M. Dupont spoke.”

    Good: ``sentences: {join: [M. Dupont]}``
    """
    if idle.key == "join":
        what = f"no sentence of article {idle.article} ends within these words"
        hint = "Write the words on both sides of the end that is none, or delete the entry."
    else:
        what = f"no sentence of article {idle.article} goes on behind these words"
        hint = "Write the words up to where the sentence ends, or delete the entry."
    return Problem(idle.place, what, hint)
