"""Add an article that is only a source to the invented project, for the tests of several packages."""

import hashlib
from pathlib import Path

FILE = "d4_log.txt"
CITED = ("המעבורת 🚢 entered service in 2023", "👍🏽 launched in the year 2023")
_LINES = [f"Line {n} of the log 🎉: the gauge in the harbour stood at {n} feet all day.\n" for n in range(400)]
#: Two passages that are cited, far from each other in a long text, with right-to-left text and emoji.
TEXT = "".join([*_LINES[:20], f"{CITED[0]}, it says.\n", *_LINES[20:300], f"{CITED[1]}.\n", *_LINES[300:]])


def add_source(project: Path, *entries: str) -> None:
    """Adds a source of which a claim and a fact cite a passage each; ``entries`` are further keys in the register."""
    (project / "seeds" / FILE).write_bytes(TEXT.encode())
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    keys = ["id: d4", f"file: {FILE}", f"sha256: {digest}", "language: en", "annotation: none", *entries]
    with (project / "annotations/articles.yaml").open("a", encoding="utf-8", newline="\n") as register:
        register.write("  - " + "\n    ".join(keys) + "\n")
    passage = "{{article: d4, quote: {}, stance: supports}}"
    old = "{article: b2, quote: entered service in 2023, stance: supports}"
    _replace(project / "annotations/c3.yaml", old, f"{old}\n      - {passage.format(CITED[0])}")
    facts = project / "annotations/facts.yaml"
    old = "      passages:\n        - article: a1\n"
    _replace(facts, old, old.replace("a1", f"d4\n          quote: {CITED[1]}\n        - article: a1"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
