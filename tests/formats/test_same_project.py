"""A project in YAML and the same project in JSON Lines: the same problems, or the same tables."""

import hashlib
import shutil
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from test_properties import COMMON, KINDS, YAML_FILES, Files, as_lines, build_agrees, check, dump, on_disk

NOUNS = ["bridge", "ferry", "tower", "harbour"]
STARTS = ["", "", "\U0001d54f wrote that ", "“Well,” ", "é: # ", "Dr. No’s ", "J.\u00a0D. "]
ANSWERS = [
    "no",
    "1e3",
    "12:30",
    "~",
    "null",
    "{a}",
    "[b",
    "'c",
    '"d',
    "2023",
    "e: f",
    "# g",
    "\U0001f468\u200d\U0001f469",
    "long\u00a0ago",
    "ÿ",
]


@st.composite
def corpora(draw: st.DrawFn) -> Files:
    """A corpus of a few articles that answer a few questions, and one time in three one thing that is wrong."""
    articles = [f"{number:03}" for number in range(draw(st.integers(2, 4)))]
    facts = [{"id": f"the-{noun}", "question": f"What of the {noun}?"} for noun in NOUNS[: draw(st.integers(1, 4))]]
    annotations: dict[str, Any] = {
        a: {"article": a, "claims": [], "unverified": [], "not_checkable": []} for a in articles
    }
    sentences: dict[str, list[str]] = {article: [f"Article {article}"] for article in articles}
    for fact in facts:
        noun = fact["id"].removeprefix("the-")
        answers = draw(st.lists(st.sampled_from(ANSWERS), min_size=2, max_size=2, unique=True))
        given_by = {article: draw(st.sampled_from([None, *answers, answers[0]])) for article in articles}
        for article, value in given_by.items():
            if value is None:
                continue
            quote = f"the {noun} is {value}"
            sentences[article].append(f"{draw(st.sampled_from(STARTS))}{quote}.")
            record = {
                "id": f"{noun}-{article}",
                "quote": quote,
                "claim": f"The {noun} is {value}.",
                "speaker": "article",
                "fact": fact["id"],
                "value": value,
            }
            others = {a: v for a, v in given_by.items() if v and a != article}
            against = [a for a, v in others.items() if v != value]
            evidence = [
                {"article": a, "quote": f"the {noun} is {v}", "stance": "supports" if v == value else "refutes"}
                for a, v in others.items()
            ]
            if not others:
                annotations[article]["unverified"].append(record)
                continue
            label = (
                {"label": "disputed", "basis": "contradicted"}
                if against
                else {"label": "supported", "basis": "corroborated"}
            )
            annotations[article]["claims"].append(record | label | {"rationale": "By the rules.", "evidence": evidence})
    register = []
    for article in articles:
        text = draw(st.sampled_from([" ", "\n", "\r\n"])).join(sentences[article])
        sentences[article] = [text]
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        register.append({"id": article, "file": f"{article}_x.txt", "sha256": sha256, "language": "en"})
        if draw(st.booleans()):
            annotations[article]["not_checkable"].append({"quote": f"Article {article}", "reason": "heading"})
    records = [record for data in annotations.values() for key in KINDS for record in data[key]]
    if records and draw(st.integers(0, 2)) == 0:
        spoiled = draw(st.sampled_from(records))
        key = draw(st.sampled_from(sorted(spoiled)))
        spoiled[key] = draw(
            st.sampled_from(["", "supported", "refutes", "nowhere", "the ferry is", [], {}, [{"article": "000"}]])
        )
    return {
        "annotations/dataset.yaml": YAML_FILES["annotations/dataset.yaml"],
        "annotations/articles.yaml": dump({"articles": register}),
        "annotations/facts.yaml": dump({"facts": facts}),
        **{
            f"annotations/{article}.yaml": dump(data)
            for article, data in annotations.items()
            if any(data[key] for key in KINDS)
        },
        **{f"seeds/{article}_x.txt": sentences[article][0] for article in articles},
    }


@given(corpora())
@settings(max_examples=12, **COMMON)
def test_yaml_and_json_lines_are_the_same_project(files: Files) -> None:
    """The same problems, of the same rules in the same words; or the same rows, to the byte of every table."""
    with on_disk(files) as in_yaml, on_disk(as_lines(files)) as in_lines:
        found = [check(folder) for folder in (in_yaml, in_lines)]
        told = [sorted((p["rule"], p["severity"], p["message"]) for p in problems) for problems in found]
        assert told[0] == told[1]
        built = [build_agrees(folder, problems) for folder, problems in zip((in_yaml, in_lines), found, strict=True)]
        event(f"built: {built[0]}")
        if built[0]:
            releases = [next((folder / "dist").iterdir()) for folder in (in_yaml, in_lines)]
            one, other = ({p.relative_to(r): p.read_bytes() for p in r.rglob("*") if p.is_file()} for r in releases)
            assert one == other
        for folder in (in_yaml, in_lines):
            shutil.rmtree(folder / "dist", ignore_errors=True)
