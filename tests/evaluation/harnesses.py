"""Environments with the real evaluation harnesses and annotation tools, made by the tests that run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: The harnesses, in the versions that the files of a release were written for.
VERSIONS = {
    "inspect": ["inspect-ai==0.3.285", "datasets"],
    "lm_eval": ["lm_eval==0.4.13"],
    "label-studio": ["label-studio==1.23.2"],
}


def environment(name: str, folder: Path) -> Path:
    """Make an environment with a harness, and return its Python; skip the test where it cannot be installed.

    ``FACTPACK_HARNESSES`` names a folder that keeps the environments from one run to the next.
    """
    kept = os.environ.get("FACTPACK_HARNESSES")
    root = (Path(kept) if kept else folder) / name
    python = root / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", root], check=True)
        wanted = VERSIONS[name]
        done = subprocess.run(
            [python, "-m", "pip", "install", "-q", *wanted], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"{wanted[0]} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return python


def run_offline(command: list[str | Path], folder: Path, **more: str) -> str:
    """Run a command that sees no other hub than the one of the tests, and return what it prints."""
    own = {"HF_HOME": str(folder / "hf"), "NO_COLOR": "1", **more}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
