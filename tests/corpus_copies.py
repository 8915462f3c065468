"""Many projects in one, for tests that need many articles."""

import hashlib
import json
from pathlib import Path
from typing import Any

#: Letters of every sentence, and those that each copy has in their place, so that no two copies say the same.
REPLACED, LATIN, KANA = "aeoたはだのい", "āăąǎȁȃȧạảấầẩ", "アイウエオカキクケコサシ"
#: The keys of a record with words of an article, or about it.
WORDS = ("quote", "prefix", "suffix", "claim", "title", "stated", "inferred")


def copies(folder: Path, count: int) -> None:
    """Makes ``count`` projects in one of a project in JSON Lines, with ids and words of their own."""
    digests = {}
    for seed in list((folder / "seeds").iterdir()):
        for number in range(count):
            article, rest = seed.name.split("_", 1)
            name = f"{article}{number}_{rest}" if number else seed.name
            data = reworded(seed.read_bytes().decode(), number).encode() if number else seed.read_bytes()
            (folder / "seeds" / name).write_bytes(data)
            digests[name] = hashlib.sha256(data).hexdigest()
    for name in ("articles", "facts", "all"):
        path = folder / f"annotations/{name}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        made = [renamed(row, number) for number in range(count) for row in rows]
        made = [row | ({"sha256": digests[row["file"]]} if "file" in row else {}) for row in made]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made), encoding="utf-8")


def reworded(text: str, number: int) -> str:
    """Words as the copy with this number has them."""
    latin, kana = LATIN[number - 1], KANA[number - 1]
    return text.translate({ord(letter): latin if letter.isascii() else kana for letter in REPLACED})


def renamed(value: Any, number: int) -> Any:
    """A record of the copy with this number."""
    if not number or not isinstance(value, dict):
        return [renamed(item, number) for item in value] if isinstance(value, list) else value
    made = {key: renamed(part, number) for key, part in value.items()}
    for key in ("article", "fact", "id"):
        if made.get(key):
            article = key == "article" or (key == "id" and "file" in made)
            made[key] += f"{number}" if article else f"-{number}"
    made |= {key: reworded(made[key], number) for key in WORDS if key in made}
    if "file" in made:
        article, rest = made["file"].split("_", 1)
        made["file"] = f"{article}{number}_{rest}"
    return made
