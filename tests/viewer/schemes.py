"""Invented projects with schemes of their own: twenty labels, claims in no article, groups, columns, Arabic, Hebrew."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

TEXTS = {
    "ar": "فُتح الجسر في عام 1911، كما تقول The Gazette 🎉.\nقال رئيس البلدية إنه آمن.\nThis line is English.\n1911.\n",
    "he": "הגשר נפתח ב־1911 (לפי X).\nראש העיר אמר: <b>הוא בטוח</b> & חזק.\n",
}
WORDS = ("true/false", "half true", "C++20", "0", "1", "pants-fire", "a_b", "not enough info", "mostly.true", "x")
#: All names are such as no class of an element can be.
LABELS = [*WORDS, *(f"{word} {word}" for word in WORDS)]
MAYOR = "رئيس البلدية"
HOSTILE = "</script><b>bold</b> & &lt; \u2028 𝕏"

EXTRA = {
    "claims": {
        "subject": ("list of text", ["<i>bridges</i>", "جسور"]),
        "job": ("text", HOSTILE),
        "number_of_votes": ("integer", 2**53 + 1),
        "share": ("number", 0.5),
        "is_old": ("boolean", False),
        "claim_date": ("date", "2024-02-29"),
    },
    "evidence": {"page": ("integer", 7)},
}
#: How the panel shows the values of the claims.
SHOWN = {
    "subject": "<i>bridges</i>, جسور",
    "job": HOSTILE,
    "number of votes": str(2**53 + 1),
    "share": "0.5",
    "is old": "false",
    "claim date": "2024-02-29",
}


def passage(article: str, quote: str, stance: str, *groups: str) -> dict[str, Any]:
    return {"article": article, "quote": quote, "stance": stance} | ({"groups": [*groups]} if groups else {})


OPENED, AT = passage("he", "נפתח ב־1911", "for it/yes", "g1"), passage("ar", "إنه آمن", "for it/yes", "g1", "g2")
SAFE = passage("he", "<b>הוא בטוח</b> &", "for it/yes", "g2")
ALONE = passage("he", "ראש העיר אמר", "neutral") | {"page": 7}
GIVEN: dict[str, Any] = {
    "quote": f"كتاب {HOSTILE}",
    "stance": "against it",
    "source": "ويكيبيديا <p. 3>",
    "groups": ["שנייה"],
}

CLAIMS: list[dict[str, Any]] = [
    {
        "article": "ar",
        "id": "Opened_1911:a",
        "quote": "فُتح الجسر في عام 1911",
        "claim": "فُتح الجسر في عام 1911.",
        "label": "true/false",
        "speaker": MAYOR,
        "fact": "year",
        "value": "١٩١١",
        "evidence": [OPENED, AT, ALONE, GIVEN, SAFE],
    },
    {"article": "ar", "id": "safe", "quote": "قال رئيس البلدية", "claim": "الجسر آمن.", "label": "half true"},
    {
        "article": "he",
        "id": "he.opened",
        "quote": "נפתח ב־1911",
        "claim": "הגשר נפתח.",
        "label": "C++20",
        "fact": "year",
    },
    {"article": "ar", "id": "whole-ar", "claim": "المقال كله صحيح.", "label": "0", "evidence": [GIVEN]},
    {"article": "he", "id": "whole-he", "claim": "The whole article is right.", "label": "1"},
    *({"id": f"loose-{n}", "claim": f"{n}: {HOSTILE}", "label": label} for n, label in enumerate(LABELS)),
    {"id": "with-all", "claim": "הכול נכון.", "label": "x", "evidence": [OPENED, GIVEN], "speaker": MAYOR}
    | {name: value for name, (_, value) in EXTRA["claims"].items()},
]
#: In a file of their own, without an article.
LATER = [
    {"id": "later-1", "claim": "Later.", "label": "a_b", "evidence": []},
    {"id": "later-2", "claim": "אחר.", "label": "0"},
]


def write_dataset(root: Path, vocabulary: dict[str, Any], **more: Any) -> None:
    (root / "annotations").mkdir(parents=True, exist_ok=True)
    (root / "seeds").mkdir(exist_ok=True)
    link = "https://creativecommons.org/publicdomain/zero/1.0/"
    texts = dict.fromkeys(("description", "curation", "rights", "limitations"), "Invented.")
    data = {
        "name": "invented",
        "title": "جسر Bridge",
        "version": "1.0.0",
        "license": "cc0-1.0",
        "license_link": link,
        "languages": ["en"],
        "annotations_creators": ["other"],
        **texts,
        "vocabulary": vocabulary,
        **more,
    }
    (root / "annotations/dataset.yaml").write_text(
        yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    write_lines(root, "articles", [])


def write_lines(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (root / f"annotations/{name}.jsonl").write_text(text, encoding="utf-8")


def register(root: Path, name: str, text: str, **more: str) -> dict[str, Any]:
    """Writes the text of an article, and returns its entry in the register."""
    (root / f"seeds/{name}_x.txt").write_text(text, encoding="utf-8", newline="")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"id": name, "file": f"{name}_x.txt", "sha256": digest, "language": name, **more}


def make_project(root: Path) -> Path:
    """The project with everything that a scheme allows."""
    optional = ["article", "quote", "speaker", "fact", "value", "basis", "rationale"]
    columns = {
        table: {name: {"type": kind, "description": name} for name, (kind, _) in each.items()}
        for table, each in EXTRA.items()
    }
    stances = {"for it/yes": "for", "against it": "against", "neutral": "neither"}
    vocabulary = {
        "ids": "any",
        "labels": {label: {} for label in LABELS},
        "stances": stances,
        "optional": optional,
        "groups": "optional",
    }
    write_dataset(root, vocabulary, columns=columns, speakers=[MAYOR], languages=["ar", "he"])
    write_lines(root, "articles", [register(root, name, text) for name, text in TEXTS.items()])
    write_lines(root, "facts", [{"id": "year", "question": "متى فُتح الجسر؟"}])
    write_lines(
        root,
        "claims",
        [{"kind": "claim", **claim} for claim in sorted(CLAIMS, key=lambda claim: claim.get("article", "-"))],
    )
    (root / "annotations/later.yaml").write_text(
        yaml.safe_dump({"claims": LATER}, allow_unicode=True), encoding="utf-8"
    )
    return root


def make_liar(root: Path, number: int = 6) -> Path:
    """A project of claims alone, in no article and without evidence."""
    labels = ("pants-fire", "false", "barely-true", "half-true", "mostly-true", "true")
    optional = ["article", "quote", "speaker", "fact", "value", "basis", "rationale"]
    write_dataset(root, {"ids": "any", "labels": {label: {} for label in labels}, "optional": optional})
    rows = [{"kind": "claim", "id": f"{n}.json", "claim": f"Claim {n}.", "label": labels[n % 6]} for n in range(number)]
    write_lines(root, "claims", rows)
    return root
