"""Find the files that are read in a folder, and say of every other one why not and what to do."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from factpack.project.clutter import is_clutter

MAX_NESTED = 100  # files in folders that nothing reads, one by one

#: A name that begins like the name of a file that is read: ``a1.YML``, ``a1.yaml.txt``, ``#a1.yaml#``.
_ALIKE = re.compile(r"#?(?P<stem>.+?)\.(?P<suffix>ya?ml|jsonl?|ndjson)([^a-z0-9].*)?", re.IGNORECASE)
_SUFFIXES = {"yaml": ".yaml", "yml": ".yaml", "json": ".jsonl", "jsonl": ".jsonl", "ndjson": ".jsonl"}
_BACKUP = re.compile(r"#.*#|.*(~|\.(bak|backup|old|orig|rej|save|sw[a-p]|te?mp))", re.IGNORECASE)
_PLAIN = re.compile(r"(?P<stem>[^.]+)(\.txt)?", re.IGNORECASE)


def printable(name: str) -> str:
    """Return a path as it is shown, also one that is not UTF-8."""
    return os.fsencode(name).decode(errors="backslashreplace")


def meant_name(name: str) -> str:
    """Return the name of a file that would be read, if a file with this name is meant so."""
    alike = _ALIKE.fullmatch(name)
    return alike["stem"] + _SUFFIXES[alike["suffix"].lower()] if alike else ""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Say which files are read as annotations.

    Attributes:
        suffixes: The suffixes of such files, for messages.
        detect: Returns whether a file is read.
    """

    suffixes: tuple[str, ...]
    detect: Callable[[Path], bool]

    def __str__(self) -> str:
        return " and ".join(filter(None, (", ".join(self.suffixes[:-1]), self.suffixes[-1])))


class FolderNames:
    """Keep the names in a folder and the names that files are to get there, so that no two get the same."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self._given: dict[str, str] = {}

    def step(self, verb: str, path: Path, name: str) -> str:
        """Return the step by which a file gets the name: ``verb``, if no other file has it."""
        if name in self.there:
            return f"{printable(name)} already exists. Move the content of this file into it, or delete this file."
        if name in self._given:
            return f"{self._given[name]} would get the name {printable(name)} too. Merge the two files."
        self._given[name] = f"{printable(path.parent.name)}/{printable(path.name)}"
        return f"{verb}{printable(name)}."


@dataclass(frozen=True, slots=True)
class FileFinder:
    """Look through the folders of a project.

    Attributes:
        root: The project folder.
        recognizer: Says which files are read.
        strays: What nothing reads, each with the reason and the next step.
    """

    root: Path
    recognizer: Recognizer
    strays: list[tuple[Path, str]] = field(default_factory=list)

    def files(self, folder: Path, names: FolderNames, known: tuple[str, ...] = ()) -> list[Path]:
        """Return the files right in a folder, by name, without hidden ones and links that lead out of the project.

        What is in other folders than the ``known`` ones is astray.
        """
        files, folders = [], []
        within = Path(os.path.realpath(folder)).is_relative_to(self.root)  # Path.resolve fails for a link to itself
        entries = os.scandir(folder) if folder.is_dir() else ()
        for entry in sorted(entries, key=lambda entry: entry.name.partition(".")):  # 000.yaml before `000 copy.yaml`
            path = folder / entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders += [path] * (entry.name not in known)
            elif is_clutter(entry.name):
                continue
            elif why := self._unreadable(entry, path, within=within):
                self.strays.append((path, why))
            else:
                files.append(path)
        names.there.update(path.name for path in files)
        for path in folders:
            if path.name.lower() in known:
                self.strays.append((path, f"Names are case-sensitive; rename it to {path.name.lower()}."))
            else:
                self.add_nested(path, names)
        return files

    def _unreadable(self, entry: os.DirEntry[str], path: Path, *, within: bool) -> str:
        """Return why a file cannot be read; ``within`` is whether its folder is in the project."""
        is_link = entry.is_symlink()
        if not (path if is_link else entry).is_file():  # Path.is_file says no of a link to itself
            return "It is neither a file nor a link to one. Replace it with a copy of the file."
        if not (path.resolve().is_relative_to(self.root) if is_link else within):
            return "It is a link to a place outside the project folder. Replace it with a copy of the file."
        return "" if os.access(path, os.R_OK) else "You have no permission to read it."

    def rename(self, path: Path, names: FolderNames, known: tuple[str, ...]) -> str:
        """Return why a file among the annotations is not read, and which of the names is meant."""
        why = f"Only {self.recognizer} files are read here"
        for name in known:
            if re.fullmatch(rf"{name.removesuffix('.md')}(\.(md|txt))*", path.name, re.IGNORECASE):
                return f"Only the exact name {name} is read here; {names.step('rename it to ', path, name)}"
        if name := meant_name(path.name):
            if _BACKUP.fullmatch(path.name) and name in names.there:
                return f"It is named like a backup of {printable(name)}. Delete it, or move it out of the folder."
            return f"{why}; {names.step('rename it to ', path, name)}"
        if plain := _PLAIN.fullmatch(path.name):
            step = f"rename it to {printable(plain['stem'])}.yaml if it has annotations, or move it out of the folder."
            return f"{why}; {step}"
        return f"{why}; move its content into one of them, or move the file out of the folder."

    def add_nested(self, folder: Path, names: FolderNames, keep: str = "") -> None:
        """Add what nothing reads of a folder: each file in it but those that end in ``keep``, or the folder itself."""
        where = f"{folder.parent.relative_to(self.root).as_posix()}/"
        if folder.suffix in self.recognizer.suffixes:
            why = "Only a file with this name would be read. Replace the folder with the file in it."
            self.strays.append((folder, why))
            return
        try:
            nested = list(islice(_nested(folder), MAX_NESTED + 1))
        except OSError as error:
            self.strays.append((folder, f"It cannot be opened ({error.strerror}). Move it out of {where}."))
            return
        if keep:
            nested = [file for file in nested if not file.name.endswith(keep)]
        elif not nested:
            self.strays.append((folder, "It contains no file that could be read; delete it."))
        if len(nested) > MAX_NESTED:
            why = f"Folders are not read here; move the files that you need up to {where}, and the folder out of it."
            self.strays.append((folder, why))
        else:
            self.strays.extend((file, _move_up(file, where, names)) for file in nested)


def _nested(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder but folders and what is hidden; links are not followed.

    Raises:
        OSError: A folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise error

    for parent, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith(".") and not is_clutter(name))


def _move_up(path: Path, where: str, names: FolderNames) -> str:
    name = path.name if where == "seeds/" else meant_name(path.name)
    step = names.step(f"move it up to {where}", path, name) if name else f"move it out of {where}."
    return f"Folders are not read here; {step}"
