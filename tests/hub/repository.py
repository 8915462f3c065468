"""A dataset repository of the test hub: a bare git repository, and a folder of large files beside it."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

MAIN = "refs/heads/main"
HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "hub"), ("EMAIL", "hub@example.org"))
}
POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>\d+)\n"
)
#: What the Hub puts into a new dataset, shortened to what decides here.
ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n"


class MovedError(Exception):
    """A ref is not where it was said to be."""


class ExistsError(Exception):
    """A ref of that name is there already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder in a tree. ``lfs`` is the SHA-256 of a large file, for which ``size`` counts."""

    path: str
    kind: str
    oid: str
    size: int
    lfs: str | None


#: What git said of what never changes, because its name is the sum of its content. To ask takes longer than the rest.
_TREES: dict[str, dict[str, Entry]] = {}
_BLOBS: dict[str, bytes] = {}
_COMMITS: dict[tuple[Path, str], str] = {}  # by the commit, and by the annotated tag, that somebody asked for


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository. Every change is a commit or a tag of git's own."""

    folder: Path

    def create(self, ids: str = "sha1", *, private: bool = False) -> None:
        """Makes the repository with its first commit, as the Hub does; with ``sha256`` its ids have 64 digits."""
        (self.folder / "lfs").mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", f"--object-format={ids}")
        self.commit("initial commit", None, {".gitattributes": ATTRIBUTES}, ())
        if private:
            (self.folder / "private").touch()

    @property
    def private(self) -> bool:
        """Whether only those with a token may read it."""
        return (self.folder / "private").exists()

    @property
    def pulls(self) -> list[dict[str, str]]:
        """The pull requests, each with ``title`` and ``status``; the number of the first is 1."""
        path = self.folder / "pulls.json"
        return json.loads(path.read_bytes()) if path.exists() else []

    def set_pulls(self, pulls: list[dict[str, str]]) -> None:
        (self.folder / "pulls.json").write_text(json.dumps(pulls), encoding="utf-8")

    def merge(self, number: int) -> str:
        """Merges a pull request, by one commit on main with its changes, as the Hub does.

        Raises MovedError if main has a change in a file that it changes too.
        """
        head, proposed = self.resolve(MAIN), self.resolve(f"refs/pr/{number}")
        assert head
        assert proposed
        base = self.git("merge-base", head, proposed).decode().strip()
        mine, its, old = (self.blobs(each) for each in (head, proposed, base))
        changed = {path for path in its.keys() | old.keys() if its.get(path) != old.get(path)}
        if any(mine.get(path) != old.get(path) for path in changed):
            raise MovedError(head)
        pulls = self.pulls
        files = {path: self.blob(its[path]) for path in changed & its.keys()}
        made = self.commit(pulls[number - 1]["title"], head, files, sorted(changed - its.keys()))
        pulls[number - 1]["status"] = "merged"
        self.set_pulls(pulls)
        return made

    def blobs(self, commit: str) -> dict[str, str]:
        """The blob of every file of a commit; that of a large file is its pointer."""
        return {path: entry.oid for path, entry in self.tree(commit).items() if entry.kind == "file"}

    def exists(self) -> bool:
        return (self.folder / "HEAD").exists()

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, a tag or the name of a commit stands for."""
        names = (revision,) if revision.startswith("refs/") else (f"refs/tags/{revision}", f"refs/heads/{revision}")
        found = next(filter(None, map(self._ref, names)), revision)
        if (self.folder, found) not in _COMMITS:
            asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{found}^{{commit}}")
            commit = self.git(*asked, check=False).decode().strip()
            if not commit:
                return None
            if not HASH.fullmatch(found):
                return commit
            _COMMITS[self.folder, found] = commit
        return _COMMITS[self.folder, found]

    def refs(self, kind: str) -> dict[str, str]:
        """The branches (``heads``) or ``tags``, each with the object that it names: for a tag, the tag itself."""
        names = sorted(path.name for path in (self.folder / "refs" / kind).glob("*"))
        return {name: oid for name in names if (oid := self._ref(f"refs/{kind}/{name}"))}

    def _ref(self, name: str) -> str:
        """The object that a ref names: git keeps each in a file, until somebody packs them, which nobody does here."""
        try:
            return (self.folder / name).read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def tree(self, commit: str) -> dict[str, Entry]:
        """Every file and folder of a commit by its path."""
        if commit not in _TREES:
            _TREES[commit] = {entry.path: entry for entry in self._entries(commit)}
        return _TREES[commit]

    def _entries(self, commit: str) -> Iterator[Entry]:
        for line in self.git("ls-tree", "-r", "-t", "-l", "-z", commit).decode().split("\0")[:-1]:
            meta, path = line.split("\t")
            _, kind, oid, size = meta.split()
            length = 0 if size == "-" else int(size)
            pointer = POINTER.fullmatch(self.blob(oid)) if kind == "blob" and length < 200 else None
            yield Entry(
                path,
                "directory" if kind == "tree" else "file",
                oid,
                int(pointer["size"]) if pointer else length,
                pointer["oid"].decode() if pointer else None,
            )

    def blob(self, oid: str) -> bytes:
        if oid not in _BLOBS:
            _BLOBS[oid] = self.git("cat-file", "blob", oid)
        return _BLOBS[oid]

    def content(self, entry: Entry) -> bytes:
        """The bytes of a file, large or not."""
        return self.large(entry.lfs).read_bytes() if entry.lfs else self.blob(entry.oid)

    def large(self, oid: str) -> Path:
        """Where the large file with that SHA-256 is, or belongs."""
        return self.folder / "lfs" / oid

    def takes_as_large(self, path: str, sample: bytes, commit: str) -> bool:
        """Whether .gitattributes says so; or, as on the Hub, the file is binary."""
        attributes = self.tree(commit).get(".gitattributes")
        lines = self.content(attributes).decode().splitlines() if attributes else []
        patterns = [line.split()[0] for line in lines if "filter=lfs" in line]
        name = path.rsplit("/", 1)[-1]
        return b"\0" in sample or any(fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in patterns)

    def ignores(self, paths: Sequence[str], rules: bytes) -> set[str]:
        """Those of the paths that a .gitignore names."""
        with tempfile.TemporaryDirectory() as work:
            (Path(work) / ".gitignore").write_bytes(rules)
            asked = "\0".join(paths).encode()
            named = self.git(
                f"--work-tree={work}", "check-ignore", "--no-index", "-z", "--stdin", send=asked, check=False
            )
        return set(named.decode().split("\0")) - {""}

    def propose(self, title: str, parent: str, files: Mapping[str, bytes], deleted: Sequence[str]) -> tuple[str, int]:
        """Makes one commit on a pull request of its own; returns it and the number of the pull request."""
        pulls = [*self.pulls, {"title": title, "status": "open"}]
        self.set_pulls(pulls)
        return self.commit(title, parent, files, deleted, f"refs/pr/{len(pulls)}"), len(pulls)

    def commit(
        self, message: str, parent: str | None, files: Mapping[str, bytes], deleted: Sequence[str], ref: str = MAIN
    ) -> str:
        """Makes one commit on main and returns it; with an unchanged tree there is none, and ``parent`` is returned.

        So it does on a new ``ref``. Raises MovedError if main is not at ``parent``.
        """
        scratch = f"refs/incoming/{os.urandom(8).hex()}"
        who = f"committer hub <hub@example.org> {0 if parent is None else 1700000000} +0000\n".encode()
        text = message.encode()
        stream = [f"commit {scratch}\nmark :1\n".encode(), who, b"data %d\n%s\n" % (len(text), text)]
        if parent:
            stream.append(f"from {parent}\n".encode())
        stream += [b"D %s\n" % _quoted(path) for path in deleted]
        stream += [b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(p), len(data), data) for p, data in files.items()]
        self.git("fast-import", "--quiet", "--done", send=b"".join([*stream, b"done\n"]))
        made = self.resolve(scratch)
        assert made
        self.git("update-ref", "-d", scratch)
        if parent and self.git("diff-tree", "--quiet", parent, made, check=False, status=True) == b"0":
            return parent
        old = parent if parent and ref == MAIN else "0" * len(made)
        if self.git("update-ref", ref, made, old, check=False, status=True) != b"0":
            raise MovedError(parent)
        return made

    def tag(self, name: str, message: str | None, commit: str) -> None:
        """Makes a tag, annotated if it has a message. Raises ExistsError if there is one of that name."""
        if name in self.refs("tags"):
            raise ExistsError(name)
        self.git("tag", *(("-a", "-m", message) if message else ()), name, commit)

    def git(self, *args: str, send: bytes = b"", check: bool = True, status: bool = False) -> bytes:
        command = ["git", f"--git-dir={self.folder}", *args]
        done = subprocess.run(command, input=send, capture_output=True, check=False, env=os.environ | WHO)
        if check and done.returncode:
            message = f"{' '.join(command)}: {done.stderr.decode()}"
            raise RuntimeError(message)
        return str(done.returncode).encode() if status else done.stdout


def _quoted(path: str) -> bytes:
    return b'"%s"' % path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
