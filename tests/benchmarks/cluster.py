"""Measures a build on a Dask cluster of this machine: how much of the work the first process, and each worker, does."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import psutil

from measure import FORM, machine, own_script, run, table

PATIENCE = 60  # seconds that the cluster has to begin
TIMEOUT = 3_600  # seconds that the build may take


@contextmanager
def cluster(folder: Path, count: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler, and workers of one thread each."""
    found = folder / "scheduler.json"
    with ExitStack() as stack:

        def begin(name: str, *options: str) -> psutil.Process:
            command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--scheduler-file", str(found), *options]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return psutil.Process(process.pid)

        begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        workers = [begin("worker", "--nthreads", "1", "--no-dashboard", "--no-nanny") for _ in range(count)]
        end = time.monotonic() + PATIENCE
        while not (found.exists() and found.stat().st_size):
            if time.monotonic() > end:
                message = "the scheduler does not begin; the extra `cluster` is needed"
                raise click.ClickException(message)
            time.sleep(0.1)
        yield json.loads(found.read_text(encoding="utf-8"))["address"], workers


@click.command()
@click.option("--claims", default=1_000_000, show_default=True)
@click.option("--workers", "count", default=2, show_default=True)
@FORM
def main(*, claims: int, count: int, form: str) -> None:
    """Builds a corpus on a cluster, and prints the processor seconds of the first process and of each worker."""
    with tempfile.TemporaryDirectory(prefix="factpack-benchmark-") as temporary:
        folder = Path(temporary)
        made = run((*own_script("corpus.py"), folder / "corpus", "--claims", str(claims)), timeout=TIMEOUT)
        with cluster(folder, count) as (address, workers):
            before = [sum(worker.cpu_times()[:2]) for worker in workers]
            command = (sys.executable, "-m", "factpack", "build", folder / "corpus", "--out", folder / "release")
            built = run((*command, "--cluster", address), timeout=TIMEOUT)
            took = [sum(worker.cpu_times()[:2]) - start for worker, start in zip(workers, before, strict=True)]
        for each in (made, built):
            if each.failure:
                message = f"{each.failure}\n{each.errors}"
                raise click.ClickException(message)
    seconds = {"first process": built.processor, **{f"worker {number}": each for number, each in enumerate(took, 1)}}
    total = sum(seconds.values())
    rows = [(f"{claims:,}", name, f"{each:.1f}", f"{each / total:.0%}") for name, each in seconds.items()]
    click.echo(table(("claims", "process", "processor", "share"), rows, form))
    click.echo(f"\n{built.seconds:.1f} s by the clock; {machine()}")


if __name__ == "__main__":
    main()
