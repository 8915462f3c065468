"""Releases without the texts of the articles, the way back, and building a release again from its sources."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, TESTS, Run
from factpack.dataset import table_writer as tables
from factpack.dataset.table_files import SPLIT, table_path
from factpack.release.layout import listed_digests
from factpack.release.quotation import quoted_share
from release.changes import change_rationale, resum, write_otherwise
from releases import contents, make

PROJECTS = {"plain": PROJECT, "read twice": TESTS / "readings"}


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
        assert (
            given(whole) - given(withheld)
            == {
                "claims": {"context"},
                "propositions": {"context"},
                "evidence": {"context"},
                "articles": {"text"},
                "sentences": {"text"},
                "facts": set(),
                "votes": {"quote"},
                "eval": set(),
            }[name]
        )


def test_the_guidelines_are_part_of_both_forms(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """To the byte but for the line ends, with its digest, named in the card, published, and there with the texts."""
    rules = "# Rules\r\n\n2.4 “About” is no conflict. version: 1.1.0\n".encode()
    copied = rules.replace(b"\r\n", b"\n")
    (project_folder / "annotations/GUIDELINES.md").write_bytes(rules)
    full, none = make(project_folder, tmp_path / "full"), make(project_folder, tmp_path / "none", "none")
    for release in (full, none):
        assert (release / "GUIDELINES.md").read_bytes() == copied
        assert listed_digests(release)["GUIDELINES.md"] == hashlib.sha256(copied).hexdigest()
        card = (release / "README.md").read_text(encoding="utf-8")
        for heading in ("## Labels", "## Sources"):
            assert "[GUIDELINES.md](GUIDELINES.md)" in card.split(f"{heading}\n")[1].split("\n## ")[0]
        assert run("verify", release, project_folder).exit_code == 0
    assert run("hydrate", none, project_folder / "seeds", "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(full)
    assert run("publish", (tmp_path / "store").as_uri(), full).exit_code == 0
    assert (tmp_path / "store/v1.1.0/GUIDELINES.md").read_bytes() == copied
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
    assert "This release leaves out the texts of the articles" in card


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
    found = quoted_share(full)
    assert (found.least, found.most) == (min(shares), max(shares))
    assert found.overall == len(left) / sum(map(len, texts.values()))
    card = " ".join((none / "README.md").read_text(encoding="utf-8").split())
    per_cent = [round(100 * share) for share in (found.least, found.most, found.overall)]
    assert "The quotes alone reproduce {}–{}% of each article ({}% of all)".format(*per_cent) in card
    assert "The quotes alone" not in (full / "README.md").read_text(encoding="utf-8")


def test_a_card_offers_only_uses_that_its_release_has_the_texts_for(forms: tuple[Path, Path, Path]) -> None:
    cards = [(release / "README.md").read_text(encoding="utf-8") for release in forms[1:]]
    full, none = (" ".join(card.split("## Uses\n")[1].split("\n## ")[0].split()) for card in cards)
    assert "retrieval of evidence and span selection (`claims` with `articles`)" in full
    assert "hydrate" not in full
    assert "(`claims` with `articles`)" not in none
    assert "(`sentences`)" not in none
    assert "need the texts, which `factpack hydrate` puts back" in none


def test_articles_that_are_not_the_same_are_refused(none: Path, tmp_path: Path, run: Run) -> None:
    """All of them at once, and nothing is written."""
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in seeds.iterdir()}
    other = seeds / "a1_harbour-gazette.txt"
    other.write_bytes(other.read_bytes() + b"\n")
    (seeds / "c3_minato.txt").unlink()
    done = run("hydrate", none, seeds, "--out", tmp_path / "again")
    assert done.exit_code == 1
    assert done.stderr == (
        f"{other}: its SHA-256 is {hashlib.sha256(other.read_bytes()).hexdigest()}; "
        f"the release needs {sums['a1_harbour-gazette.txt']}\n"
        f"{seeds / 'c3_minato.txt'}: missing; "
        f"the release needs the file with the SHA-256 {sums['c3_minato.txt']}\n"
        "nothing was written\n"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"none", "seeds"}


def test_an_article_is_not_looked_for_outside_the_folder(none: Path, tmp_path: Path, run: Run) -> None:
    """A release is somebody else's: the file names in it are not to be trusted."""
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
    assert f"{seeds}/../a1_harbour-gazette.txt: missing" in done.stderr


def test_only_a_release_without_texts_takes_them(forms: tuple[Path, Path, Path], tmp_path: Path, run: Run) -> None:
    project, full, none = forms
    seeds = project / "seeds"
    done = run("hydrate", full, seeds, "--out", tmp_path / "again")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {full} already has its texts")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("not to be lost", encoding="utf-8")
    done = run("hydrate", none, seeds, "--out", tmp_path / "mine")
    assert done.exit_code == 2
    assert f"{tmp_path / 'mine'} exists and is not a release" in done.stderr
    assert contents(tmp_path / "mine") == {"notes.txt": b"not to be lost"}


def change(name: str) -> Callable[[Path], object]:
    """Adds to a file of a release."""
    return lambda release: (release / name).write_bytes((release / name).read_bytes() + b"\n")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "rows": (
        change_rationale,
        "\n".join(
            f"{config}: its rows do not match the digest in full/release.json" for config in ("claims", "propositions")
        ),
    ),
    "card": (change("full/README.md"), "full/README.md: its SHA-256 does not match full/SHA256SUMS"),
    "chart": (change("charts/labels.svg"), "charts/labels.svg: its SHA-256 does not match full/SHA256SUMS"),
    "page": (
        lambda release: (release / "full/view.html").write_bytes(b"\xff"),
        "full/view.html: its SHA-256 does not match full/SHA256SUMS",
    ),
    "no page": (
        lambda release: (release / "full/view.html").unlink(),
        "view.html: missing, but listed in full/SHA256SUMS",
    ),
    "no sums": (lambda release: (release / "full/SHA256SUMS").unlink(), "full/SHA256SUMS: missing"),
    "no table": (
        lambda release: shutil.rmtree(release / "sentences"),
        "sentences/test-00000-of-00001.parquet: missing",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_changed_release_does_not_take_the_texts(damage: str, none: Path, tmp_path: Path, run: Run) -> None:
    """Also if its own list of digests was made anew: what comes out is the full release that was built, or nothing."""
    do, said = DAMAGE[damage]
    do(none)
    resum(none)
    done = run("hydrate", none, PROJECT / "seeds", "--out", tmp_path / "again")
    assert (done.exit_code, done.stdout) == (1, "")
    end = "the release is damaged or was changed after it was built; nothing was written\n"
    assert done.stderr == f"{said}\n{end}"
    assert {path.name for path in tmp_path.iterdir()} == {"none"}


def test_texts_put_back_by_another_writer_give_the_same_rows(
    release: Path, none: Path, tmp_path: Path, run: Run
) -> None:
    """The release that was built, and what the one without the texts says of it, is of the other writer."""
    write_otherwise(release)
    for path in (none / "full").iterdir():
        if path.name in {"README.md", "SHA256SUMS", "croissant.json", "release.json"}:
            shutil.copy(release / path.name, path)
    resum(none)
    done = run("hydrate", none, PROJECT / "seeds", "--out", tmp_path / "again")
    assert done.output == (
        "The rows equal those of the release with the texts; with this version of pyarrow the bytes differ.\n"
        f"{tmp_path / 'again'}\n"
    )
    again = tmp_path / "again"
    assert json.loads((again / "release.json").read_bytes()) == json.loads((release / "release.json").read_bytes())
    for file in json.loads((again / "croissant.json").read_bytes())["distribution"]:
        data = (again / file["contentUrl"]).read_bytes()
        assert (file["sha256"], file["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B")
        assert data != (release / file["contentUrl"]).read_bytes()
