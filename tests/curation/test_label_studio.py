"""A project goes to Label Studio and back, and is the same: without the tool, in the real one, and in its page.

To install Label Studio takes minutes, so that what needs it runs when it is asked for: ``pytest -m harness
tests/curation``. ``FACTPACK_HARNESSES`` names a folder that keeps it for the next run.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from checking import edit
from conftest import PROJECT, TESTS, Run, digests
from curation.label_studio_page import describe, mark, relate, submit, task_page
from evaluation.harnesses import environment
from factpack import load_project
from factpack.formats.yaml_parser import read_yaml


def _tables(project: Path, out: Path) -> dict[str, str]:
    load_project(project).build(out)
    return {name: digest for name, digest in digests(out).items() if name.endswith(".parquet")}


def _bare(project: Path, folder: Path) -> Path:
    """The project without its annotations of articles."""
    copy = Path(shutil.copytree(project, folder, ignore=shutil.ignore_patterns("readings", "adjudications.yaml")))
    for path in copy.glob("annotations/*.yaml"):
        if path.read_text(encoding="utf-8").startswith("#") and "\narticle: " in path.read_text(encoding="utf-8"):
            path.unlink()
    return copy


def test_there_and_back(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """The same tables, with emoji, Japanese and CRLF, unverified passages with what comes near, and same-fact."""
    edit(
        project_folder,
        "annotations/a1.yaml",
        (
            "tar and oranges.\n    speaker: article\n",
            "tar and oranges.\n    speaker: article\n    rationale: Nobody says so.\n"  # noqa: ISC004 - one text
            "    near:\n      - {article: b2, quote: No injuries 🚢}\n",
        ),
    )
    assert run("fmt", project_folder).exit_code == 0
    before = _tables(project_folder, tmp_path / "before")
    result = run("export", "label-studio", project_folder, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    copy = _bare(project_folder, tmp_path / "copy")
    assert run("import", "label-studio", tmp_path / "out/tasks.json", copy).exit_code == 0
    assert run("check", copy).stdout == ""
    assert _tables(copy, tmp_path / "after") == before


def test_the_configuration_names_what_the_task_has(tmp_path: Path, run: Run) -> None:
    """Every control of a result is there, for the text that it is of, with the word that was chosen."""
    assert run("export", "label-studio", PROJECT, "--out", tmp_path / "out").exit_code == 0
    root = ET.parse(tmp_path / "out/config.xml").getroot()  # noqa: S314 - just written
    (task,) = json.loads((tmp_path / "out/tasks.json").read_text(encoding="utf-8"))
    controls = {tag.get("name"): tag for tag in root.iter() if tag.get("toName")}
    texts = {tag.get("name"): tag.get("value") for tag in root.iter("Text")}
    for item in task["annotations"][0]["result"]:
        if item["type"] == "relation":
            assert root.find(f"./Relations/Relation[@value='{item['labels'][0]}']") is not None
            continue
        control = controls[item["from_name"]]
        assert control.get("toName") == item["to_name"]
        assert texts[item["to_name"]] == f"${item['to_name']}"
        words = [tag.get("value") for tag in control]
        assert control.tag == "TextArea" or item["value"].get("choices", item["value"].get("labels"))[0] in words
        text = task["data"][item["to_name"]]
        if item["type"] == "labels":
            assert text[item["value"]["start"] : item["value"]["end"]] == item["value"]["text"]


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("vocabulary: {groups: optional}\n", "Label Studio cannot show `groups`, which dataset.yaml allows"),
        ("splits: {test: evaluation}\n", "Label Studio cannot show `splits`, which dataset.yaml allows"),
        ("columns: {claims: {day: {type: date, description: A day.}}}\n", "Label Studio cannot show `day`"),
    ],
)
def test_what_it_cannot_hold_is_said(
    addition: str, message: str, project_folder: Path, tmp_path: Path, run: Run
) -> None:
    """Nothing is lost on the way."""
    with (project_folder / "annotations/dataset.yaml").open("a", encoding="utf-8") as stream:
        stream.write(addition)
    result = run("export", "label-studio", project_folder, "--out", tmp_path / "out")
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "out").exists()


def _unannotated(project: Path) -> None:
    """Takes all annotations of articles away."""
    for name in ("a1", "b2", "c3"):
        (project / f"annotations/{name}.yaml").unlink()
    register = project / "annotations/articles.yaml"
    register.write_text(register.read_text(encoding="utf-8").replace(": complete", ": partial"), encoding="utf-8")


def test_a_project_without_annotations_is_a_task_to_begin_with(project_folder: Path, tmp_path: Path, run: Run) -> None:
    """Whoever annotates only there exports before the first claim."""
    _unannotated(project_folder)
    result = run("export", "label-studio", project_folder, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stdout
    (task,) = json.loads((tmp_path / "out/tasks.json").read_text(encoding="utf-8"))
    assert task["annotations"] == []
    assert (tmp_path / "out").is_dir()
    assert run("export", "label-studio", project_folder, "--out", tmp_path / "out").exit_code == 2


USER, PASSWORD = "ada@example.org", "an invented word"
TOKEN = "0123456789abcdef" * 2 + "01234567"  # of an account that ends with the test


@contextmanager
def _label_studio(python: Path, folder: Path) -> Iterator[str]:
    """The real Label Studio, on loopback, with a database of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_USERNAME": USER,
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "PYTHONPATH": "",
    }
    command = [python.parent / "label-studio", "start", "--no-browser", "--internal-host", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=os.environ | own, stdout=log, stderr=log, cwd=folder
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}", process, folder / "log")
        finally:
            process.terminate()
            process.wait(30)


def _ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + 600  # the first start makes a database, which takes minutes on a busy machine
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310 - loopback
                return url
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-3000:])


def _call(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - loopback
        return json.loads(response.read())


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real Label Studio, which has a user."""
    folder = tmp_path_factory.mktemp("label-studio")
    with _label_studio(environment("label-studio", folder), folder) as url:
        yield url


def _make_there(url: str, exported: Path) -> int:
    """Makes a project of Label Studio with what factpack has exported, and returns its number."""
    configuration = (exported / "config.xml").read_text(encoding="utf-8")
    project: int = _call(f"{url}/api/projects", {"title": "Round", "label_config": configuration})["id"]
    tasks = json.loads((exported / "tasks.json").read_text(encoding="utf-8"))
    made = _call(f"{url}/api/projects/{project}/import", tasks)
    assert made["annotation_count"] == len(tasks[0]["annotations"])
    return project


def _export_there(url: str, project: int, path: Path) -> Path:
    exported = _call(f"{url}/api/projects/{project}/export?exportType=JSON")
    path.write_text(json.dumps(exported, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.harness
@pytest.mark.parametrize("project", [PROJECT, TESTS.parent], ids=["invented", "ours"])
def test_the_real_label_studio_gives_the_same_claims(
    label_studio: str, project: Path, tmp_path: Path, run: Run
) -> None:
    """Imported with its configuration, annotated there once more, exported by its API: the same tables.

    What is annotated there is one more remark; without it the tables are those of the project.
    """
    assert run("export", "label-studio", project, "--out", tmp_path / "out").exit_code == 0
    copy = _bare(project, tmp_path / "copy") if project == PROJECT else _ours(tmp_path)
    made = _make_there(label_studio, tmp_path / "out")
    export = _export_there(label_studio, made, tmp_path / "export.json")
    result = run("import", "label-studio", export, copy)
    assert result.exit_code == 0, result.stdout
    assert run("check", copy).stdout == ""
    assert _tables(copy, tmp_path / "after") == _tables(_without_readings(project, tmp_path), tmp_path / "before")


@pytest.mark.harness
def test_a_claim_that_is_marked_in_its_page_comes_back(
    label_studio: str, project_folder: Path, tmp_path: Path, run: Run
) -> None:
    """With its evidence in another article, at words behind a character of two UTF-16 units."""
    _unannotated(project_folder)
    assert run("export", "label-studio", project_folder, "--out", tmp_path / "out").exit_code == 0
    made = _make_there(label_studio, tmp_path / "out")
    (task,) = _call(f"{label_studio}/api/tasks?project={made}")["tasks"]
    quote, passage = "Nobody was hurt", "No injuries 🚢"
    texts = {
        "id": "hurt-no-a1",
        "proposition": "Nobody was hurt on the ferry.",
        "fact": "anybody-hurt",
        "value": "no",
        "rationale": "b2 says so.",
    }
    with task_page(label_studio, f"projects/{made}/data?task={task['id']}", USER, PASSWORD) as page:
        mark(page, "claim", 0, quote)
        describe(page, ("supported", "corroborated", "article"), texts)
        mark(page, "evidence", 1, passage)
        relate(page, quote, "supports")
        submit(page)
    export = _export_there(label_studio, made, tmp_path / "export.json")
    result = run("import", "label-studio", export, project_folder)
    assert result.exit_code == 0, result.stdout
    (claim,) = read_yaml((project_folder / "annotations/a1.yaml").read_text(encoding="utf-8"))[0]["claims"]
    assert claim == {
        "id": "hurt-no-a1",
        "quote": quote,
        "claim": "Nobody was hurt on the ferry.",
        "speaker": "article",
        "fact": "anybody-hurt",
        "value": "no",
        "label": "supported",
        "basis": "corroborated",
        "rationale": "b2 says so.",
        "evidence": [{"article": "b2", "quote": passage, "stance": "supports"}],
    }
    assert run("check", project_folder, "--errors-only").stdout == ""


def _ours(folder: Path) -> Path:
    copy = _without_readings(TESTS.parent, folder, "copy")
    for path in copy.glob("annotations/00?.yaml"):
        path.unlink()
    return copy


def _without_readings(project: Path, folder: Path, name: str = "plain") -> Path:
    plain = folder / name
    for part in ("annotations", "seeds"):
        ignored = shutil.ignore_patterns("readings", "adjudications.yaml", "released.jsonl")
        shutil.copytree(project / part, plain / part, ignore=ignored)
    return plain
