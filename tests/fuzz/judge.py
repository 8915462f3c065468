"""Judge what factpack makes of a changed project or release."""

import json
import random
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import datasets.packaged_modules.parquet.parquet  # noqa: F401 - what commands import is imported once, before the fork
import huggingface_hub.hf_api  # noqa: F401
import pyarrow.acero
import pyarrow.dataset  # noqa: F401
import pyarrow.parquet as pq
import scipy.stats  # noqa: F401
import tqdm  # noqa: F401
from click.testing import CliRunner, Result

import factpack.agreement.metrics
import factpack.publishing.flow
import factpack.publishing.object_store
import factpack.publishing.release
import factpack.release.build
import factpack.release.hydrate
import factpack.release.verification.verify
import factpack.versioning.diff_report
import factpack.viewer.writer  # noqa: F401
from factpack import FactpackError, load_project
from factpack.cli import main
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.release.companions import other_builders
from factpack.release.layout import present_files
from factpack.release.manifest import read_manifest

CRASH, ACCEPTED = "traceback", "accepted"  # how such a fault begins

_COPIED = (
    "SHA256SUMS",
    ".gitattributes",
    "GUIDELINES.md",
    "CHANGELOG.md",
    "LICENSE",
)  # follow from nothing in the release
_DERIVED = ("dataset", "agreement", "quoted")  # in release.json, for the files that are derived from it
_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # what a terminal may obey


class Judge:
    """Run commands, and note everything that they should not do."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.verdict = ""

    def run(self, *args: str | Path) -> Result:
        """Run a command in this process; an exception that it lets through ends the case."""
        result = CliRunner().invoke(main, list(map(str, args)), catch_exceptions=False)
        if result.exit_code not in (0, 1, 2):
            self.faults.append(f"{args[0]} ends with {result.exit_code}")
        if "Traceback (most recent call last)" in result.output:
            self.faults.append(f"{CRASH} printed by {args[0]}")
        if found := _SHOWN.search(result.output):
            self.faults.append(f"{args[0]} prints the control character {found[0]!r}")
        if result.exit_code and not result.output.strip():
            self.faults.append(f"{args[0]} ends with {result.exit_code} and says nothing")
        return result

    def project(self, project: Path, scratch: Path, chance: random.Random) -> None:
        """Check a project; build it and verify the release if it has no errors."""
        checked = self.run("check", project, "--format", "json")
        if checked.exit_code == 2:
            self.verdict = "no project"
            return
        form = chance.choice(["text", "text", "github", "sarif"])
        if chance.random() < 0.3 and self.run("check", project, "--format", form).exit_code != checked.exit_code:
            self.faults.append(f"check ends otherwise with --format {form}")
        self.problems(json.loads(checked.stdout), failed=checked.exit_code == 1)
        self.verdict = "errors" if checked.exit_code else "built"
        out = scratch / "built"
        if checked.exit_code == 0:
            built = self.run("build", project, "--out", out)
            if built.exit_code:
                self.faults.append(f"no errors, and build ends with {built.exit_code}: {built.output[-300:]}")
            elif (verified := self.run("verify", out)).exit_code:
                self.faults.append(f"built, and verify ends with {verified.exit_code}: {verified.output[-300:]}")
        elif chance.random() < 0.1 and (self.run("build", project, "--out", out).exit_code != 1 or out.exists()):
            self.faults.append("errors, and build does not refuse them")
        if chance.random() < 0.15:
            self.page(project, scratch / "view.html")

    def problems(self, listed: list[dict[str, Any]], *, failed: bool) -> None:
        """Look at the places of problems, and whether one is told twice."""
        if failed != any(problem["severity"] == "error" for problem in listed):
            self.faults.append("the exit status is not that of the problems")
        if len({json.dumps(problem) for problem in listed}) < len(listed):
            self.faults.append("a problem is told twice")
        for problem in (each for each in listed if "more" not in each):
            if problem["line"] < 1 or problem["column"] < 1 or not problem["message"] or not problem["hint"]:
                self.faults.append(f"a problem without place or words: {problem}")

    def page(self, project: Path, page: Path) -> None:
        """Write the page, which draws whatever can be read."""
        try:
            load_project(project).write_page(page)
        except (FactpackError, OSError) as error:
            if not str(error):
                self.faults.append("the page is refused without a word")

    def release(self, original: Path, release: Path, seeds: Path, chance: random.Random) -> None:
        """Verify a release, compare it with the original, and complete or publish it."""
        verified = self.run("verify", release)
        self.verdict = "refused"
        if verified.exit_code == 0:
            others = other_builders(read_manifest(release))
            self.verdict = "accepted, not derived again" if others else "accepted"
            if ("were not derived again" in verified.stderr) != bool(others):
                self.faults.append("verify does not say whether it derived the files beside the tables again")
            before, after = (_meaning(folder, others) for folder in (original, release))
            differ = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
            if differ:
                self.faults.append(f"{ACCEPTED}, and differs in {', '.join(differ)}")
        self.run("diff", original, release)
        if chance.random() < 0.3:
            self.run("hydrate", release, seeds, "--out", release.parent / "full")
        if chance.random() < 0.1:
            self.run("publish", f"file://{release.parent}/store", release, "--dry-run")


def _meaning(release: Path, others: Collection[str]) -> dict[str, object]:
    """Return what a release says: tables as they load, release.json, and every file that is derived from the two.

    Args:
        release: The release.
        others: The packages that were others when it was built; what they made is not derived again.
    """
    found: dict[str, object] = {}
    for name in sorted(present_files(release)):
        path = release / name
        if path.suffix == ".parquet" and not ("factpack" in others and path.parent.name in TASK_CONFIGS):
            table = pq.read_table(path)
            found[name] = table.schema.to_string(), table.schema.metadata, table.to_pylist()
        elif path.name == "release.json":
            found[name] = _said(json.loads(path.read_bytes()), others)
        elif path.name not in _COPIED and not others:
            found[name] = path.read_bytes()
    return found


def _said(manifest: dict[str, Any], others: Collection[str]) -> dict[str, Any]:
    """Return what release.json says, and can be compared with the tables; nothing depends on the order of speakers."""
    ignored = {"built_with", *(_DERIVED if others else ()), *(("tasks", "baselines") if "factpack" in others else ())}
    said: dict[str, Any] = {key: value for key, value in manifest.items() if key not in ignored}
    if "dataset" in said:
        said["dataset"] |= {"speakers": sorted(said["dataset"].get("speakers", ()))}
    if "numpy" in others and "baselines" in said:  # whose random numbers the ends of intervals follow from
        said["baselines"] = [
            {
                kind: scores and {name: figure["value"] for name, figure in scores.items()}
                for kind, scores in its.items()
            }
            for its in ({kind: each[kind] for kind in ("labels", "stances")} for each in said["baselines"])
        ]
    return said
