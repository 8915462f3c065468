"""Define the commands on releases: verify, diff, hydrate, publish, score, baselines."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factpack import api
from factpack.cli.output import building, fail, publishing
from factpack.cli.projects import ProjectFolder
from factpack.errors import BrokenReleaseError

if TYPE_CHECKING:
    from factpack.evaluation.predictions import InputFormat
    from factpack.evaluation.scores import ScoresFormat

# What takes long to import is imported where it is used, so that `factpack --help` and `factpack check` start at once.
# ruff: noqa: PLC0415


@click.command()
@click.argument("release")
@click.argument("articles", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write the full release to.")
def hydrate(release: str, articles: Path, out: Path) -> None:
    """Restores the texts of RELEASE, which was built without them, from the folder ARTICLES.

    RELEASE is a folder, a dataset on a hub at a revision (org/name@v1.0.0), or the URL of a version that was
    published (s3://bucket/sets/v1.0.0). Every article must have the SHA-256 that the release gives for it. The
    result has the bytes of the release with the texts. Exit status: 0 if it was written, 1 if an article is missing
    or differs or RELEASE is damaged, 2 for wrong use.
    """
    with (
        building(None, "written") as progress,
        api.open_release(release, texts="none", progress=progress) as opened,
    ):
        same = opened.hydrate(articles, out)
    if not same:
        click.echo("The rows equal those of the release with the texts; with this version of pyarrow the bytes differ.")
    click.echo(out)


@click.command()
@click.argument("release")
@click.argument("project", type=ProjectFolder(), required=False)
def verify(release: str, project: api.Project | None) -> None:
    """Verifies RELEASE: every SHA-256, span, key and label, and load_dataset of every config.

    RELEASE is a folder, a dataset on a hub at a revision (org/name@v1.0.0), or the URL of a version that was
    published (s3://bucket/sets/v1.0.0). With PROJECT, the sources of that version, it is also rebuilt and
    compared. Exit status: 0 if everything is right, 1 if not, 2 for wrong use.
    """
    with building(project, "verified") as progress, api.open_release(release, progress=progress) as opened:
        try:
            not_derived = opened.verify()
        except BrokenReleaseError as error:
            fail(str(error), 1)
        rows = ", ".join(f"{name} {table.rows:,}" for name, table in opened.manifest.tables.items())
        click.echo(f"{opened.name} {opened.version}: sums, spans, keys and labels are right; every config loads")
        click.echo(f"rows: {rows}")
        if not_derived:
            click.echo(not_derived, err=True)
        if project:
            reproduction = opened.reproduce(project, progress)
            click.echo(reproduction.to_text(), nl=False)
            sys.exit(not reproduction.same)


@click.command()
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
    """Lists what changed from one release to another, and the smallest version step that this requires.

    OLD and NEW are release folders, project folders (their current sources are built in a temporary folder), datasets
    on a hub at a revision (org/name@v1.0.0) or URLs of published versions (s3://bucket/sets/v1.0.0). Exit status: 0 if
    nothing changed, 1 if something did, 2 for wrong use, for a release that cannot be reached or read, and for a
    project with errors.
    """
    from factpack.versioning.diff_report import FORMATS, smallest_step

    with building(None, "compared", failed=2) as progress:
        found = api.diff(old, new, progress=progress)
    click.echo(FORMATS[form](found), nl=False)
    if form == "markdown":
        click.echo(smallest_step(found), err=True)
    sys.exit(bool(found.differences))


@click.command()
@click.argument("target", metavar="DEST")
@click.argument("release", type=click.Path(path_type=Path), default=".")
@click.option("--dry-run", is_flag=True, help="Print what would be done and who could read it; change nothing.")
@click.option("--private", is_flag=True, help="Create the repository as a private one, if it does not exist.")
@click.option("--pr", "pull_request", is_flag=True, help="Open a pull request; publish again after its merge to tag.")
def publish(target: str, release: Path, *, dry_run: bool, private: bool, pull_request: bool) -> None:
    """Publishes a release to DEST: owner/name on a Hugging Face hub, or the URL of a folder or an object store.

    RELEASE is the folder of a built release, or a project whose release is in its dist/NAME-VERSION; the default is
    the current folder. HF_ENDPOINT names the hub; the token comes from `hf auth login` or HF_TOKEN. If the
    repository does not exist, it is created as a public one, or as a private one with --private; an existing
    repository keeps its visibility. A URL is one that fsspec knows, such as file:///data/sets or s3://bucket/sets; put
    the credentials where its driver looks for them.

    On a hub, one commit with the tag vX.Y.Z has all files; in a store, the folder vX.Y.Z has them. All files are read
    back and compared, and every config is loaded. If you publish the same version again, nothing changes; if a
    publication was interrupted, it is finished. With --pr the commit is a pull request; once it is merged, publish
    without --pr to add the tag. Exit status: 0 if it is published or proposed, 1 if it was refused or interrupted, 2
    for wrong use.
    """
    with publishing() as on_step:
        plan = api.publish(
            release, target, private=private, pull_request=pull_request, dry_run=dry_run, on_step=on_step
        )
    click.echo(plan.to_text(), nl=False)
    if plan.proposal and not dry_run:
        click.echo(f"\nProposed, read back and loaded: {plan.proposal}")
        click.echo(f"Once it is merged, `factpack publish {target}` adds the tag {plan.release.tag}.")
    elif not dry_run:
        click.echo(f"\nPublished, read back and loaded. Load it with:\n\n{plan.loading}")


@click.command()
@click.argument("release")
@click.argument("predictions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partial", is_flag=True, help="Score the claims that have a prediction, even if others have none.")
@click.option("--split", default="", help="The split whose claims are scored; by default all splits for evaluation.")
@click.option(
    "--input-format",
    type=click.Choice(["factpack", "fever"]),
    default="factpack",
    show_default=True,
    help="fever: JSON Lines as the FEVER scorer reads them, with page and sentence number.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="text for people, json for programs (with the scores of every fact), markdown for a report.",
)
@click.option(
    "--chart",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An SVG file to write: the confusion of labels, and the F1 of each label with its interval.",
)
def score(  # noqa: PLR0913 - arguments and options
    release: str,
    predictions: Path,
    *,
    partial: bool,
    split: str,
    input_format: "InputFormat",
    form: "ScoresFormat",
    chart: Path | None,
) -> None:
    """Scores the PREDICTIONS of a model for the claims of RELEASE, with intervals from resampling facts.

    RELEASE is a folder, a dataset on a hub at a revision (org/name@v1.0.0), or the URL of a version that was published.
    PREDICTIONS is a file in JSON Lines, Parquet or CSV, by its suffix. A record has the `id` of a claim and the name
    of its `label`, and optionally `scores` (the probability of each label) and `evidence` (passages with `article`,
    `start`, `end` and `stance`, best first); in CSV these two are JSON in a cell. It has no other columns, such as the
    index that pandas adds.

    Exit status: 0 if it was scored, 1 if predictions are missing or wrong, 2 for wrong use.
    """
    with building(None, "scored") as progress:
        scores = api.score(
            release, predictions, partial=partial, input_format=input_format, split=split, progress=progress
        )
    click.echo(scores.to(form), nl=False)
    if chart:
        chart.write_text(scores.to_svg(), encoding="utf-8")


@click.command()
@click.argument("release")
@click.option("--out", type=click.Path(path_type=Path), help="A folder to write the predictions of each baseline to.")
def baselines(release: str, out: Path | None) -> None:
    """Scores predictions for RELEASE that need no model, with intervals from resampling facts.

    For labels: the most frequent one, a random one, and the label of the nearest claim of another fold. For the stance
    of given passages: the most frequent one, a random one, and a guess by the words in common. RELEASE is
    a folder, a dataset on a hub at a revision (org/name@v1.0.0), or the URL of a version that was published. Exit
    status: 0, or 2 for wrong use.
    """
    from factpack.evaluation.baselines import to_text

    with building(None, "scored") as progress, api.open_release(release, progress=progress) as opened:
        click.echo(to_text(opened.baselines(out)), nl=False)


COMMANDS = (hydrate, verify, diff, publish, score, baselines)
