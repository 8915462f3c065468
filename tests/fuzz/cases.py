"""Change one project or release, judge it in a process of its own, and measure that process."""

import faulthandler
import gc
import itertools
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from fuzz import made_releases, projects
from fuzz.judge import ACCEPTED, CRASH, Judge

SLOW, LARGE = "slow", "large"  # how such a fault begins
MAX_SECONDS = 20
MAX_MEMORY = 2**30
HANGS = 120  # seconds after which a case is ended, on however busy a machine
_ADDRESSES = 16 * 2**30  # that a case can have, for the sake of the machine


@dataclass(frozen=True)
class Case:
    """A change that can be made again: everything follows from its words.

    Attributes:
        kind: ``project`` or ``release``.
        shape: Which one.
        seed: The seed of the run.
        number: Which change of it.
    """

    kind: str
    shape: str
    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.shape}:{self.seed}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Case":
        """Return the case of these words."""
        kind, shape, seed, number = text.split(":")
        return cls(kind, shape, int(seed), int(number))


@dataclass
class Outcome:
    """What became of a case. ``seconds`` are those of the processor, ``memory`` the largest resident set in bytes."""

    case: Case
    changes: list[str] = field(default_factory=list)
    verdict: str = "ended"
    faults: list[str] = field(default_factory=list)
    seconds: float = 0
    memory: int = 0


def cases(seed: int, count: int) -> list[Case]:
    """Return the cases of a run: three fifths projects, two fifths releases, all shapes alike."""

    def all_of(kind: str, shapes: Iterable[str]) -> Iterator[Case]:
        return (Case(kind, shape, seed, number) for number in itertools.count() for shape in shapes)

    project, release = all_of("project", projects.PROJECTS), all_of("release", made_releases.RELEASES)
    return [next(release if number % 5 in (1, 3) else project) for number in range(count)]


class Fuzzer:
    """Keep the projects and releases that are changed in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, shapes: set[tuple[str, str]]) -> None:
        """Make what the cases need, in processes of their own: a process with threads is not one to be forked."""
        for kind, shape in sorted(shapes):
            made = self.folder / kind / shape
            pid = os.fork()
            if not pid:
                status = 1
                try:
                    if kind == "project":
                        made.mkdir(parents=True)
                        projects.PROJECTS[shape](made / "project")
                    else:
                        made.mkdir(parents=True)
                        made_releases.RELEASES[shape](made)
                    status = 0
                except Exception:  # noqa: BLE001 - a forked process must not go on
                    traceback.print_exc()
                os._exit(status)
            if os.waitpid(pid, 0)[1]:
                message = f"the {kind} {shape} cannot be made"
                raise RuntimeError(message)

    def run(self, wanted: list[Case], jobs: int) -> Iterator[Outcome]:
        """Judge cases side by side."""
        gc.freeze()  # so that what the forked processes share stays shared
        waiting, running = iter(wanted), dict[int, tuple[Case, Path]]()
        while True:
            for case in waiting:
                scratch = Path(tempfile.mkdtemp(dir=self.folder))
                running[self._start(case, scratch)] = case, scratch
                if len(running) >= jobs:
                    break
            if not running:
                return
            pid, status, used = os.wait4(-1, 0)
            if pid in running:
                yield self._outcome(*running.pop(pid), status, used)

    def _start(self, case: Case, scratch: Path) -> int:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
        os.dup2(os.open(scratch / "printed", os.O_WRONLY | os.O_CREAT), 2)
        faulthandler.enable(file=2)
        faulthandler.dump_traceback_later(HANGS, exit=True, file=2)
        changes, judge = list[str](), Judge()
        try:
            self._judge(case, scratch, changes, judge)
        except BaseException:  # noqa: BLE001 - whatever it is, it is what the fuzzer looks for
            judge.faults.append(f"{CRASH}\n{traceback.format_exc()}")
        sys.stderr.flush()
        if "Traceback (most" in (printed := (scratch / "printed").read_text(errors="replace")):
            judge.faults.append(f"{CRASH} on standard error\n{printed}")
        told = {"changes": changes, "verdict": judge.verdict, "faults": judge.faults}
        (scratch / "told").write_text(json.dumps(told), encoding="utf-8")
        os._exit(0)

    def _judge(self, case: Case, scratch: Path, changes: list[str], judge: Judge) -> None:
        chance, made = random.Random(str(case)), self.folder / case.kind / case.shape  # noqa: S311 - to be made again
        changed = scratch / "changed"
        shutil.copytree(made / case.kind, changed)
        if case.kind == "project":
            changes += projects.mutate(changed, chance)
            judge.project(changed, scratch, chance)
        else:
            changes += made_releases.mutate(changed, chance)
            judge.release(made / "release", changed, made / "project" / "seeds", chance)

    @staticmethod
    def _outcome(case: Case, scratch: Path, status: int, used: "resource.struct_rusage") -> Outcome:
        outcome = Outcome(case)
        outcome.seconds, outcome.memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        if (scratch / "told").is_file():
            told = json.loads((scratch / "told").read_text(encoding="utf-8"))
            outcome.changes, outcome.verdict, outcome.faults = told["changes"], told["verdict"], told["faults"]
        else:
            printed = (scratch / "printed").read_text(errors="replace")
            outcome.faults.append(f"{CRASH}: ended with {os.waitstatus_to_exitcode(status)}\n{printed}")
        if outcome.seconds > MAX_SECONDS:
            outcome.faults.append(f"{SLOW}: {outcome.seconds:.1f} s")
        if outcome.memory > MAX_MEMORY:
            outcome.faults.append(f"{LARGE}: {outcome.memory / 2**20:,.0f} MiB")
        shutil.rmtree(scratch, ignore_errors=True)
        return outcome


def counts(outcomes: list[Outcome]) -> str:
    """Say how many there were of each kind."""
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    lines = [f"{len(outcomes):,} mutations"]
    for kind in ("project", "release"):
        verdicts = Counter(each.verdict for each in outcomes if each.case.kind == kind)
        told = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(verdicts.items()))
        lines.append(f"{verdicts.total():,} {kind}s: {told}")
    kinds = {
        CRASH: "tracebacks and crashes",
        SLOW: f"over {MAX_SECONDS} s; the longest took {max(each.seconds for each in outcomes):.1f} s",
        LARGE: f"over 1 GiB; the largest took {max(each.memory for each in outcomes) / 2**20:,.0f} MiB",
        ACCEPTED: "releases accepted that differ in meaning",
    }
    lines += [f"{sum(map(str.startswith, faults, repeat(mark)))} {words}" for mark, words in kinds.items()]
    return "\n".join([*lines, f"{sum(not fault.startswith(tuple(kinds)) for fault in faults)} other faults"])
