"""Open a release wherever it is, compare two, and publish one."""
# ruff: noqa: PLC0415 - heavy packages are imported where they are used, so that checking a project starts at once

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factpack.evaluation.predictions import InputFormat
    from factpack.evaluation.scores import Scores
    from factpack.project.vocabulary import Texts
    from factpack.publishing.release import Plan
    from factpack.versioning.changes import Diff

from factpack.api.project import Project
from factpack.api.release import Progress, Release, silent


def open_release(place: str | Path | Project, *, texts: "Texts" = "full", progress: Progress = silent) -> Release:
    """Open a release, wherever it is.

    Args:
        place: The folder of a release, a project (its present sources are built into a temporary folder), or a dataset
            on a hub at a revision: ``org/name@v1.0.0``, or the URL of a published version:
            ``s3://bucket/sets/v1.0.0``. What exists in the file system comes first.
        texts: The form in which a project is built.
        progress: Called after every article that is built.

    Raises:
        NotAReleaseError: There is no release.
        UnreachableError: The hub does not have it, or cannot be reached.
        CheckFailedError: It is a project, and has errors.
    """
    from factpack.release.opening.resolve import resolve_release

    opened = ExitStack()
    name = str(place.root if isinstance(place, Project) else place)
    return Release(opened.enter_context(resolve_release(name, progress, texts)), _opened=opened)


def diff(
    old: str | Path | Project | Release, new: str | Path | Project | Release, *, progress: Progress = silent
) -> "Diff":
    """Compare two releases: rows, columns and files.

    Args:
        old: The older release, as :func:`open_release` takes it.
        new: The newer one; a project is built in the form of the older one.
        progress: Called after every article that is built.

    Returns:
        What changed; ``required_step`` is the smallest step of the version that it needs.

    Raises:
        NotAReleaseError: One of them is no release.
        UnreachableError: A hub does not have it, or cannot be reached.
        CheckFailedError: One is a project, and has errors.
    """
    from factpack.versioning.diff import diff as compare

    with ExitStack() as stack:

        def opened(place: str | Path | Project | Release, texts: "Texts") -> Release:
            if isinstance(place, Release):
                return place
            return stack.enter_context(open_release(place, texts=texts, progress=progress))

        before = opened(old, "full")
        return compare(before.folder, opened(new, before.manifest.text).folder)


def score(  # noqa: PLR0913 - all but two have a default
    release: str | Path | Project | Release,
    predictions: str | Path,
    *,
    partial: bool = False,
    input_format: "InputFormat" = "factpack",
    split: str = "",
    progress: Progress = silent,
) -> "Scores":
    """Score the predictions of a model for the claims of a release.

    Args:
        release: The release, as :func:`open_release` takes it.
        predictions: A file in JSON Lines, Parquet or CSV, by its suffix: ``id`` and ``label`` of every claim, and, if
            the model gives any, ``scores`` (the probability of each label) and ``evidence`` (passages by ``article``,
            ``start``, ``end`` and ``stance``, best first).
        partial: Score the claims that have a prediction, though others have none.
        input_format: ``fever`` for predictions as the FEVER scorer reads them, with page and sentence number.
        split: The split whose claims are scored; by default all that are for evaluation.
        progress: Called after every article that is built.

    Raises:
        CheckFailedError: Predictions are missing or wrong, and its report has all problems; or the release is a project
            with errors.
        NotAReleaseError: There is no release, or it has no labelled claims, or no such split.
        UnreachableError: The hub does not have it, or cannot be reached.
    """
    from factpack.evaluation.score import score as measure

    with ExitStack() as stack:
        opened = (
            release if isinstance(release, Release) else stack.enter_context(open_release(release, progress=progress))
        )
        return measure(
            opened.folder,
            f"{opened.name} {opened.version}" + f", {split}" * bool(split),
            Path(predictions),
            neutral=opened.manifest.scheme.stances_on("neither"),
            partial=partial,
            input_format=input_format,
            split=split,
        )


def publish(  # noqa: PLR0913 - all but two have a default
    release: Release | Project | str | Path,
    target: str,
    *,
    private: bool = False,
    pull_request: bool = False,
    dry_run: bool = False,
    on_step: Callable[[str], object] = str,
) -> "Plan":
    """Publish a release, read it back and load it; or say what publishing would do.

    Args:
        release: A built release, its folder, or a project whose release is in its ``dist/NAME-VERSION``.
        target: ``org/name`` or ``hf://org/name`` on a Hugging Face hub, or the URL of a folder or an object store.
        private: Create the repository as a private one, if it does not exist; for a hub only.
        pull_request: Open a pull request, if there is none for this version; for a hub only. Published again without
            this after the merge, the version gets its tag.
        dry_run: Change nothing.
        on_step: Called with some words before every step; a :class:`~factpack.publishing.target.Notice` is for people.

    Returns:
        What was done, or would be; ``loading`` is the Python that loads what was published, ``proposal`` the address of
        the pull request.

    Raises:
        InvalidTargetError: There is no release, or the target is none.
        PublicationRefusedError: It is not allowed, and nothing was changed.
        PublicationInterruptedError: It did not come to its end; publishing again finishes it.
    """
    from factpack.publishing import flow
    from factpack.publishing.release import find_release, read_release
    from factpack.publishing.target import open_target

    folder = (
        release.folder if isinstance(release, Release) else release.root if isinstance(release, Project) else release
    )
    place = open_target(target, private=private, pull_request=pull_request)
    on_step("reading the release")
    built = read_release(find_release(Path(folder)))
    return (flow.plan if dry_run else flow.publish)(place, built, on_step)
