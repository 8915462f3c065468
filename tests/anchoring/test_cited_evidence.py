"""Evidence that refers to other claims is what it stands for, in the same tables, in every format and at any size."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from checking import as_lines, edit
from conftest import PROJECT, digests
from factpack.anchoring.cited.claim_store import ClaimStore
from factpack.anchoring.cited.write_out import write_out
from factpack.anchoring.parallel.division import PartSizes
from factpack.corpus.citations import SameFactOfNothing, SameFactUnclear
from factpack.formats.locations import Record, SourceFile
from factpack.formats.registry import formats, open_project
from factpack.project.models import ArticleFile, Claim, Evidence, schema
from factpack.project.record_models import models_of
from factpack.project.scheme import DEFAULT, LabelSpec, Scheme
from factpack.project.written_out import SAME_FACT
from factpack.release.build import build
from factpack.release.parts import BuildLimits

C3, A1 = "annotations/c3.yaml", "annotations/a1.yaml"

#: What is written short in the invented project, and what it is there.
SHORT = [
    (
        C3,
        (
            "    evidence:\n      - {article: a1, quote: entered service in 2023, stance: supports}\n"
            "      - {article: b2, quote: entered service in 2023, stance: supports}\n"
        ),
        "    evidence: same-fact\n",
    ),
    (
        C3,
        (
            "      - {article: a1, quote: the harbour office counted 90, stance: supports}\n"
            "      - {article: b2, quote: 90 passengers were aboard, stance: supports}\n"
        ),
        "      - same-fact\n",
    ),
    (
        C3,
        '      - {article: a1, quote: "the engine gives 1,000 kW", stance: supports}\n',
        "      - {stance: supports, claim: engine-1000-kw-a1}\n",
    ),
    (
        A1,
        "      - article: c3\n        quote: 機関の出力は1000キロワット\n        stance: supports\n",
        "      - claim: engine-1000-kw-c3\n        stance: supports\n",
    ),
]


def _short(folder: Path) -> Path:
    project = Path(shutil.copytree(PROJECT, folder))
    for file, long, short in SHORT:
        edit(project, file, (long, short))
    return project


def _tables(project: Path, out: Path, **options: Any) -> dict[str, str]:
    built = build(open_project(project), out, lambda: None, **options)
    return {name: digest for name, digest in digests(built.folder).items() if name.endswith(".parquet")}


def test_the_tables_are_those_of_the_passages_written_out(tmp_path: Path) -> None:
    """In YAML, in JSON Lines where all articles follow one another, and in several processes."""
    long = _tables(PROJECT, tmp_path / "long")
    short = _short(tmp_path / "project")
    assert _tables(short, tmp_path / "short") == long
    as_lines(short, "a1", "b2", "c3")
    assert '"evidence": "same-fact"' in (short / "annotations/claims.jsonl").read_text(encoding="utf-8")
    assert _tables(short, tmp_path / "lines") == long
    assert _tables(short, tmp_path / "jobs", jobs=2, limits=BuildLimits(parts=PartSizes(2_000, 1))) == long


def test_processes_that_are_not_prepared_find_the_claims_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annotations that do not look as if they referred to claims may do so all the same."""
    short = _short(tmp_path / "project")
    monkeypatch.setattr(ClaimStore, "prepare", lambda _: None)
    limits = BuildLimits(parts=PartSizes(2_000, 1))
    assert _tables(short, tmp_path / "jobs", jobs=3, limits=limits) == _tables(PROJECT, tmp_path / "long")


NOWHERE = SourceFile("x.yaml", Path("x.yaml"), formats()["yaml"])


def _claim(name: str, label: str = "supported", value: str = "1", speaker: str = "article", **more: Any) -> Claim:
    keys = {"quote": f"words of {name}", "claim": "It is so.", "fact": "f", "basis": "corroborated", "rationale": "So."}
    return Claim(**{**keys, "id": name, "label": label, "value": value, "speaker": speaker, "written": (), **more})


def _written_out(
    tmp_path: Path, evidence: Any, others: Sequence[tuple[str, Claim]], scheme: Scheme = DEFAULT, **this: Any
) -> tuple[list[tuple[str, str]], list[type]]:
    """The quotes and stances of the evidence of a claim in article `own`, and what is wrong."""
    claim = _claim("this", **this)
    lines = [
        {"kind": "claim", "article": article, **json.loads(_json(each))} for article, each in (("own", claim), *others)
    ]
    path = tmp_path / "claims.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    store = ClaimStore(tmp_path / "store", (("claims.jsonl", path),), models_of(scheme), as_found=False)
    record = Record(_claim("this", **this, written=evidence), NOWHERE)
    found, troubles = write_out("own", record, store, scheme)
    return [(each.quote, each.stance) for each in found.evidence], [type(each) for each in troubles]


def _json(claim: Claim) -> bytes:
    return msgspec.json.encode(claim)


def test_the_same_value_supports_and_another_refutes(tmp_path: Path) -> None:
    """In the order of the corpus; what the claim's own article says is not among them."""
    others = [
        ("own", _claim("again")),
        ("b", _claim("same")),
        ("c", _claim("other", "disputed", "2")),
        ("c", _claim("also")),
    ]
    found, troubles = _written_out(tmp_path, SAME_FACT, others)
    assert found == [("words of same", "supports"), ("words of other", "refutes"), ("words of also", "supports")]
    assert not troubles


def test_what_is_erroneous_is_no_evidence_unless_the_claim_says_the_same(tmp_path: Path) -> None:
    """Guideline 2.7: an erroneous value is left out; claims of the same erroneous value list one another."""
    others = [
        ("b", _claim("right")),
        ("c", _claim("wrong", "erroneous", "2")),
        ("d", _claim("wrong-too", "erroneous", "3")),
    ]
    assert _written_out(tmp_path, SAME_FACT, others)[0] == [("words of right", "supports")]
    (tmp_path / "b").mkdir()
    assert _written_out(tmp_path / "b", SAME_FACT, others, label="erroneous", value="2")[0] == [
        ("words of right", "refutes"),
        ("words of wrong", "supports"),
    ]


def test_one_utterance_is_one_source(tmp_path: Path) -> None:
    """Guideline 2.2: the same speaker in another article supports nothing; another value of his contradicts."""
    others = [
        ("b", _claim("reported", speaker="Ada")),
        ("c", _claim("other", value="2", speaker="Ada")),
        ("d", _claim("by-the-article")),
    ]
    found, _ = _written_out(tmp_path, SAME_FACT, others, speaker="Ada")
    assert found == [("words of other", "refutes"), ("words of by-the-article", "supports")]


def test_what_the_list_names_itself_same_fact_leaves_out(tmp_path: Path) -> None:
    """So another stance can be given, and a passage beside, at its place in the order."""
    others = [("b", _claim("one")), ("c", _claim("two")), ("d", _claim("three"))]
    given = Evidence(article="d", quote="words of three", stance="refutes")
    evidence = (Evidence(claim="two", stance="refutes"), SAME_FACT, given)
    assert _written_out(tmp_path, evidence, others)[0] == [
        ("words of two", "refutes"),
        ("words of one", "supports"),
        ("words of three", "refutes"),
    ]


def test_a_scheme_of_its_own(tmp_path: Path) -> None:
    """The first stance on each side, and the labels that need a correction in the place of `erroneous`."""
    scheme = Scheme(
        stances={"neutral": "neither", "entails": "for", "hints": "for", "denies": "against"},
        labels={"yes": LabelSpec(basis=("b",)), "no": LabelSpec(basis=("b",), correction="required")},
    )
    others = [("b", _claim("one", "yes", basis="b")), ("c", _claim("two", "no", "2", basis="b"))]
    found, _ = _written_out(tmp_path, SAME_FACT, others, scheme, label="yes", basis="b")
    assert found == [("words of one", "entails")]


@pytest.mark.parametrize(
    ("scheme", "trouble"),
    [
        (Scheme(groups="required"), SameFactUnclear),
        (Scheme(stances={"supports": "for"}), SameFactUnclear),
        (DEFAULT, SameFactOfNothing),
    ],
)
def test_what_cannot_be_written_out_is_said(tmp_path: Path, scheme: Scheme, trouble: type) -> None:
    """Nothing is guessed, and nothing is lost in silence."""
    assert _written_out(tmp_path, SAME_FACT, [], scheme) == ([], [trouble])


def test_a_fact_that_everybody_answers_has_a_bound(tmp_path: Path) -> None:
    """1,500 claims that list one another would be two million passages."""
    others = [("b", _claim(f"c-{number}")) for number in range(1_500)]
    assert _written_out(tmp_path, SAME_FACT, others) == ([], [SameFactUnclear])


def test_the_schema_lets_an_editor_complete_both_forms() -> None:
    """A claim or a passage, each with its keys; the word alone, or in a list."""
    validator = Draft202012Validator(schema(ArticleFile))
    made = {"id": "a", "quote": "b", "claim": "c", "speaker": "d", "fact": "e", "value": "f", "label": "supported"}
    made |= {"basis": "corroborated", "rationale": "g"}

    def errors(evidence: Any) -> int:
        return len(list(validator.iter_errors({"article": "a", "claims": [{**made, "evidence": evidence}]})))

    passage = {"article": "a", "quote": "b", "stance": "supports"}
    for right in ("same-fact", ["same-fact"], [{"claim": "x", "stance": "refutes"}, passage, "same-fact"], []):
        assert errors(right) == 0, right
    for wrong in ("same", ["same"], [{"claim": "x"}], [{"article": "a", "stance": "supports"}], [{}], {}):
        assert errors(wrong) > 0, wrong
    assert "claim" in schema(ArticleFile)["$defs"]["Evidence"]["properties"]


def test_a_million_claims_are_not_in_memory(tmp_path: Path) -> None:
    """What the store takes hardly grows with the corpus: 100 bytes a claim at most, where a claim has 300."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from factpack.anchoring.cited.claim_store import ClaimStore\n"
        "from factpack.project.record_models import DEFAULT_MODELS\n"
        "path = Path(sys.argv[1])\n"
        "store = ClaimStore(path.with_suffix('.db'), (('c.jsonl', path),), DEFAULT_MODELS, as_found=False)\n"
        "assert store.get('c-1').passage()['quote'] == 'words of c-1'\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)\n"
    )
    used = []
    for count in (10_000, 50_000):
        path = tmp_path / f"{count}.jsonl"
        with path.open("w", encoding="utf-8") as stream:
            for number in range(count):
                line = {"kind": "claim", "article": f"a{number // 10}", **json.loads(_json(_claim(f"c-{number}")))}
                stream.write(json.dumps(line) + "\n")
        result = subprocess.run([sys.executable, "-c", script, path], check=True, capture_output=True, text=True)
        used.append(int(result.stdout))
    assert used[1] - used[0] < 40_000 * 100
