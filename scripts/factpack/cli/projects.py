"""Define the commands on a project: init, check, build, release, view, agreement, stats, rules, schema."""

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import get_args

import click

from factpack import api
from factpack.anchoring.parallel.jobs import MAX_JOBS
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

JOBS = click.option(
    "--jobs",
    type=click.IntRange(1, MAX_JOBS),
    help="Processes that read the articles; the result is the same. A project with readings is read in one.  "
    "[default: 1, or, from about 50,000 claims on, one for each processor, at most 8]",
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--like", type=click.Choice(sorted(PRESETS)), help="Begin with the labels, stances and keys of this dataset."
)
@click.option("--example", is_flag=True, help="Begin with two annotated articles.")
def init(folder: Path, like: str | None, *, example: bool) -> None:
    """Creates a project in FOLDER: empty, with guidelines that explain the labels, or with an example.

    TODO marks what you have to write, such as the licence. The check warns about each TODO, and the dataset cannot be
    released or published before all are replaced.
    """
    if like and example:
        message = "--like already begins with an example; leave --example out"
        raise click.UsageError(message)
    with wrong_use():
        api.create_project(folder, like or "", example=example)
    where = shlex.quote(str(folder))
    step = f"check {where}" if like or example else f"add-article FILE {where} --language en"
    click.echo(f"Created a project in {folder}. Next: factpack {step}")


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
@JOBS
def check(project: api.Project, form: ReportFormat, jobs: int | None, *, errors_only: bool) -> None:
    """Reports every problem of a project with its place and the next step.

    Paths are relative to the working directory, or absolute if the project is outside it. In text format, errors come
    last, and warnings of one rule in one file are shown as the first one with their number.

    Exit status: 0 without errors (there may be warnings), 1 with errors or if a process failed, 2 for wrong use.
    """
    with checking(project) as progress:
        report = project.check(progress, jobs=jobs)
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
    help="none: without the texts of the articles, if you may not share them.",
)
@JOBS
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="The scheduler of a Dask cluster (tcp://host:8786) whose workers do the work, instead of --jobs. "
    "Project and output must be in a folder that they reach under the same path. One with readings is built here.",
)
def build(project: api.Project, out: Path | None, texts: Texts, jobs: int | None, cluster: str | None) -> None:
    """Checks a project, builds its release, reads it back and moves it into place.

    The last printed line is the path of the release. Exit status: 0 if it was built, 1 if the project has errors, 2 for
    wrong use.
    """
    from factpack.release.cluster import cluster_executor

    if cluster and jobs:
        message = "--cluster works instead of --jobs; leave --jobs out"
        raise click.UsageError(message)
    with building(project) as progress, cluster_executor(cluster) if cluster else nullcontext() as executor:
        built = project.build(out, texts=texts, jobs=jobs, executor=executor, progress=progress)
    warn(built.warnings)
    if built.contradicts_history:
        message = f"{built.version} is already released with other rows; raise `version:` in {DATASET} to release these"
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
    """Builds a release under a new version, and writes what changed to annotations/CHANGELOG.md.

    The version is set in annotations/dataset.yaml. A version that is already released, or too small for the changes, is
    refused. annotations/released.jsonl records the rows of the release; commit both files. The last printed line is the
    path of the release. Exit status: 0 if it was made, 1 if not, 2 for wrong use.
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
@click.option("--watch", is_flag=True, help="Serve the page on this machine, so that it can save and stays up to date.")
def view(project: api.Project, out: Path | None, *, watch: bool) -> None:
    """Builds a page to read a project, one HTML file, and opens it in the browser.

    The page shows everything that could be read, and each problem at the words that it is about. You can select words
    and copy them as a record. The last printed line is the path of the page.

    With --watch the page is served until Ctrl-C, only to this machine and at an address that nobody can guess. It saves
    records into the annotation files, and is rebuilt whenever a project file is saved. The first printed line is its
    address.

    Exit status: 0, whatever the problems; 2 for wrong use.
    """
    import webbrowser

    from factpack.release.layout import DIST, PAGE

    if watch:
        if out is not None:
            message = "--watch serves the page and writes no file; leave --out out"
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
    """Prints how well the readings of a project agree, and the annotators who voted on its claims and passages.

    Exit status: 0, or 1 if the project has errors, or 2 if there are no votes to compare.
    """
    with checking(project) as progress:
        measured = project.load(progress).agreement
    if measured is None:
        message = (
            f"nothing to compare: annotations/{READINGS} has fewer than two folders, and no claim has several votes"
        )
        raise click.UsageError(message)
    click.echo(measured.to_text(), nl=False)


@click.command()
@PROJECT
def stats(project: api.Project) -> None:
    """Prints counts: claims by label, article, speaker, basis and fact, coverage, and open facts.

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
    """Prints the manual page of one rule, or of all."""
    known = {rule.id: rule for rule in api.rules()}
    if rule_id and rule_id not in known:
        from difflib import get_close_matches

        near = get_close_matches(rule_id, known, 1)
        message = f"unknown rule {rule_id}" + (f"; did you mean {near[0]}?" if near else "")
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
