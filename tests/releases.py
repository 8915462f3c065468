"""Build releases and change them, for the tests of several packages."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.table_files import table_path
from factpack.errors import BrokenReleaseError
from factpack.formats.registry import open_project
from factpack.project.vocabulary import Texts
from factpack.release.build import build
from factpack.release.verification.verify import verify

TABLES = [
    config for config in DEFAULT_TABLES.configs if config.name != "votes"
]  # nobody read the invented articles twice
CHARTS = [f"charts/{name}.svg" for name in ("articles", "basis", "coverage", "labels", "speakers")]
FIRST = (PROJECT / "seeds" / "a1_harbour-gazette.txt").read_text(encoding="utf-8")
TASKS = ["eval", "eval_articles"]  # the configs of prompts, which are made of the other tables
HARNESS = [
    "eval.yaml",
    *(
        f"lm_eval/{name}"
        for name in ("utils.py", *(f"ferry_factcheck_verdict{part}.yaml" for part in ("", "_from_articles")))
    ),
]
TEXTS = [".gitattributes", "README.md", "SHA256SUMS", "croissant.json", "release.json", "view.html", *CHARTS, *HARNESS]
FILES = sorted([*TEXTS, *(table_path(name) for name in (*(c.name for c in TABLES), *TASKS))])


def make(project: Path, out: Path | None = None, text: Texts = "full") -> Path:
    """Builds a release in this process."""
    return build(open_project(project), out, lambda: None, text)[0]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(release: Path, config: str) -> list[dict[str, Any]]:
    """The rows of a table, as pyarrow reads them."""
    return list(pq.read_table(release / table_path(config)).to_pylist())


def resum(release: Path) -> None:
    """Writes SHA256SUMS anew, so that only a look into the files shows what was changed."""
    names = sorted(contents(release).keys() - {"SHA256SUMS"})
    lines = [f"{hashlib.sha256((release / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (release / "SHA256SUMS").write_bytes("".join(lines).encode("utf-8", "surrogateescape"))


def make_release(folder: Path) -> Path:
    """A release of the invented project with two readings, which differ once, so that every table has rows."""
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    annotations = project / "annotations"
    readings = annotations / "readings"
    for reading in ("first", "second"):
        (readings / reading).mkdir(parents=True)
        for name in ("a1.yaml", "b2.yaml", "c3.yaml", "facts.yaml"):
            shutil.copy(annotations / name, readings / reading)
    second = readings / "second" / "c3.yaml"
    text = second.read_text(encoding="utf-8")
    assert text.count("reason: opinion") == 1
    opinion = text[text.rindex("  - quote:") :]
    checkable = opinion.replace("reason: opinion", "id: beautiful-c3\n    claim: It is.\n    speaker: article")
    second.write_text(text.removesuffix(opinion) + "unverified:\n" + checkable, encoding="utf-8")
    (annotations / "adjudications.yaml").write_text(
        """adjudications:
  - article: c3
    quote: 美しい船だ。
    first: not_checkable
    second: unverified
    released: not_checkable
    why: Beauty is an opinion.
""",
        encoding="utf-8",
    )
    return build(open_project(project), folder / "release", lambda: None)[0]


def rewrite(
    release: Path, config: str, change: Callable[[list[dict[str, Any]]], object], row_group_size: int | None = None
) -> None:
    """Changes the rows of a table, and its digests with it."""
    path = release / table_path(config)
    schema = pq.read_schema(path)
    changed = rows(release, config)
    change(changed)
    pq.write_table(pa.Table.from_pylist(changed, schema=schema), path, row_group_size=row_group_size)
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    manifest["tables"][config] |= {"rows": len(changed), "content_sha256": content_digest(release, config)}
    (release / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    resum(release)


def streams(name: str, kind: pa.DataType, values: list[Any]) -> Iterator[tuple[str, bytes]]:
    """The streams of a column, as factpack.dataset.table_digest describes them, from plain values."""

    def numbers(items: Iterable[int]) -> bytes:
        return b"".join(item.to_bytes(8, "little", signed=True) for item in items)

    if pa.types.is_list(kind):
        yield f"{name}*", numbers(-1 if value is None else len(value) for value in values)
        items = [item for value in values for item in value or ()]
        if pa.types.is_struct(kind.value_type):
            for field in kind.value_type:
                yield from streams(f"{name}[].{field.name}", field.type, [item[field.name] for item in items])
        else:
            yield from streams(f"{name}[]", kind.value_type, items)
    elif pa.types.is_string(kind):
        yield name, b"".join((value or "").encode() for value in values)
        yield f"{name}#", numbers(-1 if value is None else len(value.encode()) for value in values)
    else:
        yield name, numbers(value or 0 for value in values)
        yield f"{name}?", bytes(value is not None for value in values)


def content_digest(release: Path, config: str) -> str:
    table = pq.read_table(release / table_path(config))
    found = [
        (stream, data)
        for field in table.schema
        for stream, data in streams(field.name, field.type, table[field.name].to_pylist())
    ]
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {stream}\n" for stream, data in found)
    return hashlib.sha256(lines.encode()).hexdigest()


def factpack(*args: str | Path, env: dict[str, str], cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "factpack", *map(str, args)]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, check=False)


def told(release: Path) -> list[str]:
    """What is wrong with a release."""
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    return str(raised.value).split("\n")
