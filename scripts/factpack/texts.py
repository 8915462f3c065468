"""The two forms of a release: with the texts of the articles, and, where those may not be passed on, without.

A release without the texts has the same rows. What they take from an article beyond the quotes is null; offsets and
sums stay. Its folder ``full`` holds what else the full release has, so that whoever has the articles can make exactly
that release again.
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
import pyarrow.parquet as pq

from factpack.columns import Config, table_path
from factpack.folder import (
    MANIFEST,
    SUMS,
    BrokenReleaseError,
    NotAReleaseError,
    configs_in,
    listed_sums,
    move_in,
    present_files,
    read_manifest,
    refuse_other_folder,
    scratch_folder,
    sha256,
    table_sums,
    write_sums,
)
from factpack.loading import table_file
from factpack.sentences import Span, context
from factpack.tables import TableFile, rewrite
from factpack.verify import verify
from factpack.view import PAGE, with_texts

FULL = "full"
CARD = "README.md"
CROISSANT = "croissant.json"
CACHED_TEXTS = 4_096  # articles whose texts are kept while the rows are filled


class WrongArticlesError(Exception):
    """The articles are not those that the release was made from; the message lists every one that is not."""


def withhold(full: Path, folder: Path) -> tuple[TableFile, ...]:
    """Writes the tables of the release ``full`` without the texts, and what else is needed to make it again."""
    tables = tuple(rewrite(full, folder, config, partial(_without, config)) for config in configs_in(full))
    (folder / FULL).mkdir()
    for name in (CARD, CROISSANT, MANIFEST, SUMS):
        shutil.copyfile(full / name, folder / FULL / name)
    if (full / PAGE).is_file():
        page = with_texts((full / PAGE).read_bytes().decode(), lambda _: "")
        (folder / FULL / PAGE).write_bytes(page.encode())
    return tables


def _without(config: Config, batch: pa.Table) -> pa.Table:
    for index, column in enumerate(config.columns):
        if column.reads != "nothing":
            field = batch.schema.field(index)
            batch = batch.set_column(index, field, pa.nulls(len(batch), field.type))
    return batch


def hydrate(release: Path, articles: Path, out: Path) -> bool:
    """Makes the full release ``out`` from one without the texts and the folder that holds the articles.

    Returns whether every file has the same bytes as the full release that was built; with another version of pyarrow
    the Parquet files differ, and only their rows are the same.

    Raises NotAReleaseError if ``release`` is not one without texts or ``out`` is something else than a release,
    BrokenReleaseError if ``release`` does not hold what it promises, so that the full release does not come out, and
    WrongArticlesError if an article is missing or has another sum.
    """
    if read_manifest(release).text == "full":
        message = f"{release} has its texts already"
        raise NotAReleaseError(message)
    verify(release)
    _refuse_incomplete(release)
    refuse_other_folder(out)
    text_of = _texts(release, articles)
    with scratch_folder(out.absolute().parent) as scratch:
        folder = scratch / "release"
        folder.mkdir()
        sentences = _sentences(release)
        fill = partial(_filled, text_of, sentences)
        tables = [rewrite(release, folder, config, partial(fill, config)) for config in configs_in(release)]
        same = _complete(release, folder, tables, text_of)
        verify(folder)
        move_in(folder, out.absolute(), scratch / "old")
    return same


def _refuse_incomplete(release: Path) -> None:
    """Raises BrokenReleaseError if something is missing of which the full release is made."""
    wanted = [f"{FULL}/{MANIFEST}", f"{FULL}/{SUMS}"]
    missing = [name for name in wanted if not (release / name).is_file()]
    if not missing:
        tables = read_manifest(release / FULL).tables
        missing = [path for path in map(table_path, tables) if not (release / path).is_file()]
    if missing:
        raise BrokenReleaseError("\n".join(f"{name}: missing" for name in missing))


def _texts(release: Path, articles: Path) -> Callable[[str], str]:
    """The text of an article by its id; every sum is compared first."""
    files = {}
    wrong = []
    table = pq.read_table(release / table_path("articles"), columns=["id", "file", "sha256"])
    for row in table.to_pylist():
        path = articles / row["file"]
        if Path(row["file"]).name != row["file"] or not path.is_file():
            wrong.append(f"{path}: there is no such file; the release wants one with the sum {row['sha256']}")
        elif (found := sha256(path)) != row["sha256"]:
            wrong.append(f"{path}: its sum is {found}; the release wants {row['sha256']}")
        files[row["id"]] = path
    if wrong:
        raise WrongArticlesError("\n".join(wrong))

    @lru_cache(maxsize=CACHED_TEXTS)
    def text_of(article: str) -> str:
        return str(files[article].read_bytes(), "utf-8", "replace")

    return text_of


def _sentences(release: Path) -> Mapping[str, Sequence[int]]:
    """The bounds of the sentences of each article, in order."""
    found: dict[str, array[int]] = {}
    columns = ["article", "start", "end"]
    for batch in table_file(release, "sentences").iter_batches(columns=columns):
        for article, start, end in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            found.setdefault(article, array("I")).extend((start, end))
    return found


def _filled(
    text_of: Callable[[str], str], sentences: Mapping[str, Sequence[int]], config: Config, batch: pa.Table
) -> pa.Table:
    for index, column in enumerate(config.columns):
        if column.reads == "text":
            values = [text_of(article) for article in batch["id"].to_pylist()]
        elif column.reads == "nothing":
            continue
        else:
            values = [
                context(text_of(article), sentences[article] if column.reads == "context" else (), *span)
                for article, span in _places(batch)
            ]
        field = batch.schema.field(index)
        batch = batch.set_column(index, field, pa.array(values, field.type))
    return batch


def _places(batch: pa.Table) -> Iterator[tuple[str, Span]]:
    columns = (batch[name].to_pylist() for name in ("article", "start", "end"))
    return ((article, Span(start, end)) for article, start, end in zip(*columns, strict=True))


def _complete(release: Path, folder: Path, tables: Sequence[TableFile], text_of: Callable[[str], str]) -> bool:
    """Puts everything else into the full release; whether the tables, too, have the bytes of the one that was built.

    Raises BrokenReleaseError if a table has other rows than that one, or a file is missing or has another sum.
    """
    promised, wanted = table_sums(read_manifest(release / FULL)), listed_sums(release / FULL)
    rows = {table.config.name: table.content_sha256 for table in tables}
    others = sorted({config for config, _ in rows.items() ^ promised.items()})
    faults = [f"{config}: its rows are not those that {FULL}/{MANIFEST} gives a sum for" for config in others]
    present = present_files(release)
    for name in sorted(wanted.keys() - {table.path for table in tables}):
        source = next((path for path in (f"{FULL}/{name}", name) if path in present), None)
        if source is None:
            faults.append(f"{name}: missing, but listed in {FULL}/{SUMS}")
            continue
        data = (release / source).read_bytes()
        if name == PAGE:
            with suppress(KeyError, TypeError, msgspec.DecodeError):  # a damaged page has another sum
                data = with_texts(data.decode(errors="replace"), text_of).encode()
        if hashlib.sha256(data).hexdigest() != wanted[name]:
            faults.append(f"{source}: its sum is not the one in {FULL}/{SUMS}")
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    if faults:
        raise BrokenReleaseError("\n".join(faults))
    found = {name: sha256(folder / name) for name in present_files(folder)}
    same = found == wanted
    if not same:
        path = folder / CROISSANT
        path.write_bytes(_with_sums(path.read_bytes(), folder, found))
        found.pop(CROISSANT)
    write_sums(folder, found)
    return same


def _with_sums(croissant: bytes, folder: Path, sums: Mapping[str, str]) -> bytes:
    document = json.loads(croissant)
    for file in document["distribution"]:
        name = file["contentUrl"]
        file |= {"sha256": sums[name], "contentSize": f"{(folder / name).stat().st_size} B"}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
