"""Exports of annotation tools: read at their places, converted whole, and refused where they do not fit their texts."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import problems
from conftest import Run, digests
from factpack import load_project
from factpack.cli.curation import EXPORTS
from factpack.formats.exports.regions import fitting_span
from factpack.formats.registry import export_formats
from factpack.formats.yaml_parser import read_yaml
from factpack.text.sentences import Span

A = "💩 River News\nThe bridge 🌉 was opened in 1911.\nIt was the longest.\n"
B = "Bridge closed\nThe 🌉 bridge, opened in 1911, is closed.\nעוד גשר: 1911 🌉 נפתח.\n"
KEYS = {"verdict": "supported", "basis": "corroborated", "proposition": "The bridge was opened in 1911."}
KEYS |= {"fact": "opened", "value": "1911", "rationale": "Both say so."}


def _utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2


def _region(name: str, to: str, text: str, words: str, label: str, **more: Any) -> list[dict[str, Any]]:
    """A region as Label Studio writes it; with ``utf16`` as an old version did, without ``text`` where ``bare``."""
    start = text.index(words)
    end = start + len(words)
    if more.get("utf16"):
        start, end = _utf16(text, start), _utf16(text, end)
    place: dict[str, Any] = {"start": start, "end": end}
    value = place | ({} if more.get("bare") else {"text": words}) | {"labels": [label]}
    made = [{"id": name, "from_name": f"l{to}", "to_name": to, "type": "labels", "value": value}]
    for key, what in more.get("keys", {}).items():
        kind = "choices" if key in ("verdict", "basis", "reason") else "textarea"
        said = {"choices": [what]} if kind == "choices" else {"text": [what]}
        made.append({"id": name, "from_name": key, "to_name": to, "type": kind, "value": place | said})
    return made


def _relation(source: str, target: str, stance: str, direction: str = "right") -> dict[str, Any]:
    ends = {"from_id": source, "to_id": target, "direction": direction, "labels": [stance]}
    return {"type": "relation", **ends}


def _task(*results: list[dict[str, Any]], by: Any = 1) -> dict[str, Any]:
    annotations = [
        {"id": number, "completed_by": by[number] if isinstance(by, list) else by, "result": result}
        for number, result in enumerate(results)
    ]
    return {"id": 1, "annotations": annotations, "data": {"a000": A, "a001": B}}


def _result(**more: Any) -> list[dict[str, Any]]:
    return [
        *_region("c1", "a000", A, "opened in 1911", "claim", keys=KEYS, **more),
        *_region("e1", "a001", B, "opened in 1911", "evidence", **more),
        *_region("c2", "a001", B, "opened in 1911, is", "claim", keys=KEYS | {"id": "opened-001"}, **more),
        *_region("e2", "a000", A, "was opened in 1911", "evidence", **more),
        *_region("n1", "a000", A, "💩 River News", "not_checkable", keys={"reason": "heading"}, **more),
        *_region("u1", "a001", B, "1911 🌉 נפתח", "unverified", keys={"proposition": "A bridge opened."}, **more),
        _relation("e1", "c1", "supports"),
        _relation("c2", "e2", "supports", "left"),
    ]


@pytest.fixture
def project(tmp_path: Path, run: Run) -> Path:
    """Two articles with emoji and right-to-left text, nothing annotated."""
    folder = tmp_path / "project"
    run("init", folder)
    for name, text in (("000_a.txt", A), ("001_b.txt", B)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert run("add-article", tmp_path / name, folder, "--language", "en").exit_code == 0
        (folder / f"annotations/{name[:3]}.yaml").unlink()
    facts = folder / "annotations/facts.yaml"
    facts.write_text("facts:\n  - {id: opened, question: When did it open?}\n", encoding="utf-8")
    return folder


def _errors(run: Run, project: Path) -> list[tuple[str, int, int, str, str]]:
    listed = problems(run, project)
    wanted = ("path", "line", "column", "rule", "message")
    return [tuple(p[key] for key in wanted) for p in listed if p["severity"] == "error"]  # type: ignore[misc]


def _plain(project: Path, name: str) -> Any:
    plain, errors = read_yaml((project / "annotations" / name).read_text(encoding="utf-8"))
    assert not errors
    return plain


@pytest.mark.parametrize("more", [{}, {"utf16": True}, {"bare": True}])
def test_label_studio_is_checked_and_imported(more: dict[str, Any], project: Path, tmp_path: Path, run: Run) -> None:
    """The same records, whichever units the offsets are in; as an export in the folder, and as YAML."""
    export = tmp_path / "export.json"
    export.write_text(json.dumps([_task(_result(**more))], ensure_ascii=False, indent=1), encoding="utf-8")
    inside = project / "annotations/export.json"
    inside.write_bytes(export.read_bytes())
    assert _errors(run, project) == []
    corpus = load_project(project).load()
    found = {claim.record.value.id: (claim.span, claim.evidence[0].span) for claim in corpus.claims}
    start, other = A.index("opened"), B.index("opened")
    assert found == {
        "opened-in-1911-000": (Span(start, start + 14), Span(other, other + 14)),
        "opened-001": (Span(other, other + 18), Span(start - 4, start + 14)),
    }
    load_project(project).build(tmp_path / "export")
    inside.unlink()
    result = run("import", "label-studio", export, project)
    assert result.exit_code == 0
    written = "wrote annotations/000.yaml: 2 records\nwrote annotations/001.yaml: 2 records\n"
    assert result.stdout == f"{written}Next: factpack check {project}\n"
    assert _errors(run, project) == []
    load_project(project).build(tmp_path / "yaml")
    tables = [{n: d for n, d in digests(tmp_path / x).items() if n.endswith(".parquet")} for x in ("export", "yaml")]
    assert tables[0] == tables[1]


def test_several_annotators_become_readings(project: Path, tmp_path: Path, run: Run) -> None:
    """Each by name; a cancelled annotation is none. As a file of the project they would be one too many."""
    by = [{"id": 1, "email": "Ada.Berg@example.org"}, 7, 8]
    task = _task(_result(), _result()[:-1], _result(), by=by)
    task["annotations"][2]["was_cancelled"] = True
    export = tmp_path / "export.json"
    export.write_text(json.dumps([task]), encoding="utf-8")
    assert run("import", "label-studio", export, project).exit_code == 1  # e2 leads nowhere in the second
    task["annotations"][1]["result"] = [each for each in _result()[:-1] if each.get("id") != "e2"]
    export.write_text(json.dumps([task]), encoding="utf-8")
    result = run("import", "label-studio", export, project)
    assert result.exit_code == 0
    folder = project / "annotations/readings"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")} == {
        f"{name}/{article}.yaml" for name in ("ada-berg", "annotator-7") for article in ("000", "001")
    }
    assert len(_plain(project, "readings/ada-berg/001.yaml")["claims"][0]["evidence"]) == 1
    assert _plain(project, "readings/annotator-7/001.yaml")["claims"][0]["evidence"] == []
    (project / "annotations/export.json").write_bytes(export.read_bytes())
    assert any(
        found[0] == "annotations/export.json" and found[3] == "malformed-file" and "has 2 annotators" in found[4]
        for found in _errors(run, project)
    )


@pytest.mark.parametrize(
    ("change", "line", "rule", "message"),
    [
        (("1911.\\nIt", "1912.\\nIt"), None, "region-without-text", "region from 30 to 44 gives ‘opened in 1911’"),
        (('"claim"\n', '"claims"\n'), None, "malformed-file", "unknown region label `claims`"),
        (('"from_id": "e1"', '"from_id": "c2"'), None, "malformed-file", "no relation leads from this evidence"),
        (
            ('"annotations"', '"annotation_id": 1, "x"'),
            None,
            "malformed-file",
            "it is JSON_MIN, which lacks relations",
        ),
        (("]\n", "\n"), None, "malformed-file", "Expecting"),
    ],
)
def test_what_does_not_fit_is_said_at_its_place(  # noqa: PLR0913, PLR0917 - fixtures
    change: tuple[str, str],
    line: None,
    rule: str,
    message: str,
    project: Path,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the export, with line and column; nothing is imported."""
    text = json.dumps([_task(_result())], ensure_ascii=False, indent=1)
    assert change[0] in text
    assert line is None
    changed = text.replace(change[0], change[1], 1)
    export = tmp_path / "export.json"
    export.write_text(changed, encoding="utf-8")
    before = digests(project)
    monkeypatch.chdir(tmp_path)
    result = run("import", "label-studio", "export.json", project)
    assert (result.exit_code, digests(project)) == (1, before), result.stderr
    assert f": error[{rule}]: " in result.stdout
    assert message in result.stdout
    assert result.stdout.startswith("export.json:")
    if rule == "region-without-text":
        number = int(result.stdout.split(":")[1])
        assert changed.split("\n")[number - 1].strip() == "{"
        assert '"id": "c1"' in changed.split("\n")[number]


XMI = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" '
    'xmlns:custom="http:///webanno/custom.ecore" xmi:version="2.0"><cas:NULL xmi:id="0"/>\n'
    '<type4:DocumentMetaData xmlns:type4="http:///d" xmi:id="9" sofa="1" documentTitle="000_a.txt"/>\n'
    '<custom:Claim xmi:id="2" sofa="1" begin="{0}" end="{1}" label="supported" basis="corroborated_within" '
    'fact="opened" value="1911" proposition="The bridge was opened in 1911." rationale="So."/>\n'
    '<custom:Evidence xmi:id="3" sofa="1" begin="{2}" end="{3}"/>\n'
    '<custom:NotCheckable xmi:id="5" sofa="1" begin="0" end="13" reason="heading"/>\n'
    '<custom:Stance xmi:id="4" sofa="1" begin="0" end="1" Governor="2" Dependent="3" stance="supports"/>\n'
    '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text/plain" sofaString="{4}"/>\n'
    '<cas:View sofa="1" members="2 3 4"/></xmi:XMI>\n'
)


def _xmi(shift: int = 0) -> str:
    spans = [_utf16(A, A.index(words) + at) + shift for words in ("opened in 1911", "was the longest") for at in (0,)]
    ends = [spans[0] + 14, spans[1] + 15]
    return XMI.format(spans[0], ends[0], spans[1], ends[1], A.replace("\n", "&#10;"))


def test_xmi_is_checked_and_imported(project: Path, run: Run) -> None:
    """Offsets of UIMA are UTF-16; the document names the article, features the keys, relations the stances."""
    path = project / "annotations/export.xmi"
    path.write_text(_xmi(), encoding="utf-8")
    assert [found[3] for found in _errors(run, project)] == []
    path.rename(project / "export.xmi")
    assert run("import", "xmi", project / "export.xmi", project).exit_code == 0
    plain = _plain(project, "000.yaml")
    assert plain["claims"][0]["quote"] == "opened in 1911"
    assert plain["claims"][0]["evidence"] == [{"article": "000", "quote": "was the longest", "stance": "supports"}]
    assert plain["not_checkable"] == [{"quote": "💩 River News", "reason": "heading"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (XMI.replace("<xmi:XMI", '<!DOCTYPE x [<!ENTITY a "b">]>\n<xmi:XMI', 1), "it has a document type"),
        (_xmi().replace("</xmi:XMI>", ""), "no element found"),
        (
            _xmi().replace('end="13"', 'end="1"', 1),
            "region from 0 to 1 is outside the text, or begins within a",
        ),
        (_xmi().replace("cas:Sofa", "cas:Other"), "it has no text (cas:Sofa)"),
    ],
)
def test_xmi_that_cannot_be_read(text: str, message: str, project: Path, tmp_path: Path, run: Run) -> None:
    """Entities are never expanded; half a character is no place."""
    (tmp_path / "export.xmi").write_text(text, encoding="utf-8")
    before = digests(project)
    result = run("import", "xmi", tmp_path / "export.xmi", project)
    assert (result.exit_code, message in result.stdout) == (1, True), result.stdout
    assert digests(project) == before


TABLE = (
    "Article;Quote;Claim;Fact;Value;Label;Basis;Rationale;Supports;Reason\r\n"
    '000;opened in 1911;The bridge was opened in 1911.;opened;1911;supported;corroborated;So.;"001: opened in 1911\r\n'
    '001: 1911 🌉 נפתח";\r\n'
    "000;💩 River News;;;;;;;;heading\r\n"
    ";;;;;;;;;\r\n"
    "001;1911 🌉 נפתח;A bridge opened in 1911.;;;;;;;\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_needs_no_offsets(encoding: str, project: Path, run: Run) -> None:
    """As a spreadsheet saves it, with semicolons and in any encoding; a place is a line."""
    path = project / "annotations/table.csv"
    path.write_bytes(TABLE.encode(encoding))
    assert _errors(run, project) == []
    path.write_bytes(TABLE.replace("opened in 1911;The", "opend in 1911;The").encode(encoding))
    assert [found[:4] for found in _errors(run, project)] == [("annotations/table.csv", 2, 1, "quote-not-found")]
    path.write_bytes(TABLE.encode(encoding))
    path.rename(project / "table.csv")
    assert run("import", "csv", project / "table.csv", project).exit_code == 0
    assert _errors(run, project) == []
    claim = _plain(project, "000.yaml")["claims"][0]
    assert [each["quote"] for each in claim["evidence"]] == ["opened in 1911", "1911 🌉 נפתח"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "article,quote,supports\n000,x,opened in 1911\n",
            "in the column `supports` is not a passage; write `001: the words`",
        ),
        ("article,quote,label\n000,x,supported,y\n", "the row has more cells than the table has columns"),
        ("kind,article,quote\nclaims,000,x\n", "unknown kind `claims`; write claim, unverified or not_checkable"),
        (
            "annotation_id,quote,article,lead_time\n1,x,000,2\n",
            "it is a CSV export of Label Studio, which lacks relat",
        ),
        ('article,quote\n000,"x\n', "unexpected end of data"),
    ],
)
def test_a_table_that_cannot_be_read(table: str, message: str, project: Path, tmp_path: Path, run: Run) -> None:
    """Nothing is passed over."""
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    result = run("import", "csv", tmp_path / "table.csv", project)
    assert (result.exit_code, message in result.stdout) == (1, True), result.stdout


def test_doccano_and_prodigy(project: Path, tmp_path: Path, run: Run) -> None:
    """doccano counts UTF-16 units, Prodigy code points; what is not accepted is not read."""
    at, other = A.index("opened in 1911"), A.index("the longest")
    entities = [
        {"id": 1, "label": "claim", "start_offset": _utf16(A, at), "end_offset": _utf16(A, at + 14)},
        {"id": 2, "label": "evidence", "start_offset": _utf16(A, other), "end_offset": _utf16(A, other + 11)},
    ]
    line = {"id": 5, "text": A, "entities": entities, "relations": [{"from_id": 2, "to_id": 1, "type": "supports"}]}
    spans = [
        {"start": at, "end": at + 14, "label": "claim"},
        {"start": other, "end": other + 11, "label": "evidence"},
    ]
    relation = {"head_span": spans[0], "child_span": spans[1], "label": "supports"}
    prodigy = {"text": A, "_task_hash": 1, "spans": spans, "relations": [relation], "answer": "accept"}
    for form, lines in (("doccano", [line]), ("prodigy", [prodigy, prodigy | {"answer": "reject"}])):
        path = tmp_path / "000_export.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
        assert run("import", form, path, project, "--reading", form).exit_code == 0
        claim = _plain(project, f"readings/{form}/000.yaml")["claims"][0]
        assert claim["quote"] == "opened in 1911"
        assert claim["evidence"] == [{"article": "000", "quote": "the longest", "stance": "supports"}]


def test_stubs_go_where_records_come_and_annotations_stay(project: Path, tmp_path: Path, run: Run) -> None:
    """What somebody wrote is never replaced."""
    export = tmp_path / "export.json"
    export.write_text(json.dumps([_task(_result())]), encoding="utf-8")
    (project / "annotations/000.yaml").write_text(
        'article: "000"\nunverified:\n'
        "  - {id: s1-000, quote: 💩 River News, claim: 'TODO: x', speaker: article}\n"
        "  - {id: s3-000, quote: It was the longest., claim: 'TODO: y', speaker: article}\n",
        encoding="utf-8",
    )
    assert run("import", "label-studio", export, project).exit_code == 0
    assert [each["id"] for each in _plain(project, "000.yaml")["unverified"]] == ["s3-000"]
    before = digests(project)
    result = run("import", "label-studio", export, project)
    assert (result.exit_code, "000.yaml already has annotations" in result.stderr) == (2, True)
    assert digests(project) == before


def test_an_export_leaves_its_folder_nowhere(project: Path, tmp_path: Path, run: Run) -> None:
    """The id of an article comes from a stranger."""
    (tmp_path / "x.csv").write_text("article,quote\n../../x,y\n", encoding="utf-8")
    result = run("import", "csv", tmp_path / "x.csv", project)
    assert (result.exit_code, "`../../x` is not a valid article id" in result.stderr) == (2, True)


@given(st.text(st.sampled_from("ab 🌉é\n💩"), min_size=1, max_size=12), st.data())
def test_a_region_fits_in_its_units(text: str, data: st.DataObject) -> None:
    """Code points and UTF-16 of the same words lead to the same place, or to one with the same words."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    for at in ((start, end), (_utf16(text, start), _utf16(text, end))):
        span = fitting_span(text, *at, words, units="points")
        assert span is not None
        assert " ".join(text[span.start : span.end].split()) == " ".join(words.split())
    assert fitting_span(text, len(text) + 20, len(text) + 21, None, units="UTF-16") is None


def test_every_format_can_be_imported() -> None:
    """The command names them without loading them."""
    assert set(EXPORTS) == set(export_formats())
