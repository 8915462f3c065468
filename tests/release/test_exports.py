"""Releases in the formats of others, read back by what their users read them with, or by the definition."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF

from conftest import Run
from releases import rows

OA = Namespace("http://www.w3.org/ns/oa#")
#: The terms of https://www.w3.org/TR/annotation-vocab/#json-ld-context that the annotations use; no test loads it.
TERMS: dict[str, Any] = {
    "oa": str(OA),
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "id": "@id",
    "type": "@type",
    **{name: f"oa:{name}" for name in ("Annotation", "TextualBody", "SpecificResource", "TextQuoteSelector")},
    "TextPositionSelector": "oa:TextPositionSelector",
    **{name: f"oa:{name}" for name in ("assessing", "linking", "describing", "classifying", "commenting")},
    "body": {"@type": "@id", "@id": "oa:hasBody"},
    "target": {"@type": "@id", "@id": "oa:hasTarget"},
    "source": {"@type": "@id", "@id": "oa:hasSource"},
    "selector": {"@type": "@id", "@id": "oa:hasSelector"},
    "motivation": {"@type": "@vocab", "@id": "oa:motivatedBy"},
    "purpose": {"@type": "@vocab", "@id": "oa:hasPurpose"},
    "value": "rdf:value",
    "format": "dc:format",
    **{name: f"oa:{name}" for name in ("exact", "prefix", "suffix", "start", "end")},
}


def _texts(release: Path) -> dict[str, str]:
    return {row["id"]: row["text"] for row in rows(release, "articles")}


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_web_annotations_are_linked_data(release: Path, tmp_path: Path, run: Run) -> None:
    """rdflib finds each claim and each passage, with the words and offsets that the article has."""
    assert run("export", "w3c", release, "--out", tmp_path / "out").exit_code == 0
    graph, texts = Graph(), _texts(release)
    lines = _lines(tmp_path / "out/annotations.jsonl")
    for line in lines:
        assert line["@context"] == "http://www.w3.org/ns/anno.jsonld"
        graph.parse(data=json.dumps(line | {"@context": TERMS}), format="json-ld")
    found = set(graph.subjects(RDF.type, OA.Annotation))
    claims = rows(release, "claims")
    assert len(found) == len(lines) == len(claims) + len(rows(release, "evidence"))
    names = {f"urn:factpack:ferry-factcheck:1.1.0:claims:{claim['id']}": claim for claim in claims}
    for name, claim in names.items():
        annotation = URIRef(name)
        assert (annotation, OA.motivatedBy, OA.assessing) in graph
        values = {str(graph.value(body, RDF.value)) for body in graph.objects(annotation, OA.hasBody)}
        assert {claim["claim"], claim["rationale"]} < values
        linked = [
            one for one in found if annotation in {graph.value(b, OA.hasSource) for b in graph.objects(one, OA.hasBody)}
        ]
        assert len(linked) == len(claim["evidence"])
    for annotation in found:
        target = graph.value(annotation, OA.hasTarget)
        article = str(graph.value(target, OA.hasSource)).rpartition(":")[2]
        by_type = {graph.value(each, RDF.type): each for each in graph.objects(target, OA.hasSelector)}
        position, quote = by_type[OA.TextPositionSelector], by_type[OA.TextQuoteSelector]
        start, end = (int(str(graph.value(position, term))) for term in (OA.start, OA.end))
        exact, prefix, suffix = (str(graph.value(quote, term)) for term in (OA.exact, OA.prefix, OA.suffix))
        assert texts[article][start:end] == exact
        assert texts[article][:start].endswith(prefix)
        assert texts[article][end:].startswith(suffix)


def test_fever_has_sentences_of_pages(release: Path, tmp_path: Path, run: Run) -> None:
    """As its readers take it: pages with numbered lines, evidence as groups of page and number."""
    assert run("export", "fever", release, "--out", tmp_path / "out").exit_code == 0
    pages = {page["id"]: page["lines"].split("\n") for page in _lines(tmp_path / "out/wiki-pages/wiki-001.jsonl")}
    claims = {claim["id"]: claim for claim in rows(release, "claims")}
    records = _lines(tmp_path / "out/claims.jsonl")
    assert len(records) == len(rows(release, "propositions"))
    assert [record["id"] for record in records] == list(range(1, len(records) + 1))
    labels = {
        "supported": "SUPPORTS",
        "disputed": "REFUTES",
        "erroneous": "REFUTES",
        "not_enough_info": "NOT ENOUGH INFO",
    }
    for record in records:
        assert record["label"] == labels[record["released_label"]]
        assert (record["verifiable"] == "VERIFIABLE") == (record["label"] != "NOT ENOUGH INFO")
        if record["label"] == "NOT ENOUGH INFO":
            assert record["evidence"] == [[[record["id"], None, None, None]]]
            continue
        wanted = {"SUPPORTS": 0, "REFUTES": 1}[record["label"]]
        passages = [each for each in claims[record["claim_id"]]["evidence"] if each["stance"] == wanted]
        assert len(record["evidence"]) == len(passages)
        for group, passage in zip(record["evidence"], passages, strict=True):
            lines = [pages[page][number].split("\t") for _, _, page, number in group]
            assert all(int(line[0]) == part[3] for line, part in zip(lines, group, strict=True))
            assert " ".join(passage["quote"].split()) in " ".join(line[1] for line in lines)


def test_fever_records_score_themselves(release: Path, tmp_path: Path, run: Run) -> None:
    """The gold sentences as a prediction have the best FEVER score that there can be."""
    run("export", "fever", release, "--out", tmp_path / "out")
    labels = {claim["id"]: name for claim, name in zip(rows(release, "claims"), _labels(release), strict=True)}
    with (tmp_path / "predicted.jsonl").open("w", encoding="utf-8") as stream:
        for record in _lines(tmp_path / "out/claims.jsonl"):
            if record["claim_id"] in labels:
                evidence = [[page, number] for group in record["evidence"] for _, _, page, number in group][:5]
                line = {"id": record["claim_id"], "predicted_label": labels[record["claim_id"]]}
                stream.write(json.dumps(line | {"predicted_evidence": evidence}) + "\n")
    result = run("score", release, tmp_path / "predicted.jsonl", "--input-format", "fever", "--format", "json")
    assert result.exit_code == 0, result.stdout
    assert json.loads(result.stdout)["figures"]["strict"]["value"] == 1


def _labels(release: Path) -> list[str]:
    names = ["supported", "disputed", "erroneous"]
    return [names[claim["label"]] for claim in rows(release, "claims")]


def test_beir_is_read_as_its_loader_reads_it(release: Path, tmp_path: Path, run: Run) -> None:
    """Corpus and queries by `_id` and `text`; judgements by their columns. The stance is with the query."""
    assert run("export", "beir", release, "--out", tmp_path / "out").exit_code == 0
    corpus = {line["_id"]: line for line in _lines(tmp_path / "out/corpus.jsonl")}
    queries = {line["_id"]: line for line in _lines(tmp_path / "out/queries.jsonl")}
    with (tmp_path / "out/qrels/test.tsv").open(encoding="utf-8", newline="") as stream:
        header, *judged = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_MINIMAL)
    assert header == ["query-id", "corpus-id", "score"]
    assert len(corpus) == len(rows(release, "sentences"))
    qrels: dict[str, dict[str, int]] = {}
    for query, document, score in judged:
        qrels.setdefault(query, {})[document] = int(score)
    for claim in rows(release, "claims"):
        assert queries[claim["id"]]["text"] == claim["claim"]
        stances = queries[claim["id"]]["metadata"]["stances"]
        assert stances.keys() == qrels[claim["id"]].keys()
        for passage in claim["evidence"]:
            stance = ("supports", "refutes")[passage["stance"]]
            holding = [name for name in stances if passage["quote"] in corpus[name]["text"]]
            assert not holding or stance in {stances[name] for name in holding}


@pytest.mark.parametrize("form", ["w3c", "fever", "beir"])
def test_a_folder_that_is_there_is_left_alone(form: str, release: Path, tmp_path: Path, run: Run) -> None:
    """And what was made is the same every time."""
    for name in ("one", "two"):
        assert run("export", form, release, "--out", tmp_path / name).exit_code == 0
    files = [
        sorted(p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*") if p.is_file()) for n in ("one", "two")
    ]
    assert files[0] == files[1]
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files[0])
    result = run("export", form, release, "--out", tmp_path / "one")
    assert (result.exit_code, "one exists; choose another folder" in result.stderr) == (2, True)


@pytest.mark.parametrize("form", ["fever", "beir"])
def test_sentences_need_texts(form: str, none: Path, tmp_path: Path, run: Run) -> None:
    """An empty page would be a lie."""
    result = run("export", form, none, "--out", tmp_path / "out")
    assert (result.exit_code, "has no texts; restore them with `factpack hydrate` first" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_web_annotations_without_texts_have_quotes_alone(none: Path, tmp_path: Path, run: Run) -> None:
    """The words around a quote are words of the text."""
    assert run("export", "w3c", none, "--out", tmp_path / "out").exit_code == 0
    for line in _lines(tmp_path / "out/annotations.jsonl"):
        quote, position = line["target"]["selector"]
        assert quote.keys() == {"type", "exact"}
        assert position["end"] - position["start"] == len(quote["exact"])
