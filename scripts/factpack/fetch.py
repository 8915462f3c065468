"""A release from wherever it is: a folder, the present sources of a project, or a hub at a revision."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from factpack.project import DATASET, open_project
from factpack.release import build
from factpack.verify import MANIFEST


class NoReleaseError(Exception):
    """There is no release at a place, or it cannot be reached; the message says why and what to do."""


@contextmanager
def release_at(place: str, on_article: Callable[[], object]) -> Iterator[Path]:
    """The local folder of a release, for as long as it is needed; nothing in it may be changed.

    ``place`` is a release folder, a project folder (its present sources are built into a temporary folder, and
    ``on_article`` is called after every article), or a dataset repository at a revision, ``org/name@v1.0.0``, on the
    hub that ``HF_ENDPOINT`` names. What exists locally wins.

    Raises NoReleaseError, and ProblemsError if the project has errors.
    """
    folder = Path(place)
    if (folder / MANIFEST).is_file():
        yield folder
    elif (folder / DATASET).is_file():
        with tempfile.TemporaryDirectory(prefix="factpack-") as scratch:
            yield build(open_project(folder), Path(scratch) / "release", on_article)[0]
    elif folder.exists():
        message = f"{place} is neither a release (it has no {MANIFEST}) nor a project (it has no {DATASET})"
        raise NoReleaseError(message)
    else:
        yield _downloaded(place)


def _downloaded(place: str) -> Path:
    """A dataset repository at a revision, in the cache of huggingface_hub."""
    match = re.fullmatch(r"(?P<repo>[^@\s]+)@(?P<revision>\S+)", place)
    if not match:
        message = f"there is no {place}; a dataset on a hub is named with its revision, such as org/name@v1.0.0"
        raise NoReleaseError(message)
    repo, revision = match["repo"], match["revision"]
    hub = HfApi()
    try:
        # The commit is asked for first: by the name of a revision alone, a hub out of reach would give what is cached.
        commit = hub.dataset_info(repo, revision=revision).sha
        folder = Path(snapshot_download(repo, repo_type="dataset", revision=commit))
    except HFValidationError as error:
        message = f"there is no {place}, and {repo} is no name of a repository"
        raise NoReleaseError(message) from error
    except RevisionNotFoundError as error:
        message = f"{repo} on {hub.endpoint} has no revision {revision}"
        raise NoReleaseError(message) from error
    except RepositoryNotFoundError as error:
        message = f"there is no {place}: {hub.endpoint} has no such dataset, or it is private (`hf auth login`)"
        raise NoReleaseError(message) from error
    except OfflineModeIsEnabled as error:
        message = f"{place} cannot be fetched: HF_HUB_OFFLINE forbids the network"
        raise NoReleaseError(message) from error
    except HfHubHTTPError as error:
        message = f"{place} cannot be fetched: {hub.endpoint} answered {error.response.status_code}"
        raise NoReleaseError(message) from error
    except (OSError, httpx2.HTTPError) as error:
        message = f"{place} cannot be fetched from {hub.endpoint}: {error}"
        raise NoReleaseError(message) from error
    if not (folder / MANIFEST).is_file():
        message = f"{place} holds no release: it has no {MANIFEST}"
        raise NoReleaseError(message)
    return folder
