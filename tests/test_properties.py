"""Whatever is done to a project: it is an error that is told, or a release that is right, never a crash."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from conftest import PROJECT, TESTS
from factpack.checks.report import CheckFailedError
from factpack.cli import main
from factpack.formats.registry import open_project
from factpack.formats.yaml_parser import read_yaml
from factpack.release.build import build
from factpack.release.verification.verify import verify

Files = dict[str, str]  # the text of every file of a project, by its path
Mutation = Callable[[Files], None]

KINDS = {"claims": "claim", "unverified": "unverified", "not_checkable": "not_checkable"}


def load(text: str) -> Any:
    """YAML as factpack reads it: every scalar is text."""
    data, errors = read_yaml(text)
    assert not errors
    return data


class Dumper(yaml.SafeDumper):
    """Writes nothing for None, and writes everything out, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether two uses of one value are written twice."""
        del data
        return True


Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "", style=""))


def dump(data: Any) -> str:
    """YAML in which every text is quoted, so that it is read back as it is."""
    return yaml.dump(data, Dumper=Dumper, allow_unicode=True, default_style='"', sort_keys=False, width=10**6)


def as_lines(files: Files) -> Files:
    """The same project with its registers and annotations as JSON Lines."""

    def lines(records: list[Any]) -> str:
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    made = {}
    annotations = []
    for name, text in sorted(files.items()):
        if not name.endswith(".yaml") or name == "annotations/dataset.yaml":
            made[name] = text
        elif name in ("annotations/articles.yaml", "annotations/facts.yaml"):
            made[name.replace(".yaml", ".jsonl")] = lines(load(text)[name.removeprefix("annotations/")[:-5]])
        else:
            data = load(text)
            for key, kind in KINDS.items():
                annotations += [{"kind": kind, "article": data["article"], **record} for record in data.get(key, ())]
    return made | {"annotations/all.jsonl": lines(annotations)}


def files_of(project: Path) -> Files:
    """The files of a project."""
    paths = sorted(path for path in project.rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes().decode() for path in paths}


YAML_FILES = files_of(PROJECT)
READINGS_FILES = files_of(TESTS / "readings")
LINES_FILES = as_lines(YAML_FILES)


@contextmanager
def on_disk(files: Files) -> Iterator[Path]:
    """A project of these files, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
        yield folder


def check(folder: Path) -> list[dict[str, Any]]:
    """What ``factpack check`` reports; an exception that it lets through fails the test."""
    with chdir(folder):  # paths are relative to the working directory
        result = CliRunner().invoke(main, ["check", "--format", "json"], catch_exceptions=False)
    problems: list[dict[str, Any]] = json.loads(result.stdout)
    assert result.exit_code == any(problem["severity"] == "error" for problem in problems)
    return problems


def build_agrees(folder: Path, problems: list[dict[str, Any]]) -> bool:
    """Builds; the build refuses what the check called an error, and nothing else. True if it built."""
    if any(problem["severity"] == "error" for problem in problems):
        with pytest.raises(CheckFailedError) as refused:
            build(open_project(folder), None, lambda: None)
        assert [problem.to_dict() for problem in refused.value.report.problems] == problems
        assert not (folder / "dist").exists()
        return False
    release, warnings, *_ = build(open_project(folder), None, lambda: None)
    assert [problem.to_dict() for problem in warnings.problems] == problems
    verify(release)
    return True


# Mutations of the text, which know nothing of what it means

SNIPPETS = st.sampled_from(
    [
        *(
            "\U0001d54f",
            "\u0301",
            "\r",
            "\r\n",
            "\n",
            "\n\n",
            "\t",
            "\x00",
            "\x07",
            "\ufeff",
            "\u00a0",
            "\u2028",
            "\x85",
            "\uffff",
            "é",
        ),
        *(
            ": ",
            " #",
            "- ",
            "'",
            '"',
            "{",
            "}",
            "[",
            "]",
            ",",
            "|",
            ">",
            "&a ",
            "*a ",
            "!!int ",
            "!x ",
            "%",
            "@",
            "`",
            "---\n",
            "...\n",
        ),
        *(
            "\\",
            "\\n",
            "\\u0007",
            "\\u0301",
            "\\ud800",
            "\\udc00",
            "\\U0001d54f",
            "\\x00",
            "no",
            "null",
            "~",
            "1e3",
            "x",
            "A. B",
            "  ",
        ),
        *(
            '{"kind": "claim"}\n',
            "{}\n",
            "[]\n",
            "article: x\n",
            "claims:\n",
            "  - id: x\n",
            "<script>",
            "```",
            "$(x)",
            "{{ x }}",
            "{% x %}",
        ),
    ]
)


@st.composite
def text_mutations(draw: st.DrawFn, files: Files) -> Mutation:
    """Something put into a file, cut out of it or moved within it."""
    name = draw(st.sampled_from(sorted(files)))
    at = draw(st.integers(0, len(files[name])))
    kind = draw(st.sampled_from(["insert", "insert", "delete", "repeat", "swap lines"]))
    snippet = draw(SNIPPETS)
    length = draw(st.integers(1, 60))

    def mutate(changed: Files) -> None:
        text = changed.get(name, "")
        lines = text.split("\n")
        match kind:
            case "insert":
                text = text[:at] + snippet + text[at:]
            case "delete":
                text = text[:at] + text[at + length :]
            case "repeat":
                text = text[:at] + text[at : at + length] + text[at:]
            case _:
                one, other = at % len(lines), (at + length) % len(lines)
                lines[one], lines[other] = lines[other], lines[one]
                text = "\n".join(lines)
        changed[name] = text

    return mutate


# Mutations of the records, which leave a file that can be read

WORDS = [
    "supported",
    "disputed",
    "erroneous",
    "supports",
    "refutes",
    "outweighed",
    "magnitude",
    "a1",
    "c3",
    "no",
    "complete",
    "partial",
]
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            None,
            "",
            " ",
            "x",
            "\n",
            "a\n",
            "0.9.0",
            "1.0.0",
            "2.0.0",
            "1.1.0-rc.1",
            "1.1.0+b",
            "\U0001d54f",
            "e\u0301",
            "\ud7ff",
        ]
    ),
    st.sampled_from(WORDS),
    st.sampled_from([[], {}, ["x"], {"x": "y"}, [[]], [None]]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


def paths_of(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value below the top."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from paths_of(value, (*path, key))


def holder_of(data: Any, path: tuple[Any, ...]) -> Any:
    """The list or mapping that holds the value at a path."""
    for step in path[:-1]:
        data = data[step]
    return data


@st.composite
def record_mutations(draw: st.DrawFn) -> Mutation:
    """A value replaced, dropped, doubled or exchanged with another one of the same file."""
    name = draw(st.sampled_from(sorted(name for name in YAML_FILES if name.endswith(".yaml"))))
    paths = list(paths_of(load(YAML_FILES[name])))
    path, other = draw(st.sampled_from(paths)), draw(st.sampled_from(paths))
    kind = draw(st.sampled_from(["replace", "drop", "double", "exchange"]))
    value = draw(VALUES)

    def mutate(changed: Files) -> None:
        data, errors = read_yaml(changed.get(name, ""))
        if errors:  # an earlier mutation left no records
            return
        try:
            holder, theirs = holder_of(data, path), holder_of(data, other)
            match kind:
                case "replace":
                    holder[path[-1]] = value
                case "drop":
                    del holder[path[-1]]
                case "double" if isinstance(holder, list):
                    holder.append(holder[path[-1]])
                case "exchange" if path[: len(other)] != other and other[: len(path)] != path:
                    holder[path[-1]], theirs[other[-1]] = theirs[other[-1]], holder[path[-1]]
            changed[name] = dump(data)
        except (KeyError, IndexError, TypeError):  # an earlier mutation took that place away
            return

    return mutate


@st.composite
def file_mutations(draw: st.DrawFn) -> Mutation:
    """A file gone, renamed, doubled; or a seed changed, with its digest registered anew or not."""
    name = draw(st.sampled_from(sorted(YAML_FILES)))
    kind = draw(
        st.sampled_from(["remove", "rename", "double", "empty", "seed", "seed", "seed and digest", "seed and digest"])
    )
    seed = draw(st.sampled_from(sorted(name for name in YAML_FILES if name.startswith("seeds/"))))
    at = draw(st.integers(0, len(YAML_FILES[seed])))
    snippet = draw(SNIPPETS)
    ending = draw(st.sampled_from([".yml", ".jsonl", ".txt", "x.yaml", ".json"]))

    def mutate(changed: Files) -> None:
        if kind.startswith("seed"):
            old = changed.get(seed, "")
            changed[seed] = old[:at] + snippet + old[at:]
            if kind == "seed and digest":
                before, now = (hashlib.sha256(text.encode()).hexdigest() for text in (old, changed[seed]))
                register = "annotations/articles.yaml"
                changed[register] = changed.get(register, "").replace(before, now)
        elif name in changed and name != "annotations/dataset.yaml":
            text = changed[name]
            new = name.rsplit(".", 1)[0] + ending
            match kind:
                case "remove":
                    del changed[name]
                case "rename":
                    del changed[name]
                    changed[new] = text
                case "double":
                    changed[new] = text
                case _:
                    changed[name] = ""

    return mutate


MUTATIONS = st.one_of(text_mutations(YAML_FILES), record_mutations(), record_mutations(), file_mutations())
COMMON: dict[str, Any] = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def mutated(files: Files, mutations: list[Mutation]) -> Files:
    """A copy of a project on which the mutations were done one after the other."""
    changed = dict(files)
    for mutate in mutations:
        mutate(changed)
    return changed


@pytest.mark.parametrize("data", [None, [], {}, "", "no", "a\nb ", "\ud7ff\uffff\U0001d54f", [{"a": [None, "~"]}] * 2])
def test_what_is_dumped_is_read_back(data: Any) -> None:
    """So that it is the mutation that is judged, not the way it was written."""
    assert load(dump({"key": data})) == {"key": data}


def test_the_projects_are_right_before() -> None:
    """Both forms check clean and build, so that every error below comes from a mutation."""
    for files in (YAML_FILES, LINES_FILES, READINGS_FILES):
        with on_disk(files) as folder:
            assert check(folder) == []
            assert build_agrees(folder, [])


@given(st.lists(MUTATIONS, min_size=1, max_size=3))
@settings(max_examples=150, **COMMON)
def test_any_project_has_a_report(mutations: list[Mutation]) -> None:
    """The check answers whatever the files hold, with a place and a next step for everything."""
    with on_disk(mutated(YAML_FILES, mutations)) as folder:
        for problem in check(folder):
            assert problem["line"] >= 1
            assert problem["column"] >= 1
            assert problem["message"]
            assert problem["hint"]
            assert (folder / problem["path"]).exists() or problem["path"].startswith("seeds/")


@given(st.lists(text_mutations(LINES_FILES), min_size=1, max_size=3))
@settings(max_examples=120, **COMMON)
def test_any_project_in_json_lines_has_a_report(mutations: list[Mutation]) -> None:
    """The same of the other form."""
    with on_disk(mutated(LINES_FILES, mutations)) as folder:
        for problem in check(folder):
            assert (problem["line"], problem["column"]) >= (1, 1)
            assert problem["hint"]


@given(st.lists(text_mutations(READINGS_FILES), min_size=1, max_size=2))
@settings(max_examples=60, **COMMON)
def test_two_readings_have_a_report(mutations: list[Mutation]) -> None:
    """The same of a project that was read twice; the build agrees about what is an error."""
    with on_disk(mutated(READINGS_FILES, mutations)) as folder:
        problems = check(folder)
        if any(problem["severity"] == "error" for problem in problems):
            assert not build_agrees(folder, problems)


@given(st.lists(MUTATIONS, min_size=1, max_size=2))
@settings(max_examples=45, **COMMON)
def test_a_project_is_an_error_or_a_right_release(mutations: list[Mutation]) -> None:
    """The build refuses what the check calls an error, and only that; what it builds verifies."""
    with on_disk(mutated(YAML_FILES, mutations)) as folder:
        event("built" if build_agrees(folder, check(folder)) else "refused")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("annotations/dataset.yaml", "name: ferry-factcheck", 'name: "ferry-factcheck\\n"'),
        ("annotations/dataset.yaml", "version: 1.1.0", 'version: "1.1.0\\n"'),
        ("annotations/a1.yaml", "id: late-40-minutes-a1", 'id: "late-40-minutes-a1\\n"'),
        ("annotations/articles.yaml", "value: 2024-03-12,", 'value: "2024-03-12\\n",'),
        ("annotations/articles.yaml", "value: 2024-03-12,", "value: ٢٠٢٤-٠٣-١٢,"),
        ("annotations/articles.yaml", "value: 2024-03-12,", "value: 2024-02-30,"),
        ("annotations/articles.yaml", "language: ja", 'language: "ja\\n"'),
    ],
)
def test_what_looks_right_to_a_regular_expression(name: str, old: str, new: str) -> None:
    """``$`` matches before a last line end, ``\\d`` any digit of Unicode, and not every date exists."""
    text = YAML_FILES[name]
    assert text.count(old) >= 1
    with on_disk(YAML_FILES | {name: text.replace(old, new, 1)}) as folder:
        assert [problem["path"] for problem in check(folder) if problem["severity"] == "error"][:1] == [name]


@pytest.mark.parametrize("depth", [30, 400, 900, 3000])
@pytest.mark.parametrize(
    "line", ['{{"kind": "claim", "id": {0}, "a": 1, "a": "\\u00e9"}}', "{0}", '{{"a": 1, "a": 2, "kind": {0}}}']
)
def test_deep_json_is_an_error_and_no_crash(depth: int, line: str) -> None:
    """A line of brackets must not exhaust the stack, whatever else is wrong on it."""
    text = line.format("[" * depth + "]" * depth) + "\n"
    with on_disk(YAML_FILES | {"annotations/deep.jsonl": text}) as folder:
        problems = check(folder)
    assert {problem["path"] for problem in problems if problem["severity"] == "error"} == {"annotations/deep.jsonl"}
