"""The command line: the only place that prints, and the only one that exits."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from factpack import __version__
from factpack.problems import FORMATS, Problem, summary
from factpack.project import NotAProjectError, Project, open_project

# What takes long to import is imported where it is used, so that `factpack --help` and `factpack check` start at once.
# ruff: noqa: PLC0415


T = TypeVar("T")


class ProjectFolder(click.ParamType[Project]):
    """A folder that holds a project."""

    name = "folder"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Project:
        """The project in the folder; wrong use if there is none."""
        if isinstance(value, Project):
            return value
        try:
            return open_project(Path(str(value)))
        except NotAProjectError as error:
            self.fail(str(error), param, ctx)


PROJECT = click.argument("project", type=ProjectFolder(), default=".")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Packages annotated articles into a checked, versioned fact-check dataset.

    PROJECT is the project folder; the default is the current one.
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Makes a new project in FOLDER, with one example, that checks and builds at once."""
    from factpack.scaffold import FolderInUseError, make_project

    try:
        make_project(folder)
    except FolderInUseError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Made a project in {folder}. Next: factpack check {folder}")


@main.command()
@PROJECT
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="text for people, github for annotations on a pull request, json for programs.",
)
def check(project: Project, form: str) -> None:
    """Reports everything that is wrong in a project, with the place and the next step.

    Exit status: 0 without errors (warnings may be there), 1 with errors, 2 for wrong use.
    """
    from factpack.readings import examine

    problems = sorted({item for item in examine(project) if isinstance(item, Problem)})
    _print(problems, form)
    if form == "text":
        click.echo(summary(problems), err=True)
    sys.exit(_failed(problems))


@main.command()
@PROJECT
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder to write the release to.  [default: dist/NAME-VERSION in the project]",
)
def build(project: Project, out: Path | None) -> None:
    """Checks a project, builds its release, loads it back and moves it into place.

    The last line printed is the path of the release. Exit status: 0 if it was built, 1 if the project has errors, 2 for
    wrong use.
    """
    from tqdm import tqdm

    from factpack.folder import NotAReleaseError
    from factpack.release import ProblemsError
    from factpack.release import build as build_release

    try:
        # disable=None: a bar on a terminal, silence in a pipe
        with tqdm(total=len(project.seeds), desc="Building", unit="article", disable=None) as bar:
            folder, warnings = build_release(project, out, bar.update)
    except ProblemsError as error:
        _print(error.problems, "text")
        click.echo(f"{summary(error.problems)}; nothing was built", err=True)
        sys.exit(1)
    except NotAReleaseError as error:
        raise click.UsageError(str(error)) from error
    if warnings:
        click.echo(f"{summary(warnings)}; `factpack check` shows them", err=True)
    click.echo(folder)


@main.command()
@PROJECT
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.  [default: dist/view.html in the project]",
)
@click.option("--watch", is_flag=True, help="Go on, and build the page again whenever a file of the project is saved.")
def view(project: Project, out: Path | None, *, watch: bool) -> None:
    """Builds a page to read a project, one HTML file, and opens it in the browser.

    It shows what could be read, and the problems at the words that they concern. The last line printed is the path of
    the page. With --watch it stays open and shows every new build by itself. Exit status: 0, whatever the problems.
    """
    import webbrowser

    from factpack.view import PAGE, rebuilds, write

    page = (out or project.root / "dist" / PAGE).absolute()
    for round_, problems in enumerate(rebuilds(project, page) if watch else [write(project, page)]):
        click.echo(summary(problems), err=True)
        if round_ == 0:
            click.echo(page)
            webbrowser.open(page.as_uri())


@main.command()
@PROJECT
def agreement(project: Project) -> None:
    """Prints how far the two readings of a project agree.

    Exit status: 0, or 1 if the project has errors, or 2 if it has no second reading.
    """
    from factpack.agreement import report
    from factpack.readings import Comparison, examine

    if not project.readings:
        message = "the project has no annotations/first and annotations/second to compare"
        raise click.UsageError(message)
    items = _sound(examine(project))
    click.echo(report([item for item in items if isinstance(item, Comparison)]).as_text(), nl=False)


@main.command()
@PROJECT
def stats(project: Project) -> None:
    """Prints counts: claims by label, article, speaker, basis and fact, coverage, and the open conflicts.

    Exit status: 0, or 1 if the project has errors.
    """
    from factpack.join import join
    from factpack.stats import stats as count

    for title, table in count(_sound(join(project))):
        click.echo(f"{title}\n\n{table.to_string() if len(table) else 'none'}\n")


@main.command()
@click.argument("rule_id", required=False, metavar="[RULE]")
def rules(rule_id: str | None) -> None:
    """Prints the manual of the rules: of all of them, or of one."""
    from factpack.rules import RULES

    if rule_id and rule_id not in RULES:
        from difflib import get_close_matches

        near = get_close_matches(rule_id, RULES, 1)
        message = f"there is no rule {rule_id}" + (f"; did you mean {near[0]}?" if near else "")
        raise click.UsageError(message)
    shown = [RULES[rule_id]] if rule_id else sorted(RULES.values(), key=lambda rule: rule.id)
    pages = (
        f"{rule.id} ({rule.severity})\n\n" + "".join(f"  {line}".rstrip() + "\n" for line in rule.manual.split("\n"))
        for rule in shown
    )
    click.echo("\n".join(pages), nl=False)


@main.command()
@PROJECT
def schema(project: Project) -> None:
    """Writes the JSON Schemas of the annotation files into annotations/schemas, where editors find them."""
    from factpack.scaffold import FolderInUseError, write_schemas

    try:
        click.echo(write_schemas(project.root))
    except FolderInUseError as error:
        raise click.UsageError(str(error)) from error


def _sound(items: Iterable[T]) -> list[T]:
    """The items of a project without errors; with errors, they are printed, and that is all."""
    found = list(items)
    problems = sorted({item for item in found if isinstance(item, Problem)})
    if _failed(problems):
        _print(problems, "text")
        click.echo(summary(problems), err=True)
        sys.exit(1)
    return found


def _print(problems: Sequence[Problem], form: str) -> None:
    click.echo(FORMATS[form](problems), nl=False)


def _failed(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
