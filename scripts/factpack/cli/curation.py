"""Define the commands that curators exchange annotations by: add-article, fmt, import, export."""

import shlex
import sys
from pathlib import Path
from typing import Literal

import click

from factpack import api
from factpack.checks.report import counted
from factpack.cli.output import building, wrong_use
from factpack.cli.projects import PROJECT

#: The formats that are imported; :func:`~factpack.formats.registry.export_formats` has them.
EXPORTS = ("label-studio", "xmi", "csv", "doccano", "prodigy")

# What takes long to import is imported where it is used, so that `factpack --help` and `factpack check` start at once.


@click.command()
@PROJECT
@click.option("--long", is_flag=True, help="Expand references to the passages that they stand for.")
@click.option("--check", "dry_run", is_flag=True, help="Change nothing; exit with 1 if something would change.")
def fmt(project: api.Project, *, long: bool, dry_run: bool) -> None:
    """Shortens evidence to the id of a claim with the same passage, or to same-fact.

    Everything else keeps its bytes: comments, order, line endings. Readings, and entries that contain a
    comment, are not rewritten. The files are replaced only after every row of the dataset was compared.

    Exit status: 0; with --check 1 if something would change; 1 if the project has errors; 2 for wrong use.
    """
    with building(project, "rewritten") as progress:
        changed = project.rewrite_evidence(long=long, dry_run=dry_run, progress=progress)
    for each in changed:
        what = f"{counted(each.claims, 'claim')}, {each.lines_before:,} lines → {each.lines:,}"
        click.echo(f"{'would rewrite' if dry_run else 'rewrote'} {each.file}: {what}")
    sys.exit(dry_run and bool(changed))


@click.command("add-article")
@click.argument("file")
@PROJECT
@click.option("--language", required=True, help="The ISO 639 code of its language, such as de.")
@click.option(
    "--id", "article", default="", help="Its id.  [default: the beginning of the name of FILE, or the next number]"
)
@click.option("--title", default="", help="Its title, as it is printed in the text.")
@click.option("--yes", is_flag=True, help="Do not ask, even if the text differs from FILE.")
def add_article(file: str, project: api.Project, *, language: str, article: str, title: str, yes: bool) -> None:  # noqa: PLR0913 - arguments and options
    """Adds FILE to a project: its text in seeds/, its entry in the register, and a stub for each of its sentences.

    FILE is text in UTF-8, UTF-16 or Windows-1252. The command lists what it changes in the text, and asks first: plain
    line endings, Unicode form NFC, no control characters. A stub is an unverified passage whose claim begins with TODO;
    the check lists each stub until it is filled in. What is in the files already stays as it is.

    Exit status: 0 if it was added, 1 if not, 2 for wrong use.
    """
    with wrong_use():
        plan = project.plan_article(file, language, article=article, title=title)
    for change in plan.decoded.changes:
        click.echo(f"{file}: {change}", err=True)
    if plan.decoded.changes and not yes:
        click.confirm("Add it with these changes?", abort=True, err=True)
    with wrong_use():
        plan.carry_out()
    stubs = counted(plan.sentences, "stub")
    click.echo(
        f"Added {plan.seed} as article {plan.article}, with {stubs} in {plan.annotations}. {_next_check(project)}"
    )


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(EXPORTS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PROJECT
@click.option("--reading", default="", help="Import it as a reading with this name.")
def import_(form: str, file: Path, project: api.Project, *, reading: str) -> None:
    """Converts the export of an annotation tool, or a table, to annotation files.

    FORMAT is label-studio (JSON), xmi (UIMA, as INCEpTION exports it), csv, doccano or prodigy (JSONL). A region is
    marked as claim, unverified, not_checkable or evidence; a relation from evidence to a claim is named after the
    stance. Several annotators become readings, in annotations/readings/NAME. You can also put an export into
    annotations/ as it is.

    Exit status: 0 if it was written, 1 if something is wrong with FILE, 2 for wrong use.
    """
    with building(None, "imported"), wrong_use():
        plan = project.plan_import(file, form, reading)
        plan.carry_out()
    for name, count in plan.files:
        click.echo(f"wrote {name}: {counted(count, 'record')}")
    click.echo(_next_check(project))


def _next_check(project: api.Project) -> str:
    """Say how to check the project from the working directory."""
    here, root = Path.cwd().resolve(), project.root.resolve()
    shown = root.relative_to(here) if root.is_relative_to(here) else root
    return "Next: factpack check" + (f" {shlex.quote(str(shown))}" if root != here else "")


@click.group()
def export() -> None:
    """Writes a project or a release in the format of another tool."""


OUT = click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write.")


@export.command("label-studio")
@PROJECT
@OUT
def label_studio(project: api.Project, out: Path) -> None:
    """Writes a project as a Label Studio task, with its labelling configuration.

    The task contains the annotations. `factpack import label-studio` reads it when Label Studio exports it as JSON.
    Exit status: 0 if it was written, 1 if the project has errors, 2 for wrong use.
    """
    with building(None, "exported"), wrong_use():
        task, configuration = project.export_label_studio(out)
    click.echo(f"{configuration}: the labelling configuration of a new project\n{task}: the task to import into it")


def _exports_release(form: Literal["w3c", "fever", "beir"], what: str) -> click.Command:
    """Make the command that exports releases in a format."""

    @click.argument("release")
    @OUT
    def command(release: str, out: Path) -> None:
        with (
            building(None, "exported") as progress,
            api.open_release(release, progress=progress) as opened,
            wrong_use(),
        ):
            opened.export(form, out)
        click.echo(out)

    status = (
        "RELEASE is a folder, ORG/NAME@vX.Y.Z on a hub, or a URL. Exit status: 0 if it was written, 2 for wrong use."
    )
    return export.command(form, help=f"{what}\n\n{status}")(command)


_exports_release("w3c", "Writes a release as W3C Web Annotations: JSON-LD, one for each claim and each passage.")
_exports_release("fever", "Writes a release in the format of FEVER: claims, with sentences of pages as evidence.")
_exports_release(
    "beir", "Writes a release in the format of BEIR: claims as queries, sentences as corpus, with judgements."
)

COMMANDS = (add_article, export, fmt, import_)
