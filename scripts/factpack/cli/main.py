"""Gather the commands, and end any of them with a message if something goes wrong."""

import errno
from typing import Any

import click

from factpack import __version__
from factpack.cli import curation, projects, releases
from factpack.cli.output import fail, refusal
from factpack.cli.tuning import tune
from factpack.errors import FactpackError


class Commands(click.Group):
    """End a command with a message where the file system or a package that adds something refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        tune()
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of the output has enough; click ends quietly
                raise
            raise click.ClickException(refusal(error)) from error
        except FactpackError as error:  # such as a package whose addition cannot be loaded
            fail(f"Error: {error}", 2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="factpack")
def main() -> None:
    """Packages annotated articles as a checked, versioned fact-check dataset.

    PROJECT is the project folder; the default is the current one.
    """


for command in (*projects.COMMANDS, *curation.COMMANDS, *releases.COMMANDS):
    main.add_command(command)
