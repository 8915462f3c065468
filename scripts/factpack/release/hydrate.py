"""Withhold the texts of a release, where they may not be passed on, and put them back.

A release without the texts has the same rows. What they take from an article beyond the quotes is null; offsets and
digests stay. Its folder ``full`` holds what else the full release has, so that whoever has the articles can make
exactly that release again.
"""

import hashlib
import json
import shutil
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import msgspec
import pyarrow as pa

from factpack.atomic import move_in, scratch_folder
from factpack.checks.report import printable
from factpack.dataset.schema import Config
from factpack.dataset.table_writer import TableFiles, rewrite
from factpack.errors import ArticleMismatchError, BrokenReleaseError, NotAReleaseError
from factpack.evaluation.tasks.files import task_files
from factpack.evaluation.tasks.tables import write_task_tables
from factpack.limits import MAX_ARTICLE_BYTES, MAX_PAGE_BYTES, limit_of, read_within, too_large
from factpack.project.checkout import ATTRIBUTES, wrong_digest
from factpack.release.layout import (
    CARD,
    CROISSANT,
    FULL,
    MANIFEST,
    PAGE,
    SUMS,
    listed_digests,
    present_files,
    refuse_other_folder,
    sha256,
    write_sums,
)
from factpack.release.manifest import configs_in, read_manifest, table_digests
from factpack.release.verification.load import read_batches
from factpack.release.verification.verify import read_back
from factpack.text.sentences import Span, context
from factpack.viewer.page import with_texts

CACHED_TEXTS = 4_096  # articles whose texts are kept while the rows are filled


def withhold(full: Path, folder: Path) -> tuple[TableFiles, ...]:
    """Write the tables of the release ``full`` without the texts, and what else is needed to make it again."""
    tables = tuple(rewrite(full, folder, config, partial(_without, config)) for config in configs_in(full))
    (folder / FULL).mkdir()
    for name in (ATTRIBUTES, CARD, CROISSANT, MANIFEST, SUMS):
        shutil.copyfile(full / name, folder / FULL / name)
    if (full / PAGE).is_file():
        page = with_texts(read_within(full / PAGE, MAX_PAGE_BYTES).decode(), lambda _: "")
        (folder / FULL / PAGE).write_bytes(page.encode())
    return tables


def _without(config: Config, batch: pa.Table) -> pa.Table:
    for index, column in enumerate(config.columns):
        if column.reads != "nothing":
            field = batch.schema.field(index)
            batch = batch.set_column(index, field, pa.nulls(len(batch), field.type))
    return batch


def hydrate(release: Path, articles: Path, out: Path) -> bool:
    """Make the full release of one without the texts.

    Args:
        release: The release without the texts.
        articles: The folder that has the articles.
        out: Where the full release goes.

    Returns:
        Whether every file has the bytes of the full release that was built. With another version of pyarrow the Parquet
        files differ, and only their rows are the same.

    Raises:
        NotAReleaseError: ``release`` has its texts, or ``out`` is something else than a release.
        BrokenReleaseError: ``release`` is damaged, so that the full release does not come out.
        ArticleMismatchError: An article is missing or has another digest.
    """
    if read_manifest(release).text == "full":
        message = f"{release} already has its texts"
        raise NotAReleaseError(message)
    read_back(release)
    _refuse_incomplete(release)
    refuse_other_folder(out)
    text_of = _texts(release, articles)
    with scratch_folder(out.absolute().parent) as scratch:
        folder = scratch / "release"
        folder.mkdir()
        sentences = _sentences(release)
        fill = partial(_filled, text_of, sentences)
        tables = [rewrite(release, folder, config, partial(fill, config)) for config in configs_in(release)]
        _write_tasks(release, folder)
        same = _complete(release, folder, tables, text_of)
        read_back(folder)
        move_in(folder, out.absolute(), scratch / "old")
    return same


def _refuse_incomplete(release: Path) -> None:
    """Raise BrokenReleaseError if something is missing of which the full release is made."""
    wanted = [f"{FULL}/{MANIFEST}", f"{FULL}/{SUMS}"]
    missing = [name for name in wanted if not (release / name).is_file()]
    if not missing:
        tables = read_manifest(release / FULL).tables
        paths = [path for table in tables.values() for path in table.files]
        missing = [path for path in paths if not (release / path).is_file()]
    if missing:
        raise BrokenReleaseError("\n".join(f"{name}: missing" for name in missing))


def _texts(release: Path, articles: Path) -> Callable[[str], str]:
    """Return what gives the text of an article by its id; every digest is compared first."""
    files = {}
    wrong = []
    columns = ["id", "file", "sha256", "url", "archived_url"]
    for row in (row for batch in read_batches(release, "articles", columns) for row in batch.to_pylist()):
        path = articles / row["file"]
        if Path(row["file"]).name != row["file"] or not path.is_file():
            origin = " or ".join(row[name] for name in ("url", "archived_url") if row[name])
            wrong.append(
                f"{path}: missing; the release needs the file with the SHA-256 {row['sha256']}"
                + (f", which comes from {origin}" if origin else "")
            )
        elif (size := path.stat().st_size) > MAX_ARTICLE_BYTES:
            wrong.append(f"{path}: {too_large(size, MAX_ARTICLE_BYTES)}; the release needs the SHA-256 {row['sha256']}")
        elif (found := sha256(path)) != row["sha256"]:
            otherwise = f"its SHA-256 is {found}; the release needs {row['sha256']}"
            wrong.append(f"{path}: {wrong_digest(path, row['file'], row['sha256'], otherwise)}")
        files[row["id"]] = path
    if wrong:
        raise ArticleMismatchError("\n".join(map(printable, wrong)))

    @lru_cache(maxsize=CACHED_TEXTS)
    def text_of(article: str) -> str:
        if not article:  # what stands for the claims that are in no article has no text
            return ""
        return read_within(files[article], MAX_ARTICLE_BYTES).decode(errors="replace")

    return text_of


def _sentences(release: Path) -> Mapping[str, Sequence[int]]:
    """Return the bounds of the sentences of each article, in order."""
    found: dict[str, array[int]] = {}
    columns = ["article", "start", "end"]
    for batch in read_batches(release, "sentences", columns):
        for article, start, end in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            found.setdefault(article, array("I")).extend((start, end))
    return found


def _filled(
    text_of: Callable[[str], str], sentences: Mapping[str, Sequence[int]], config: Config, batch: pa.Table
) -> pa.Table:
    for index, column in enumerate(config.columns):
        if column.reads == "text":
            values: list[str | None] = [text_of(article) for article in batch["id"].to_pylist()]
        elif column.reads == "nothing":
            continue
        else:
            values = [
                words  # of a passage that is given without its article, the quote is all that there is
                if span is None
                else context(text_of(article), sentences[article] if column.reads == "context" else (), *span)[0]
                for article, span, words in _places(config, batch)
            ]
        field = batch.schema.field(index)
        batch = batch.set_column(index, field, pa.array(values, field.type))
    return batch


def _places(config: Config, batch: pa.Table) -> Iterator[tuple[str, Span | None, str | None]]:
    """Return article and span of each row, and what it reads where there is no span."""
    places = zip(*(batch[name].to_pylist() for name in ("article", "start", "end")), strict=True)
    quotes = batch["quote"].to_pylist() if config.name == "evidence" else [None] * len(batch)
    for (article, start, end), quote in zip(places, quotes, strict=True):
        yield article, None if start is None else Span(start, end), quote


def _write_tasks(release: Path, folder: Path) -> None:
    """Write what the full release has for evaluation harnesses, which is made of its tables."""
    dataset = read_manifest(release / FULL).dataset
    tasks = write_task_tables(folder)
    for name, text in task_files(dataset, tasks).items() if dataset else ():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())


def _complete(release: Path, folder: Path, tables: Sequence[TableFiles], text_of: Callable[[str], str]) -> bool:
    """Put everything else into the full release; tell whether all of it has the bytes of the one that was built.

    Raises:
        BrokenReleaseError: A table has other rows than that one, or a file is missing or has another digest.
    """
    promised, wanted = table_digests(read_manifest(release / FULL)), listed_digests(release / FULL)
    rows = {table.config.name: table.content_sha256 for table in tables}
    others = sorted({config for config, _ in rows.items() ^ promised.items()})
    problems = [f"{config}: its rows do not match the digest in {FULL}/{MANIFEST}" for config in others]
    present = present_files(release)
    for name in sorted(wanted.keys() - {path for table in tables for path in table.paths} - present_files(folder)):
        source = next((path for path in (f"{FULL}/{name}", name) if path in present), None)
        if source is None:
            problems.append(f"{name}: missing, but listed in {FULL}/{SUMS}")
            continue
        data = read_within(release / source, limit_of(name))
        if name == PAGE:
            with suppress(KeyError, TypeError, msgspec.DecodeError):  # a damaged page has another digest
                data = with_texts(data.decode(errors="replace"), text_of).encode()
        if hashlib.sha256(data).hexdigest() != wanted[name]:
            problems.append(f"{source}: its SHA-256 does not match {FULL}/{SUMS}")
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    if problems:
        raise BrokenReleaseError("\n".join(map(printable, problems)))
    found = {name: sha256(folder / name) for name in present_files(folder)}
    same = found == wanted
    if not same:
        path = folder / CROISSANT
        path.write_bytes(_with_digests(read_within(path), folder, found))
        found.pop(CROISSANT)
    write_sums(folder, found)
    return same


def _with_digests(croissant: bytes, folder: Path, digests: Mapping[str, str]) -> bytes:
    document = json.loads(croissant)
    for file in (each for each in document["distribution"] if "contentUrl" in each):
        name = file["contentUrl"]
        file |= {"sha256": digests[name], "contentSize": f"{(folder / name).stat().st_size} B"}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
