"""Where an article comes from: in the table, the card and the Croissant file, and said when the article is missing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from checking import REGISTER, edit
from conftest import PROJECT, Run
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.verify import verify
from releases import make, rows

KEYS = {
    "url": "https://news.example/wiki/Marigold_(ferry)?a=1&b=2",
    "archived_url": "http://web.archive.example/2024/https://news.example/",
    "retrieved": "2024-03-14",
    "license": "CC BY 4.0 | <b>as printed</b>",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything is known of a1, one thing of c3, nothing of b2."""
    folder = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("origins") / "project"))
    keys = "".join(f'    {key}: "{value}"\n' for key, value in KEYS.items())
    edit(
        folder,
        REGISTER,
        ("    title: Ferry ‘Marigold’ Late Again\n", f"    title: Ferry ‘Marigold’ Late Again\n{keys}"),
    )
    edit(folder, REGISTER, ("    language: ja\n", "    language: ja\n    url: http://minato.example/船\n"))
    return folder


@pytest.fixture(scope="module")
def release(project: Path) -> Path:
    return make(project, project.parent / "release")


def test_the_table_has_what_is_known_and_null_for_the_rest(release: Path) -> None:
    known = {row["id"]: {key: row[key] for key in KEYS} for row in rows(release, "articles")}
    nothing: dict[str, Any] = dict.fromkeys(KEYS)
    assert known == {"a1": KEYS, "b2": nothing, "c3": nothing | {"url": "http://minato.example/船"}}


def test_the_card_lists_the_sources(release: Path) -> None:
    text = (release / "README.md").read_text(encoding="utf-8")
    terms = "CC BY 4.0 \\| &lt;b&gt;as printed&lt;/b&gt;"
    _, _, section = text.partition("### Sources of the articles\n\n")
    assert section.split("\n\n")[0].splitlines()[2:] == [
        f"| a1 | Ferry ‘Marigold’ Late Again | <{KEYS['url']}> | <{KEYS['archived_url']}> | 2024-03-14 | {terms} |",
        "| c3 | フェリー「マリゴールド」号、また遅れる | <http://minato.example/船> |  |  |  |",
    ]


def test_the_croissant_file_names_them(release: Path) -> None:
    document = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    assert document["isBasedOn"] == [
        {
            "@type": "sc:CreativeWork",
            "identifier": "a1",
            "name": "Ferry ‘Marigold’ Late Again",
            "url": KEYS["url"],
            "archivedAt": KEYS["archived_url"],
            "license": KEYS["license"],
            "description": "retrieved on 2024-03-14",
        },
        {
            "@type": "sc:CreativeWork",
            "identifier": "c3",
            "name": "フェリー「マリゴールド」号、また遅れる",
            "url": "http://minato.example/船",
        },
    ]
    assert verify(release) == ""


def test_nothing_is_said_where_nothing_is_known(built: Path) -> None:
    assert "Sources of the articles" not in (built / "README.md").read_text(encoding="utf-8")
    assert "isBasedOn" not in json.loads((built / "croissant.json").read_text(encoding="utf-8"))


def test_hydrate_names_the_address_of_a_missing_article(project: Path, tmp_path: Path, run: Run) -> None:
    none = build(open_project(project), tmp_path / "none", lambda: None, "none")[0]
    (tmp_path / "articles").mkdir()
    done = run("hydrate", none, tmp_path / "articles", "--out", tmp_path / "out")
    assert done.exit_code != 0
    lines = [line for line in done.output.splitlines() if ": missing; " in line]
    assert [line.rpartition(", which comes from ")[2] for line in lines if "comes from" in line] == [
        f"{KEYS['url']} or {KEYS['archived_url']}",
        "http://minato.example/船",
    ]
    assert len(lines) == 3
