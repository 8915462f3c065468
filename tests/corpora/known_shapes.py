"""Makes projects of records in the shapes of known datasets, and gives the records back from a release.

Each shape is what its authors publish, as far as a claim, its evidence and its splits go; the records are invented.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import factpack
from factpack.project.scaffold import PRESETS

Record = dict[str, Any]
Lines = dict[str, list[Record]]  # by the name of a file in annotations/

SETTINGS = {
    "title": "Invented",
    "license": "cc0-1.0",
    "license_link": "https://creativecommons.org/publicdomain/zero/1.0/",
    **dict.fromkeys(("description", "curation", "rights", "limitations"), "Invented."),
}


@dataclass(frozen=True)
class Shape:
    """A dataset of the field: invented records, what makes annotations of them, and what makes them of a release.

    ``sections`` are those of dataset.yaml that differ from the preset; ``seeds`` are the texts of its articles.
    """

    records: list[Record]
    annotations: Callable[[list[Record]], tuple[Lines, dict[str, str]]]
    export: Callable[[factpack.Release], Iterator[Record]]
    sections: Record


def write_project(root: Path, preset: str, shape: Shape) -> None:
    """Writes the project of a shape, with the vocabulary of its preset."""
    (root / "annotations").mkdir(parents=True)
    (root / "seeds").mkdir()
    text = (PRESETS[preset] / "annotations/dataset.yaml").read_text(encoding="utf-8")
    described = yaml.safe_load(text.format(name="invented", **SETTINGS)) | shape.sections
    (root / "annotations/dataset.yaml").write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
    lines, seeds = shape.annotations(shape.records)
    for name, rows in lines.items():
        written = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (root / f"annotations/{name}.jsonl").write_text(written, encoding="utf-8")
    for name, words in seeds.items():
        (root / f"seeds/{name}").write_bytes(words.encode())


def source(name: str, text: str, **more: Any) -> Record:
    digest = hashlib.sha256(text.encode()).hexdigest()
    entry = {"id": name, "file": f"{name}.txt", "sha256": digest, "language": "en", "annotation": "none"}
    return entry | {"sentences": {"boundaries": "lines"}} | more


def rows(release: factpack.Release, config: str) -> Iterator[Record]:
    """The rows of a config with the names of their labels, those of a split after another."""
    table = release.load(config)
    label = table.features.get("label")
    for row in table:
        yield row | ({"label": label.names[row["label"]]} if label else {})


def stances(release: factpack.Release) -> list[str]:
    return list(release.load("claims").features["evidence"].feature["stance"].names)


def line_of(text: str, start: int) -> int:
    return text.count("\n", 0, start)


def texts(release: factpack.Release) -> dict[str, str]:
    return {row["id"]: row["text"] for row in rows(release, "articles")}


# FEVER: pages of numbered lines; evidence sets of [annotation id, evidence id, page, line], one of which suffices

FEVER_PAGES = {
    "Alm_(bridge)": "The Alm is a bridge 🌉.\nIt was opened in 1911.\nIt was opened in 1911, and closed in 1990.\n",
    "Beyoncé": "Beyoncé is a singer.\nShe was born in Houston.\n",
    "'N_Sync": "'N Sync is a band.\nIts members are five.\n",
    "Robert_Downey_Jr.": "He is an actor.\nHe was born in 1965.\n",
    "-LRB-500-RRB-_Days": "It is a film.\nIt is of 2009.\n",
}
FEVER: list[Record] = [
    {"id": 7, "verifiable": "VERIFIABLE", "label": "SUPPORTS", "claim": "The Alm was opened before 1990.",
     "evidence": [[[1, 2, "Alm_(bridge)", 1]], [[1, 3, "Alm_(bridge)", 0], [1, 3, "Beyoncé", 1]]]},
    {"id": 8, "verifiable": "VERIFIABLE", "label": "REFUTES", "claim": "'N Sync has six members.",
     "evidence": [[[4, 5, "'N_Sync", 1]], [[4, 6, "Robert_Downey_Jr.", 1], [4, 6, "-LRB-500-RRB-_Days", 1]]]},
    {"id": 9, "verifiable": "NOT VERIFIABLE", "label": "NOT ENOUGH INFO", "claim": "Beyoncé crossed the Alm.",
     "evidence": [[[10, None, None, None]]]},
]  # fmt: skip


def from_fever(records: list[Record]) -> tuple[Lines, dict[str, str]]:
    claims = []
    for record in records:
        found: dict[tuple[str, int], list[str]] = {}
        for group in record["evidence"]:
            for annotation, evidence, page, line in group:
                if page is not None:
                    found.setdefault((page, line), []).append(f"{annotation}:{evidence}")
        cited = []
        for (page, line), groups in found.items():
            words = FEVER_PAGES[page].split("\n")
            start = sum(len(each) + 1 for each in words[:line])
            passage = {"article": page, "quote": words[line], "start": start, "stance": record["label"]}
            cited.append(passage | {"groups": groups})
        own = {"id": str(record["id"]), "claim": record["claim"], "label": record["label"]}
        noted = {} if cited else {"annotation": record["evidence"][0][0][0]}
        claims.append({"kind": "claim", **own, **noted, "evidence": cited})
    pages = [source(name, text) for name, text in FEVER_PAGES.items()]
    return {"articles": pages, "claims": claims}, {f"{name}.txt": text for name, text in FEVER_PAGES.items()}


def to_fever(release: factpack.Release) -> Iterator[Record]:
    pages = texts(release)
    for row in rows(release, "claims"):
        groups: dict[str, list[list[Any]]] = {}
        for each in row["evidence"]:
            line = line_of(pages[each["article"]], each["start"])
            for group in each["groups"]:
                groups.setdefault(group, []).append([*map(int, group.split(":")), each["article"], line])
        undecided = row["label"] == "NOT ENOUGH INFO"
        yield {
            "id": int(row["id"]),
            "verifiable": "NOT VERIFIABLE" if undecided else "VERIFIABLE",
            "label": row["label"],
            "claim": row["claim"],
            "evidence": list(groups.values()) or [[[row["annotation"], None, None, None]]],
        }


# SciFact: abstracts of sentences; claims in no article; rationales by abstract; a file for each split

ABSTRACTS = {
    4983: ("Floods of the Alm", ["We measured the Alm.", "The level rose by 12 cm 🌊.", "No flood was higher."]),
    5836: ("Ice of the Alm", ["The ice is thin.", "It melts in March."]),
}
SCIFACT: list[Record] = [
    {"split": "train", "id": 0, "claim": "The level of the Alm rose.", "cited_doc_ids": [4983, 5836],
     "evidence": {"4983": [{"sentences": [0, 1], "label": "SUPPORT"}, {"sentences": [2], "label": "SUPPORT"}],
                  "5836": [{"sentences": [1], "label": "SUPPORT"}]}},
    {"split": "dev", "id": 2, "claim": "The ice of the Alm is thick.", "cited_doc_ids": [5836],
     "evidence": {"5836": [{"sentences": [0], "label": "CONTRADICT"}]}},
    {"split": "dev", "id": 3, "claim": "Fish like the Alm.", "cited_doc_ids": [4983], "evidence": {}},
]  # fmt: skip


def from_scifact(records: list[Record]) -> tuple[Lines, dict[str, str]]:
    pages = {str(number): "\n".join([title, *lines]) + "\n" for number, (title, lines) in ABSTRACTS.items()}
    claims = []
    for record in records:
        cited = [
            {
                "article": page,
                "quote": ABSTRACTS[int(page)][1][sentence],
                "stance": rationale["label"],
                "groups": [f"{page}:{number}"],
            }
            for page, rationales in record["evidence"].items()
            for number, rationale in enumerate(rationales)
            for sentence in rationale["sentences"]
        ]
        label = cited[0]["stance"] if cited else "NOINFO"
        own = {"id": str(record["id"]), "split": record["split"], "claim": record["claim"], "label": label}
        ids = [str(each) for each in record["cited_doc_ids"]]
        claims.append({"kind": "claim", **own, "cited_doc_ids": ids, "evidence": cited})
    articles = [source(name, text, title=text.partition("\n")[0]) for name, text in pages.items()]
    return {"articles": articles, "claims": claims}, {f"{name}.txt": text for name, text in pages.items()}


def to_scifact(release: factpack.Release) -> Iterator[Record]:
    pages = texts(release)
    named = stances(release)
    for row in rows(release, "claims"):
        rationales: dict[str, dict[str, Record]] = {}
        for each in row["evidence"]:
            sentence = line_of(pages[each["article"]], each["start"]) - 1  # the title is the first line
            new: Record = {"sentences": [], "label": named[each["stance"]]}
            page = rationales.setdefault(each["article"], {})
            page.setdefault(each["groups"][0], new)["sentences"].append(sentence)
        yield {
            "split": row["split"],
            "id": int(row["id"]),
            "claim": row["claim"],
            "cited_doc_ids": [int(each) for each in row["cited_doc_ids"]],
            "evidence": {page: list(groups.values()) for page, groups in rationales.items()},
        }


# Climate-FEVER: five sentences a claim, each with its page, its entropy and the votes of up to five annotators

CLIMATE: list[Record] = [
    {"claim_id": str(number), "claim": claim, "claim_label": label, "evidences": [
        {"evidence_id": f"Alm_(river):{number}{sentence}", "evidence_label": stance, "article": "Alm (river)",
         "evidence": f"Sentence {number}{sentence} of the Alm 🌊.", "entropy": entropy, "votes": votes}
        for sentence, (stance, entropy, votes) in enumerate(given)]}
    for number, (claim, label, given) in enumerate([
        ("The Alm grows.", "SUPPORTS", [("SUPPORTS", 0.0, ["SUPPORTS", "SUPPORTS", None, None, None]),
                                        ("NOT_ENOUGH_INFO", 0.673, ["NOT_ENOUGH_INFO"] * 3 + ["SUPPORTS"] * 2)]),
        ("The Alm is warm.", "DISPUTED", [("REFUTES", 0.0, ["REFUTES"] * 5),
                                          ("SUPPORTS", 0.5, ["SUPPORTS"] * 4 + ["REFUTES"])]),
        ("The Alm is loud.", "NOT_ENOUGH_INFO", [("NOT_ENOUGH_INFO", 0.0, ["NOT_ENOUGH_INFO"] * 5)]),
    ])
]  # fmt: skip


def from_climate(records: list[Record]) -> tuple[Lines, dict[str, str]]:
    def passage(each: Record) -> Record:
        votes = [{"by": f"annotator-{n}", "vote": vote} for n, vote in enumerate(each["votes"], 1) if vote]
        own = {"quote": each["evidence"], "source": each["article"], "stance": each["evidence_label"]}
        return own | {"evidence_id": each["evidence_id"], "entropy": each["entropy"], "votes": votes}

    claims = [
        {
            "kind": "claim",
            "id": record["claim_id"],
            "claim": record["claim"],
            "label": record["claim_label"],
            "evidence": list(map(passage, record["evidences"])),
        }
        for record in records
    ]
    return {"claims": claims}, {}


def to_climate(release: factpack.Release) -> Iterator[Record]:
    named = stances(release)
    cast: dict[tuple[str, str], str] = {}
    for vote in release.load("votes"):
        cast[vote["evidence_id"], vote["reading"]] = named[vote["stance"]]
    pairs: dict[str, list[str]] = {}
    for pair in release.load("evidence"):
        pairs.setdefault(pair["claim_id"], []).append(pair["id"])
    for row in rows(release, "claims"):
        evidences = [
            {
                "evidence_id": each["evidence_id"],
                "evidence_label": named[each["stance"]],
                "article": each["source"],
                "evidence": each["quote"],
                "entropy": each["entropy"],
                "votes": [cast.get((pair, f"annotator-{n}")) for n in range(1, 6)],
            }
            for each, pair in zip(row["evidence"], pairs[row["id"]], strict=True)
        ]
        own = {"claim_id": row["id"], "claim": row["claim"], "claim_label": row["label"]}
        yield own | {"evidences": evidences}


# AVeriTeC: a claim with date, speaker and place; questions, each with answers from an address and a copy of it

AVERITEC: list[Record] = [
    {"claim": "The bridge was paid for by the state 🌉.", "label": "Refuted", "claim_date": "25-8-2020",
     "speaker": "Mayor of Alm", "reporting_source": "Council", "location_ISO_code": "NO",
     "fact_checking_article": "https://example.org/check(1)", "justification": "Half was paid by tolls.",
     "questions": [
         {"question": "Who paid?", "answers": [
             {"answer": "Half is from tolls.", "answer_type": "Extractive", "source_medium": "Web text",
              "source_url": "https://example.org/tolls", "cached_source_url": "https://archive.example.org/tolls"},
             {"answer": "The rest is from the state.", "answer_type": "Abstractive", "source_medium": "PDF",
              "source_url": "https://example.org/state", "cached_source_url": None}]},
         {"question": "Was it paid at once?", "answers": [
             {"answer": "No", "answer_type": "Boolean", "source_medium": "Web text",
              "source_url": "https://example.org/paid", "cached_source_url": None}]}]},
    {"claim": "The old bridge is the longest.", "label": "Conflicting Evidence/Cherrypicking",
     "claim_date": "4-1-2021", "speaker": None, "reporting_source": None, "location_ISO_code": None,
     "fact_checking_article": "https://example.org/check2", "justification": "It was until 1984.",
     "questions": [{"question": "Is there a longer one?", "answers": [
         {"answer": "Yes, since 1984.", "answer_type": "Abstractive", "source_medium": "Web table",
          "source_url": "https://example.org/new", "cached_source_url": None}]}]},
    {"claim": "Most people come by boat.", "label": "Not Enough Evidence", "claim_date": None, "speaker": None,
     "reporting_source": "Radio", "location_ISO_code": None, "fact_checking_article": "https://example.org/check3",
     "justification": "Nobody counts.", "questions": []},
    {"claim": "The toll is 3 kr.", "label": "Supported", "claim_date": "1-12-2020", "speaker": "الوالي",
     "reporting_source": None, "location_ISO_code": "NO", "fact_checking_article": "https://example.org/check4",
     "justification": "The sign says so.", "questions": [{"question": "What is the toll?", "answers": [
         {"answer": "It is 3 kr.", "answer_type": "Extractive", "source_medium": "Image",
          "source_url": "https://example.org/sign", "cached_source_url": None}]}]},
]  # fmt: skip


def from_averitec(records: list[Record]) -> tuple[Lines, dict[str, str]]:
    def day(text: str) -> str:
        return dt.datetime.strptime(text, "%d-%m-%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone

    def present(values: Record) -> Record:
        return {name: value for name, value in values.items() if value is not None}

    claims = []
    for number, record in enumerate(records):
        evidence = [
            present(
                {
                    "question": question["question"],
                    "quote": answer["answer"],
                    "stance": "answer",
                    "source": answer["source_url"],
                    "archived_url": answer["cached_source_url"],
                    "answer_type": answer["answer_type"],
                    "source_medium": answer["source_medium"],
                }
            )
            for question in record["questions"]
            for answer in question["answers"]
        ]
        own = {
            "id": str(number),
            "claim": record["claim"],
            "label": record["label"],
            "claim_date": record["claim_date"] and day(record["claim_date"]),
            "speaker": record["speaker"],
            "reporting_source": record["reporting_source"],
            "location": record["location_ISO_code"],
            "fact_checking_article": record["fact_checking_article"],
            "rationale": record["justification"],
        }
        claims.append({"kind": "claim", **present(own), "evidence": evidence})
    return {"claims": claims}, {}


def to_averitec(release: factpack.Release) -> Iterator[Record]:
    for row in rows(release, "claims"):
        questions: dict[str, list[Record]] = {}
        for each in row["evidence"]:
            answer = {"answer": each["quote"], "answer_type": each["answer_type"]}
            answer |= {"source_medium": each["source_medium"], "source_url": each["source"]}
            questions.setdefault(each["question"], []).append(answer | {"cached_source_url": each["archived_url"]})
        day = row["claim_date"]
        yield {
            "claim": row["claim"],
            "label": row["label"],
            "claim_date": day and f"{day.day}-{day.month}-{day.year}",
            "speaker": row["speaker"],
            "reporting_source": row["reporting_source"],
            "location_ISO_code": row["location"],
            "fact_checking_article": row["fact_checking_article"],
            "justification": row["rationale"],
            "questions": [{"question": name, "answers": answers} for name, answers in questions.items()],
        }


# LIAR: statements with one of six labels, who made them and how they were rated before; splits, and no evidence

COUNTS = ("barely_true", "false", "half_true", "mostly_true", "pants_on_fire")
LIAR: list[Record] = [
    {"split": split, "id": f"{number}.json", "label": label, "statement": f"Statement {number} of the Alm 🌉.",
     "subjects": subjects, "speaker": "mayor-of-alm", "job": job, "context": "a speech",
     **dict(zip(COUNTS, (number, 0, 2, 70, 1), strict=True))}
    for number, (split, label, subjects, job) in enumerate([
        ("train", "pants-fire", ["roads"], "Mayor"), ("train", "false", ["roads", "budget"], None),
        ("train", "barely-true", ["water"], None), ("valid", "half-true", ["taxes"], "Mayor"),
        ("test", "mostly-true", ["taxes", "water"], "Mayor"), ("test", "true", ["ice"], "Mayor"),
    ])
]  # fmt: skip
LIAR_COLUMNS = {
    "subject": ("list of text", "subjects"),
    "speaker_name": ("text", "speaker"),
    "job": ("text", "job"),
    "venue": ("text", "context"),
    **{f"rated_{name}": ("integer", name) for name in COUNTS},
}


def from_liar(records: list[Record]) -> tuple[Lines, dict[str, str]]:
    claims = []
    for record in records:
        own = {"id": record["id"], "split": record["split"], "claim": record["statement"], "label": record["label"]}
        more = {name: record[key] for name, (_, key) in LIAR_COLUMNS.items() if record[key] is not None}
        claims.append({"kind": "claim", **own, **more})
    return {"claims": claims}, {}


def to_liar(release: factpack.Release) -> Iterator[Record]:
    for row in rows(release, "claims"):
        own = {"split": row["split"], "id": row["id"], "label": row["label"], "statement": row["claim"]}
        more = {key: row[name] for name, (_, key) in LIAR_COLUMNS.items()}
        yield {key: (own | more)[key] for key in LIAR[0]}


SHAPES = {
    "fever": Shape(
        FEVER,
        from_fever,
        to_fever,
        {"columns": {"claims": {"annotation": {"type": "integer", "description": "id of the annotation"}}}},
    ),
    "scifact": Shape(SCIFACT, from_scifact, to_scifact, {}),
    "climate-fever": Shape(CLIMATE, from_climate, to_climate, {}),
    "liar": Shape(
        LIAR,
        from_liar,
        to_liar,
        {
            "columns": {
                "claims": {name: {"type": kind, "description": key} for name, (kind, key) in LIAR_COLUMNS.items()}
            },
            "splits": {"train": "training", "valid": "evaluation", "test": "evaluation"},
        },
    ),
    "averitec": Shape(AVERITEC, from_averitec, to_averitec, {"speakers": ["Mayor of Alm", "الوالي"]}),
}
