"""Changes to a release together with its sums, as whoever changes one would make them."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from factpack.dataset.table_digest import TableDigest
from factpack.dataset.table_files import table_path
from releases import contents


def resum(release: Path) -> None:
    """Makes every digest anew that a release gives of itself, as whoever changes one would."""
    manifest = json.loads((release / "release.json").read_bytes())
    for name, table in list(manifest["tables"].items()):
        if (release / table["path"]).is_file():
            content = TableDigest()
            with suppress(pa.ArrowInvalid):  # no Parquet file any more
                content.add(pq.read_table(release / table["path"]))
                table["content_sha256"] = content.hexdigest()
        else:
            manifest["tables"].pop(name)
    (release / "release.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (release / "SHA256SUMS").unlink()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents(release).items())}
    (release / "SHA256SUMS").write_text("".join(f"{sums[name]}  {name}\n" for name in sums), encoding="utf-8")


def change_rationale(release: Path) -> None:
    """Changes what nothing else in a release follows from, in both tables that have it."""
    changed = pq.read_table(release / table_path("claims"))["id"][0].as_py()
    for config in ("claims", "propositions"):
        path = release / table_path(config)
        table = pq.read_table(path)
        words = table["rationale"].to_pylist()
        words[table["id"].to_pylist().index(changed)] = "Nobody knows why."
        index = table.schema.get_field_index("rationale")
        pq.write_table(table.set_column(index, table.schema.field(index), [words]), path)


OTHERWISE = {"compression": "gzip", "compression_level": 9}


def write_otherwise(release: Path) -> Path:
    """Writes the same rows in other bytes, as another version of pyarrow would, and all that is said of them."""
    manifest, croissant, card = release / "release.json", release / "croissant.json", release / "README.md"
    made = json.loads(manifest.read_bytes())
    made["built_with"]["parquet"] = OTHERWISE
    manifest.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    described, header = json.loads(croissant.read_bytes()), card.read_text(encoding="utf-8")
    for file in described["distribution"]:
        path = release / file["contentUrl"]
        size = path.stat().st_size
        pq.write_table(pq.read_table(path), path, **OTHERWISE)
        assert header.count(f"download_size: {size}\n") == 1
        header = header.replace(f"download_size: {size}\n", f"download_size: {path.stat().st_size}\n")
        data = path.read_bytes()
        file |= {"sha256": hashlib.sha256(data).hexdigest(), "contentSize": f"{len(data)} B"}
    croissant.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    card.write_text(header, encoding="utf-8")
    resum(release)
    return release
