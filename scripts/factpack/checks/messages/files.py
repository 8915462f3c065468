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
    """Keep every registered article in ``seeds/``.

    Bad: articles.yaml registers ``005_news.txt``, and there is no such file

    Good: the file is there, or the entry is deleted
    """
    file, place = seed.record.value.file, seed.record.at("file")
    if seed.other_form:
        what = f"seeds/{file} exists, but its name is in another Unicode form that looks the same"
        return Problem(
            place, what, f"Rename the file in two steps: to another name, then to `{file}`, copied from here."
        )
    return Problem(place, f"seeds/{file} does not exist", "Add the file, or delete this entry.")


@message("error", "changed")
def seed_changed(seed: ArticleFileError) -> Problem:
    """Keep the bytes of an article as they were registered, because every offset counts from its beginning.

    Git can change it: it converts line endings, and Git LFS replaces a file with a pointer.

    Bad: somebody corrected a typing error in ``seeds/000.txt``

    Good: the file is restored; or its new SHA-256 is registered, and every quote in it is checked again
    """
    name = f"seeds/{seed.record.value.file}"
    if seed.mishap:
        differs = "differs from the registered article only in its line endings"
        what = f"{name} {f'is {POINTER}' if seed.mishap == 'pointer' else differs}"
        hint = restore_hint(seed.mishap, name)
    else:
        what = f"{name} does not have the registered SHA-256"
        hint = f"Restore the file. If the change is intended, write `sha256: {seed.found}` and check again."
    return Problem(seed.record.at("sha256"), what, hint)


@message("error")
def repeated_article(article: RepeatedText) -> Problem:
    """Register a text once, because two articles count as two sources. Texts that differ only in spaces and line
    endings are the same text. It is a warning if ``dataset.yaml`` sets ``duplicates: as-found``.

    Bad: ``001_news.txt`` and ``004_news-copy.txt`` with the same ``sha256``

    Good: ``001_news.txt`` alone
    """
    this, first = article.record, article.first
    but = "" if this.value.sha256 == first.value.sha256 else " except for spaces and line endings"
    what = (
        f"article {this.value.id} repeats the text of article {first.value.id}{but}, and would count as a second source"
    )
    return Problem(this.at("sha256"), what, partial(_delete_article, article))


def _delete_article(article: RepeatedText) -> str:
    first, file = article.first.at("sha256").resolve(), article.record.value.file
    other = f"The first is registered at {first.file}:{first.line}."
    delete = "Delete this entry" + ("" if file == article.first.value.file else f" and seeds/{file}")
    kept = "If both are published, set `duplicates: as-found` in dataset.yaml."
    return f"{other} {delete}, and cite {article.first.value.id} instead in evidence. {kept}"


@message("error")
def stray_file(file: StrayFile) -> Problem:
    """Leave no file in ``annotations/``, in the folder of a reading or in ``seeds/`` that looks like a part of the
    dataset but is ignored. The rule reports every file that is not read, every folder, and every Git LFS pointer.

    Other files that belong there: ``CHANGELOG.md``, ``GUIDELINES.md`` and the folder ``schemas`` in ``annotations/``,
    and a ``README`` (also .md, .txt, .rst) beside annotations. The rule skips names that begin with a dot, and files
    that operating systems leave (``Thumbs.db``, ``desktop.ini``).

    Bad: ``seeds/005_news.txt`` that articles.yaml does not register; ``annotations/000.yaml.txt``

    Good: the article is registered; ``annotations/000.yaml``
    """
    place = Location(file.name, 1, 1)
    if file.sha256:
        hint = f"Register it in {file.reason}, with `sha256: {file.sha256}`, or move it out of seeds/."
        return Problem(place, "article is not registered", hint)
    return Problem(place, f"{'folder' if file.is_folder else 'file'} is ignored", file.reason)


@message("error")
def misnamed_file(file: MisnamedFile) -> Problem:
    """Name the file with the annotations of an article after the article, so that people find it.

    Bad: ``article: "001"`` in ``annotations/000.yaml``

    Good: ``article: "001"`` in ``annotations/001.yaml``
    """
    hint = f"Rename it to {file.article}{PurePath(file.name).suffix}, or correct `article:`."
    return Problem(
        Location(file.name, 1, 1), f"file annotates article `{file.article}` but is not named after it", hint
    )


@message("error")
def not_annotated(missing: NotAnnotated) -> Problem:
    """Annotate an article that is marked ``annotation: complete``.

    Bad: ``annotation: complete`` in the register, and no file of annotations for the article

    Good: ``annotations/000.yaml``
    """
    article = missing.record.value.id
    what = f"article {article} is marked `annotation: complete` but has no annotations"
    step = f"Add {missing.file}" if PurePath(missing.file).stem == article else f"Annotate it in {missing.file}"
    return Problem(missing.record.at("annotation"), what, f"{step}, or write `annotation: partial`.")


@message("error")
def source_annotated(annotated: AnnotatedSource) -> Problem:
    """Annotate nothing in an article that is only a source and provides evidence. The counts of sentences
    that are accounted for leave it out, and the page shows only the passages that are cited.

    Bad: ``annotation: none`` in the register, and a claim in the article

    Good: ``annotation: partial``, and the same claim
    """
    what = f"article {annotated.article} is marked `annotation: none` but is annotated here"
    hint = "Write `annotation: partial` for it in the register, or delete these annotations."
    return Problem(annotated.place, what, hint)


#: What to write in the place of what the template has, where its words do not say it.
_TO_WRITE = {
    "license": (
        "Choose a licence, and write its id: cc-by-4.0, cc-by-sa-4.0, cc-by-nc-4.0, cc0-1.0, odc-by, odbl or another "
        "from https://huggingface.co/docs/hub/repositories-licenses, or `other` with `license_name`."
    ),
    "license_link": ("Write the URL of the licence text, such as https://creativecommons.org/licenses/by/4.0/."),
    "claim": (
        "Restate it so that it is understood on its own. Label it under `claims` if another passage bears on it, "
        "or list its sentence under `not_checkable`."
    ),
    "": "Replace it with your rule, or delete the question if it does not arise in your articles.",
}


@message("warning")
def placeholder_text(text: Unwritten) -> Problem:
    """Replace all placeholder text of `factpack init` and `factpack add-article`. For `factpack release` a
    placeholder is an error, and `factpack publish` refuses a release that has one: nobody should cite “TODO”, or reuse
    articles without a licence.

    Bad: ``license: TODO``; ``title: "TODO: the human-readable name of the dataset"``

    Good: ``license: cc-by-4.0``; ``title: Ferry Fact-Check``
    """
    hint = _TO_WRITE.get(text.key) or f"Write {DATASET_TEXTS[text.key].removeprefix('TODO: ')}."
    what = f"`{text.key}` still has the template text" if text.key else "a template question is not answered"
    what = "stub is not filled in" if text.key == "claim" else what
    return Problem(text.place, what, f"{hint} Until then the dataset cannot be released or published.")


@message("warning")
def idle_sentence_words(idle: IdleSentenceWords) -> Problem:
    """List under ``sentences`` in the register only words that correct where a sentence of the article ends: without
    ``join`` a sentence would end within the words, without ``split`` it would continue after them. The first 10,000
    occurrences count.

    Bad: ``sentences: {join: [M.]}`` in an article with “M. Dupont spoke.”

    Good: ``sentences: {join: [M. Dupont]}``
    """
    if idle.key == "join":
        what = f"no sentence of article {idle.article} ends within these words"
        hint = "Write the words on both sides of the wrong sentence end, or delete the entry."
    else:
        what = f"no sentence of article {idle.article} continues after these words"
        hint = "Write the words up to where the sentence ends, or delete the entry."
    return Problem(idle.place, what, hint)
