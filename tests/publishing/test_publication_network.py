"""`factpack.publishing` to a hub: the token, what is tried again, and what users load."""

import json
import logging
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi
from semver import Version

from conftest import Run
from factpack.errors import PublicationInterruptedError
from factpack.publishing import flow as publisher
from factpack.publishing.huggingface import HubTarget
from factpack.publishing.release import Release
from factpack.publishing.target import Notice
from hub.server import READER, WRITER, Hub, Response
from publishing.publications import CONFIGS, QUICK, asked, history, once, publish, to

# The token


def test_nobody_is_logged_in(hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    result = run("publish", repo, first.folder)
    assert (result.exit_code, result.stderr) == (
        1,
        f"You are not logged in. Log in with `hf auth login`, or set HF_TOKEN to a token that may write to {repo}.\n",
    )
    assert hub.requests == []


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (
            "hf_nobody",
            "the hub answers 401 Invalid credentials in Authorization header.\nThe hub does not accept the token.",
        ),
        (READER, "the hub answers 403 you must use a write token to do this.\nThe token does not allow this."),
    ],
)
def test_token_that_is_not_enough(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    result = run("publish", repo, first.folder)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "`hf auth login`" in result.stderr
    assert not hub.repository(repo).exists()


def test_token_is_in_no_log_and_no_error(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub,
    repo: str,
    first: Release,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_DEBUG", True)  # every request as a curl command
    with caplog.at_level(logging.DEBUG):
        told: list[str] = []
        for status in (400, 401, 403, 500):
            hub.hook = once(to("POST", "/commit/main"), status)
            with pytest.raises(PublicationInterruptedError) as raised:
                publisher.publish(repo, first, told.append, QUICK.copy(stop=lambda _: True))
            told.append(str(raised.value))
        publisher.publish(repo, first, told.append, QUICK)
    captured = capfd.readouterr()
    assert "HTTP Request: POST " in caplog.text
    assert not [text for text in (*told, caplog.text, captured.out, captured.err) if WRITER in text]


def test_token_that_cannot_be_had(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HF_OIDC_RESOURCE", f"datasets/{repo}"
    )  # a trusted publisher, but there is nobody to vouch for it
    with pytest.raises(PublicationInterruptedError, match="Interrupted while looking for the token: OIDCError: "):
        publish(repo, first)
    assert hub.requests == []


def test_offline(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PublicationInterruptedError, match="unset the `HF_HUB_OFFLINE` environment variable"):
        publish(repo, first)
    assert hub.requests == []


def test_token_in_the_answer_of_the_hub(hub: Hub, repo: str, first: Release) -> None:
    hub.hook = lambda request: Response(403, {"X-Error-Message": f"no {request.headers['authorization']}"})
    with pytest.raises(PublicationInterruptedError, match="the hub answers 403 no Bearer <token>") as raised:
        publish(repo, first)
    assert WRITER not in str(raised.value)


def test_token_is_sent_to_the_hub_alone(hub: Hub, repo: str, first: Release) -> None:
    publish(repo, first)
    assert {request.headers.get("authorization") for request in hub.requests if request.storage} == {None}
    assert {request.headers["authorization"] for request in hub.requests if request.method == "POST"} == {
        f"Bearer {WRITER}"
    }


# Trying again


def test_waits_as_long_as_the_hub_asks(hub: Hub, repo: str, first: Release) -> None:
    slept: list[float] = []
    said: list[str] = []
    hub.hook = once(to("POST", "/api/repos/create"), 429)
    hub.retry_after = "7"
    publisher.publish(repo, first, said.append, publisher.PATIENCE.copy(sleep=slept.append))
    assert slept == [7]
    assert "creating the repository: the hub answers 429 broken on purpose; again in 7 s" in said


def test_waits_longer_each_time_and_gives_up(hub: Hub, repo: str, first: Release) -> None:
    slept: list[float] = []
    clock = time.monotonic()
    hub.hook = lambda request: 500 if request.path.endswith("/refs") else None
    patience = publisher.PATIENCE.copy(sleep=slept.append, stop=lambda state: state.attempt_number == 7)
    with pytest.raises(
        PublicationInterruptedError, match="Interrupted while looking at the repository: the hub answers 500"
    ):
        publisher.publish(repo, first, lambda _: None, patience)
    assert slept == [1, 2, 4, 8, 16, 16]
    assert time.monotonic() - clock < 10


def test_does_not_wait_for_an_hour(hub: Hub, repo: str, first: Release) -> None:
    hub.hook = once(to("POST", "/api/repos/create"), 429)
    hub.retry_after = "3600"
    with pytest.raises(PublicationInterruptedError, match="the hub answers 429"):
        publisher.publish(repo, first, lambda _: None, publisher.PATIENCE.copy(sleep=lambda _: pytest.fail("waits")))


def test_hub_that_never_answers(hub: Hub, repo: str, first: Release) -> None:
    silent = once(to("POST", "/api/repos/create"), 500)
    hub.hook = lambda request: time.sleep(1) if silent(request) else None
    publisher.publish(HubTarget(repo, answer_within=0.3), first, patience=QUICK)
    assert len(history(hub, repo)) == 2


def test_no_hub_there(hub: Hub, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PublicationInterruptedError) as raised:
        publisher.publish("ann/ferry", first, lambda _: None, QUICK.copy(stop=lambda state: state.attempt_number == 2))
    assert str(raised.value) == (
        "Interrupted while looking at the repository: ConnectError: [Errno 111] Connection refused.\n"
        "The hub is http://127.0.0.1:9; set HF_ENDPOINT to use another one. "
        "Nothing was changed. Correct this, and publish again."
    )
    assert hub.requests == []


OFFLINE = """\
Interrupted while looking at the repository: {reason}.
The hub is http://{place}; set HF_ENDPOINT to use another one. Nothing was changed. Correct this, and publish again.
"""


def test_dry_run_offline_is_tried_once(tmp_path: Path, first: Release) -> None:
    clock = time.monotonic()
    result = elsewhere("http://127.0.0.1:9", tmp_path, "ann/ferry", first.folder, "--dry-run")
    took = time.monotonic() - clock - import_time(tmp_path)
    reason = "ConnectError: [Errno 111] Connection refused"
    assert (result.returncode, result.stderr) == (1, OFFLINE.format(reason=reason, place="127.0.0.1:9"))
    assert took < 5


def test_hub_that_does_not_take_the_connection(hub: Hub, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try that fails is told within five seconds."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        place = f"127.0.0.1:{full.getsockname()[1]}"
        for _ in range(3):  # so that nothing more fits in the queue
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://{place}")
        clock, told = time.monotonic(), list[tuple[float, str]]()
        patience = QUICK.copy(stop=lambda state: state.attempt_number == 2)
        with pytest.raises(PublicationInterruptedError):
            publisher.publish("ann/ferry", first, lambda step: told.append((time.monotonic() - clock, step)), patience)
    when, said = next((when, step) for when, step in told if isinstance(step, Notice))
    assert hub.requests == []
    assert when < 5
    assert said == (
        "looking at the repository: ConnectTimeout: timed out; again in 0 s. "
        f"The hub is http://{place}; set HF_ENDPOINT to use another one."
    )


def elsewhere(endpoint: str, home: Path, *args: str | Path) -> "subprocess.CompletedProcess[str]":
    """Runs `factpack.publishing` in a process of its own, with another hub."""
    command = [sys.executable, "-m", "factpack", "publish", *map(str, args)]
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_TOKEN": WRITER}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def import_time(home: Path) -> float:
    """Seconds that a publication takes without a hub."""
    clock = time.monotonic()
    elsewhere("http://127.0.0.1:9", home, "ferry", home)
    return time.monotonic() - clock


def test_password_of_the_hub_is_not_printed(hub: Hub, repo: str, first: Release, tmp_path: Path) -> None:
    endpoint = hub.url.replace("//", "//me:secr%40t@")
    refusal = Response(403, {"X-Error-Message": f"{endpoint} secr@t"})
    hub.hook = lambda request: refusal if request.method == "POST" else None
    for options in (("--dry-run",), ()):
        result = elsewhere(endpoint, tmp_path, repo, first.folder, *options)
        assert (hub.url in result.stdout) == bool(options)
        assert "secr" not in result.stdout + result.stderr
        assert "me:" not in result.stdout + result.stderr
    assert f"the hub answers 403 {hub.url} …" in result.stderr


def test_escapes_in_an_answer_are_shown(hub: Hub, repo: str, first: Release) -> None:
    hub.hook = lambda _: Response(403, {}, json.dumps({"error": "no\x1b[2Jway\x9b1m\r\n"}).encode())
    with pytest.raises(PublicationInterruptedError) as raised:
        publish(repo, first)
    assert str(raised.value).startswith(
        r"Interrupted while looking at the repository: the hub answers 403 no\x1b[2Jway\x9b1m"
    )
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("route", ["/refs", "/validate-yaml"])
def test_page_of_a_proxy_instead_of_an_answer(hub: Hub, repo: str, first: Release, route: str) -> None:
    hub.hook = lambda request: Response(200, {}, b"<html>Log in</html>") if request.path.endswith(route) else None
    with pytest.raises(PublicationInterruptedError, match="the answer is not from a hub, or was cut off"):
        publisher.publish(repo, first, lambda _: None, QUICK.copy(stop=lambda state: state.attempt_number == 2))
    assert len([name for name in asked(hub, "GET", "POST") if route in name]) == 2  # it was tried again


# Loading


LOAD = """
import json, sys
from datasets import load_dataset

repo, *tags = sys.argv[1:]
for tag in tags:
    for config in ("claims", "evidence", "articles", "sentences", "facts"):
        loaded = load_dataset(repo, config, revision=tag, split="test")
        print(json.dumps([tag, config, loaded.with_format("arrow")[:].to_pylist()]))
"""


@pytest.mark.parametrize("caches", ["cold", "warm"])
def test_every_tag_loads_its_own_rows(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub, repo: str, first: Release, second: Release, tmp_path: Path, caches: str
) -> None:
    publish(repo, first)
    publish(repo, second)
    hub.reset()
    rows = {
        (release.tag, config): pq.read_table(release.folder / config).to_pylist()
        for release in (first, second)
        for config in CONFIGS
    }
    assert rows["v1.1.0", "claims"] != rows["v1.1.1", "claims"]
    # Warm: everything was loaded before, at this tag and at the other one. Cold: a cache for each of the two.
    runs = [["v1.1.0", "v1.1.1", "v1.1.0", "v1.1.1"]] if caches == "warm" else [["v1.1.0"], ["v1.1.1"]]
    for number, tags in enumerate(runs):
        environment = os.environ | {"HF_HOME": str(tmp_path / f"home-{number}")}
        command = [sys.executable, "-c", LOAD, repo, *tags]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        loaded = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(loaded) == len(tags) * len(CONFIGS)
        for tag, config, found in loaded:
            assert found == json.loads(json.dumps(rows[tag, config])), (tag, config)
    assert asked(hub, "GET")


def test_version_and_tag(first: Release) -> None:
    assert (first.version, first.tag) == (Version(1, 1, 0), "v1.1.0")
    assert HfApi().endpoint.startswith("http://127.0.0.1:")
