"""Make the projects that are changed, and change them."""

import hashlib
import json
import os
import random
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from checking import as_lines, registers_as_lines
from conftest import PROJECT, TESTS
from factpack.formats.yaml_parser import read_yaml
from fuzz.mutations import ANY_TEXT, change_bytes, change_record

_ARABIC = """العبّارة «ماريغولد» تتأخر مجدداً 🚢

غادرت العبّارة الميناء متأخرة 40 دقيقة. دخلت الخدمة في عام 2023 👩🏽‍✈️. هل كان أحد مستيقظاً؟
"""
_ARABIC_NOTES = """article: d4
claims:
  - id: in-service-2023-d4
    quote: دخلت الخدمة في عام 2023
    claim: The Marigold entered service in 2023.
    speaker: article
    fact: service-entry
    value: 2023
    label: supported
    basis: corroborated
    rationale: b2 gives the same year.
    evidence:
      - {article: b2, quote: entered service in 2023, stance: supports}
unverified:
  - id: late-40-minutes-d4
    quote: غادرت العبّارة الميناء متأخرة 40 دقيقة.
    claim: The ferry left 40 minutes late.
    speaker: article
not_checkable:
  - quote: العبّارة «ماريغولد» تتأخر مجدداً 🚢
    reason: heading
  - quote: هل كان أحد مستيقظاً؟
    reason: question
"""
_ARABIC_ENTRY = """  - id: d4
    file: d4_الميناء.txt
    sha256: {sha256}
    language: ar
    annotation: complete
"""
_TEXTS = {
    "GUIDELINES.md": "# Guidelines\n\nA claim is what an article says: «هذا» 🚢.\n",
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\nمرحبا.\n",
}


def _yaml(folder: Path) -> None:
    shutil.copytree(PROJECT, folder)


def _json_lines(folder: Path) -> None:
    _yaml(folder)
    as_lines(folder, "a1", "b2", "c3")
    registers_as_lines(folder)


def _arabic(folder: Path) -> None:
    """Add an article from right to left with emoji; every line of the project ends with CRLF."""
    _yaml(folder)
    notes = folder / "annotations"
    (folder / "seeds" / "d4_الميناء.txt").write_text(_ARABIC, encoding="utf-8")
    (notes / "d4.yaml").write_text(_ARABIC_NOTES, encoding="utf-8")
    for name, text in _TEXTS.items():
        (notes / name).write_text(text, encoding="utf-8")
    register, dataset = notes / "articles.yaml", notes / "dataset.yaml"
    register.write_text(
        register.read_text(encoding="utf-8") + _ARABIC_ENTRY.format(sha256=_digest(_ARABIC.encode())), encoding="utf-8"
    )
    dataset.write_text(
        dataset.read_text(encoding="utf-8").replace("languages: [en, ja]", "languages: [en, ja, ar]"), encoding="utf-8"
    )
    for path in sorted(folder.rglob("*.*")):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"\n", b"\r\n"))
        register_again(folder, data, path.read_bytes())


def _readings(folder: Path) -> None:
    shutil.copytree(TESTS / "readings", folder)


#: The projects by their names; two of the shapes are those that the tests have.
PROJECTS: dict[str, Callable[[Path], None]] = {
    "yaml": _yaml,
    "json-lines": _json_lines,
    "arabic-crlf": _arabic,
    "readings": _readings,
}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def register_again(project: Path, before: bytes, now: bytes) -> None:
    """Put the digest of an article's new bytes into the register."""
    for register in filter(Path.is_file, (project / "annotations").glob("articles.*")):
        data = register.read_bytes()
        register.write_bytes(data.replace(_digest(before).encode(), _digest(now).encode()))


def mutate(project: Path, chance: random.Random) -> list[str]:
    """Change a project; say what was done."""
    return [_change(project, chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]


def _change(project: Path, chance: random.Random) -> str:
    files = sorted(path for path in project.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        return "nothing left"
    path = chance.choice(files)
    name = path.relative_to(project).as_posix()
    kind = chance.random()
    if kind < 0.15:
        return f"{name}: {_change_file(path, chance.choice(files), chance)}"
    before = path.read_bytes()
    if kind < 0.5 and path.suffix in (".yaml", ".jsonl"):
        said = _change_records(path, chance)
    else:
        data, said = change_bytes(before, chance, ANY_TEXT)
        path.write_bytes(data)
    if path.parent.name == "seeds" and chance.random() < 0.8:
        register_again(project, before, path.read_bytes())
        said += ", registered again"
    return f"{name}: {said}"


def _change_records(path: Path, chance: random.Random) -> str:
    try:
        text = path.read_bytes().decode()
        if path.suffix == ".jsonl":
            data: Any = [json.loads(line) for line in text.splitlines()]
        else:
            data, faults = read_yaml(text)
            if faults:
                return "no records"
    except ValueError:
        return "no records"
    said = change_record(data, chance)
    if path.suffix == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=chance.random() < 0.3) + "\n" for row in data)
    else:
        text = yaml.safe_dump(data, allow_unicode=True, default_style=chance.choice(['"', None]), sort_keys=False)
    path.write_bytes(text.encode(errors="surrogatepass"))
    return said


def _change_file(path: Path, other: Path, chance: random.Random) -> str:
    """Remove, rename, double or exchange files, or put something else in the place of one."""
    kind = chance.choice(
        ["remove", "empty", "rename", "double", "exchange", "folder", "link", "pipe", "odd name", "form"]
    )
    ending = chance.choice([".yml", ".yaml", ".YAML", ".jsonl", ".txt", ".json", ".yaml.txt", "", ".bak"])
    match kind:
        case "remove":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "rename":
            path.rename(path.with_name(path.stem + ending))
        case "double":
            shutil.copyfile(path, path.with_name(f"{path.stem}{chance.choice(['', 'x'])}{ending or '~'}x"))
        case "exchange":
            one, two = path.read_bytes(), other.read_bytes()
            path.write_bytes(two)
            other.write_bytes(one)
        case "folder":
            path.unlink()
            path.mkdir()
        case "link":
            path.unlink()
            path.symlink_to(chance.choice(["/dev/zero", "nowhere", path.name, "/etc", other]))
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "odd name":
            odd = chance.choice([b"\xff.yaml", b"a\nb.yaml", b"\x1b[2J.yaml", b"[*].yaml", b"con.yaml", b"-x.yaml"])
            shutil.copyfile(path, os.fsencode(path.parent) + b"/" + odd)
        case _:
            path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    return f"{kind} {ending if kind in ('rename', 'double') else ''}".strip()
