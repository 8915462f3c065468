"""The command line: the only place that prints, and the only one that exits."""

import errno
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from factpack import __version__
from factpack.folder import BrokenReleaseError, NotAReleaseError, Text, read_manifest
from factpack.problems import FORMATS, Problem, Problems, summary
from factpack.project import DATASET, NotAProjectError, Project, open_project

if TYPE_CHECKING:
    from factpack.publish import Place

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


class Commands(click.Group):
    """The commands. What the file system refuses ends any of them with a message."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever reads the output has enough; click ends quietly
                raise
            raise click.ClickException(_refusal(error)) from error


PROJECT = click.argument("project", type=ProjectFolder(), default=".")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    click.echo(f"Made a project in {folder}. Next: factpack check {shlex.quote(str(folder))}")


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

    items = _watched(project, examine(project))
    problems = Problems(item for item in items if isinstance(item, Problem | Problems))
    _print(problems, form)
    if form == "text":
        click.echo(summary(problems), err=True)
    sys.exit(problems.failed)


@main.command()
@PROJECT
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder to write the release to.  [default: dist/NAME-VERSION in the project]",
)
@click.option(
    "--text",
    type=click.Choice(get_args(Text)),
    default="full",
    show_default=True,
    help="none: without the texts of the articles, for those that may not be passed on.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that join the articles; worth it from some 20,000 claims on. The release is the same.",
)
def build(project: Project, out: Path | None, text: Text, jobs: int) -> None:
    """Checks a project, builds its release, loads it back and moves it into place.

    The last line printed is the path of the release. Exit status: 0 if it was built, 1 if the project has errors, 2 for
    wrong use.
    """
    from factpack.release import build as build_release

    with _building(project) as on_article:
        built = build_release(project, out, on_article, text, jobs=jobs)
    _warn(built.warnings)
    manifest = read_manifest(built.folder)
    if built.history.contradicts(manifest.version, built.sums):
        message = f"{manifest.version} is released with other rows; raise `version:` in {DATASET} to release these"
        click.echo(message, err=True)
    click.echo(built.folder)


@main.command()
@PROJECT
@click.option(
    "--since",
    metavar="RELEASE",
    help="The last release: a folder, or ORG/NAME@vX.Y.Z on a hub.  [default: dist/NAME-VERSION in the project]",
)
def release(project: Project, since: str | None) -> None:
    """Builds a release under a new version, and writes what changed into annotations/CHANGELOG.md.

    The version stands in annotations/dataset.yaml. One that is released already, or too small for what changed, is
    refused. What this release holds is noted in annotations/released.jsonl; commit both files. The last line printed is
    the path of the release. Exit status: 0 if it was made, 1 if not, 2 for wrong use.
    """
    from factpack.changelog import VersionRefusedError
    from factpack.changelog import release as make_release
    from factpack.diff_formats import as_text

    try:
        with _building(project, "released") as on_article:
            made = make_release(project, since, on_article)
    except VersionRefusedError as error:
        click.echo(f"{error}\nnothing was released", err=True)
        sys.exit(1)
    _warn(made.warnings)
    click.echo(as_text(made.changes), nl=False)
    click.echo(made.folder)


@main.command()
@click.argument("release")
@click.argument("articles", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write the full release to.")
def hydrate(release: str, articles: Path, out: Path) -> None:
    """Puts the texts in the folder ARTICLES back into RELEASE, which was built without them.

    RELEASE is a folder, or a dataset on a hub at a revision: org/name@v1.0.0. Every article must have the sum that the
    release gives for it. The result is the release with the texts, to the byte. Exit status: 0 if it was written, 1 if
    an article is missing or another one or RELEASE is damaged, 2 for wrong use.
    """
    from factpack.fetch import release_at
    from factpack.texts import WrongArticlesError
    from factpack.texts import hydrate as put_back

    try:
        with _building(None, "written") as on_article, release_at(release, on_article, "none") as folder:
            same = put_back(folder, articles, out)
    except WrongArticlesError as error:
        click.echo(f"{error}\nnothing was written", err=True)
        sys.exit(1)
    if not same:
        click.echo("The rows are those of the release with the texts; with this version of pyarrow the bytes differ.")
    click.echo(out)


@main.command()
@click.argument("release")
@click.argument("project", type=ProjectFolder(), required=False)
def verify(release: str, project: Project | None) -> None:
    """Reads RELEASE back: every sum, span, key and label, and load_dataset of every config.

    RELEASE is a folder, or a dataset on a hub at a revision: org/name@v1.0.0. With PROJECT, the sources of that
    version, it is also built again and compared. Exit status: 0 if everything is right, 1 if not, 2 for wrong use.
    """
    from factpack.fetch import release_at
    from factpack.rebuild import rebuild
    from factpack.verify import verify as read_back

    with _building(project) as on_article, release_at(release, on_article) as folder:
        try:
            read_back(folder)
        except BrokenReleaseError as error:
            click.echo(error, err=True)
            sys.exit(1)
        manifest = read_manifest(folder)
        rows = ", ".join(f"{table.rows} {name}" for name, table in manifest.tables.items())
        click.echo(f"{manifest.name} {manifest.version}: sums, spans, keys and labels are right; every config loads")
        click.echo(rows)
        if project:
            rebuilt = rebuild(folder, project, on_article)
            click.echo(rebuilt.as_text(), nl=False)
            sys.exit(0 if rebuilt.same else 1)


@main.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="text for people, json for programs, markdown for a changelog or a pull request.",
)
def diff(old: str, new: str, form: str) -> None:
    """Tells what changed from one release to another, and the smallest step of the version that this requires.

    OLD and NEW are release folders, project folders (their present sources are built, and nothing is moved into place)
    or datasets on a hub at a revision: org/name@v1.0.0. Exit status: 0 if nothing changed, 1 if something did, 2 for
    wrong use, for a release that cannot be reached or read, and for a project with errors.
    """
    from factpack.diff import diff as compare
    from factpack.diff_formats import FORMATS as DIFF_FORMATS
    from factpack.diff_formats import smallest_step
    from factpack.fetch import release_at

    with (
        _building(None, "compared", failed=2) as on_article,
        release_at(old, on_article) as before,
        release_at(new, on_article, read_manifest(before).text) as after,
    ):
        found = compare(before, after)
    click.echo(DIFF_FORMATS[form](found), nl=False)
    if form == "markdown":
        click.echo(smallest_step(found), err=True)
    sys.exit(1 if found.differences else 0)


@main.command()
@click.argument("target", metavar="DEST")
@click.argument("release", type=click.Path(path_type=Path), default=".")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and change nothing.")
def publish(target: str, release: Path, *, dry_run: bool) -> None:
    """Publishes a release to DEST: owner/name on a Hugging Face hub, or the URL of a folder or an object store.

    RELEASE is the folder of a built release, or a project whose release is in its dist/NAME-VERSION; the default is the
    current folder. The hub is the one that HF_ENDPOINT names, the token that of `hf auth login`, or HF_TOKEN; a
    repository that is not there is made, for everybody to see. A URL is one that fsspec knows, such as file:///data/sets
    or s3://bucket/sets; the credentials are where its driver looks.

    On a hub one commit holds all files, and a tag vX.Y.Z names it; in a store they are in a folder vX.Y.Z. They are
    read back: every sum is compared, every config loaded. Published again, the same version changes nothing; one that
    was broken off is finished. Exit status: 0 if it is published, 1 if it was refused or broken off, 2 for wrong use.
    """
    from tqdm import tqdm

    from factpack.publish import BrokenOffError, MisuseError, RefusedError, find_release, read_release

    place = _place(target)
    try:
        # disable=None: a bar on a terminal, silence in a pipe
        with tqdm(desc="Publishing", unit="step", disable=None, leave=False) as bar:

            def on_step(step: str) -> None:
                bar.set_postfix_str(step)
                bar.update()

            on_step("reading the release")
            built = read_release(find_release(release))
            plan = place.plan(target, built) if dry_run else place.publish(target, built, on_step)
    except MisuseError as error:
        raise click.UsageError(str(error)) from error
    except (RefusedError, BrokenOffError) as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)
    click.echo(plan.as_text(), nl=False)
    if not dry_run:
        click.echo(f"\nPublished, read back and loaded. It is loaded by:\n\n{place.loading(target, built)}")


def _place(target: str) -> "Place":
    """The kind of place that a target is."""
    if "://" in target:
        from factpack import store

        return store
    from factpack import hub

    return hub


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
    the page. With --watch it stays open and shows every new build by itself, until Ctrl-C.

    Exit status: 0, whatever the problems.
    """
    import webbrowser

    from factpack.view import PAGE, NotAPageError, rebuilds, write

    page = (out or project.root / "dist" / PAGE).absolute()
    try:
        for round_, problems in enumerate(rebuilds(project, page) if watch else [write(project, page)]):
            click.echo(summary(problems), err=True)
            if round_ == 0:
                click.echo(page)
                webbrowser.open(page.as_uri())
    except NotAPageError as error:
        raise click.UsageError(str(error)) from error
    except KeyboardInterrupt:
        if not watch:  # which ends in no other way
            raise


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
    """Prints counts: claims by label, article, speaker, basis and fact, coverage, and the open facts.

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


@contextmanager
def _building(project: Project | None, done: str = "built", failed: int = 1) -> Iterator[Callable[[], object]]:
    """A progress bar while releases are built or fetched; what goes wrong there is printed, and that is all.

    ``done`` is what was not done then, ``failed`` the exit status for a project with errors and for files that are
    damaged, or cannot be read or written.
    """
    import pyarrow as pa
    from tqdm import tqdm

    from factpack.fetch import UnreachableError
    from factpack.release import ProblemsError

    total = len(project.seeds) if project else None
    try:
        # disable=None: a bar on a terminal, silence in a pipe
        with tqdm(total=total, desc="Building", unit="article", disable=None, leave=bool(project)) as bar:
            yield bar.update
    except ProblemsError as error:
        _print(error.problems, "text")
        click.echo(f"{summary(error.problems)}; nothing was {done}", err=True)
        sys.exit(failed)
    except BrokenReleaseError as error:
        click.echo(f"{error}\nthe release is damaged, or was changed after it was built; nothing was {done}", err=True)
        sys.exit(failed)
    except (OSError, pa.ArrowException) as error:
        said = _refusal(error) if isinstance(error, OSError) else error
        click.echo(f"Error: {said}; nothing was {done}", err=True)
        sys.exit(failed)
    except (NotAReleaseError, UnreachableError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)


def _refusal(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)


def _watched(project: Project, items: Iterator[T]) -> Iterator[T]:
    """The items, while a progress bar on the terminal counts the articles among them."""
    if not sys.stderr.isatty():  # to import it takes a tenth of a small check
        yield from items
        return
    from tqdm import tqdm

    from factpack.corpus import AnchoredArticle

    with tqdm(total=len(project.seeds), desc="Checking", unit="article", leave=False) as bar:
        for item in items:
            bar.update(isinstance(item, AnchoredArticle))
            yield item


def _warn(warnings: Problems) -> None:
    if warnings:
        click.echo(f"{summary(warnings)}; `factpack check` shows them", err=True)


def _sound(items: Iterable[T]) -> list[T]:
    """The items of a project without errors; with errors, they are printed, and that is all."""
    found = list(items)
    problems = Problems(item for item in found if isinstance(item, Problem | Problems))
    if problems.failed:
        _print(problems, "text")
        click.echo(summary(problems), err=True)
        sys.exit(1)
    return found


def _print(problems: Problems, form: str) -> None:
    click.echo(FORMATS[form](problems), nl=False)
