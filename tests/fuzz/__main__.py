"""Run the fuzzer; see CONTRIBUTING.md."""

import os
import sys
import tempfile
import time
from pathlib import Path

import click

FAULT_SHOWN = 4_000  # characters


@click.command()
@click.option("--count", default=5_000, show_default=True, help="How many projects and releases are changed.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same changes.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="How many are judged side by side.")
@click.option("--case", "named", multiple=True, help="This one alone, as it is printed: project:yaml:1:17.")
def fuzz(count: int, seed: int, jobs: int, named: tuple[str, ...]) -> None:
    """Changes projects and releases, and prints what factpack makes of them. Exit status: 1 if there is a fault."""
    with tempfile.TemporaryDirectory(prefix="factpack-fuzz-") as name:
        folder = Path(name)
        os.environ |= {  # before datasets and huggingface_hub are imported
            "HF_HOME": str(folder / "home"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        from fuzz.cases import Case, Fuzzer, cases, counts  # noqa: PLC0415 - see above

        wanted = list(map(Case.parse, named)) or cases(seed, count)
        fuzzer, outcomes, began = Fuzzer(folder), [], time.monotonic()
        fuzzer.make({(case.kind, case.shape) for case in wanted})
        for outcome in fuzzer.run(wanted, jobs):
            outcomes.append(outcome)
            if outcome.faults or named:
                click.echo(f"{outcome.case} ({'; '.join(outcome.changes)}): {outcome.verdict}, {outcome.seconds:.1f} s")
                for fault in outcome.faults:
                    click.echo(f"    {fault[-FAULT_SHOWN:]}")
            if len(outcomes) % 100 == 0:
                click.echo(f"{len(outcomes)} of {len(wanted)}, {time.monotonic() - began:.0f} s", err=True)
    click.echo(f"seed {seed}\n{counts(outcomes)}")
    sys.exit(any(outcome.faults for outcome in outcomes))


fuzz()
