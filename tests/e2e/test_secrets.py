"""Row 60: a key is in nothing that the program writes or says, whatever happens, with everything logged."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.programs import TOP, Done, Home
from tests.e2e.thinkers import serving, think
from tests.fakes.replies import Reply, body_reply, json_reply, status_reply
from tests.fakes.scripted_server import Request
from tests.providers.conformance.wires import AnthropicWire

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
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(b"x" * offset + key.encode()).decode()[4:-4])
    return {each.encode() for each in found}


def texts(path: Path) -> bytes:
    """All values of a database, those unpacked that are packed; empty for any other file."""
    if not path.read_bytes().startswith(b"SQLite format 3"):
        return b""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in names if not name.startswith(("sqlite_", "passage_words"))]
        rows = [row for name in tables for row in database.execute(f'SELECT * FROM "{name}"')]  # noqa: S608
    return b"\0".join(map(unpacked, (value for row in rows for value in row)))


def unpacked(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode(errors="replace")
    return zlib.decompress(value) if value.startswith(b"\x78") else value


def echoing(request: Request) -> Reply:
    """A service that repeats the key it was given, in every way there is."""
    key = request.headers.get("authorization") or request.headers.get("x-api-key", "none")
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


def search(home: Home, said: list[Done], *secrets: str) -> None:
    """Nothing that was written or said has a secret in it, as it is or in any other spelling."""
    files = [path for path in home.path.rglob("*") if path.is_file()]
    written = {str(path): path.read_bytes() for path in files}
    written |= {f"texts of {path}": texts(path) for path in files if path.suffix == ".db"}
    assert len(written) >= 2
    outputs = {f"out {place}": done.out + done.err.encode() for place, done in enumerate(said)}
    for name, content in {**written, **outputs}.items():
        for secret in secrets or (CANARY,):
            for spelling in spellings(secret):
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


LOGIN = "me:proxy+pass/word=0123456789"
PASSWORD = LOGIN.partition(":")[2]
EVERYTHING = """
[defaults]
model = "claude/fine"
[network]
proxy = "{origin}"
proxy_env = "MY_PROXY_LOGIN"
[providers.claude]
kind = "anthropic"
base_url = "http://claude.test"
key_env = "CLAUDE_KEY"
models = ["fine", "refuses", "explodes"]
[providers.far]
base_url = "http://far.test/v1"
kind = "openai"
key_env = "FAR_KEY"
models = ["fine", "refuses", "explodes"]
fallbacks = ["claude/refuses"]
"""


def proxied(request: Request) -> Reply:
    """A proxy, and the services behind it, that repeat all they were sent."""
    sent = json.dumps(dict(request.headers))
    model = request.json["model"]
    if model == "refuses":
        return status_reply(401, f"no: {sent} {quote(sent)} {coded(sent)} {LOGIN} {coded(PASSWORD)}")
    if model == "explodes":
        return status_reply(503, f"the proxy of {LOGIN} failed: {sent}", headers={"Retry-After-Ms": "1"})
    return AnthropicWire().answer("Yes.") if "claude.test" in request.path else think(request)


@pytest.mark.reliability(60)
@pytest.mark.endurance
def test_row_60_neither_keys_nor_the_proxys_password_in_a_whole_weather(tmp_path: Path) -> None:
    """Row 60: two protocols through a proxy with a login; retries, fallbacks, kept answers, every output."""
    mine = "sk-ant-canary+0123/456789=xyz"
    with serving(proxied) as server:
        home = Home(tmp_path / "home")
        home.config(EVERYTHING.format(origin=server.origin))
        env = {"CLAUDE_KEY": mine, "FAR_KEY": CANARY, "MY_PROXY_LOGIN": LOGIN, "CORT_DESKTOP_LOG": "debug"}
        one = ("ask", "Why?", "--strategy", "single", "--events=full", "--model")
        said = [home.run(*one, model, env=env) for model in ("claude/fine", "claude/fine", "far/fine")]
        said += [home.run(*one, f"{name}/{model}", env=env) for name in ("claude", "far") for model in BROKEN]
        assert [done.code for done in said] == [0, 0, 0, 3, 4, 3, 4]
        assert said[1].events[-1]["calls"] == 0, "the second is from the cache"
        why = [each["why"] for done in said for each in done.events if each["type"] == "attempt.started"]
        assert {"first", "retry", "fallback"} <= set(why)
        said += [
            home.run("replay", said[-1].events[0]["run"], env=env),
            home.run("keys", env=env).check(0),
            home.run("doctor", "--json", env=env).check(0),
        ]
        assert b"environment variable CLAUDE_KEY, for http://claude.test" in said[-2].out
        seen = [request.headers for request in server.requests]
        assert {each["proxy-authorization"] for each in seen} == {f"Basic {coded(LOGIN)}"}
        assert {each.get("x-api-key") or each["authorization"] for each in seen} == {mine, f"Bearer {CANARY}"}
    search(home, said, CANARY, mine, PASSWORD, LOGIN)
    safety = json.loads(said[-1].out)["key_safety"]
    assert safety["canary"]["found"] == safety["keys_in_use"]["found"] == []
    assert (safety["canary"]["problem"], safety["keys_in_use"]["keys"]) == (None, 3)


BROKEN = ("refuses", "explodes")


@pytest.mark.reliability(60)
def test_row_60_the_doctor_names_the_place_of_a_key_and_not_the_key(tmp_path: Path) -> None:
    """Row 60: somebody asked a question with the key in it: theirs to keep, and told by the doctor."""
    with serving(think) as server:
        home = Home(tmp_path / "home")
        home.configure(server.base_url, 'key_env = "MY_SERVER_KEY"')
        env = {"MY_SERVER_KEY": CANARY}
        home.run("ask", f"Is {CANARY} a good key?", "--strategy", "single", env=env).check(0)
        done = home.run("doctor", env=env).check(
            0, "A key lies where it should not: the key of my-server is in"
        )
    assert "cort.db, table " in done.err
    assert "Make a new key" in done.text
    for spelling in spellings(CANARY):
        assert spelling not in done.out + done.err.encode()


STORED = """
printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
run() { "$PYTHON" -m cort_desktop "$@"; echo "code $?"; }
printf %s "$SPOKEN" | run keys set my-server
run keys list
run ask "Why?" --strategy single --events=full
run ask "Why?" --strategy single --events=full --model my-server/refuses
run doctor --json
sed -i 's/127.0.0.1/localhost/' "$CORT_DESKTOP_HOME/config.toml"
run keys list
run ask "Why?" --strategy single --model my-server/refuses --json
printf '"%s"' "$SPOKEN" | run keys set my-server
run keys delete my-server
"""


@pytest.mark.reliability(60, 61)
def test_rows_60_and_61_a_key_in_a_real_key_store(tmp_path: Path) -> None:
    """Rows 60 and 61: a whole life with a real Secret Service, DEBUG on: the key is in its store alone, and
    another host of the same provider does not get it.
    """
    missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]
    assert not missing, f"install {missing}: packaging/dev.py test does"
    with serving(lambda request: echoing(request) if request.method == "POST" else think(request)) as server:
        home = Home(tmp_path / "home")
        home.configure(server.base_url)
        env = home.environment(
            {
                "HOME": str(tmp_path / "home"),
                "SPOKEN": CANARY,
                "PYTHON": sys.executable,
                "CORT_DESKTOP_LOG": "debug",
            }
        )
        del env["PYTHON_KEYRING_BACKEND"]
        ran = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", STORED],
            cwd=TOP, env=env, capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        asked = [request for request in server.requests if request.method == "POST"]
        heard = [
            (each.headers["host"].partition(":")[0], each.headers.get("authorization")) for each in asked
        ]
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert [line for line in out.splitlines() if line.startswith("code ")] == [
        "code 0", "code 0", "code 0", "code 3", "code 0", "code 0", "code 3", "code 2", "code 0"
    ], out + err  # fmt: skip
    assert f"my-server: system key store (Secret Service), for {server.origin}\n" in out
    assert f"the stored key was entered for {server.origin}, and is not given to http://localhost:" in out
    assert "has quotation marks around it" in err
    bearer = f"Bearer {CANARY}"
    assert heard == [("127.0.0.1", bearer), ("127.0.0.1", bearer), ("localhost", None)]
    said = Done(code=0, out=ran.stdout, err=err)
    search(home, [said])
