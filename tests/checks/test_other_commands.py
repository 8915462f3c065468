"""``factpack init``, ``rules`` and ``schema``, and what the check says of a new project."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from checking import A1, DATASET, FACTS, found, problems
from conftest import TESTS, Run
from conftest import edit as edit_data
from factpack.checks.registry import rules
from factpack.curation.additions import with_entry
from factpack.project.models import SCHEMA_FILES
from factpack.project.placeholders import placeholders
from factpack.project.vocabulary import BASES, LABELS, REASONS
from releases import contents

#: What is to be written in a new project: lines of its dataset.
TO_WRITE = [
    *(
        ("annotations/dataset.yaml", line, column, "placeholder-text")
        for line, column in ((3, 8), (5, 10), (6, 15), (8, 14), (10, 11), (11, 9), (12, 14))
    ),
]


def test_init_makes_a_project_that_checks(tmp_path: Path, run: Run) -> None:
    """A beginner starts from something that works, named after the folder, and is warned of what is to be written."""
    folder = tmp_path / "Ein neues Projekt, 2. Versuch"
    result = run("init", folder, "--example")
    assert (result.exit_code, result.stdout) == (0, f"Created a project in {folder}. Next: factpack check '{folder}'\n")
    assert found(run, folder) == TO_WRITE
    assert "name: ein-neues-projekt-2-versuch\n" in (folder / DATASET).read_text(encoding="utf-8")


def test_init_takes_an_empty_folder_and_any_name(tmp_path: Path, run: Run) -> None:
    """A name without a letter that a dataset name may have becomes a neutral one."""
    folder = tmp_path / "日本"
    folder.mkdir()
    assert run("init", folder, "--example").exit_code == 0
    assert found(run, folder) == TO_WRITE


def test_init_leaves_nothing_to_delete(tmp_path: Path, run: Run) -> None:
    """The default is empty, explains the labels, and leads on: an article, its stubs, and a claim make a dataset."""
    folder = tmp_path / "new"
    result = run("init", folder)
    step = f"factpack add-article FILE {folder} --language en"
    assert (result.exit_code, result.stdout) == (0, f"Created a project in {folder}. Next: {step}\n")
    assert list((folder / "seeds").iterdir()) == []
    assert {path.name for path in folder.iterdir()} == {".gitattributes", "annotations", "seeds"}
    assert found(run, folder) == [(DATASET, 2, 7, "no-claims"), *TO_WRITE]
    assert "Begin with an article: `factpack add-article FILE --language en`." in run("check", folder).stdout
    guidelines = (folder / "annotations/GUIDELINES.md").read_text(encoding="utf-8")
    assert all(f"`{word}`" in guidelines for word in (*LABELS, *BASES, *REASONS))
    for number, words in enumerate(("Die Brücke wurde 1911 eröffnet.", "فُتح الجسر عام 1911.", "It opened in 1911 🌉.")):
        (tmp_path / "x.txt").write_text(f"{words}\n", encoding="utf-8")
        language = ("de", "ar", "en")[number]
        assert run("add-article", tmp_path / "x.txt", folder, "--language", language).exit_code == 0
    facts = folder / FACTS
    added = with_entry(facts.read_text(encoding="utf-8"), "facts", {"id": "opened", "question": "When did it open?"})
    facts.write_text(added, encoding="utf-8")
    for number in range(3):
        path = folder / f"annotations/00{number}.yaml"
        entry = {"id": f"opened-1911-00{number}", "quote": "1911", "claim": "The bridge opened in 1911."}
        entry |= {
            "speaker": "article",
            "fact": "opened",
            "value": "1911",
            "label": "supported",
            "basis": "corroborated",
        }
        text = with_entry(path.read_text(encoding="utf-8"), "claims", entry | {"rationale": "So do the others."})
        path.write_text(text.replace("others.\n", "others.\n    evidence: same-fact\n"), encoding="utf-8")
    assert {rule for _, _, _, rule in found(run, folder)} == {"placeholder-text"}
    assert run("build", folder).exit_code == 0


def test_an_example_of_either_kind(tmp_path: Path, run: Run) -> None:
    """Two examples at once would be one too many."""
    result = run("init", tmp_path / "x", "--like", "fever", "--example")
    assert (result.exit_code, "--like already begins with an example" in result.stderr) == (2, True)


def test_all_that_the_template_leaves_open_is_found(tmp_path: Path, run: Run) -> None:
    """Nothing with TODO in it is missed, and no licence is chosen for anybody."""
    run("init", tmp_path / "new", "--example")
    for name in ("dataset.yaml", "GUIDELINES.md"):
        text = (tmp_path / "new/annotations" / name).read_text(encoding="utf-8")
        lines = [number for number, line in enumerate(text.splitlines(), 1) if re.search("TODO[^ ]*$|TODO:", line)]
        assert lines == [line for file, line, _, _ in TO_WRITE if file == f"annotations/{name}"]
        assert "cc-by" not in text


def test_a_new_project_is_built_but_not_released_or_published(tmp_path: Path, run: Run) -> None:
    """A newcomer sees a release at once; the world sees it when it is written out."""
    project = tmp_path / "new"
    run("init", project, "--example")
    built = run("build", project)
    assert (built.exit_code, built.stdout) == (0, f"{project / 'dist/new-0.1.0'}\n")
    assert built.stderr == (
        "0 errors, 7 warnings; `factpack check` shows them\n"
        "template text is left, such as TODO for the licence; do not share this before it is replaced\n"
    )
    before = contents(project)
    refused = run("release", project)
    said = "7 errors, 0 warnings; nothing was released\n`factpack rules placeholder-text` explains the rule.\n"
    assert (refused.exit_code, refused.stderr) == (1, said)
    told = [line.split(": error[placeholder-text]: ")[0] for line in refused.stdout.splitlines()[::2]]
    assert told == [f"{project}/{file}:{line}:{column}" for file, line, column, _ in TO_WRITE]
    refused = run("publish", (tmp_path / "public").as_uri(), project)
    assert (refused.exit_code, refused.stdout) == (1, "")
    card = (project / "dist/new-0.1.0/README.md").read_text(encoding="utf-8").splitlines()
    told = [line for line in refused.stderr.splitlines() if line.startswith("README.md:")]
    for line in told:
        _, number, column, shown = line.split(":", 3)
        assert card[int(number) - 1].endswith(shown.strip())
        assert card[int(number) - 1][int(column) - 1 :].startswith("TODO")
    assert [line.split(": ", 1)[1] for line in told] == [
        "license: TODO",
        "pretty_name: 'TODO: the human-readable name of the dataset'",
        "# TODO: the human-readable name of the dataset",
        "TODO: what the dataset contains, in a paragraph",
        "TODO: how the articles were chosen and the annotations made",
        "TODO: what a user must know before relying on the labels",
        "TODO: who holds the rights to the articles, and what the licence covers",
        "Licence: [TODO](https://TODO)",
    ]
    assert refused.stderr.startswith(f"{project / 'dist/new-0.1.0'} still has template text of `factpack init`:\n")
    assert refused.stderr.endswith(
        "\nReplace it in annotations/dataset.yaml and annotations/GUIDELINES.md; `factpack check` lists every place. "
        "Then build the release again with `factpack build`.\n"
    )
    assert contents(project) == before
    assert not (tmp_path / "public").exists()


def test_a_new_project_that_is_written_out_is_released_and_published(tmp_path: Path, run: Run) -> None:
    project = tmp_path / "new"
    run("init", project, "--example")
    dataset = project / DATASET
    text = dataset.read_text(encoding="utf-8").replace("https://TODO", "https://creativecommons.org/licenses/by/4.0/")
    dataset.write_text(text.replace("license: TODO", "license: cc-by-4.0").replace("TODO: ", "See "), encoding="utf-8")
    assert found(run, project) == []
    assert run("release", project).exit_code == 0
    assert run("publish", (tmp_path / "public").as_uri(), project).exit_code == 0


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        ("TODO", [(1, 1)]),
        ("A line.\n\n  - TODO: another", [(3, 5)]),
        ("# An example", [(1, 3)]),
        ("Licence: [cc-by-4.0](https://TODO)", [(1, 22)]),
        ("TODO comments of programmers, labelled", []),
        ("The label TODO: for later", []),
        ("An example of what can be done", []),
        ("https://example.org/TODO", []),
    ],
)
def test_placeholders_are_told_from_texts_on_todo_lists(text: str, places: list[tuple[int, int]]) -> None:
    assert list(placeholders(text)) == places


@pytest.mark.parametrize(
    ("language", "text", "warned"),
    [
        ("en", "أعلن الميناء أن العبارة تأخرت ساعة.", "Arabic"),
        ("en", "Паром опоздал на час.", "Cyrillic"),
        ("ru", "Parom opozdal na chas.", ""),
        ("he", "المعدية تأخرت ساعة.", "Arabic"),
        ("en", "The ferry «Паром» was an hour late.", ""),
        ("fr", "À l’été, l’œuvre fut achevée où l’on sait.", ""),
        ("vi", "Phà đã đến muộn một giờ đồng hồ.", ""),
        ("sr", "Паром је каснио.", ""),
        ("sr", "Trajekt je kasnio.", ""),
        ("ko", "배가 늦었다.", ""),
        ("en", "12:30", ""),
    ],
)
def test_letters_and_language(language: str, text: str, warned: str, project_folder: Path, run: Run) -> None:
    """A warning where the letters cannot be of the language, and none where they may be."""
    data = text.encode()
    (project_folder / "seeds/d4_new.txt").write_bytes(data)
    entry = {"id": "d4", "file": "d4_new.txt", "sha256": hashlib.sha256(data).hexdigest(), "language": language}
    edit_data(project_folder, "articles.yaml", lambda register: register["articles"].append(entry))
    listed = list(dict.fromkeys(["en", "ja", language]))
    edit_data(project_folder, "dataset.yaml", lambda dataset: dataset.update(languages=listed))
    told = [problem["message"] for problem in problems(run, project_folder) if "script" in problem["rule"]]
    expected = f"article d4 is registered as `{language}`, but most of its letters are {warned}"
    assert told == ([expected] if warned else [])


def test_init_refuses_what_is_in_use(project_folder: Path, run: Run) -> None:
    """Nobody's files are mixed with an example, or overwritten."""
    before = {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()}
    for folder, message in (
        (project_folder, "exists and is not empty; choose another folder"),
        (project_folder / DATASET, "exists and is not empty; choose another folder"),
        (project_folder / DATASET / "below", "choose another folder"),
    ):
        result = run("init", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in " ".join(result.stderr.split())
    assert {path: path.read_bytes() for path in project_folder.rglob("*") if path.is_file()} == before


def test_rules_prints_every_manual_page(run: Run) -> None:
    """In the order of the alphabet, each once."""
    result = run("rules")
    assert result.exit_code == 0
    heads = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads == [f"{name} ({rule.severity})" for name, rule in sorted(rules().items())]
    assert "``" not in result.stdout  # for people, not for a documentation generator
    assert not re.search(r":\w+:`|`_\b|\.\. \w+::", result.stdout)


def test_rules_prints_one_manual_page(run: Run) -> None:
    """The page of the rule that one was told off by."""
    result = run("rules", "quote-not-found")
    assert result.exit_code == 0
    assert result.stdout == (
        "quote-not-found (error)\n\n"
        "  Quote the exact words of the article, to the character.\n\n"
        '  Bad: `quote: migrant crime was "destroying" cities` (straight quotation marks)\n\n'
        "  Good: `quote: migrant crime was “destroying” cities` (curly, as printed)\n"
    )


def test_a_copy_is_blamed_and_not_what_it_is_a_copy_of(project_folder: Path, run: Run) -> None:
    shutil.copyfile(project_folder / A1, project_folder / "annotations/a1 copy.yaml")
    assert [(path, rule) for path, _, _, rule in found(run, project_folder)] == [
        ("annotations/a1 copy.yaml", "duplicate-id")
    ]


def test_a_seed_that_may_not_be_read_is_told_once(tmp_path: Path, run: Run) -> None:
    """Also in a project with readings, which have the same seeds."""
    project = Path(shutil.copytree(TESTS / "readings", tmp_path / "project"))
    seed = next((project / "seeds").iterdir())
    text = seed.rename(tmp_path / seed.name)
    seed.symlink_to(text)
    assert [(path, rule) for path, _, _, rule in found(run, project)] == [(f"seeds/{seed.name}", "stray-file")]


def test_schema_writes_the_schemas(project_folder: Path, run: Run) -> None:
    """They land where the first line of every annotation file points."""
    result = run("schema", project_folder)
    folder = project_folder / "annotations/schemas"
    assert (result.exit_code, result.stdout) == (0, f"{folder.resolve()}\n")
    assert sorted(path.name for path in folder.iterdir()) == sorted(SCHEMA_FILES)
    assert found(run, project_folder) == []


@pytest.mark.parametrize(
    ("command", "link"),
    [
        ("schema", "annotations/schemas/article.schema.json"),
        ("view", "dist/.view.html.new"),
    ],
)
def test_nothing_is_written_through_a_link(
    command: str, link: str, project_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that somebody else made could have it lead to any file of the user's."""
    monkeypatch.setattr("webbrowser.open", str)
    mine = project_folder.with_name("mine")
    mine.write_text("precious", encoding="utf-8")
    (project_folder / link).parent.mkdir(parents=True, exist_ok=True)
    (project_folder / link).unlink(missing_ok=True)
    (project_folder / link).symlink_to(mine)
    assert run(command, project_folder).exit_code == 0
    assert mine.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", sorted(SCHEMA_FILES))
def test_the_committed_schemas_are_those_of_the_models(name: str, tmp_path: Path, run: Run) -> None:
    """An editor must not underline what the check accepts, or the other way round."""
    shutil.copytree(TESTS.parent / "annotations", tmp_path / "annotations")
    run("schema", tmp_path)
    committed = TESTS.parent / "annotations/schemas" / name
    assert committed.read_bytes() == (tmp_path / "annotations/schemas" / name).read_bytes()
