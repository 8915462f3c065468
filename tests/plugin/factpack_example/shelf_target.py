"""A target of another package, as small as one can be: ``shelf:///FOLDER`` keeps the files of a version in a folder."""

import shutil
from collections.abc import Collection
from pathlib import Path

from factpack.publishing.release import Release
from factpack.publishing.target import Found, Step, Target
from factpack.release.verification.load import Loaded, load


class ShelfTarget(Target):
    def __init__(self, address: str) -> None:
        self.name = self.shown = address
        self.folder = Path(address.removeprefix("shelf://"))

    def look(self, release: Release, step: Step) -> Found:
        step("looking at the shelf")
        published, draft = self.folder / release.tag, self.folder / f"draft-{release.tag}"
        folder = published if published.exists() else draft
        files = [path for path in folder.rglob("*") if path.is_file()]
        sizes = {path.relative_to(folder).as_posix(): f"size:{path.stat().st_size}" for path in files}
        return Found(sizes, published=published.exists())

    def upload(self, release: Release, names: Collection[str], found: Found, step: Step) -> None:
        del found
        for name in names:
            step(f"copying {name}")
            file = self.folder / f"draft-{release.tag}" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(release.folder / name, file)

    def finish(self, release: Release, found: Found, step: Step) -> None:
        self.upload(release, ["SHA256SUMS"], found, step)
        (self.folder / f"draft-{release.tag}").rename(self.folder / release.tag)

    def fetch(self, tag: str, names: Collection[str], scratch: Path) -> Path:
        del names, scratch
        return next(path for path in (self.folder / tag, self.folder / f"draft-{tag}") if path.exists())

    def load(self, release: Release, config: str, split: str, cache: Path) -> Loaded:
        return load(self.fetch(release.tag, (), cache), config, cache, split=split)

    def loading(self, release: Release) -> str:
        return f'load_dataset("{self.folder}/{release.tag}")'
