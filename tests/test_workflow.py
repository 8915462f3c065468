"""The workflow in the README: it is valid, and its commands do on a hub what the README says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from conftest import PROJECT
from hub.server import Hub

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
[WORKFLOW] = re.findall(r"```yaml\n(on: .*?)```", README, re.DOTALL)
GH = """#!/bin/sh
printf '%s\\n' "$@" > "$ASKED"
"""


def document() -> Any:
    """The workflow; YAML 1.1 takes the key `on` for a boolean, and GitHub does not."""
    found = yaml.safe_load(WORKFLOW)
    return {"on" if key is True else key: value for key, value in found.items()}


def steps(condition: str | None) -> list[str]:
    """The commands of the steps with a condition, or of those without one that are no installation."""
    [job] = document()["jobs"].values()
    return [
        step["run"]
        for step in job["steps"]
        if step.get("if") == condition and "run" in step and "install" not in step["run"]
    ]


def test_it_is_a_workflow_of_some_lines() -> None:
    jsonschema.Draft7Validator(get_builtin_schema("vendor.github-workflows")).validate(document())
    assert len(WORKFLOW.splitlines()) <= 14


def test_the_schema_finds_a_mistake() -> None:
    wrong = document()
    next(iter(wrong["jobs"].values()))["step"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(get_builtin_schema("vendor.github-workflows")).validate(wrong)


def test_it_names_the_hook() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    assert f"`{hook['id']}`" in README


class Runner:
    """Runs steps as GitHub does: each in a shell that ends at the first error, with its secrets in the environment."""

    def __init__(self, project: Path, repo: str, scratch: Path) -> None:
        self.project, self.asked = project, scratch / "asked"
        (scratch / "bin").mkdir()
        (scratch / "bin/gh").write_text(GH, encoding="utf-8")
        (scratch / "bin/gh").chmod(0o755)
        (scratch / "bin/factpack").write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -m factpack "$@"\n', encoding="utf-8"
        )
        (scratch / "bin/factpack").chmod(0o755)
        path = f"{scratch / 'bin'}:{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(ROOT / "scripts"), "DEST": repo, "PR": "7", "ASKED": str(self.asked)}
        self.environment = os.environ | own | {"HF_HOME": str(scratch / "home")}

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        shell = ["bash", "-e", "-c", command]
        return subprocess.run(
            shell, cwd=self.project, env=self.environment, capture_output=True, text=True, check=False
        )


def test_its_commands_check_comment_and_publish(hub: Hub, repo: str, tmp_path: Path) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    runner = Runner(project, repo, tmp_path)
    [check], [comment] = steps(None), steps("github.event_name == 'pull_request'")
    [publish] = steps("github.ref_type == 'tag'")
    assert runner.run(check).returncode == 0
    done = runner.run(comment)
    assert (done.returncode, runner.asked.exists()) == (1, False)  # there is nothing to compare with yet
    done = runner.run(publish)
    assert done.returncode == 0, done.stderr
    assert list(hub.repository(repo).refs("tags")) == ["v1.1.0"]
    claim = project / "annotations/b2.yaml"
    text = claim.read_text(encoding="utf-8")
    claim.write_text(text.replace("a1 and c3 give the same year.", "Both give it."), encoding="utf-8")
    done = runner.run(comment)
    assert done.returncode == 0, done.stderr
    assert runner.asked.read_text(encoding="utf-8").split() == [
        *("pr", "comment", "7", "--body-file", "diff.md", "--edit-last", "--create-if-none")
    ]
    assert "`in-service-2023-b2` (rationale" in (project / "diff.md").read_text(encoding="utf-8")
    claim.write_text(text.replace("label: supported", "label: suported", 1), encoding="utf-8")
    done = runner.run(check)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=annotations/b2.yaml,line=")
