"""Find what is wrong with the files beside the annotations: guidelines, languages, names, texts without an entry."""

import hashlib
import unicodedata
from collections.abc import Iterator

from factpack.anchoring.registers.register import Register
from factpack.anchoring.text_store import composed
from factpack.checks.problem import Problem
from factpack.checks.registry import judge
from factpack.corpus.file_subjects import AlikeIds, CopiedFile, FileName, StrayFile
from factpack.corpus.subjects import LanguageCode, Languages, Unwritten
from factpack.formats.hygiene import encoding_errors, read_whole, text_errors
from factpack.formats.locations import Location, Record
from factpack.limits import MAX_ARTICLE_BYTES
from factpack.project.checkout import FETCH_HINT, POINTER, is_pointer, unix_lines
from factpack.project.layout import GUIDELINES, ProjectFiles
from factpack.project.models import Article, Dataset
from factpack.project.placeholders import placeholders


def read_copied(project: ProjectFiles) -> Iterator[Problem | CopiedFile]:
    """Read what the release has copies of. The rules are judged like annotations, the other texts are not."""
    for kind, path in project.copied.items():
        name = project.name(path)
        data, errors = read_whole(name, path, MAX_ARTICLE_BYTES)
        rules = kind == GUIDELINES
        for error in errors or (text_errors(name, data) if rules else ()):
            yield from judge(error)
        for line, column in placeholders(data.decode(errors="replace")) if rules else ():
            yield from judge(Unwritten("", Location(name, line, column)))
        yield CopiedFile(kind, unix_lines(data))


def judge_languages(articles: Register[Article], dataset: Record[Dataset] | None) -> Iterator[Problem]:
    """Report what is wrong with the languages of the articles and of the dataset."""
    records = articles.records.values()
    languages: dict[str, str] = {}
    for record in records:
        if record:
            languages.setdefault(record.value.language, record.value.id)
            yield from judge(LanguageCode(record.value.language, record.at("language")))
    if dataset:
        for index, code in enumerate(dataset.value.languages):
            yield from judge(LanguageCode(code, dataset.at("languages", index)))
        if languages and articles.complete and None not in records:
            yield from judge(Languages(dataset, languages))


def judge_file_names(project: ProjectFiles, articles: Register[Article]) -> Iterator[Problem]:
    """Report names that do not work on every system."""
    if project.is_reading:  # said of the released annotations
        return
    for path in project.sources:
        yield from judge(FileName(path.name, Location(project.name(path), 1, 1)))
    ids: dict[str, str] = {}
    for record in filter(None, articles.records.values()):
        yield from judge(FileName(record.value.file, record.at("file")))
        first = ids.setdefault(unicodedata.normalize("NFC", record.value.id).casefold(), record.value.id)
        if first != record.value.id:
            yield from judge(AlikeIds(record.value.id, record.at("id"), first))


def find_stray_seeds(project: ProjectFiles, articles: Register[Article]) -> Iterator[Problem]:
    """Report the files of articles that are not registered."""
    if not articles.complete or None in articles.records.values():
        return
    registered = {record.value.file for record in articles.records.values() if record}
    register = project.register_of("articles")
    in_other_form = {composed(name) for name in registered - project.seeds}  # which are said to be missing
    for name in sorted(project.seeds - registered):
        if composed(name) in in_other_form:
            continue
        path = project.root / "seeds" / name
        shown = project.name(path)
        if is_pointer(path):
            yield from judge(StrayFile(shown, f"It is {POINTER}. {FETCH_HINT}"))
            continue
        if name != name.encode(errors="replace").decode():
            yield from judge(StrayFile(shown, "A name that is not UTF-8 cannot be registered. Rename it."))
            continue
        data, errors = read_whole(shown, path, MAX_ARTICLE_BYTES)
        errors = errors or encoding_errors(shown, data)
        for error in errors:
            yield from judge(error)
        if not errors:
            yield from judge(StrayFile(shown, register, sha256=hashlib.sha256(data).hexdigest()))
