"""Make the releases that are changed, and change them as somebody may who publishes them again."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factpack.formats.registry import open_project
from factpack.release.build import build
from fuzz.mutations import ANY_BYTES, ANY_TEXT, ODD_VALUES, change_bytes, change_record
from fuzz.projects import PROJECTS
from releases import content_digest, make, make_release, resum

Change = Callable[[Path, random.Random], str]


def _made(shape: str) -> Callable[[Path], None]:
    def make_it(folder: Path) -> None:
        PROJECTS[shape](folder / "project")
        make(folder / "project", folder / "release")

    return make_it


def _without_texts(folder: Path) -> None:
    PROJECTS["yaml"](folder / "project")
    build(open_project(folder / "project"), folder / "release", lambda: None, "none")


#: The releases by their names; each makes `project` and `release` in a folder.
RELEASES: dict[str, Callable[[Path], object]] = {
    "full": _made("yaml"),
    "text-none": _without_texts,
    "arabic-crlf": _made("arabic-crlf"),
    "votes": make_release,
}


def mutate(release: Path, chance: random.Random) -> list[str]:
    """Change a release; say what was done. In most cases the digests are made to fit afterwards."""
    said = [chance.choice(_CHANGES)(release, chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    if chance.random() < 0.75:
        _sum_again(release)
        said.append("digests made to fit")
    return said


def _sum_again(release: Path) -> None:
    for folder in (release / "full", release):
        if (folder / "SHA256SUMS").is_file() and not (folder / "SHA256SUMS").is_symlink():
            resum(folder)


def _files(release: Path, *suffixes: str) -> list[Path]:
    found = sorted(path for path in release.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in found if path.suffix in suffixes] if suffixes else found


def _bytes(release: Path, chance: random.Random) -> str:
    path = chance.choice(_files(release))
    kinds = ANY_BYTES if path.suffix == ".parquet" else ANY_TEXT
    data, said = change_bytes(path.read_bytes(), chance, kinds)
    path.write_bytes(data)
    return f"{path.relative_to(release)}: {said}"


def _json(release: Path, chance: random.Random) -> str:
    """Change a value of release.json, of the one of the full release, or of the Croissant file."""
    path = chance.choice(_files(release, ".json") or _files(release))
    try:
        data = json.loads(path.read_bytes())
    except ValueError:
        return "no JSON"
    said = change_record(data, chance)
    path.write_text(json.dumps(data, indent=chance.choice((None, 2))), encoding="utf-8")
    return f"{path.relative_to(release)}: {said}"


def _file(release: Path, chance: random.Random) -> str:
    """Remove, rename, double or exchange files, or put something else in the place of one."""
    files = _files(release)
    path, other = chance.choice(files), chance.choice(files)
    kind = chance.choice(["remove", "rename", "double", "exchange", "link", "pipe", "folder", "odd name", "new"])
    match kind:
        case "remove":
            path.unlink()
        case "rename":
            path.rename(path.with_name(f"x{path.name}"))
        case "double":
            shutil.copyfile(path, other.parent / f"x{path.name}")
        case "exchange":
            one, two = path.read_bytes(), other.read_bytes()
            path.write_bytes(two)
            other.write_bytes(one)
        case "link":
            path.unlink()
            path.symlink_to(chance.choice(["/dev/zero", "nowhere", path.name, "/etc", other]))
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "folder":
            path.unlink()
            path.mkdir()
        case "odd name":
            shutil.copyfile(path, os.fsencode(release) + b"/" + chance.choice([b"\xff.x", b"a\nb", b"\x1b[2J", b"[*]"]))
        case _:
            new = chance.choice(["claims/x.parquet", "x.py", ".git", "data.csv", "full/x", "votes/x.parquet"])
            (release / new).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, release / new)
    return f"{path.relative_to(release)}: {kind} {other.relative_to(release)}"


def _rows(release: Path, chance: random.Random) -> str:
    """Change the rows of a table; in most cases with what release.json says of them."""
    path = chance.choice(_files(release, ".parquet"))
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        return "no table"
    rows: list[Any] = table.to_pylist()
    said = change_record(rows, chance) if chance.random() < 0.7 else _change_order(rows, chance)
    try:
        changed = pa.Table.from_pylist(rows, schema=table.schema)
        _write(release, path, changed, chance)
    except (pa.ArrowException, OverflowError, TypeError, AttributeError, ValueError):
        return f"{path.relative_to(release)}: {said}, which its types do not take"
    return f"{path.relative_to(release)}: {said}"


def _change_order(rows: list[Any], chance: random.Random) -> str:
    if not rows:
        return "no rows"
    kind = chance.choice(["reverse", "drop", "double", "empty", "exchange a cell"])
    one, other = chance.choice(rows), chance.choice(rows)
    match kind:
        case "reverse":
            rows.reverse()
        case "drop":
            rows.remove(one)
        case "double":
            rows.append(one)
        case "empty":
            rows.clear()
        case _:
            column = chance.choice(list(one))
            one[column], other[column] = other[column], one[column]
            kind += f" of {column}"
    return kind


def _schema(release: Path, chance: random.Random) -> str:
    """Change the columns of a table, their types, or the metadata that says what they are."""
    path = chance.choice(_files(release, ".parquet"))
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        return "no table"
    if not table.column_names:
        return "no columns"
    column, change = chance.choice(table.column_names), chance.choice([_columns, _columns, _metadata])
    try:
        changed, said = change(table, column, chance)
    except (pa.ArrowException, ValueError):
        return f"{path.relative_to(release)}: {column} cannot be changed"
    _write(release, path, changed, chance)
    return f"{path.relative_to(release)}: {said} {column}"


def _columns(table: pa.Table, column: str, chance: random.Random) -> tuple[pa.Table, str]:
    names = table.column_names
    kind = chance.choice(["drop", "rename", "order", "add", "cast", "layout"])
    match kind:
        case "drop":
            table = table.drop_columns(column)
        case "rename":
            table = table.rename_columns([f"{name}s" if name == column else name for name in names])
        case "order":
            table = table.select(sorted(names, key=lambda _: chance.random()))
        case "add":
            table = table.append_column("x", pa.array([chance.choice(["x", None])] * len(table), pa.string()))
        case "cast":
            types = [pa.large_string(), pa.binary(), pa.int32(), pa.dictionary(pa.int32(), pa.string())]
            table = table.set_column(names.index(column), column, table[column].cast(chance.choice(types)))
    return table, kind


def _metadata(table: pa.Table, _: str, chance: random.Random) -> tuple[pa.Table, str]:
    """Change what `datasets` takes the features from."""
    metadata = dict(table.schema.metadata or {})
    if chance.random() < 0.2 or b"huggingface" not in metadata:
        odd = chance.choice([None, {b"huggingface": b"{"}, {b"pandas": b"{}"}, metadata | {b"x": b"\xff"}])
        return table.replace_schema_metadata(odd), "other metadata"
    features = json.loads(metadata[b"huggingface"])
    said = change_record(features, chance)
    return table.replace_schema_metadata(metadata | {b"huggingface": json.dumps(features).encode()}), said


def _write(release: Path, path: Path, table: pa.Table, chance: random.Random) -> None:
    """Write a table, and in most cases its number of rows and its digest."""
    pq.write_table(
        table,
        path,
        row_group_size=chance.choice((None, None, 1, 3)),
        compression=chance.choice(["zstd", "snappy", "none"]),
        use_dictionary=chance.random() < 0.5,
    )
    if chance.random() < 0.8:
        manifest, config = release / "release.json", path.parent.name
        try:
            data = json.loads(manifest.read_bytes())
            data["tables"][config] |= {"rows": len(table), "content_sha256": content_digest(release, config)}
        except (ValueError, KeyError, TypeError, OSError, AttributeError, pa.ArrowException):
            return
        manifest.write_text(json.dumps(data), encoding="utf-8")


def _built_with(release: Path, chance: random.Random) -> str:
    """Pretend that another version made it, so that nothing is derived again."""
    manifest = release / "release.json"
    if not manifest.is_file():  # a pipe would wait for a writer
        return "no release.json"
    try:
        data = json.loads(manifest.read_bytes())
        name = chance.choice(sorted(data["built_with"]))
        data["built_with"][name] = chance.choice([*ODD_VALUES, "0.0.1"])
    except (ValueError, KeyError, TypeError, OSError, IndexError):
        return "no release.json"
    manifest.write_text(json.dumps(data), encoding="utf-8")
    return f"built with another {name}"


_CHANGES: list[Change] = [_bytes, _bytes, _bytes, _json, _json, _file, _rows, _rows, _rows, _schema, _built_with]
