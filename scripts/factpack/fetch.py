"""A release from wherever it is: a folder, the present sources of a project, or a hub at a revision."""

import logging
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.tqdm import disable_progress_bars

from factpack.folder import MANIFEST, NotAReleaseError, Text
from factpack.project import DATASET, open_project
from factpack.release import build

REFUSED = (401, 403)
ANSWER_WITHIN = 60  # seconds; huggingface_hub itself waits for ever


class UnreachableError(Exception):
    """A release on a hub is not there, or cannot be reached; the message says why."""


@contextmanager
def release_at(place: str, on_article: Callable[[], object], text: Text = "full") -> Iterator[Path]:
    """The local folder of a release, for as long as it is needed; nothing in it may be changed.

    ``place`` is a release folder, a project folder (its present sources are built into a temporary folder, in the form
    ``text``, and ``on_article`` is called after every article), or a dataset repository at a revision,
    ``org/name@v1.0.0``, on the hub that ``HF_ENDPOINT`` names. What exists locally wins.

    Raises NotAReleaseError, UnreachableError, and ProblemsError if the project has errors.
    """
    folder = Path(place)
    if (folder / MANIFEST).is_file():
        yield folder
    elif (folder / DATASET).is_file():
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
            yield build(open_project(folder), Path(scratch) / "release", on_article, text).folder
    elif folder.exists():
        message = f"{place} is neither a release (it has no {MANIFEST}) nor a project (it has no {DATASET})"
        raise NotAReleaseError(message)
    else:
        yield _downloaded(place)


def _downloaded(place: str) -> Path:
    """A dataset repository at a revision, in the cache of huggingface_hub."""
    match = re.fullmatch(r"(?P<repo>[^@\s]+)@(?P<revision>\S+)", place)
    if not match:
        message = f"there is no {place}; a dataset on a hub is named with its revision, such as org/name@v1.0.0"
        raise NotAReleaseError(message)
    repo, revision = match["repo"], match["revision"]
    hub = HfApi()
    try:
        # The commit is asked for first: by the name of a revision alone, a hub out of reach would give what is cached.
        commit = hub.dataset_info(repo, revision=revision, timeout=ANSWER_WITHIN).sha
        with quiet():
            folder = Path(snapshot_download(repo, repo_type="dataset", revision=commit))
    except Exception as error:
        raise UnreachableError(_reason(place, repo, revision, hub.endpoint, error)) from error
    if not (folder / MANIFEST).is_file():
        message = f"{place} is not a release: it has no {MANIFEST}"
        raise NotAReleaseError(message)
    return folder


@contextmanager
def quiet() -> Iterator[None]:
    """No bar in a pipe, and nothing in the log of huggingface_hub, which would show signed addresses of files."""
    log = logging.getLogger("huggingface_hub")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with nullcontext() if sys.stderr.isatty() else disable_progress_bars():
            yield
    finally:
        log.setLevel(level)


def _reason(place: str, repo: str, revision: str, hub: str, error: Exception) -> str:
    match error:
        case HFValidationError():
            return f"there is no {place}, and {repo} is no name of a repository"
        case RevisionNotFoundError():
            return f"{repo} on {hub} has no revision {revision}"
        case RepositoryNotFoundError():
            return f"there is no {place}: {hub} has no such dataset, or it is private (`hf auth login`)"
        case OfflineModeIsEnabled():
            return f"{place} cannot be fetched: HF_HUB_OFFLINE forbids the network"
    # huggingface_hub wraps the answer to a file into an error about its cache
    answer = next((e for e in (error, error.__cause__) if isinstance(e, HfHubHTTPError)), None)
    if answer is None:
        return f"{place} cannot be fetched from {hub}: {error}"
    status = answer.response.status_code
    next_step = "log in with `hf auth login`" if status in REFUSED else "try again later"
    return f"{place} cannot be fetched: {hub} answered {status}; {next_step}"
