"""Run the command line: the only part of factpack that prints, exits, or tunes the process."""

from factpack.cli.main import main

__all__ = ["main"]
