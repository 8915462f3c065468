"""Rules on articles: each is what was registered, and every sentence is accounted for, in one way."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain

from msgspec import UNSET

from factpack.checks.problem import Problem, Severity
from factpack.checks.rule import rule
from factpack.corpus.file_subjects import FileName
from factpack.corpus.types import UNACCOUNTED, AnchoredArticle, AnchoredClaim, AnchoredNote, RegisteredText
from factpack.formats.locations import Location, Path, Record, lines_and_columns
from factpack.project.models import Article, Unverified
from factpack.text.sentences import Span


@rule("error")
def article_file_name(article: Record[Article]) -> Iterator[Problem]:
    """Begin the file name of an article with the article's id, so that people find it.

    Bad: ``id: "000"`` with ``file: 001_news.txt``

    Good: ``id: "001"`` with ``file: 001_news.txt``
    """
    name, wanted = article.value.file, article.value.id
    rest = name.removeprefix(wanted)
    if rest == name or rest[:1].isalnum():
        message = f"file name `{name}` does not begin with the article's id `{wanted}`"
        yield Problem(article.at("file"), message, "Correct the id or the file name.")


@rule("error")
def no_such_date(article: Record[Article]) -> Iterator[Problem]:
    """Write only dates that exist in the calendar.

    Bad: ``value: 2024-02-30``

    Good: ``value: 2024-02-29``
    """
    days: list[tuple[str, Path]] = []
    if article.value.date is not UNSET:
        days.append((article.value.date.value, ("date", "value")))
    if article.value.retrieved:
        days.append((article.value.retrieved, ("retrieved",)))
    for day, path in days:
        try:
            date.fromisoformat(day)
        except ValueError:
            yield Problem(article.at(*path), f"date {day} does not exist", "Correct the date.")


@rule("error")
def date_without_passage(article: Record[Article]) -> Iterator[Problem]:
    """Take the date of an article from its text: ``stated`` or ``inferred`` gives the passage.

    Bad: ``date: {value: 2024-08-13}``

    Good: ``date: {value: 2024-08-13, inferred: "Prior to August 12"}``
    """
    given = article.value.date
    if given is not UNSET and bool(given.stated) == bool(given.inferred):
        hint = "Quote the passage: as `stated` if it states the date, as `inferred` if the date follows from it."
        yield Problem(article.at("date"), "date needs one passage, either `stated` or `inferred`", hint)


@rule("error")
def register_not_in_text(article: RegisteredText) -> Iterator[Problem]:
    """Copy everything that the register quotes from an article (title, passages for publisher and date, words that
    correct its sentences) from the text of the article, word for word.

    Bad: ``title: Musk and Trump`` where the text begins “Why Musk and Trump are on the same side”

    Good: ``title: Why Musk and Trump are on the same side``
    """
    value = article.record.value
    quotes: list[tuple[str, Path]] = [(value.title, ("title",))]
    if value.publisher is not UNSET:
        quotes.append((value.publisher.quote, ("publisher", "quote")))
    if value.date is not UNSET:
        quotes += [(value.date.stated, ("date", "stated")), (value.date.inferred, ("date", "inferred"))]
    if value.sentences is not UNSET:
        quotes += [(words, ("sentences", "join", index)) for index, words in enumerate(value.sentences.join)]
        quotes += [(words, ("sentences", "split", index)) for index, words in enumerate(value.sentences.split)]
    for quote, path in quotes:
        if quote not in article.text.text:
            other = "delete the entry" if "sentences" in path else "leave the key out if the article does not say it"
            hint = f"Copy the exact words from the article, or {other}."
            yield Problem(article.record.at(*path), f"text not found in article {value.id}", hint)


#: What no file can be named on Windows.
_NOT_ON_WINDOWS = re.compile(
    r"(?P<device>(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?)"
    r"|[^<>:\"|?*\\\x00-\x1f]*(?P<character>[<>:\"|?*\\\x00-\x1f]).*"
    r"|.*(?P<end>[. ])",
    re.IGNORECASE | re.DOTALL,
)


@rule("warning")
def name_not_portable(file: FileName) -> Iterator[Problem]:
    r"""Give a file a name that every system allows, so that everybody can check the project out. Windows reserves the
    names ``con``, ``prn``, ``aux``, ``nul``, ``com1`` and ``lpt1``, with any suffix, for devices. It does not allow
    ``< > : " | ? * \``, nor a dot or a space at the end.

    Bad: ``file: 001_what now?.txt``

    Good: ``file: 001_what-now.txt``
    """
    found = _NOT_ON_WINDOWS.fullmatch(file.name)
    if found is None:
        return
    if found["device"]:
        message = f"file name `{file.name}` is not allowed on Windows: it is the name of a device"
    elif found["character"]:
        message = f"file name `{file.name}` is not allowed on Windows: it contains `{found['character']}`"
    else:
        end = "dot" if found["end"] == "." else "space"
        message = f"file name `{file.name}` is not allowed on Windows: it ends with a {end}"
    hint = "Rename it, so that the project can be checked out on Windows. Letters, digits, `-`, `_` and `.` are safe."
    yield Problem(file.place, message, hint)


MAX_WORDS = 100  # code points of a sentence that are shown


@rule("error")
def sentence_unaccounted(article: AnchoredArticle) -> Iterator[Problem]:
    """Account for every sentence by a claim, an unverified passage or a passage that is not checkable.

    It is a warning while the register says ``annotation: partial``, and an error once it says ``complete``. In an
    article that is only a source (``annotation: none``) no sentence has to be accounted for.

    Bad: a sentence that nobody has read

    Good: the sentence listed under ``not_checkable`` with ``reason: opinion``
    """
    if not article.whole:
        return
    record = article.record
    severity: Severity = "error" if record.value.annotation == "complete" else "warning"
    text, bounds = article.text.text, article.text.bounds
    numbers = [number for number, status in enumerate(article.accounts.statuses) if status == UNACCOUNTED]
    hint = f"Add a claim, an unverified or a not_checkable passage for it to {article.file}."
    places = lines_and_columns(text, (bounds[2 * number] for number in numbers))
    for number, (line, column) in zip(numbers, places, strict=True):
        start, end = bounds[2 * number], bounds[2 * number + 1]
        shown = text[start:end] if end - start <= MAX_WORDS else text[start : start + MAX_WORDS] + "…"
        place = Location(f"seeds/{record.value.file}", line, column)
        yield Problem(place, f"sentence is not accounted for: ‘{shown}’", hint, severity)


@rule("error")
def checkable_and_not(article: AnchoredArticle) -> Iterator[Problem]:
    """List as not checkable only a passage that contains no claim and no unverified passage.

    Bad: a sentence under ``not_checkable``, and a claim that quotes five words of it

    Good: only the claim; a sentence with a claim needs no other entry
    """
    starts, ends = _merged((*article.claims.spans, *article.unverified.spans))
    for index, span in enumerate(article.not_checkable.spans):
        before = bisect_left(starts, span.end)  # how many begin before it ends
        if before and ends[before - 1] > span.start:
            checkable: Iterable[AnchoredClaim | AnchoredNote[Unverified]] = chain(article.claims, article.unverified)
            other = next(other.record.value.id for other in checkable if span.overlaps(other.span))
            message = f"passage is listed as not checkable, but `{other}` quotes part of it"
            place = article.not_checkable.records[index].at("quote")
            yield Problem(place, message, "Delete one of the two, or shorten this quote.")


def _merged(spans: Iterable[Span]) -> tuple[list[int], list[int]]:
    """Return what spans cover, without overlap: the starts and the ends."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(spans):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
