"""Row 60: a key is in nothing that the program writes or says, whatever happens, with everything logged."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.programs import TOP, Done, Home
from tests.e2e.thinkers import serving, think
from tests.fakes.replies import Reply, body_reply, json_reply, status_reply
from tests.fakes.scripted_server import Request

CANARY = "canary+0123/456789=xyz"
STRATEGY = ("--strategy", "cort", "--rounds", "1", "--alternatives", "2")
BUG = """
import cort_desktop.services.planning as planning

def broken(ask, *rest):
    raise ZeroDivisionError("with sk-canary-0123456789 and all")

planning.make_plan = broken
"""


def spellings(key: str) -> set[bytes]:
    """The key as it is, and as URLs, JSON and base64 would have it."""
    found = {key, quote(key, safe=""), quote(key), json.dumps(key)[1:-1]}
    for offset in range(3):
        found.add(base64.b64encode(b"x" * offset + key.encode()).decode()[4:-4])
    return {each.encode() for each in found}


def echoing(request: Request) -> Reply:
    """A service that repeats the key it was given, in every way there is."""
    key = request.headers.get("authorization", "none")
    match request.json["model"]:
        case "refuses":
            return status_reply(401, f"Incorrect API key provided: {key}", headers={"X-Key": key})
        case "explodes":
            return status_reply(500, f"stack trace with {key}")
        case "encodes":
            return status_reply(400, f"at /v1?{quote(key)} and {quote(key, safe='')} and {coded(key)}")
        case "page":
            return body_reply(f"<html>you sent {key}</html>", content_type="text/html")
        case "error inside":
            return json_reply({"error": {"message": f"key {key} is odd", "code": 400}})
        case "cut":
            return [*think(request)[:3]]
        case _:
            return think(request)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.reliability(60)
def test_row_60_the_key_is_nowhere(tmp_path: Path) -> None:
    """Row 60: a canary key in the environment, DEBUG on; every byte of home and outputs is searched."""
    with serving(lambda request: echoing(request) if request.method == "POST" else think(request)) as server:
        home = Home(tmp_path / "home")
        home.configure(server.base_url, 'key_env = "MY_SERVER_KEY"')
        env = {"MY_SERVER_KEY": CANARY, "CORT_DESKTOP_LOG": "debug"}
        said = [home.run("ask", "Why?", *STRATEGY, "--events=full", env=env).check(0)]
        run = said[0].events[0]["run"]
        said += [
            home.run("ask", "Why?", "--strategy", "single", "--model", f"my-server/{model}", env=env)
            for model in ("refuses", "explodes", "page", "error inside")
        ]
        assert [done.code for done in said] == [0, 3, 4, 4, 4]
        said += [
            home.run("replay", run, "--events", env=env).check(0),
            home.run("conversations", "show", _conversation(home), env=env).check(0),
            home.run("models", env=env).check(0),
            home.run("keys", env=env).check(0),
            home.run("doctor", env=env).check(0),
            home.run("doctor", "--json", env=env).check(0),
            home.run("keys", "set", "my-server", data=CANARY.encode(), env=env).check(3),
            home.run("chat", "--strategy", "single", data=b"one?\n/why\n", env=env).check(0),
        ]
        keys = {request.headers.get("authorization") for request in server.requests}
        assert keys == {f"Bearer {CANARY}"}
        assert b"environment variable MY_SERVER_KEY" in said[-6].out + said[-5].out
    search(home, said)


def search(home: Home, said: list[Done]) -> None:
    written = {str(path): path.read_bytes() for path in home.path.rglob("*") if path.is_file()}
    assert len(written) >= 2
    outputs = {f"out {place}": done.out + done.err.encode() for place, done in enumerate(said)}
    for name, content in {**written, **outputs}.items():
        for spelling in spellings(CANARY):
            assert spelling not in content, f"{spelling!r} in {name}"


def _conversation(home: Home) -> str:
    return str(json.loads(home.run("conversations", "list", "--json").out)[0]["id"])


@pytest.mark.reliability(60)
def test_row_60_a_service_that_repeats_the_key_in_code(tmp_path: Path) -> None:
    """Row 60: what a service says is kept with the run: the key is taken out of it however it is spelt."""
    with serving(echoing) as server:
        home = Home(tmp_path / "home")
        home.configure(server.base_url, 'key_env = "MY_SERVER_KEY"')
        words = ("ask", "Why?", "--strategy", "single", "--model", "my-server/encodes")
        done = home.run(*words, env={"MY_SERVER_KEY": CANARY}).check(4, "at /v1")
    search(home, [done])


@pytest.mark.reliability(60)
def test_row_60_a_crash_report_has_no_key(tmp_path: Path) -> None:
    """Row 60: our own bug while a key is in hand: the report and the log leave it out."""
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "sitecustomize.py").write_text(BUG)
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    env = {"PYTHONPATH": f"{tmp_path / 'plugin'}:{TOP}", "CORT_DESKTOP_LOG": "debug"}
    done = home.run("ask", "Why?", env=env).check(1)
    written = [path for path in home.path.rglob("*") if path.is_file()]
    assert any(b"ZeroDivisionError" in path.read_bytes() for path in written)
    assert not [path for path in written if b"sk-canary" in path.read_bytes()]
    assert "canary" not in done.err


@pytest.mark.reliability(60)
def test_row_60_a_key_in_the_settings_file_is_not_repeated(tmp_path: Path) -> None:
    """Row 60: somebody wrote the key where it doesn't belong: it is named by its place alone."""
    home = Home(tmp_path / "home")
    home.configure("http://127.0.0.1:9/v1", 'key_env = "sk-canary-0123456789"', 'api_key = "sk-canary-0123"')
    done = home.run("keys").check(3, "line 6", "never the key")
    assert "canary" not in done.err
    home.configure("http://127.0.0.1:9/v1", 'api_key = "sk-canary-0123"')
    done = home.run("keys").check(0, "keys don't belong in a plain file")
    assert "canary" not in done.err + done.text


def test_a_key_is_for_its_own_address_only(tmp_path: Path) -> None:
    """The key of a known vendor does not go to another host of the same name."""
    with serving(think) as server:
        home = Home(tmp_path / "home")
        home.config(
            f'[defaults]\nmodel = "openai/fast"\n[providers.openai]\nbase_url = "{server.base_url}"\n'
        )
        done = home.run("ask", "Why?", "--strategy", "single", env={"OPENAI_API_KEY": CANARY})
        assert done.code in (0, 3)
        assert not [request for request in server.requests if "authorization" in request.headers]
