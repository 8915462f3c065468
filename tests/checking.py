"""What tests of the check share: names of files, changes to a project, and what the check finds in it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from conftest import Run

A1, B2, C3 = "annotations/a1.yaml", "annotations/b2.yaml", "annotations/c3.yaml"
REGISTER, FACTS, DATASET = "annotations/articles.yaml", "annotations/facts.yaml", "annotations/dataset.yaml"
GUIDELINES = "annotations/GUIDELINES.md"
LINES, DECISIONS = "annotations/claims.jsonl", "annotations/adjudications.yaml"


def edit(project: Path, file: str, *changes: tuple[str, str]) -> None:
    """Replaces text that stands exactly once."""
    data = (project / file).read_bytes()
    for old, new in changes:
        assert data.count(old.encode()) == 1, f"{old!r} stands {data.count(old.encode())} times in {file}"
        data = data.replace(old.encode(), new.encode())
    (project / file).write_bytes(data)


def change_seed(project: Path, file: str, data: bytes) -> None:
    """Other bytes for an article, registered with their digest."""
    before = (project / "seeds" / file).read_bytes()
    (project / "seeds" / file).write_bytes(data)
    edit(project, REGISTER, (hashlib.sha256(before).hexdigest(), hashlib.sha256(data).hexdigest()))


def as_lines(project: Path, *names: str) -> None:
    """Turns the annotations of the articles into one JSON Lines file."""
    with (project / LINES).open("w", encoding="utf-8", newline="\n") as stream:
        for name in names:
            path = project / f"annotations/{name}.yaml"
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
            for key, kind in (("claims", "claim"), ("unverified", "unverified"), ("not_checkable", "not_checkable")):
                for record in data.get(key, []):
                    line = {"kind": kind, "article": name, **record}
                    stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            path.unlink()


def registers_as_lines(project: Path) -> None:
    """Turns both registers into JSON Lines."""
    for name in ("articles", "facts"):
        path = project / f"annotations/{name}.yaml"
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in data[name])
        path.with_suffix(".jsonl").write_bytes(lines.encode())
        path.unlink()


def found(run: Run, project: Path) -> list[tuple[str, int, int, str]]:
    """File, line, column and rule of every problem."""
    return [(p["path"], p["line"], p["column"], p["rule"]) for p in problems(run, project)]


def problems(run: Run, project: Path) -> list[dict[str, Any]]:
    """Every problem, as the JSON format gives it, with the path in the project."""
    result = run("check", project, "--format", "json")
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    for problem in listed:
        if "path" in problem:  # else it counts those that are not listed
            problem["path"] = Path(problem["path"]).absolute().relative_to(project.absolute()).as_posix()
    assert result.exit_code == int(any(problem["severity"] == "error" for problem in listed))
    return listed
