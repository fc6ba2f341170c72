"""The doctor's proof by a canary, and its search for the keys in use: in the program as it is built."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest

from cort_desktop import logs
from cort_desktop.adapters.clock import SystemClock
from cort_desktop.bootstrap import Surroundings, key_proof, open_app
from cort_desktop.bootstrap.canary_service import CanaryService, canary_service, spelt
from cort_desktop.bootstrap.key_proof import Proof, new_canary, prove
from cort_desktop.domain.key_text import problem_of
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from tests.fakes.loops import run

KEY = "sk-canary-0123456789abcdef"
PROXY = "proxy+pass/word=0123456789"


class Blind(Redactor):
    """Hides nothing."""

    def clean(self, text: str) -> str:
        return text


def proof(redactor: Redactor, **options: Any) -> Proof:
    return run(prove(SystemClock(), canary=new_canary(), redactor=redactor, **options))


@pytest.mark.reliability(60)
def test_the_canary_goes_everywhere_and_is_found_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 60: sent, refused, quoted, answered, stored, logged and crashed with; nothing is left of it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = proof(Redactor())
    assert (made.finds, made.problem, made.carried) == ((), None, 3)
    assert made.hidden >= 30
    assert made.files >= 6
    assert made.bytes > 100_000
    assert list(tmp_path.iterdir()) == []
    assert made.report()["found"] == []


@pytest.mark.reliability(60)
def test_a_redactor_that_hides_nothing_is_found_out() -> None:
    """Row 60: the proof can fail: log and crash report are named, the canary is not."""
    made = proof(Blind())
    assert {each.split("/")[1].split("-")[0] for each in made.finds} == {"cort", "crash"}
    assert not any("canary" in each for each in made.finds)


@pytest.mark.reliability(60)
def test_a_refusal_told_as_it_came_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 60: what a service says goes into events and the database; there a leak is found too.

    Two nets hold it: the adapter's, and the one that all errors go through; with one of them nothing leaks.
    """
    monkeypatch.setattr("cort_desktop.providers.reports.spellings", lambda _key: ["no word of this is said"])
    assert proof(Redactor()).finds == ()
    places = {each.partition(",")[0] for each in proof(Blind()).finds}
    assert {"events.jsonl", "data/cort.db"} <= places


@pytest.mark.reliability(60)
def test_a_key_in_the_cache_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 60: a service that answers with the key in the text: the words of a model are kept as they are."""

    class Answering(CanaryService):
        async def _reply(self, reader: asyncio.StreamReader) -> bytes:
            sent = await super()._reply(reader)
            said = sent.replace(b"As far as was tried, yes.", b"canary-in-the-answer")
            head, _, body = said.partition(b"\r\n\r\n")
            size = b"Content-Length: %d" % len(sent.partition(b"\r\n\r\n")[2])
            return head.replace(size, b"Content-Length: %d" % len(body)) + b"\r\n\r\n" + body

    monkeypatch.setattr("cort_desktop.bootstrap.canary_service.CanaryService", Answering)
    made = run(prove(SystemClock(), canary="canary-in-the-answer", redactor=Redactor()))
    assert {each.split(",")[0] for each in made.finds} == {
        "cache/replies/cache.db", "data/cort.db", "events.jsonl"
    }  # fmt: skip


def test_a_proof_that_proves_nothing_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(key_proof, "spelt", lambda _key: [])
    monkeypatch.setattr(logs, "HIDDEN", "")
    assert proof(Redactor(), limit_s=0.0).problem == "It could not be tried within 0 s."
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert (proof(Redactor()).problem or "").startswith("It could not be tried: ")


def test_a_service_that_was_not_reached_proves_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        CanaryService, "carried", property(lambda _self: 1, lambda _self, _value: None), raising=False
    )
    assert proof(Redactor()).problem == "Only 1 of 3 requests carried the key, so less is proved."


def test_the_canary_can_be_a_key_and_needs_every_spelling() -> None:
    canary = new_canary()
    assert problem_of(canary) is None
    assert canary != new_canary()
    assert sum(canary in each for each in spelt(canary)) <= 4


def test_the_service_forgives_a_visitor_who_leaves() -> None:
    async def main() -> int:
        async with canary_service(KEY) as service:
            port = int(service.origin.rsplit(":", 1)[1])
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /answering/v1/chat/completions HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /answering/v1/models HTTP/1.1\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
            writer.close()
            await writer.wait_closed()
        return service.carried

    assert run(main()) == 0


def report(home: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What the doctor says of a program in ``home``."""
    around = Surroundings(
        paths=Paths.from_environment({"CORT_DESKTOP_HOME": str(home)}),
        environment={"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **environment},
        redactor=Redactor(),
    )

    async def main() -> dict[str, Any]:
        async with open_app(around, with_defaults=False) as app:
            said = await app.doctor.report()
        safety: dict[str, Any] = said["key_safety"]
        return safety

    return run(main())


CONFIG = """
[network]
proxy = "http://127.0.0.1:9"
proxy_env = "MY_PROXY_LOGIN"
[providers.here]
kind = "openai"
base_url = "http://127.0.0.1:9/v1"
key_env = "MY_SERVER_KEY"
models = ["one"]
"""


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    ("secret", "whose"), [(KEY, "here"), (PROXY, "the proxy")], ids=["a provider's", "the proxy's"]
)
def test_the_doctor_finds_a_key_in_use_where_it_lies(tmp_path: Path, secret: str, whose: str) -> None:
    """Row 60: of a provider or of the proxy; named by file and line, with what to do; never repeated."""
    (tmp_path / "config.toml").write_text(CONFIG)
    environment = {"MY_SERVER_KEY": KEY, "MY_PROXY_LOGIN": f"me:{PROXY}"}
    clean = report(tmp_path, environment)
    assert clean["canary"]["found"] == clean["keys_in_use"]["found"] == []
    assert clean["keys_in_use"]["keys"] == 2
    assert clean["keys_in_use"]["files"] >= 1
    assert "advice" not in clean["keys_in_use"]
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / "old.log").write_text(f"first\nheader {secret}\n")
    found = report(tmp_path, environment)["keys_in_use"]
    assert found["found"] == [f"the key of {whose} is in {tmp_path}/logs/old.log, line 2, as it is"]
    assert "Make a new key" in found["advice"]


@pytest.mark.reliability(60)
def test_keys_of_the_environment_are_hidden_before_anything_asks_for_one(tmp_path: Path) -> None:
    """Row 60: also what breaks before the first request can't write one down."""
    (tmp_path / "config.toml").write_text(CONFIG)
    redactor = Redactor()
    around = Surroundings(
        paths=Paths.from_environment({"CORT_DESKTOP_HOME": str(tmp_path)}),
        environment={
            "MY_SERVER_KEY": f"{KEY}-mine\n",
            "OPENAI_API_KEY": "other-canary-123",
            "HOME": "/home/me",
        },
        redactor=redactor,
    )

    async def main() -> None:
        async with open_app(around, with_defaults=False):
            pass

    run(main())
    assert sorted(redactor.keys) == ["other-canary-123", f"{KEY}-mine"]
    assert logging.getLogger("canary").handlers == []
