"""The server of `factpack view --watch`: who may save, what is saved, and that nothing is lost."""

import http.client
import json
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, digests
from factpack.api import load_project
from factpack.curation.workbench.server import MAX_BODY, WorkbenchServer

RECORD = {"quote": "So sad!", "reason": "tone"}
SAVE = {"action": "insert", "article": "a1", "listed": "not_checkable", "record": RECORD}
Headers = dict[str, str]


@pytest.fixture
def server(project_folder: Path) -> Iterator[WorkbenchServer]:
    a1 = project_folder / "annotations/a1.yaml"
    a1.write_bytes(a1.read_bytes().replace(b"  - quote: So sad!\n    reason: tone\n", b""))
    served = load_project(project_folder).open_workbench()
    served.start()
    yield served
    served.stop()


def ask(
    server: WorkbenchServer, method: str, path: str, body: bytes | None = None, headers: Headers | None = None
) -> tuple[int, Any]:
    """Sends a request as it is given; nothing is added but the host and the length."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, json.loads(data) if answer.headers.get_content_type() == "application/json" else data


def own(server: WorkbenchServer) -> Headers:
    return {"Origin": f"http://{server.host}", "Content-Type": "application/json"}


def post(server: WorkbenchServer, what: str, body: object) -> tuple[int, Any]:
    return ask(server, "POST", f"/{server.token}/{what}", json.dumps(body).encode(), own(server))


def test_only_loopback_is_served(server: WorkbenchServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert len(server.token) >= 40
    status, page = ask(server, "GET", f"/{server.token}/")
    assert status == 200
    assert b"connect-src &#39;self&#39;" in page or b"connect-src 'self'" in page


def attacks(server: WorkbenchServer) -> dict[str, tuple[int, str, str, bytes, Headers]]:
    """Requests that must not be answered, each with the status that refuses it."""
    path, body, headers = f"/{server.token}/save", json.dumps(SAVE).encode(), own(server)
    without_origin = {"Content-Type": "application/json"}
    return {
        "no token": (404, "POST", "/save", body, headers),
        "a wrong token": (404, "POST", f"/{'x' * len(server.token)}/save", body, headers),
        "a part of the token": (404, "POST", f"/{server.token[:-1]}/save", body, headers),
        "another origin": (403, "POST", path, body, headers | {"Origin": "http://evil.example"}),
        "the origin of another port": (403, "POST", path, body, headers | {"Origin": "http://127.0.0.1:1"}),
        "no origin": (403, "POST", path, body, without_origin),
        "the origin null": (403, "POST", path, body, headers | {"Origin": "null"}),
        "another host (DNS rebinding)": (
            421,
            "POST",
            path,
            body,
            headers | {"Host": f"evil.example:{server.server_port}"},
        ),
        "a name of this machine": (421, "POST", path, body, headers | {"Host": f"localhost:{server.server_port}"}),
        "the page for another host": (421, "GET", f"/{server.token}/", b"", {"Host": "evil.example"}),
        "another site": (403, "POST", path, body, headers | {"Sec-Fetch-Site": "cross-site"}),
        "the page in another site": (403, "GET", f"/{server.token}/", b"", {"Sec-Fetch-Site": "cross-site"}),
        "a form of another site": (415, "POST", path, body, headers | {"Content-Type": "text/plain"}),
        "no JSON": (400, "POST", path, b"{", headers),
        "deep JSON": (400, "POST", path, b"[" * 100_000, headers),
        "another request": (400, "POST", path, json.dumps(SAVE | {"path": "/etc/passwd"}).encode(), headers),
        "a file": (404, "GET", f"/{server.token}/../annotations/a1.yaml", b"", {}),
        "an escaped file": (404, "GET", f"/{server.token}/%2e%2e/%2e%2e/etc/passwd", b"", {}),
        "another method": (501, "PUT", path, body, headers),
        "an article that is a path": (409, "POST", path, json.dumps(SAVE | {"article": "../../x"}).encode(), headers),
        "a list that is none": (400, "POST", path, json.dumps(SAVE | {"listed": "x: y"}).encode(), headers),
        "a key that is YAML": (
            409,
            "POST",
            path,
            json.dumps(SAVE | {"record": RECORD | {"x: 1\ny": "z"}}).encode(),
            headers,
        ),
        "a value that is a record": (
            409,
            "POST",
            path,
            json.dumps(SAVE | {"record": RECORD | {"x": {"y": "z"}}}).encode(),
            headers,
        ),
        "a lone half of a character": (400, "POST", path, b'{"action": "\\ud800"}', headers),
    }


def test_what_is_not_the_page_is_refused(server: WorkbenchServer, project_folder: Path) -> None:
    before = digests(project_folder)
    for name, (status, *request) in attacks(server).items():
        assert (name, ask(server, *request)[0]) == (name, status)
    assert digests(project_folder) == before
    assert post(server, "save", SAVE)[0] == 200


@pytest.mark.parametrize("length", ["-1", "x", "", "99999999999999999999", str(MAX_BODY + 1)])
def test_a_body_is_bounded(server: WorkbenchServer, length: str) -> None:
    """Nothing of one that is too long is read, whatever it says."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        lines = [f"POST /{server.token}/save HTTP/1.1", f"Host: {server.host}", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in own(server).items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        status = connection.recv(4096).split()[1]
    assert status in (b"411", b"413")
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        chunked = [*lines[:2], "Transfer-Encoding: chunked", *lines[3:]]
        connection.sendall("\r\n".join([*chunked, "", ""]).encode())
        assert connection.recv(4096).split()[1] == b"411"


def test_a_save_is_checked_as_the_command_checks(server: WorkbenchServer, project_folder: Path, run: Run) -> None:
    claim = {
        "id": "tar-a1",
        "quote": "smells of tar",
        "claim": "It smells of tar.",
        "speaker": "Somebody: else",
        "fact": "smell",
        "value": "tar",
        "label": "supported",
        "basis": "corroborated",
        "rationale": "No.",
        "evidence": [{"article": "b2", "quote": "No injuries 🚢", "stance": "refutes"}],
    }
    request = {"action": "insert", "article": "a1", "listed": "claims", "record": claim, "speaker": "Somebody: else"}
    status, done = post(server, "save", request | {"fact": {"id": "smell", "question": "What does it smell of?"}})
    assert (status, done["files"]) == (
        200,
        ["annotations/a1.yaml", "annotations/facts.yaml", "annotations/dataset.yaml"],
    )
    checked = run("check", project_folder)
    assert done["summary"] == checked.stderr.splitlines()[0]
    assert server.session.report.to("text") == checked.stdout
    assert "error[supported-without-support]" in checked.stdout
    assert post(server, "undo", {})[1]["undo"] == 0


def test_undo_restores_every_byte_step_by_step(server: WorkbenchServer, project_folder: Path) -> None:
    states = [digests(project_folder)]
    for quote in ("So sad!", "late on Tuesday"):
        assert post(server, "save", SAVE | {"record": RECORD | {"quote": quote}})[0] == 200
        states.append(digests(project_folder))
    for state in reversed(states[:-1]):
        assert post(server, "undo", {})[0] == 200
        assert digests(project_folder) == state
    assert post(server, "undo", {}) == (409, {"error": "nothing to undo"})


def test_an_editor_in_between_loses_nothing(server: WorkbenchServer, project_folder: Path) -> None:
    path = project_folder / "annotations/a1.yaml"
    target = {"listed": "claims", "id": "fog-a1"}
    record = post(server, "record", {"article": "a1", "target": target})[1]
    new = record["record"] | {"rationale": "New."}
    edited = path.read_text(encoding="utf-8").replace("gives no other cause", "gives NO other cause") + "# a remark\n"
    path.write_text(edited, encoding="utf-8")
    change = {"action": "change", "article": "a1", "record": new, "target": target | {"digest": record["digest"]}}
    status, answer = post(server, "save", change)
    assert (status, "was changed in the file in the meantime" in answer["error"]) == (409, True)
    assert path.read_text(encoding="utf-8") == edited
    assert post(server, "save", SAVE)[0] == 200  # what is new finds its place beside what the editor wrote
    assert "# a remark\n" in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    status, answer = post(server, "undo", {})
    assert (status, "that change would be lost" in answer["error"]) == (409, True)
    assert path.read_text(encoding="utf-8").endswith("# another\n")


def test_saves_at_once_are_all_there_once(server: WorkbenchServer, project_folder: Path) -> None:
    def save(number: int) -> int:
        passage = {
            "id": f"n{number // 2}",
            "quote": "Nobody was hurt",
            "claim": "Nobody was hurt.",
            "speaker": "article",
        }
        return post(server, "save", {"action": "insert", "article": "a1", "listed": "unverified", "record": passage})[0]

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(save, range(8)))
    assert sorted(statuses) == [200] * 4 + [409] * 4
    text = (project_folder / "annotations/a1.yaml").read_text(encoding="utf-8")
    assert [text.count(f"- id: n{number}\n") for number in range(4)] == [1] * 4


def test_changing_and_deleting(server: WorkbenchServer, project_folder: Path) -> None:
    path = project_folder / "annotations/a1.yaml"
    before = path.read_text(encoding="utf-8")
    target = {"listed": "claims", "id": "fog-a1"}
    record = post(server, "record", {"article": "a1", "target": target})[1]
    request = {"action": "change", "article": "a1", "target": target | {"digest": record["digest"]}}
    new = record["record"] | {"rationale": "It is: doubted."}
    assert post(server, "save", request | {"record": new})[0] == 200
    old = "rationale: b2 calls it unconfirmed and gives no other cause."
    assert path.read_text(encoding="utf-8") == before.replace(old, 'rationale: "It is: doubted."')
    post(server, "undo", {})
    moved = {key: record["record"][key] for key in ("id", "quote", "claim", "speaker")}
    assert post(server, "save", request | {"listed": "unverified", "record": moved})[0] == 200
    text = path.read_text(encoding="utf-8")
    assert text.index("unverified:") < text.index("id: fog-a1") < text.index("id: smell-a1")
    post(server, "undo", {})
    assert post(server, "save", request | {"action": "delete"})[0] == 200
    assert "fog-a1" not in path.read_text(encoding="utf-8")
    post(server, "undo", {})
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("quote", "told"),
    [("no such words", "do not occur exactly once"), ("25 minutes", "do not occur exactly once"), ("", "")],
)
def test_words_that_are_not_there_once_are_told(server: WorkbenchServer, quote: str, told: str) -> None:
    status, answer = post(server, "save", SAVE | {"record": RECORD | {"quote": quote}})
    assert status == 409
    assert told in answer["error"]


def test_a_new_file_is_made_and_undone(server: WorkbenchServer, project_folder: Path, run: Run) -> None:
    (project_folder / "annotations/c3.yaml").unlink()
    before = digests(project_folder)
    record = {"quote": "美しい船だ。", "reason": "opinion"}
    status, done = post(server, "save", SAVE | {"article": "c3", "record": record})
    assert (status, done["files"]) == (200, ["annotations/c3.yaml"])
    problems = run("check", project_folder).stdout
    assert "annotations/c3.yaml:" not in problems
    assert "‘美しい船だ。’" not in problems
    assert post(server, "undo", {})[0] == 200
    assert digests(project_folder) == before


def test_a_link_out_of_the_project_is_not_written_through(
    server: WorkbenchServer, project_folder: Path, tmp_path: Path
) -> None:
    path, outside = project_folder / "annotations/a1.yaml", tmp_path / "outside.yaml"
    shutil.move(path, outside)
    before = outside.read_bytes()
    path.symlink_to(outside)
    assert post(server, "save", SAVE)[0] == 409
    assert outside.read_bytes() == before
