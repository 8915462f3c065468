"""A process that publishes and is killed, or that publishes at the same time as another."""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import click

from factpack.errors import PublicationRefusedError
from factpack.publishing import flow as store
from factpack.publishing.release import Release


def start(function: Callable[..., None], *args: Any) -> BaseProcess:
    """Starts a process from one that has imported everything already, so that it does not take seconds."""
    context = get_context("forkserver")
    context.set_forkserver_preload(
        [
            "factpack.publishing.flow",
            "factpack.publishing.object_store",
            "s3fs",
            "datasets.packaged_modules.parquet.parquet",
        ]
    )
    process = context.Process(target=function, args=(dict(os.environ), *args))
    process.start()
    return process


def killed_before(environ: dict[str, str], target: str, release: Release, step: int) -> None:
    """Publishes, and is killed right before the step of that number; one that comes to its end exits with 0."""
    os.environ.update(environ)
    steps: list[str] = []

    def on_step(name: str) -> None:
        if len(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(name)

    store.publish(target, release, on_step)


def together(environ: dict[str, str], target: str, release: Release, ready: Path, go: Path) -> None:
    """Publishes as soon as there is a file ``go``; exits with 0 if it was published, with 3 if it was refused."""
    os.environ.update(environ)
    ready.touch()
    while not go.exists():
        time.sleep(0.001)
    try:
        store.publish(target, release, lambda _: None)
    except PublicationRefusedError as error:
        click.echo(error)
        raise SystemExit(3) from None
