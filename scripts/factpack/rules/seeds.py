"""Rules on the files of a project: the articles are those that were registered, byte for byte."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET

from factpack.corpus import MisnamedFile, RegisteredText, SeedFault, StrayFile
from factpack.model import Article
from factpack.records import Record, Spot
from factpack.rules.registry import Finding, rule


@rule("error")
def seed_missing(seed: SeedFault) -> Iterator[Finding]:
    """Every registered article lies in ``seeds/``.

    Bad: articles.yaml registers ``005_news.txt``, and there is no such file

    Good: the file is there, or the entry is gone
    """
    if not seed.found:
        file = seed.record.value.file
        yield Finding(
            seed.record.at("file"), f"seeds/{file} does not exist", "Put the file there, or delete this entry."
        )


@rule("error")
def seed_changed(seed: SeedFault) -> Iterator[Finding]:
    """An article is the bytes that were registered, because every offset counts from its beginning.

    Bad: somebody corrected a typing error in ``seeds/000.txt``

    Good: the file is as it was; or its new sum is registered, and every quote in it checked again
    """
    if seed.found:
        hint = f"Restore the file. If the change is meant, write `sha256: {seed.found}` and check again."
        yield Finding(seed.record.at("sha256"), f"seeds/{seed.record.value.file} has another SHA-256 sum", hint)


@rule("error")
def stray_file(file: StrayFile) -> Iterator[Finding]:
    """No file lies where it looks as if it were part of the dataset, and is not.

    Bad: ``seeds/005_news.txt`` that articles.yaml does not register; ``annotations/000.yml``

    Good: the article is registered; ``annotations/000.yaml``
    """
    spot = Spot(file.name, 1, 1)
    if file.is_seed:
        hint = f"Register it in annotations/articles.yaml, with `sha256: {file.reason}`, or move it out of seeds/."
        yield Finding(spot, "this article is not registered", hint)
    else:
        yield Finding(spot, "this file is not read", file.reason)


@rule("error")
def misnamed_file(file: MisnamedFile) -> Iterator[Finding]:
    """The file with the annotations of an article is named after it, so that a person finds the one from the other.

    Bad: ``article: "001"`` in ``annotations/000.yaml``

    Good: ``article: "001"`` in ``annotations/001.yaml``
    """
    hint = f"Rename it to {file.article}.yaml, or correct `article:`."
    yield Finding(Spot(file.name, 1, 1), f"this file annotates the article `{file.article}`", hint)


@rule("error")
def article_file_name(article: Record[Article]) -> Iterator[Finding]:
    """The file name of an article begins with the article's id, so that a person finds the one from the other.

    Bad: ``id: "000"`` with ``file: 001_news.txt``

    Good: ``id: "001"`` with ``file: 001_news.txt``
    """
    name, wanted = article.value.file, article.value.id
    rest = name.removeprefix(wanted)
    if rest == name or rest[:1].isalnum():
        message = f"the file name `{name}` does not begin with the article's id `{wanted}`"
        yield Finding(article.at("file"), message, "Correct the id or the file name.")


@rule("error")
def no_such_date(article: Record[Article]) -> Iterator[Finding]:
    """A date is in the calendar.

    Bad: ``value: 2024-02-30``

    Good: ``value: 2024-02-29``
    """
    if article.value.date is not UNSET:
        try:
            date.fromisoformat(article.value.date.value)
        except ValueError:
            message = f"there is no {article.value.date.value} in the calendar"
            yield Finding(article.at("date", "value"), message, "Correct the date.")


@rule("error")
def date_without_passage(article: Record[Article]) -> Iterator[Finding]:
    """The date of an article comes from its text: ``stated`` or ``inferred`` gives the passage.

    Bad: ``date: {value: 2024-08-13}``

    Good: ``date: {value: 2024-08-13, inferred: "Prior to August 12"}``
    """
    given = article.value.date
    if given is not UNSET and bool(given.stated) == bool(given.inferred):
        hint = "Give the passage, as `stated` if it states the date, as `inferred` if the date follows from it."
        yield Finding(article.at("date"), "the date needs one passage, either stated or inferred", hint)


@rule("error")
def register_not_in_text(article: RegisteredText) -> Iterator[Finding]:
    """What the register says of an article (title, the passages for publisher and date) stands in its text, word for
    word.

    Bad: ``title: Musk and Trump`` where the text begins “Why Musk and Trump are on the same side”

    Good: ``title: Why Musk and Trump are on the same side``
    """
    value = article.record.value
    quotes: list[tuple[str, tuple[str, ...]]] = [(value.title, ("title",))]
    if value.publisher is not UNSET:
        quotes.append((value.publisher.quote, ("publisher", "quote")))
    if value.date is not UNSET:
        quotes += [(value.date.stated, ("date", "stated")), (value.date.inferred, ("date", "inferred"))]
    for quote, path in quotes:
        if quote not in article.text.text:
            hint = "Copy the exact words from the article, or leave the key out if the article does not say it."
            yield Finding(article.record.at(*path), f"these words do not stand in article {value.id}", hint)
