"""Releases without the texts of the articles, the way back, and building a release again from its sources."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, TESTS, Run
from factpack import tables
from factpack.columns import SPLIT, table_path
from factpack.content import ContentSum
from factpack.folder import listed_sums
from factpack.project import open_project
from factpack.quoted import quoted
from factpack.release import build

PROJECTS = {"plain": PROJECT, "read twice": TESTS / "readings"}


def make(project: Path, out: Path, text: Any = "full") -> Path:
    """Builds a release in this process."""
    return build(open_project(project), out, lambda: None, text)[0]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session", params=PROJECTS)
def forms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A project, its release with the texts, and the one without; not to be changed."""
    project, folder = PROJECTS[request.param], tmp_path_factory.mktemp("forms")
    return project, make(project, folder / "full"), make(project, folder / "none", "none")


def strings(value: Any) -> Iterator[str]:
    """Every text in some rows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_the_texts_put_back_give_the_same_bytes(forms: tuple[Path, Path, Path], tmp_path: Path, run: Run) -> None:
    project, full, none = forms
    done = run("hydrate", none, project / "seeds", "--out", tmp_path / "again")
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'again'}\n")
    assert contents(tmp_path / "again") == contents(full)


def test_without_the_texts_nothing_of_them_is_left_but_quotes(forms: tuple[Path, Path, Path]) -> None:
    """No sentence stands in any file, other than in a quote or in what the annotators wrote."""
    project, full, none = forms
    written = "\n".join(path.read_text(encoding="utf-8") for path in (project / "annotations").rglob("*.yaml"))
    sentences = [row["text"] for row in pq.read_table(full / table_path("sentences")).to_pylist()]
    hidden = [sentence for sentence in sentences if sentence not in written]
    assert hidden
    files = [data.decode() for name, data in contents(none).items() if not name.endswith(".parquet")]
    files += [text for path in none.rglob("*.parquet") for text in strings(pq.read_table(path).to_pylist())]
    for sentence in hidden:
        assert not [text for text in files if sentence in text]
        assert json.dumps(sentence)[1:-1] not in "\n".join(files)


def given(rows: Any) -> set[str]:
    """The columns in which some row has a value."""
    return {name for name in rows.column_names if any(value is not None for value in rows[name])}


def test_without_the_texts_it_loads_with_the_same_features(forms: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, full, none = forms
    for name in datasets.get_dataset_config_names(str(none)):
        withheld, whole = (
            datasets.load_dataset(str(folder), name, split=SPLIT, cache_dir=str(tmp_path / folder.name))
            for folder in (none, full)
        )
        assert withheld.features == whole.features
        assert withheld["id"] == whole["id"]
        given = [
            {name for name in rows.column_names if any(value is not None for value in rows[name])}
            for rows in (withheld, whole)
        ]
        assert (
            given[1] - given[0]
            == {
                "claims": {"context"},
                "evidence": {"context"},
                "articles": {"text"},
                "sentences": {"text"},
                "facts": set(),
                "votes": {"quote"},
            }[name]
        )


def test_the_guidelines_are_part_of_both_forms(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """To the byte, with a sum, named by the card, published, and there again with the texts."""
    rules = "# Rules\r\n\n2.4 “About” is no conflict. version: 1.1.0\n".encode()
    (project_folder / "annotations/GUIDELINES.md").write_bytes(rules)
    full, none = make(project_folder, tmp_path / "full"), make(project_folder, tmp_path / "none", "none")
    for release in (full, none):
        assert (release / "GUIDELINES.md").read_bytes() == rules
        assert listed_sums(release)["GUIDELINES.md"] == hashlib.sha256(rules).hexdigest()
        card = (release / "README.md").read_text(encoding="utf-8")
        for heading in ("## Label rules", "## Dataset creation"):
            assert "[GUIDELINES.md](GUIDELINES.md)" in card.split(f"{heading}\n")[1].split("\n## ")[0]
        assert run("verify", release, project_folder).exit_code == 0
    assert run("hydrate", none, project_folder / "seeds", "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(full)
    assert run("publish", (tmp_path / "store").as_uri(), full).exit_code == 0
    assert (tmp_path / "store/v1.1.0/GUIDELINES.md").read_bytes() == rules
    (project_folder / "annotations/GUIDELINES.md").write_bytes(rules.replace(b"1.1.0", b"2"))
    done = run("diff", full, project_folder)
    assert (done.exit_code, "GUIDELINES.md" in done.stdout, "README.md" in done.stdout) == (1, True, False)


def test_a_project_without_guidelines_has_none_in_its_release(forms: tuple[Path, Path, Path]) -> None:
    for release in forms[1:]:
        assert not (release / "GUIDELINES.md").exists()
        assert "GUIDELINES" not in (release / "README.md").read_text(encoding="utf-8")


def test_the_release_without_the_texts_has_a_name_of_its_own(project_folder: Path, run: Run) -> None:
    done = run("build", "--text", "none", project_folder)
    assert done.output == f"{project_folder.resolve()}/dist/ferry-factcheck-1.1.0-text-none\n"
    card = (project_folder / "dist/ferry-factcheck-1.1.0-text-none/README.md").read_text(encoding="utf-8")
    assert "This release does not hold the texts of the articles" in card


def characters(value: Any, article: str = "") -> Iterator[tuple[str, int]]:
    """Every character that some rows quote, by its article and offset."""
    if isinstance(value, list):
        for part in value:
            yield from characters(part, article)
    elif isinstance(value, dict):
        article = value.get("article", article)
        if value.get("quote") is not None:
            yield from ((article, offset) for offset in range(value["start"], value["end"]))
        yield from characters(list(value.values()), article)


def test_the_card_says_how_much_of_the_texts_is_left(forms: tuple[Path, Path, Path]) -> None:
    """Counted here once more, character by character, in what the release without the texts holds."""
    _, full, none = forms
    texts = {row["id"]: row["text"] for row in pq.read_table(full / table_path("articles")).to_pylist()}
    left = {place for path in none.rglob("*.parquet") for place in characters(pq.read_table(path).to_pylist())}
    for row in pq.read_table(none / table_path("articles")).to_pylist():
        for words in filter(None, (row["title"], row["publisher_quote"], row["date_quote"])):
            left |= {(row["id"], texts[row["id"]].index(words) + offset) for offset in range(len(words))}
    shares = [sum(of == article for of, _ in left) / len(text) for article, text in texts.items()]
    found = quoted(full)
    assert (found.least, found.most) == (min(shares), max(shares))
    assert found.overall == len(left) / sum(map(len, texts.values()))
    card = " ".join((none / "README.md").read_text(encoding="utf-8").split())
    per_cent = [round(100 * share) for share in (found.least, found.most, found.overall)]
    said = "taken together, {} to {} per cent of the characters of an article, {} per cent of all".format(*per_cent)
    assert said in card
    assert "taken together" not in (full / "README.md").read_text(encoding="utf-8")


def test_a_card_offers_only_uses_that_its_release_has_the_texts_for(forms: tuple[Path, Path, Path]) -> None:
    cards = [(release / "README.md").read_text(encoding="utf-8") for release in forms[1:]]
    full, none = (" ".join(card.split("### Direct use\n")[1].split("\n### ")[0].split()) for card in cards)
    assert "retrieval of evidence and span selection (`claims` with `articles`)" in full
    assert "hydrate" not in full
    assert "(`claims` with `articles`)" not in none
    assert "(`sentences`)" not in none
    assert "need the texts, which `factpack hydrate` puts back" in none


def test_articles_that_are_not_the_same_are_refused(tmp_path: Path, run: Run) -> None:
    """All of them at once, and nothing is written."""
    none = make(PROJECT, tmp_path / "none", "none")
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in seeds.iterdir()}
    other = seeds / "a1_harbour-gazette.txt"
    other.write_bytes(other.read_bytes() + b"\n")
    (seeds / "c3_minato.txt").unlink()
    done = run("hydrate", none, seeds, "--out", tmp_path / "again")
    assert done.exit_code == 1
    assert done.stderr == (
        f"{other}: its sum is {hashlib.sha256(other.read_bytes()).hexdigest()}; "
        f"the release wants {sums['a1_harbour-gazette.txt']}\n"
        f"{seeds / 'c3_minato.txt'}: there is no such file; "
        f"the release wants one with the sum {sums['c3_minato.txt']}\n"
        "nothing was written\n"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"none", "seeds"}


def test_an_article_is_not_looked_for_outside_the_folder(tmp_path: Path, run: Run) -> None:
    """A release is somebody else's: the file names in it are not to be trusted."""
    none = make(PROJECT, tmp_path / "none", "none")
    path = none / table_path("articles")
    table = pq.read_table(path)
    names = table["file"].to_pylist()
    names[0] = f"../{names[0]}"
    tables.pq.write_table(table.set_column(1, table.schema.field(1), [names]), path)
    resum(none)
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    shutil.copy(seeds / "a1_harbour-gazette.txt", tmp_path)
    done = run("hydrate", none, seeds, "--out", tmp_path / "again")
    assert done.exit_code == 1
    assert f"{seeds}/../a1_harbour-gazette.txt: there is no such file" in done.stderr


def test_only_a_release_without_texts_takes_them(forms: tuple[Path, Path, Path], tmp_path: Path, run: Run) -> None:
    project, full, none = forms
    seeds = project / "seeds"
    done = run("hydrate", full, seeds, "--out", tmp_path / "again")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {full} has its texts already")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("not to be lost", encoding="utf-8")
    done = run("hydrate", none, seeds, "--out", tmp_path / "mine")
    assert done.exit_code == 2
    assert f"{tmp_path / 'mine'} exists and is not a release" in done.stderr
    assert contents(tmp_path / "mine") == {"notes.txt": b"not to be lost"}


def resum(release: Path) -> None:
    """Makes every sum anew that a release gives of itself, as whoever changes one would."""
    manifest = json.loads((release / "release.json").read_bytes())
    for name, table in list(manifest["tables"].items()):
        if (release / table["path"]).is_file():
            content = ContentSum()
            with suppress(pa.ArrowInvalid):  # no Parquet file any more
                content.add(pq.read_table(release / table["path"]))
                table["content_sha256"] = content.hexdigest()
        else:
            manifest["tables"].pop(name)
    (release / "release.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (release / "SHA256SUMS").unlink()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents(release).items())}
    (release / "SHA256SUMS").write_text("".join(f"{sums[name]}  {name}\n" for name in sums), encoding="utf-8")


def change_rationale(release: Path) -> None:
    """Changes what nothing else in a release follows from."""
    path = release / table_path("claims")
    table = pq.read_table(path)
    words = table["rationale"].to_pylist()
    words[0] = "Nobody knows why."
    index = table.schema.get_field_index("rationale")
    pq.write_table(table.set_column(index, table.schema.field(index), [words]), path)


def change(name: str) -> Callable[[Path], object]:
    """Adds to a file of a release."""
    return lambda release: (release / name).write_bytes((release / name).read_bytes() + b"\n")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "rows": (change_rationale, "claims: its rows are not those that full/release.json gives a sum for"),
    "card": (change("full/README.md"), "full/README.md: its sum is not the one in full/SHA256SUMS"),
    "chart": (change("charts/labels.svg"), "charts/labels.svg: its sum is not the one in full/SHA256SUMS"),
    "page": (
        lambda release: (release / "full/view.html").write_bytes(b"\xff"),
        "full/view.html: its sum is not the one in full/SHA256SUMS",
    ),
    "no page": (
        lambda release: (release / "full/view.html").unlink(),
        "view.html: missing, but listed in full/SHA256SUMS",
    ),
    "no sums": (lambda release: (release / "full/SHA256SUMS").unlink(), "full/SHA256SUMS: missing"),
    "no table": (
        lambda release: (release / table_path("sentences")).unlink(),
        "sentences/test-00000-of-00001.parquet: missing",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_changed_release_does_not_take_the_texts(damage: str, tmp_path: Path, run: Run) -> None:
    """Also if its own list of sums was made anew: what comes out is the full release that was built, or nothing."""
    none = make(PROJECT, tmp_path / "none", "none")
    do, said = DAMAGE[damage]
    do(none)
    resum(none)
    done = run("hydrate", none, PROJECT / "seeds", "--out", tmp_path / "again")
    assert (done.exit_code, done.stdout) == (1, "")
    end = "the release is damaged, or was changed after it was built; nothing was written\n"
    assert done.stderr == f"{said}\n{end}"
    assert {path.name for path in tmp_path.iterdir()} == {"none"}


def write_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows in other bytes, as another version of pyarrow would write them."""
    monkeypatch.setitem(tables.PARQUET, "compression_level", 9)
    monkeypatch.setitem(tables.PARQUET, "compression", "gzip")


def test_texts_put_back_by_another_writer_give_the_same_rows(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = make(PROJECT, tmp_path / "none", "none")
    write_otherwise(monkeypatch)
    done = run("hydrate", none, PROJECT / "seeds", "--out", tmp_path / "again")
    assert done.output == (
        "The rows are those of the release with the texts; with this version of pyarrow the bytes differ.\n"
        f"{tmp_path / 'again'}\n"
    )
    monkeypatch.undo()
    again, full = tmp_path / "again", make(PROJECT, tmp_path / "full")
    assert json.loads((again / "release.json").read_bytes()) == json.loads((full / "release.json").read_bytes())
    for file in json.loads((again / "croissant.json").read_bytes())["distribution"]:
        data = (again / file["contentUrl"]).read_bytes()
        assert (file["sha256"], file["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B")
        assert data != (full / file["contentUrl"]).read_bytes()


# Verifying


RIGHT = "ferry-factcheck 1.1.0: sums, spans, keys and labels are right; every config loads\n"
ROWS = "23 claims, 33 evidence, 3 articles, 30 sentences, 10 facts\n"


@pytest.mark.parametrize("text", ["full", "none"])
def test_a_release_built_again_from_its_sources(text: str, tmp_path: Path, run: Run) -> None:
    release = make(PROJECT, tmp_path / "release", text)
    assert run("verify", release).output == RIGHT + ROWS
    done = run("verify", release, PROJECT)
    same = "built again from the sources, every file has the same bytes\n"
    assert (done.exit_code, done.output) == (0, RIGHT + ROWS + same)


def test_a_release_of_another_writer_has_the_same_rows(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was built with is in the release, so that it can be said why the bytes differ."""
    with monkeypatch.context() as patch:
        write_otherwise(patch)
        release = make(PROJECT, tmp_path / "release")
    done = run("verify", release, PROJECT)
    assert done.exit_code == 0
    lines = done.stdout.removeprefix(RIGHT + ROWS).splitlines()
    assert lines[0] == "built again from the sources, every table has the same rows; other bytes have"
    assert [line for line in lines if line.endswith(".parquet")] == [
        f"  {config}/test-00000-of-00001.parquet" for config in ("articles", "claims", "evidence", "facts", "sentences")
    ]
    assert lines[-1].startswith("built with parquet {'compression': 'gzip', 'compression_level': 9, ")


def test_sources_that_are_not_those_of_the_release(tmp_path: Path, project_folder: Path, run: Run) -> None:
    release = make(PROJECT, tmp_path / "release")
    path = project_folder / "annotations" / "facts.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("How late did the ferry leave?", "How late was the ferry?"), encoding="utf-8")
    done = run("verify", release, project_folder)
    other = "built again, it has other rows in facts; `factpack diff RELEASE PROJECT` shows them\n"
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + other)
    path = project_folder / "annotations" / "dataset.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("1.1.0", "1.2.0"), encoding="utf-8")
    done = run("verify", release, project_folder)
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + "the sources are those of version 1.2.0, not of 1.1.0\n")


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (change_rationale, "built again, it has other rows in claims; `factpack diff RELEASE PROJECT` shows them\n"),
        (
            change("README.md"),
            (
                "built again from the sources, every table has the same rows; other bytes have\n  README.md\n"
                "built with the same packages as now: either these files or the sources are not as they were\n"
            ),
        ),
    ],
    ids=["rows", "card"],
)
def test_a_release_changed_together_with_its_sums(
    do: Callable[[Path], object], said: str, tmp_path: Path, run: Run
) -> None:
    """Only the sources show it, and they do."""
    release = make(PROJECT, tmp_path / "release")
    do(release)
    resum(release)
    done = run("verify", release, PROJECT)
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + said)


def test_a_damaged_release(tmp_path: Path, run: Run) -> None:
    release = make(PROJECT, tmp_path / "release")
    (release / "README.md").write_text("---\n---\n", encoding="utf-8")
    (release / "note.txt").write_text("mine", encoding="utf-8")
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == ("note.txt: not listed in SHA256SUMS\nREADME.md: its sum is not the one in SHA256SUMS\n")
    (release / "note.txt").unlink()
    (release / table_path("claims")).write_bytes(b"PAR1")
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("it cannot be read back: ArrowInvalid: ")
    done = run("verify", tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        f"Error: {tmp_path} is neither a release (it has no release.json) nor a project "
        "(it has no annotations/dataset.yaml)\n"
    )


def other_features(release: Path) -> None:
    path = release / table_path("claims")
    table = pq.read_table(path)
    text = table.schema.metadata[b"huggingface"].replace(b'"ClassLabel"', b'"NoSuchType"')
    pq.write_table(table.replace_schema_metadata({b"huggingface": text}), path)


def other_version(release: Path) -> None:
    path = release / "release.json"
    path.write_bytes(path.read_bytes().replace(b'"1.1.0"', b'"abc"'))


def no_json(release: Path) -> None:
    (release / "release.json").write_bytes(b"{")


def control_sequence(release: Path) -> None:
    (release / "\x1b[31mred\u202e").touch()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (other_features, "NoSuchType"),
        (other_version, "release.json cannot be read as that of a release: Expected `str` matching regex"),
        (no_json, "release.json cannot be read as that of a release: Input data was truncated"),
        (control_sequence, "\\x1b[31mred\\u202e: not listed in SHA256SUMS"),
    ],
)
def test_whoever_makes_the_sums_anew_gets_no_traceback(
    damage: Callable[[Path], None], said: str, tmp_path: Path, run: Run
) -> None:
    """Nor what a terminal would obey, from a release that somebody else made."""
    release = make(PROJECT, tmp_path / "release")
    damage(release)
    if damage is not control_sequence:
        names = sorted(path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file())
        sums = {name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in names}
        lines = [f"{digest}  {name}\n" for name, digest in sums.items() if name != "SHA256SUMS"]
        (release / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    for command in (("verify",), ("publish", f"file://{tmp_path}/published")):
        done = run(*command, release)
        assert done.exit_code in {1, 2}
        assert done.stdout == ""
        assert command == ("publish", f"file://{tmp_path}/published") or said in " ".join(done.stderr.split())
    assert not (tmp_path / "published").exists()


def test_a_text_that_is_not_utf8(tmp_path: Path, run: Run) -> None:
    """All sums are right, and Arrow reads such bytes without a word."""
    release = make(PROJECT, tmp_path / "release")
    path = release / table_path("articles")
    table = pq.read_table(path)
    texts = [text.encode() + b"\xff" for text in table["text"].to_pylist()]
    for name, values in {
        "text": pa.array(texts, pa.binary()).view(pa.string()),
        "sha256": pa.array([hashlib.sha256(text).hexdigest() for text in texts]),
    }.items():
        index = table.schema.get_field_index(name)
        table = table.set_column(index, table.schema.field(index), values)
    pq.write_table(table, path)
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "articles: `text` cannot be read: Invalid UTF8 sequence" in done.stderr


@pytest.mark.parametrize("column", ["id", "quote", "claim", "rationale"])
def test_a_value_that_is_not_utf8(column: str, tmp_path: Path, run: Run) -> None:
    """Whatever column it is in, also one that nothing compares with anything."""
    release = make(PROJECT, tmp_path / "release")
    path = release / table_path("claims")
    table = pq.read_table(path)
    index = table.schema.get_field_index(column)
    values = pa.array([value.encode() + b"\xff" for value in table[column].to_pylist()], pa.binary())
    pq.write_table(table.set_column(index, table.schema.field(index), values.view(pa.string())), path)
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"claims: `{column}` cannot be read: Invalid UTF8 sequence" in done.stderr


def test_rows_that_are_not_those_of_the_manifest(tmp_path: Path, run: Run) -> None:
    """Also where somebody has written the list of sums anew."""
    release = make(PROJECT, tmp_path / "release")
    manifest = (release / "release.json").read_bytes()
    change_rationale(release)
    resum(release)
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8")
    lines = re.sub(r".*  release\.json", f"{hashlib.sha256(manifest).hexdigest()}  release.json", lines)
    (release / "SHA256SUMS").write_text(lines, encoding="utf-8")
    (release / "release.json").write_bytes(manifest)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "claims: the rows are not those whose number and sum stand in release.json\n"
