"""Nothing wrong in a release goes unseen when it is read back."""

import hashlib
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT
from factpack.corpus.counts import Counts
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.schema import Column, Config, ListOf
from factpack.dataset.table_files import table_path
from factpack.errors import BrokenReleaseError
from factpack.formats.registry import open_project
from factpack.project.vocabulary import Texts
from factpack.release.build import build
from factpack.release.manifest import read_manifest
from factpack.release.verification.load import USUAL, Limits
from factpack.release.verification.rows.cross_checks import CrossChecks
from factpack.release.verification.rows.row_checks import ReleasedTexts, row_problems
from factpack.release.verification.rows.tables import compare_tables
from factpack.release.verification.verify import read_back, verify
from releases import FILES, FIRST, TABLES, make_release, resum, rewrite, rows


@pytest.fixture(params=[USUAL, Limits(max_loaded=0, batch_rows=2)], ids=["loaded", "streamed"])
def limits(request: pytest.FixtureRequest) -> Limits:
    """How tables are read back: as small ones are, or as large ones, which come in several batches."""
    assert isinstance(request.param, Limits)
    return request.param


@pytest.mark.parametrize("text", ["full", "none"])
def test_a_release_verifies(tmp_path: Path, text: Texts, limits: Limits) -> None:
    """What the tests below break was right before; and writing the digests anew, as they do, changes nothing."""
    release, *_ = build(open_project(PROJECT), tmp_path / "release", lambda: None, text)
    sums = (release / "SHA256SUMS").read_bytes()
    resum(release)
    assert (release / "SHA256SUMS").read_bytes() == sums
    assert verify(release, limits) == ""


@pytest.mark.parametrize("name", [name for name in FILES if name != "SHA256SUMS"])
def test_a_flipped_bit_is_caught(release: Path, name: str) -> None:
    """In the midst of any file."""
    data = bytearray((release / name).read_bytes())
    data[len(data) // 2] ^= 1
    (release / name).write_bytes(data)
    with pytest.raises(BrokenReleaseError, match=re.escape(f"{name}: its SHA-256 does not match SHA256SUMS")):
        verify(release)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_caught(release: Path, name: str) -> None:
    """Any of them, the list itself included."""
    (release / name).unlink()
    with pytest.raises(BrokenReleaseError, match=re.escape(name)):
        verify(release)


@pytest.mark.parametrize("name", ["LICENSE", "README.txt", "claims/test-00001-of-00002.parquet", ".hidden"])
def test_an_extra_file_is_caught(release: Path, name: str) -> None:
    """A second Parquet file would be loaded, or published, unseen."""
    (release / name).write_bytes(b"x")
    with pytest.raises(BrokenReleaseError) as refused:
        verify(release)
    assert str(refused.value) == (
        f"{name}: not listed in SHA256SUMS. Move it out of the folder. Put text for users into "
        "annotations/dataset.yaml or annotations/GUIDELINES.md; then build the release again"
    )


def test_rewriting_alone_breaks_nothing(release: Path, limits: Limits) -> None:
    """So that it is the change that is caught below, and that by a look at the rows."""
    for config in TABLES:
        rewrite(release, config.name, lambda _: None, row_group_size=5)
    read_back(release, limits)


def swap(one: dict[str, Any], other: dict[str, Any], *columns: str) -> None:
    """Each of two rows gets what the other one has."""
    for column in columns:
        one[column], other[column] = other[column], one[column]


@pytest.mark.parametrize(
    ("config", "change", "message"),
    [
        ("claims", lambda r: r[0].update(start=r[0]["start"] + 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(end=r[0]["end"] - 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0]["evidence"][0].update(start=0), "is not 'left 40 minutes late'"),
        ("claims", lambda r: r[0]["evidence"][0].update(article="c3"), "is not 'left 40 minutes late'"),
        ("evidence", lambda r: r[0].update(start=-3), "is not 'left 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=-(2**63), end=2**63 - 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=r[0]["end"], end=r[0]["start"]), "is not 'left Port Ellery"),
        ("claims", lambda r: r[0].update(end=10**9), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=None), "start is null"),
        ("articles", lambda r: r[0].update(sha256=r[1]["sha256"]), "articles a1: the SHA-256 does not match the text"),
        (
            "claims",
            lambda r: r[0].update(start=r[0]["start"] - len(FIRST)),
            "is not 'left Port Ellery 40 minutes late'",
        ),
        ("claims", lambda r: r[0].update(quote=FIRST[-5:], start=len(FIRST) - 5, end=10**9), "is not 'sad!\\n'"),
        ("sentences", lambda r: swap(r[0], r[1], "start", "end"), "is not 'Ferry ‘Marigold’ Late Again'"),
        ("sentences", lambda r: r[0].update(end=3), "a1[0:3] is not 'Ferry ‘Marigold’ Late Again'"),
        ("facts", lambda r: r[0]["settled_by"][0].update(end=1), "is not '40 minutes late'"),
        (
            "articles",
            lambda r: r[0].update(text=r[0]["text"] + " "),
            "articles a1: the SHA-256 does not match the text",
        ),
        ("claims", lambda r: r[0].update(label=3), "label is 3, which has no name"),
        ("claims", lambda r: r[0].update(label=-1), "label is -1, which has no name"),
        ("claims", lambda r: r[0].update(label=None), "label is null"),
        ("claims", lambda r: r[0].update(basis=7), "basis is 7, which has no name"),
        ("claims", lambda r: r[0]["evidence"][0].update(stance=2), "stance is 2, which has no name"),
        ("facts", lambda r: r[0]["answers"][0].update(label=9), "label is 9, which has no name"),
        ("sentences", lambda r: r[0].update(reason=7), "reason is 7, which has no name"),
        ("claims", lambda r: r[0].update(claim=None), "claim is null"),
        ("claims", lambda r: r[0].update(fact="nowhere"), "nowhere is not in facts"),
        ("evidence", lambda r: r[0].update(claim_id="nowhere"), "nowhere is not in claims"),
        ("evidence", lambda r: r[0].update(fact="nowhere"), "nowhere is not in facts"),
        ("sentences", lambda r: r[2].update(claims=["nowhere"]), "nowhere is not in claims"),
        ("facts", lambda r: r[0]["answers"][0].update(article="zz"), "zz is not in articles"),
        ("claims", lambda r: r[1].update(id=r[0]["id"]), "duplicate id"),
    ],
)
def test_wrong_rows_are_caught(
    release: Path, config: str, change: Callable[[list[dict[str, Any]]], object], message: str, limits: Limits
) -> None:
    """With their digests right: only a look at the rows shows it. The two ways to verify say the same."""
    rewrite(release, config, change)
    with pytest.raises(BrokenReleaseError, match=re.escape(message)) as raised:
        read_back(release, limits)
    with pytest.raises(BrokenReleaseError) as again:
        verify(release)
    assert set(str(raised.value).splitlines()) <= set(str(again.value).splitlines())


def columns_of(columns: Iterable[Column], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Column]]:
    """Every column of a table, nested ones too, by its path."""
    for column in columns:
        yield (*path, column.name), column
        if isinstance(column.type, ListOf):
            yield from columns_of(column.type.columns, (*path, column.name))


@pytest.mark.parametrize("config", TABLES, ids=lambda config: config.name)
def test_null_is_caught_wherever_it_may_not_be(release: Path, config: Config) -> None:
    """In every column, also of the items of lists: each in another row."""
    wrong, right = set(), set()

    def change(table: list[dict[str, Any]]) -> None:
        for number, (path, column) in enumerate(columns_of(config.columns[1:])):
            found = [row for row in table if len(path) == 1 or row[path[0]]]
            if found:
                row = found[number % len(found)]
                (row if len(path) == 1 else row[path[0]][0])[path[-1]] = None
                (right if column.nullable else wrong).add(f"{config.name} {row['id']}: {path[-1]} is null")

    rewrite(release, config.name, change)
    with pytest.raises(BrokenReleaseError) as raised:
        read_back(release)
    told = set(str(raised.value).split("\n"))
    assert wrong <= told
    assert not (right - wrong) & told


def test_a_span_that_became_a_claim_that_is_not_there(tmp_path: Path) -> None:
    """One that names none is right."""
    release = make_release(tmp_path)
    votes = rows(release, "votes")
    assert {row["claim_id"] for row in votes} == {None, *(claim["id"] for claim in rows(release, "claims"))}
    first = next(number for number, row in enumerate(votes) if row["claim_id"])
    rewrite(release, "votes", lambda r: r[first].update(claim_id="nowhere"))
    with pytest.raises(BrokenReleaseError) as raised:
        read_back(release)
    assert str(raised.value) == f"votes {votes[first]['id']}: nowhere is not in claims"


def test_a_span_that_only_seems_to_be_as_long_as_its_quote(tmp_path: Path) -> None:
    """Without the texts the length is all there is; this one is right in 64 bits."""
    release, *_ = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none")
    rewrite(release, "claims", lambda r: r[0].update(start=2**63 - 1, end=len(r[0]["quote"]) - 1 - 2**63))
    with pytest.raises(BrokenReleaseError, match="is not as long as"):
        read_back(release)


SPANS: list[tuple[int, int, str]] = [
    (0, 1, "a"),
    (1, 2, "\U0001d11e"),
    (1, 4, "\U0001d11eb’"),
    (4, 4, ""),
    (4, 6, "é."),
]


@pytest.mark.parametrize("wrong", [None, (1, 2, "b"), (2, 1, ""), (-1, 6, "."), (5, 9, "."), (4, 6, "e\u0301.")])
def test_spans_are_code_points(tmp_path: Path, wrong: tuple[int, int, str] | None) -> None:
    """Neither bytes nor halves of surrogate pairs; the text lies between others, one of them empty and one withheld."""
    texts = pa.array(["before", "x’", "a\U0001d11eb’é.", "", None, "after"])[1:]
    kept, others = ReleasedTexts(tmp_path / "texts"), ReleasedTexts(tmp_path / "others")
    kept.add(pa.array(["0", "1", "2", "3"])[1:], texts[:3])
    others.add(pa.array(["4", "5"]), texts[3:])
    kept.merge(others)
    assert kept.sha256("2") == hashlib.sha256("a\U0001d11eb’é.".encode()).hexdigest()
    kept = pickle.loads(pickle.dumps(kept))  # noqa: S301 - as it goes to another process
    assert [kept.get(name) for name in "12345"] == [text or "" for text in texts.to_pylist()]
    starts, ends, words = zip(*SPANS, *([wrong] if wrong else []), strict=True)
    values = {"start": pa.array(starts), "end": pa.array(ends), "quote": pa.array(words)}
    found = list(row_problems(values, (), kept, pa.array(["2"] * len(words))))
    told = f"2[{wrong[0]}:{wrong[1]}] is not {wrong[2]!r}" if wrong else ""
    assert found == ([(len(SPANS), told)] if wrong else [])


def test_passages_in_another_order_are_no_problem(release: Path) -> None:
    """They are found by their ids then."""
    rewrite(release, "evidence", lambda r: r.reverse())
    compared = compare_tables(release, read_manifest(release), CrossChecks(DEFAULT_TABLES), Counts())
    assert compared.problems == []
    rewrite(release, "claims", lambda r: r[0]["evidence"][0].update(start=0))
    with pytest.raises(BrokenReleaseError, match="is not 'left 40 minutes late'"):
        read_back(release)


def test_a_card_that_has_another_file_read_hides_nothing(release: Path, limits: Limits) -> None:
    """Whoever reads the release without `datasets` reads the table that is wrong."""
    right = release / "right.parquet"
    shutil.copyfile(release / table_path("facts"), right)
    card = release / "README.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace(f"path: {table_path('facts')}", f"path: {right.name}"), encoding="utf-8")
    resum(release)
    manifest = (release / "release.json").read_bytes()
    rewrite(release, "facts", lambda r: r[0].update(question="What else?"))
    (release / "release.json").write_bytes(manifest)
    resum(release)
    with pytest.raises(BrokenReleaseError) as raised:
        read_back(release, limits)
    assert str(raised.value).split("\n") == [
        "facts: the rows do not match the number and digest in release.json",
        "facts: load_dataset returns other rows than the Parquet files",
    ]


def test_the_row_groups_are_no_matter(release: Path, limits: Limits) -> None:
    """Another writer may have put the same rows into others, one of them empty."""
    path = release / table_path("claims")
    table = pq.read_table(path)
    with pq.ParquetWriter(path, table.schema) as writer:
        for rows in (table[:5], table[5:5], table[5:]):
            writer.write_table(rows)
    stored = pq.read_metadata(path)
    assert [stored.row_group(group).num_rows for group in range(3)] == [5, 0, len(table) - 5]
    resum(release)
    read_back(release, limits)


def test_a_lost_row_is_caught(release: Path) -> None:
    """The card's header says how many there are."""
    rewrite(release, "facts", lambda r: r.pop())
    with pytest.raises(BrokenReleaseError, match="facts"):
        read_back(release)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("num_examples: 23", "num_examples: 22", "claims"),
        ("'2': erroneous", "'2': false", "load_dataset returns other features"),
        ("name: claims\n  version", "name: claimz\n  version", "claims"),
        ("path: facts/", "path: articles/", "facts"),
    ],
)
def test_a_wrong_header_is_caught(release: Path, old: str, new: str, message: str) -> None:
    """`datasets` believes the header; whatever it raises then, reading it back says which table it was."""
    card = release / "README.md"
    text = card.read_text(encoding="utf-8")
    assert old in text
    card.write_text(text.replace(old, new), encoding="utf-8")
    resum(release)
    with pytest.raises(BrokenReleaseError, match=message):
        read_back(release)


def test_another_schema_is_caught(release: Path) -> None:
    """Without the metadata key a label is a bare number."""
    path = release / table_path("claims")
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
    resum(release)
    with pytest.raises(BrokenReleaseError, match="claims: the schema differs from the table of columns"):
        read_back(release)


STREAMED = """
import sys
from pathlib import Path
from factpack.release.verification.load import Limits
from factpack.release.verification.verify import read_back
try:
    read_back(Path(sys.argv[1]), Limits(max_loaded=0, batch_rows=1))
except Exception as error:
    print(error)
"""


@pytest.mark.parametrize("what", ["label", "text"])
def test_a_process_that_finds_a_fault_in_a_stream_ends(release: Path, what: str) -> None:
    """Every stream is read to its end: Arrow goes on reading one that was left, also when the process ends."""
    path = release / table_path("claims")
    if what == "label":
        rewrite(release, "claims", lambda r: r[0].update(label=9), row_group_size=1)
    else:
        table = pq.read_table(path)
        index = table.schema.get_field_index("rationale")
        values = pa.array([b"\xff"] * len(table), pa.binary()).view(pa.string())
        pq.write_table(table.set_column(index, table.schema.field(index), values), path, row_group_size=2)
        resum(release)
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", STREAMED, release], capture_output=True, timeout=60, check=True)
        said = {"label": b"label is 9, which has no name", "text": b"claims: `rationale` cannot be read: "}[what]
        assert said in done.stdout
