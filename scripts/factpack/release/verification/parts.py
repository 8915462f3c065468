"""Find parts that a release has to have, and derive those again that follow from its tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from factpack.corpus.counts import NONE, Counts, CountTable, Origin
from factpack.dataset.columns import CONFIG_NAMES, Tables, tables_of
from factpack.dataset.table_files import table_files, table_path, table_splits
from factpack.dataset.table_writer import TableFiles
from factpack.evaluation.tasks.files import is_task_file
from factpack.limits import limit_of, read_within
from factpack.project.checkout import ATTRIBUTES, KEEP_BYTES
from factpack.project.layout import COPIED, GUIDELINES, LICENSE
from factpack.project.scheme import Scheme
from factpack.project.vocabulary import ARTICLE_VOICE, NO_VOTE
from factpack.release.card import Content
from factpack.release.card.example import example_claim
from factpack.release.companions import companions, companions_of_full, other_builders
from factpack.release.layout import (
    CARD,
    CROISSANT,
    EXTRA_HINT,
    FULL,
    MANIFEST,
    PAGE,
    SUMS,
    chart_path,
    is_of_a_hub,
    listed_digests,
    present_files,
    sha256,
)
from factpack.release.manifest import Manifest, read_manifest
from factpack.release.quotation import QuotedShare
from factpack.release.verification.evaluation import derived_tasks
from factpack.release.verification.page import batches_of, page_problems
from factpack.release.verification.rows.row_checks import Values
from factpack.release.verification.rows.votes import of_readings
from factpack.viewer.charts import make_charts, optional_charts
from factpack.viewer.page import fits

if TYPE_CHECKING:
    from factpack.agreement.figures import AgreementReport

_OF_FULL = (CARD, CROISSANT, MANIFEST, SUMS)


def missing_parts(folder: Path) -> Iterator[str]:
    """Find the parts that are not there, though every release has them."""
    present = present_files(folder)
    manifest = read_manifest(folder)
    optional = _optional_tables(manifest.scheme)
    can_be_absent = optional_charts(manifest.scheme)
    charts = [chart_path(chart.name) for chart in make_charts(Counts()) if chart.name not in can_be_absent]
    splits = {name: table_splits(manifest.scheme, name) for name in CONFIG_NAMES if name not in optional}
    tables = [
        table_path(name, split)
        for name, known in splits.items()
        for split in known
        if split not in table_files(folder, name)  # of many rows, it has several
    ]
    full = [f"{FULL}/{name}" for name in _OF_FULL] if manifest.text == "none" else []
    for name in (CARD, CROISSANT, *charts, *tables, *full):
        if name not in present:
            yield f"{name}: missing; every release has it"


def _optional_tables(scheme: Scheme) -> set[str]:
    """Return the tables that can be without rows, and then are left out."""
    without_evidence = any(not spec.needs and spec.evidence != "required" for spec in scheme.labels.values())
    return {
        "votes",
        *(("articles", "sentences") if "article" in scheme.optional else ()),
        *(("facts",) if "fact" in scheme.optional else ()),
        *(("evidence",) if without_evidence else ()),
    }


def full_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Compare what a release without the texts keeps of the full release with what the two have in common."""
    if manifest.text == "full":
        return
    full, listed, present = read_manifest(folder / FULL), listed_digests(folder / FULL), present_files(folder)

    def in_common(one: Manifest) -> tuple[object, ...]:
        rows = {name: table.rows for name, table in one.tables.items()}
        return one.name, one.version, one.dataset, one.agreement, one.baselines, one.built_with, rows

    if full.text != "full" or full.quoted or in_common(full) != in_common(manifest):
        yield f"{FULL}/{MANIFEST}: it does not belong to the same release with the texts"
    for name in sorted(listed.keys() - {path for table in full.tables.values() for path in table.files}):
        if is_task_file(name):
            continue  # they are made of the other tables
        source = next((path for path in (f"{FULL}/{name}", name) if path in present), None)
        if source is None:
            yield f"{name}: missing, but listed in {FULL}/{SUMS}"
        elif name != PAGE and sha256(folder / source) != listed[name]:
            yield f"{source}: its SHA-256 does not match {FULL}/{SUMS}"


def not_derived(manifest: Manifest) -> str:
    """Say why the files beside the tables cannot be derived again; nothing if they can."""
    for name, version in other_builders(manifest).items():
        what = name if name == "parquet" else f"{name} {str(version)[:80]}"
        return (
            f"card, Croissant file, charts and page were not derived again: the release was built with another {what}"
        )
    return ""


def digest_problems(folder: Path, tables: Sequence[TableFiles]) -> Iterator[str]:
    """Compare the digests in the Croissant file, which every version of factpack writes, with the tables."""
    try:
        files = msgspec.json.decode(read_within(folder / CROISSANT))["distribution"]
        given = {each["contentUrl"]: each["sha256"] for each in files if "contentUrl" in each}
    except (ValueError, TypeError, KeyError, RecursionError):
        yield f"{CROISSANT}: it does not give the digests of the tables"
        return
    for path in (path for table in tables for path in table.paths):
        if given.get(path) != sha256(folder / path):
            yield f"{CROISSANT}: its digest of {path} does not match the file"


def derived_problems(folder: Path, manifest: Manifest, tables: Sequence[TableFiles], counts: Counts) -> Iterator[str]:
    """Derive again what is beside the tables: the prompts and baselines always, and of the other files the bytes.

    What another version of factpack made is not derived, and of the bytes nothing that another package had a part in.
    """
    packages = other_builders(manifest)
    tasks, wrong = ([], []) if "factpack" in packages else derived_tasks(folder, manifest)
    yield from wrong
    if packages:
        yield from digest_problems(folder, (*tables, *tasks))
    elif not wrong:
        yield from _derived_files(folder, manifest, tables, tasks, counts)


def _derived_files(
    folder: Path, manifest: Manifest, tables: Sequence[TableFiles], tasks: Sequence[TableFiles], counts: Counts
) -> Iterator[str]:
    if manifest.dataset is None:
        yield f"{MANIFEST}: `dataset` is missing, which the card is made from"
        return
    present = present_files(folder)
    counts.votes.update(_reading_votes(folder, tables_of(counts.scheme)))
    content = Content(
        dataset=manifest.dataset,
        text=manifest.text,
        counts=counts,
        agreement=_agreement(manifest.agreement),
        quoted=msgspec.convert(manifest.quoted, QuotedShare) if manifest.quoted else None,
        guidelines=GUIDELINES in present,
        licence=LICENSE in present,
        baselines=manifest.baselines,
        example=example_claim(folder, tables_of(counts.scheme)),
    )
    digests = {path: sha256(folder / path) for table in (*tables, *tasks) for path in table.paths}
    expected = companions(content, tables, tasks, digests)
    if manifest.text == "none":
        expected |= {f"{FULL}/{name}": text for name, text in companions_of_full(folder / FULL, content).items()}
    for name, text in expected.items():
        if name not in present:
            yield f"{name}: missing, but it follows from the tables"
        elif read_within(folder / name, limit_of(name)) != text.encode():
            yield f"{name}: it does not follow from the tables and {MANIFEST}"
    for name in sorted({MANIFEST, f"{FULL}/{MANIFEST}"} & present):
        yield from _key_problems(folder / name, name)
    yield from _speaker_problems(manifest.dataset.speakers, counts)
    page = PAGE if manifest.text == "full" else f"{FULL}/{PAGE}"
    if page in present:
        yield from (f"{page}: {problem}" for problem in page_problems(folder, page, content))
    elif fits(counts):
        yield f"{page}: missing; a release with so few claims and passages has it"
    yield from _attribute_problems(folder)
    others = {MANIFEST, ATTRIBUTES, *COPIED, page, *digests, *(f"{FULL}/{name}" for name in _OF_FULL)}
    # A digest says that a file is the same as before, not that it is right: what nothing here derives or reads,
    # such as a page with a script, is not verified by being listed.
    strange = sorted(present - expected.keys() - others - {f"{FULL}/{ATTRIBUTES}"})
    yield from (f"{name}: it is not part of a release. {EXTRA_HINT}, which lists what is in it" for name in strange)


def _key_problems(path: Path, name: str) -> Iterator[str]:
    """Find what is in a manifest and is not read."""
    if msgspec.json.decode(read_within(path)) != msgspec.json.decode(msgspec.json.encode(read_manifest(path.parent))):
        yield f"{name}: it has keys that a release does not have, or lacks some"


def _attribute_problems(folder: Path) -> Iterator[str]:
    if (path := folder / ATTRIBUTES).is_file() and read_within(path) != KEEP_BYTES and not is_of_a_hub(path):
        yield f"{ATTRIBUTES}: neither a release nor a hub has such a file"


def _speaker_problems(speakers: Sequence[str], counts: Counts) -> Iterator[str]:
    """Find those who speak in the claims and are not among the speakers of the dataset, or are among them twice."""
    for speaker in sorted(name for name, times in Counter(speakers).items() if times > 1):
        yield f"{MANIFEST}: `speakers` has {speaker!r} twice"
    for speaker in sorted(counts.claims_by_speaker.rows.keys() - {NONE, ARTICLE_VOICE, *speakers}):
        yield f"{MANIFEST}: `speakers` does not have {speaker!r}, the speaker of a claim"


def _agreement(figures: Mapping[str, Any]) -> "AgreementReport | None":
    if not figures:
        return None
    from factpack.agreement.figures import AgreementReport  # noqa: PLC0415 - pandas loads slowly

    return msgspec.convert(figures, AgreementReport)


def count_rows(counts: Counts, config: str, values: Values) -> None:
    """Count the next rows of a table; articles come first."""
    match config:
        case "articles":
            for table in (counts.claims_by_article, counts.sentences_by_article):
                table.add(dict.fromkeys(values["id"].to_pylist(), [0] * len(table.columns)))
            for article, *origin in zip(*(values[n].to_pylist() for n in ("id", *Origin._fields)), strict=True):
                counts.add_origin(article, Origin(*(each or "" for each in origin)))
        case "claims":
            label = values["label"]
            _count(counts.claims_by_article, values["article"], label)
            _count(counts.claims_by_speaker, values["speaker"], label)
            _count(counts.claims_by_basis, values["basis"], label, counts.scheme.bases)
            folded = values["fold"].is_valid()
            _count(counts.claims_by_fold, values["fold"].filter(folded), label.filter(folded))
            if "split" in values:
                _count(counts.claims_by_split, values["split"], label)
        case "evidence":
            _count(counts.evidence_by_label, values["label"], values["stance"], tuple(counts.scheme.labels))
        case "sentences":
            counted = values["status"].is_valid()
            _count(counts.sentences_by_article, values["article"].filter(counted), values["status"].filter(counted))
        case "facts":
            counts.facts += len(values["id"])


def _reading_votes(folder: Path, tables: Tables) -> Iterator[tuple[str, ...]]:
    """Yield the votes of the readings on each unit that at least two voted on; those on a unit follow each other."""
    wanted = ("unit", "claim_id", "evidence_id", "reading", "vote")
    columns = [column.name for column in tables.config("votes").columns if column.name in wanted]

    def rows() -> Iterator[tuple[str, str, int]]:
        for values in batches_of(folder, "votes", *columns):
            votes = pa.table(dict(values)).filter(of_readings(values))
            yield from zip(*(votes[name].to_pylist() for name in ("unit", "reading", "vote")), strict=True)

    names = sorted({reading for _, reading, _ in rows()})
    for _, unit in groupby(rows(), itemgetter(0)):
        votes = {reading: tables.vote.names[vote] for _, reading, vote in unit}
        if len(votes) > 1:
            yield tuple(votes.get(name, NO_VOTE) for name in names)


def _count(table: CountTable, rows: pa.Array, columns: pa.Array, names: Sequence[str] = ()) -> None:
    """Count one for each pair of a row, which may be the number of one of the ``names``, and the number of a column."""
    pairs = pa.table([rows, columns], names=["row", "column"])
    groups = pairs.group_by(["row", "column"], use_threads=False).aggregate([([], "count_all")])
    found: dict[str, list[int]] = {}
    for row, column, number in zip(*(each.to_pylist() for each in groups.columns), strict=True):
        if column is None:
            continue
        name = NONE if row is None else names[row] if names else str(row)
        found.setdefault(name, [0] * len(table.columns))[column] = number
    table.add(found)
