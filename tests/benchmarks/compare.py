"""Compares the processor time of two checkouts by turns: ``python tests/benchmarks/compare.py OTHER --claims 100000``.

What it takes of the processor in user and system mode, of the process and of those that it starts, is counted; the
least of several runs is compared, because other work on the machine only ever adds to it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

HERE = Path(__file__).parents[2]
MODES = {"check": ("check", "CORPUS"), "build": ("build", "CORPUS", "--out", "OUT")}


def seconds(checkout: Path, words: Sequence[str]) -> float:
    """Runs a command of factpack as a checkout has it; returns the seconds of the processor that it takes."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "scripts")}
    with subprocess.Popen(
        [sys.executable, "-m", "factpack", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)} in {checkout} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


@click.command()
@click.argument("other", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--claims", default=100_000, show_default=True)
@click.option("--repeat", default=3, show_default=True, help="How often each is run.")
@click.option("--mode", "modes", type=click.Choice(list(MODES)), multiple=True, default=list(MODES))
def main(other: Path, claims: int, repeat: int, modes: tuple[str, ...]) -> None:
    """Compares this checkout with OTHER on a corpus that OTHER makes."""
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])  # so that neither works in several processes
    with tempfile.TemporaryDirectory() as scratch:
        corpus, out = Path(scratch, "corpus"), Path(scratch, "release")
        maker = other / "tests/benchmarks/corpus.py"
        paths = os.pathsep.join(str(other / name) for name in ("scripts", "tests"))
        command = [sys.executable, maker, corpus, "--claims", str(claims)]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=True)
        for mode in modes:
            words = [{"CORPUS": str(corpus), "OUT": str(out)}.get(word, word) for word in MODES[mode]]
            runs: dict[Path, list[float]] = {other: [], HERE: []}
            for turn in range(repeat):
                for checkout in list(runs)[:: 1 if turn % 2 else -1]:
                    shutil.rmtree(out, ignore_errors=True)
                    runs[checkout].append(seconds(checkout, words))
            before, now = (min(each) for each in runs.values())
            click.echo(
                f"{mode}, {claims:,} claims: {before:.2f} s -> {now:.2f} s of the processor, × {now / before:.3f}"
            )
            click.echo("  " + "; ".join(" ".join(f"{each:.2f}" for each in found) for found in runs.values()))


if __name__ == "__main__":
    main()
