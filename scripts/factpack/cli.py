"""The command line: the only place that prints, and the only one that exits."""

import sys
from pathlib import Path

import click

from factpack import __version__

# Everything else is imported where it is used, so that `factpack --help` and `factpack check` start at once.

PROJECT = click.argument("project", type=click.Path(path_type=Path), default=".")


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Packages hand-annotated articles into a checked, versioned fact-check dataset.

    Every command takes the project folder; the default is the current one.
    """


@main.command()
@PROJECT
@click.option("--format", "form", type=click.Choice(["text", "github", "json"]), default="text", show_default=True)
def check(project: Path, form: str) -> None:
    """Reports everything that is wrong in a project.

    Exit status: 0 if there is no error, 1 if there is one, 2 if the command was used wrongly.
    """
    from factpack.join import join
    from factpack.problems import FORMATS, Problem, summary

    problems = sorted(item for item in join(_open(project)) if isinstance(item, Problem))
    click.echo(FORMATS[form](problems), nl=False)
    if form == "text":
        click.echo(summary(problems), err=True)
    sys.exit(any(problem.severity == "error" for problem in problems))


def _open(project: Path):
    from factpack.project import NotAProjectError, open_project

    try:
        return open_project(project)
    except NotAProjectError as error:
        raise click.UsageError(str(error)) from error
