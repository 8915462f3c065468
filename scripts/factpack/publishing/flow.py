"""Publish a release to any target: look, compare, upload, read back, load.

A publication looks at what is there and does what is missing. So there is one way to begin, to try again after an
error, and to finish what was broken off.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

import datasets
import pyarrow.parquet as pq
import tenacity
from semver import Version

from factpack.atomic import temporary_folder
from factpack.dataset.columns import CONFIG_NAMES
from factpack.dataset.table_files import table_files
from factpack.errors import InvalidTargetError, PublicationInterruptedError, PublicationRefusedError
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.publishing.release import Plan, Release, State, compare
from factpack.publishing.target import End, Found, Notice, Step, Target, TargetError, open_target, some
from factpack.release.layout import SUMS, is_inside, listed_digests, sha256
from factpack.release.verification.load import differences

T = TypeVar("T")

LONGEST_PAUSE = 300  # seconds; the time over which the Hub counts requests
LOOKS = 4  # before the repository or the claim, the files and the tag, and after the tag


def _pause(state: tenacity.RetryCallState) -> float:
    """Return the seconds before the next try: longer each time, and as long as the target asks for."""
    error = state.outcome.exception() if state.outcome else None
    return max(tenacity.wait_exponential(max=16)(state), error.wait if isinstance(error, TargetError) else 0)


def _enough(state: tenacity.RetryCallState) -> bool:
    """Return whether to give up: after a minute, or when the target asks for too much."""
    return tenacity.stop_after_delay(60)(state) or state.upcoming_sleep > LONGEST_PAUSE


#: How long to go on trying. The clients of the targets try some requests again by themselves; this is for the others,
#: and for what they give up on.
PATIENCE = tenacity.Retrying(
    retry=tenacity.retry_if_exception(lambda error: isinstance(error, TargetError) and error.passes),
    wait=_pause,
    stop=_enough,
    reraise=True,
)
ONCE = PATIENCE.copy(stop=tenacity.stop_after_attempt(1))


_SAID = (InvalidTargetError, PublicationRefusedError, PublicationInterruptedError)  # these say what to do already


def plan(target: str | Target, release: Release, on_step: Step = str, patience: tenacity.Retrying = ONCE) -> Plan:
    """Return what `publish` would do, with the same arguments, and raise what it would raise; change nothing."""
    with _publication(target, release, on_step, patience, writes=False) as publication:
        return publication.retrying(publication.look)[1]


def publish(
    target: str | Target, release: Release, on_step: Step = str, patience: tenacity.Retrying = PATIENCE
) -> Plan:
    """Publish a release, read it back and load every config; return the plan that was carried out.

    Args:
        target: An address (see `open_target`), or a target.
        release: The release.
        on_step: Called with some words before every step; with a `Notice` for what a person has to see.
        patience: How often, and after which pauses, to try again what failed.

    Raises:
        InvalidTargetError: The address is none of a target.
        PublicationRefusedError: This is not allowed, and nothing was changed.
        PublicationInterruptedError: It did not come to its end. Publishing again finishes it.
    """
    with _publication(target, release, on_step, patience, writes=True) as publication:
        publication.retrying(publication.bring_about)
        if not publication.checked:
            publication.attempt(publication.check, published=True)
        assert publication.plan
        return publication.plan


@contextmanager
def _publication(
    address: str | Target, release: Release, on_step: Step, patience: tenacity.Retrying, *, writes: bool
) -> Iterator["_Publication"]:
    """Open a publication; turn whatever ends it early into an error that says where it was, why, and what to do."""
    target = open_target(address) if isinstance(address, str) else address
    end: End = "broken off"
    with temporary_folder() as scratch:
        publication = _Publication(target, release, on_step, patience, scratch.resolve())
        try:
            publication.attempt(target.begin, release, publication.begin, writes=writes)
            yield publication
            end = "published" if writes else "looked"
        except PublicationRefusedError:
            end = "refused"
            raise
        except TargetError as error:
            message = target.broken_off(error, publication.step, begun=publication.plan is not None)
            raise PublicationInterruptedError(message) from error.__cause__
        finally:
            target.close(release, end)


@dataclass
class _Publication:
    """Bring one release to one target. ``plan`` is the first plan, ``step`` what is being done."""

    target: Target
    release: Release
    on_step: Step
    patience: tenacity.Retrying
    scratch: Path
    plan: Plan | None = None
    step: str = "beginning"
    checked: bool = False
    since_tag: dict[str, str] = field(default_factory=dict)  # since another version, in words, by its tag

    def begin(self, step: str) -> None:
        """Tell that a step begins."""
        if not isinstance(step, Notice):
            self.step = step
        self.on_step(step)

    def attempt(self, function: Callable[..., T], *args: object, **options: object) -> T:
        """Call a function; raise a TargetError for whatever goes wrong at the target."""
        try:
            return function(*args, **options)
        except (*_SAID, TargetError):
            raise
        except Exception as error:  # libraries and a network are below; none lists what it raises
            raise self.target.explain(error) from error

    def retrying(self, function: Callable[..., T], *args: object, **options: object) -> T:
        """Call a function, and call it again while what goes wrong may pass."""

        def waiting(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            assert isinstance(error, TargetError)
            said = f"{self.step}: {error.reason}; again in {state.upcoming_sleep:.0f} s"
            self.on_step(Notice(f"{said}. {error.hint}" if error.hint else said))

        attempt: Callable[[], T] = partial(self.attempt, function, *args, **options)
        return self.patience.copy(before_sleep=waiting)(attempt)

    def bring_about(self) -> None:
        """Do what is missing until the version is published.

        Every turn begins with a look, so that a step whose answer was lost is not done twice.
        """
        for _ in range(LOOKS):
            found, plan = self.look()
            self.plan = replace(self.plan or plan, proposal=found.proposal)
            if found.published or found.proposal:
                return
            try:
                if self.turn(found, plan):
                    return
            except Exception as error:
                if not self.published_by_another(error):
                    raise
        message = f"{self.target.name} does not show what was written to it. Publish again to continue."
        raise PublicationInterruptedError(message)

    def turn(self, found: Found, plan: Plan) -> bool:
        """Take the next step; return whether the version is published now."""
        missing = {*plan.added, *plan.changed} - ({SUMS} if self.target.drafts else set())
        if missing or plan.deleted:
            self.target.upload(self.release, sorted(missing), found, self.begin)
            return False
        if self.target.drafts and not self.checked:
            self.check(published=False)
        self.target.finish(self.release, found, self.begin)
        return self.target.drafts  # a tag is looked at again: somebody else may have made it

    def published_by_another(self, error: Exception) -> bool:
        """Return whether somebody else came first, with the same bytes. Raise what a look refuses."""
        meant = error if isinstance(error, TargetError) else self.target.explain(error)
        if isinstance(error, InvalidTargetError | PublicationRefusedError) or meant.passes:
            return False
        step = self.step
        try:
            return self.look()[0].published
        except PublicationRefusedError:
            raise
        except Exception:  # noqa: BLE001 - the first one says what happened
            return False
        finally:
            self.step = step

    def look(self) -> tuple[Found, Plan]:
        """Return what is there, and the plan for what is left to do. Raise PublicationRefusedError if it may not be."""
        release, found = self.release, self.target.look(self.release, self.begin)
        loading = self.target.loading(release)
        nothing_to_do = Plan(
            self.target.shown, release, "published", (), (), (), 0, loading, found.latest, audience=found.audience
        )
        wanted = {name for name in release.digests if not release.has(name, found.files.get(name, ""))}
        wanted -= self.target.keeps & found.files.keys() if found.files else self.target.keeps
        if found.published:
            if wanted:
                message = (
                    f"{release.tag} is already published on {self.target.name} with other bytes: {some(wanted)}. "
                    "It cannot be changed. Give the dataset a higher version, and build it again."
                )
                raise PublicationRefusedError(message)
            return found, nothing_to_do
        since = self.since(f"v{found.latest}") if found.latest else ""
        size = sum((release.folder / name).stat().st_size for name in wanted)
        gone = found.obsolete & found.files.keys()
        there = set() if self.target.drafts else found.files.keys()  # half a file in a draft is none
        added, changed, deleted = (tuple(sorted(names)) for names in (wanted - there, wanted & there, gone))
        state: State = "proposed" if found.proposal else "new" if wanted or gone else "untagged"
        return found, replace(
            nothing_to_do,
            proposal=found.proposal,
            state=state,
            added=added,
            changed=changed,
            deleted=deleted,
            size=size,
            difference=since,
        )

    def since(self, tag: str) -> str:
        """Return what changed since the version that has a tag, in words."""
        if tag not in self.since_tag:
            self.begin(f"downloading {tag}, to compare")
            folder = self.target.fetch(tag, {SUMS}, self.new_folder())
            listed = listed_digests(folder)
            if outside := [name for name in listed if not is_inside(name) or _is_link_out(folder, name)]:
                self.refuse(tag, f"{SUMS} lists {outside[0]!r}, which is outside the folder")
            folder = self.target.fetch(tag, {SUMS, *listed}, self.new_folder())
            if wrong := _damaged(folder, {name: listed[name] for name in listed.keys() - self.target.keeps}):
                self.refuse(tag, f"{wrong[0]} does not match {tag}/{SUMS}")
            self.since_tag[tag] = compare(self.release, Version.parse(tag[1:]), folder)
        return self.since_tag[tag]

    def refuse(self, tag: str, damage: str) -> NoReturn:
        """Raise the error for a published version that cannot be compared."""
        message = f"{self.target.shown}/{tag}/{damage}. Correct or remove {tag}; then publish again."
        raise PublicationRefusedError(message)

    def check(self, *, published: bool) -> None:
        """Read every file back and load every config, all with fresh caches.

        What came back otherwise is uploaded once more, as long as it is not published.
        """
        wrong = self.read_back()
        if wrong and not published:
            self.target.upload(self.release, wrong, self.look()[0], self.begin)
            wrong = self.read_back()
        if wrong:
            raise self.target.damaged(self.release, wrong, published=published)
        for config in (*CONFIG_NAMES, *TASK_CONFIGS):
            for split, paths in table_files(self.release.folder, config).items():
                self.begin(f"loading {config}")
                if self.retrying(self.differences_of, config, split, [pq.ParquetFile(path) for path in paths]):
                    message = f"load_dataset returns other rows of {config} than {paths[0]} has"
                    raise PublicationInterruptedError(message)
        self.checked = True

    def read_back(self) -> list[str]:
        """Return the files that do not come back as they are in the release."""
        self.begin(f"reading {self.release.tag} back")
        names = self.release.digests.keys() - ({SUMS} if self.target.drafts else set())
        folder = self.retrying(self.target.fetch, self.release.tag, names, self.new_folder())
        return _damaged(folder, {name: self.release.digests[name] for name in names - self.target.keeps})

    def differences_of(self, config: str, split: str, files: list[pq.ParquetFile]) -> list[str]:
        """Load a config, each time with a new cache: `datasets` falls back on what it has when the target fails."""
        given = self.target.load(self.release, config, split, self.new_folder())
        return differences(given, files, config, datasets.Features.from_arrow_schema(files[0].schema_arrow))

    def new_folder(self) -> Path:
        """Make an empty folder, which goes when the publication ends."""
        return Path(tempfile.mkdtemp(dir=self.scratch))


def _is_link_out(folder: Path, name: str) -> bool:
    """Tell whether a file is not in its folder; Path.resolve raises RuntimeError for a link to itself."""
    return not Path(os.path.realpath(folder / name)).is_relative_to(os.path.realpath(folder))


def _damaged(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """Return the files that are not there, or do not have their SHA-256."""
    return [n for n, digest in sorted(digests.items()) if not (folder / n).is_file() or sha256(folder / n) != digest]
