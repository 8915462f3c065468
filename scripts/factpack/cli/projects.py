"""Define the commands on a project: init, check, build, release, view, agreement, stats, rules, schema."""

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import get_args

import click

from factpack import api
from factpack.checks.report import ReportFormat
from factpack.cli.output import building, checking, warn, wrong_use
from factpack.errors import ProjectNotFoundError
from factpack.project.layout import DATASET, READINGS
from factpack.project.scaffold import PRESETS
from factpack.project.vocabulary import Texts

# What takes long to import is imported where it is used, so that `factpack --help` and `factpack check` start at once.
# ruff: noqa: PLC0415


class ProjectFolder(click.ParamType[api.Project]):
    """Take the name of a folder that has a project."""

    name = "folder"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> api.Project:
        """Load the project in the folder; wrong use if there is none."""
        if isinstance(value, api.Project):
            return value
        try:
            return api.load_project(Path(str(value)))
        except ProjectNotFoundError as error:
            self.fail(str(error), param, ctx)


PROJECT = click.argument("project", type=ProjectFolder(), default=".")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--like", type=click.Choice(sorted(PRESETS)), help="A dataset whose labels, stances and keys to begin with."
)
@click.option("--example", is_flag=True, help="Begin with two articles that are annotated.")
def init(folder: Path, like: str | None, *, example: bool) -> None:
    """Makes a new project in FOLDER: empty, with guidelines that explain the labels, or with an example.

    What you have to write, the licence among it, is marked TODO. The check warns of it; nothing is released or
    published before it is written.
    """
    if like and example:
        message = "--like begins with an example already; leave --example out"
        raise click.UsageError(message)
    with wrong_use():
        api.create_project(folder, like or "", example=example)
    where = shlex.quote(str(folder))
    step = f"check {where}" if like or example else f"add-article FILE {where} --language en"
    click.echo(f"Made a project in {folder}. Next: factpack {step}")


@click.command()
@PROJECT
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(ReportFormat)),
    default="text",
    show_default=True,
    help="text for people, github for annotations on a pull request, json for programs, sarif for code scanning.",
)
@click.option("--errors-only", is_flag=True, help="Print no warnings; the summary still counts them.")
def check(project: api.Project, form: ReportFormat, *, errors_only: bool) -> None:
    """Reports everything that is wrong in a project, with the place and the next step.

    Paths are relative to the working directory, or absolute if the project is outside of it. As text, errors come last,
    and warnings of one rule in one file are one: the first, and how many there are.

    Exit status: 0 without errors (warnings may be there), 1 with errors, 2 for wrong use.
    """
    with checking(project) as progress:
        report = project.check(progress)
    click.echo((report.without_warnings() if errors_only else report).to(form), nl=False)
    if form == "text":
        click.echo(report.summary, err=True)
        if report.where_to_read:
            click.echo(report.where_to_read, err=True)
    sys.exit(not report.ok)


@click.command()
@PROJECT
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder to write the release to.  [default: dist/NAME-VERSION in the project]",
)
@click.option(
    "--text",
    "texts",
    type=click.Choice(get_args(Texts)),
    default="full",
    show_default=True,
    help="none: without the texts of the articles, for those that may not be passed on.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that anchor the articles; worth it from some 20,000 claims on. The release is the same.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="The scheduler of a Dask cluster (tcp://host:8786) whose workers anchor the articles in the place of --jobs. "
    "Project and output must be in a folder that they reach under the same path.",
)
def build(project: api.Project, out: Path | None, texts: Texts, jobs: int, cluster: str | None) -> None:
    """Checks a project, builds its release, loads it back and moves it into place.

    The last line printed is the path of the release. Exit status: 0 if it was built, 1 if the project has errors, 2 for
    wrong use.
    """
    from factpack.release.parallel.cluster import cluster_executor

    with building(project) as progress, cluster_executor(cluster) if cluster else nullcontext() as executor:
        built = project.build(out, texts=texts, jobs=jobs, executor=executor, progress=progress)
    warn(built.warnings)
    if built.contradicts_history:
        message = f"{built.version} is released with other rows; raise `version:` in {DATASET} to release these"
        click.echo(message, err=True)
    click.echo(built.folder)


@click.command()
@PROJECT
@click.option(
    "--since",
    metavar="RELEASE",
    help="The last release: a folder, ORG/NAME@vX.Y.Z on a hub, or a URL.  [default: dist/NAME-VERSION in the project]",
)
def release(project: api.Project, since: str | None) -> None:
    """Builds a release under a new version, and writes what changed into annotations/CHANGELOG.md.

    The version stands in annotations/dataset.yaml. One that is released already, or too small for what changed, is
    refused. What this release holds is noted in annotations/released.jsonl; commit both files. The last line printed is
    the path of the release. Exit status: 0 if it was made, 1 if not, 2 for wrong use.
    """
    from factpack.versioning.diff_report import as_text

    with building(project, "released") as progress:
        made = project.bump(since, progress)
    warn(made.warnings)
    click.echo(as_text(made.changes), nl=False)
    click.echo(made.folder)


@click.command()
@PROJECT
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.  [default: dist/view.html in the project]",
)
@click.option("--watch", is_flag=True, help="Serve the page on this machine, where it saves and keeps up to date.")
def view(project: api.Project, out: Path | None, *, watch: bool) -> None:
    """Builds a page to read a project, one HTML file, and opens it in the browser.

    It shows what could be read, and the problems at the words that they concern. The last line printed is the path of
    the page. In it words can be selected and copied as a record.

    With --watch it is a place to work until Ctrl-C: the page is served to this machine alone, under an address that
    nobody can guess, saves records into the annotation files, and shows every change of a file. The first line printed
    is its address.

    Exit status: 0, whatever the problems; 2 for wrong use.
    """
    import webbrowser

    from factpack.release.layout import DIST, PAGE

    if watch:
        if out is not None:
            message = "--watch serves the page and writes no file; leave --out away"
            raise click.UsageError(message)
        _serve(project)
        return
    page = (out or project.root / DIST / PAGE).absolute()
    with wrong_use():
        click.echo(project.write_page(page).summary, err=True)
    click.echo(page)
    webbrowser.open(page.as_uri())


def _serve(project: api.Project) -> None:
    """Serve the page of a project until Ctrl-C."""
    import webbrowser

    server = project.open_workbench()
    server.start()
    try:
        click.echo(server.address)
        webbrowser.open(server.address)
        for report in server.session.watch():
            click.echo(report.summary, err=True)
    except KeyboardInterrupt:  # which ends it
        pass
    finally:
        server.stop()


@click.command()
@PROJECT
def agreement(project: api.Project) -> None:
    """Prints how far the readings of a project agree, and the annotators who voted on its claims and passages.

    Exit status: 0, or 1 if the project has errors, or 2 if there are no votes to compare.
    """
    with checking(project) as progress:
        measured = project.load(progress).agreement
    if measured is None:
        message = (
            f"there is nothing to compare: no two folders in annotations/{READINGS}, and no claim with several votes"
        )
        raise click.UsageError(message)
    click.echo(measured.to_text(), nl=False)


@click.command()
@PROJECT
def stats(project: api.Project) -> None:
    """Prints counts: claims by label, article, speaker, basis and fact, coverage, and the open facts.

    Exit status: 0, or 1 if the project has errors.
    """
    from factpack.viewer.statistics import count_tables

    with checking(project) as progress:
        corpus = project.load(progress)
    for title, table in count_tables([*corpus.articles, *corpus.facts], corpus.scheme):
        click.echo(f"{title}\n\n{table.to_string() if len(table) else 'none'}\n")


@click.command()
@click.argument("rule_id", required=False, metavar="[RULE]")
def rules(rule_id: str | None) -> None:
    """Prints the manual of the rules: of all of them, or of one."""
    known = {rule.id: rule for rule in api.rules()}
    if rule_id and rule_id not in known:
        from difflib import get_close_matches

        near = get_close_matches(rule_id, known, 1)
        message = f"there is no rule {rule_id}" + (f"; did you mean {near[0]}?" if near else "")
        raise click.UsageError(message)
    pages = (
        f"{rule.id} ({rule.severity})\n\n" + "".join(f"  {line}".rstrip() + "\n" for line in rule.manual.split("\n"))
        for rule in ([known[rule_id]] if rule_id else known.values())
    )
    click.echo("\n".join(pages), nl=False)


@click.command()
@PROJECT
def schema(project: api.Project) -> None:
    """Writes the JSON Schemas of the annotation files into annotations/schemas, where editors find them."""
    with wrong_use():
        click.echo(project.write_schemas())


COMMANDS = (init, check, build, release, view, agreement, stats, rules, schema)
