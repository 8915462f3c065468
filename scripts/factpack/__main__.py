"""``python -m factpack``."""

from factpack.cli import main

main()
