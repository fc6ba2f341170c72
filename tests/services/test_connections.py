"""Testing a provider against a real server: each trouble in its place, in words that say what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import SettingsError
from cort_desktop.services.connections import ConnectionReport
from tests.fakes.loops import run
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import Reply, Reset, Wait, body_reply, json_reply, models_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

KEY = "sk-canary-0123456789"
PRICED = json_reply({"data": [{
    "id": "m", "context_length": 1000, "pricing": {"prompt": "0.000001", "completion": "0.000002"},
}]})  # fmt: skip


def trial_of(
    folder: Path,
    answer: Callable[[Request], Reply],
    *,
    key: str | None = KEY,
    kind: str = "openai",
    path: str = "/v1",
) -> tuple[ConnectionReport, list[Request]]:
    async def main() -> tuple[ConnectionReport, list[Request]]:
        async with ScriptedServer(answer) as server:
            provider = ProviderSettings(name="new", kind=kind, base_url=server.origin + path)  # type: ignore[arg-type]
            async with ProvidersDesk(folder) as desk:
                return await desk.preferences.test_connection(provider, key), server.requests

    return run(main())


def states(report: ConnectionReport) -> dict[str, str]:
    return {step.name: step.state for step in report.steps}


def authorised(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {KEY}"


def test_a_service_that_wants_its_key(tmp_path: Path) -> None:
    report, _ = trial_of(tmp_path, lambda r: models_reply("a", "b") if authorised(r) else status_reply(401))
    assert states(report) == {
        "address": "good", "connection": "good", "key": "good", "models": "good", "credit": "unasked",
    }  # fmt: skip
    assert (report.works, report.trouble) == (True, None)
    assert [model.ref for model in report.models] == ["new/a", "new/b"]


def test_an_open_list_says_nothing_about_a_key(tmp_path: Path) -> None:
    report, requests = trial_of(tmp_path, lambda _: models_reply("a"))
    step = next(step for step in report.steps if step.name == "key")
    assert (step.state, len(requests)) == ("doubt", 2)
    assert "Try one of its models" in step.advice
    report, requests = trial_of(tmp_path, lambda _: models_reply("a"), key=None)
    assert (states(report)["key"], len(requests)) == ("good", 1)


def test_openrouter_tells_of_key_and_credit(tmp_path: Path) -> None:
    def answer(told: dict[str, Any]) -> Callable[[Request], Reply]:
        return lambda r: PRICED if r.path.endswith("/models") else json_reply({"data": told})

    report, requests = trial_of(tmp_path, answer({"limit": 10, "limit_remaining": 2.5}), kind="openrouter")
    assert [request.path for request in requests] == ["/v1/models", "/v1/key"]
    assert report.steps[-1].words == "2.50 US dollars are left on this key."
    (model,) = report.models
    assert (model.context_tokens, model.price is not None) == (1000, True)
    report, _ = trial_of(tmp_path, answer({"limit": 10, "limit_remaining": 0}), kind="openrouter")
    assert report.trouble is not None
    assert (report.trouble.name, report.trouble.words) == (
        "credit",
        "The limit of this key is used up (10.00 US dollars).",
    )
    report, _ = trial_of(tmp_path, answer({"is_free_tier": True}), kind="openrouter")
    assert states(report)["credit"] == "doubt"
    report, _ = trial_of(tmp_path, answer({"limit": None, "usage": 1.234}), kind="openrouter")
    assert "1.23 US dollars were used" in report.steps[-1].words


@pytest.mark.parametrize(
    ("reply", "step", "words"),
    [
        (status_reply(401), "key", "The key is not accepted."),
        (status_reply(403), "key", "The key is not accepted."),
        (status_reply(402), "credit", "There is no credit left."),
        (status_reply(404), "models", "not with a list of models"),
        (body_reply("<html>Log in</html>", content_type="text/html"), "models", "no model service"),
        (status_reply(503), "connection", "does not work right now"),
        (status_reply(429), "connection", "too many requests"),
        ([Wait(0.02), Reset()], "connection", "Nothing answers there."),
        (json_reply({"error": "no"}, status=418), "models", "not as expected"),
    ],
)
def test_each_trouble_in_its_place(tmp_path: Path, reply: Reply, step: str, words: str) -> None:
    report, _ = trial_of(tmp_path, lambda _: reply)
    assert report.trouble is not None
    assert (report.trouble.name, report.works) == (step, False)
    assert words in report.trouble.words
    assert report.trouble.advice
    assert KEY not in repr(report)


def test_no_model_and_no_key(tmp_path: Path) -> None:
    report, _ = trial_of(tmp_path, lambda _: models_reply())
    assert states(report)["models"] == "doubt"
    report, _ = trial_of(tmp_path, lambda _: status_reply(401), key=None)
    assert report.trouble is not None
    assert report.trouble.words == "It wants a key, and there is none."


def test_nothing_listens(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def main() -> ConnectionReport:
            provider = ProviderSettings(name="ollama", kind="ollama", base_url=f"http://127.0.0.1:{port}/v1")
            async with ProvidersDesk(tmp_path) as desk:
                return await desk.preferences.test_connection(provider)

        report = run(main())
    assert states(report) == {
        "address": "good", "connection": "bad", "key": "unasked", "models": "unasked", "credit": "unasked",
    }  # fmt: skip
    assert "ollama serve" in report.steps[1].advice


def test_a_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)

    async def main() -> tuple[ConnectionReport, int]:
        async with ScriptedServer([], tls=tls) as server:
            provider = ProviderSettings(name="new", kind="openai", base_url=server.base_url)
            async with ProvidersDesk(tmp_path) as desk:
                report = await desk.preferences.test_connection(provider, KEY)
                await asyncio.sleep(0.05)
                return report, len(server.requests)

    report, requests = run(main())
    assert report.trouble is not None
    assert (report.trouble.name, requests) == ("connection", 0)
    assert "certificate is not valid" in report.trouble.words


def test_what_is_not_asked_at_all(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            test = desk.preferences.test_connection
            far = ProviderSettings(name="new", kind="openai", base_url="http://169.254.169.254/v1")
            report = await test(far)
            assert report.trouble is not None
            assert (report.trouble.name, "metadata" in report.trouble.words) == ("address", True)
            report = await test(Settings().provider("openai"))
            assert report.trouble is not None
            assert (report.trouble.name, report.trouble.words) == ("key", "There is no key.")
            report = await test(Settings().provider("builtin"))
            assert report.works
            assert [model.ref for model in report.models] == ["builtin/smollm2-135m"]
            with pytest.raises(SettingsError, match="can't be a key"):
                await test(far, "two words")
            assert desk.preferences.hosts().contacted == ()

    run(main())
