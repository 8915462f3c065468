"""Run the command line by ``python -m factpack``."""

from factpack.cli import main

main()
