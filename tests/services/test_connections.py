"""Testing a provider against a real server: each trouble in its place, in words that say what to do."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import ProviderError, SettingsError
from cort_desktop.services import connections
from cort_desktop.services.connections import ConnectionReport
from tests.fakes.loops import LoopClock, run
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
        (body_reply("words", content_type="text/plain"), "models", "no model service"),
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


def certificate(tmp_path: Path, kind: str) -> tuple[ssl.SSLContext, trustme.CA]:
    """A server's side of TLS with one fault, and who signed it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    now = datetime.now(UTC)
    match kind:
        case "self_signed":
            _self_signed(tmp_path, tls)
        case "expired":
            authority.issue_cert("127.0.0.1", not_after=now - timedelta(days=1)).configure_cert(tls)
        case "not_yet_valid":
            authority.issue_cert("127.0.0.1", not_before=now + timedelta(days=2)).configure_cert(tls)
        case "wrong_host":
            authority.issue_cert("other.example.org").configure_cert(tls)
        case _:
            authority.issue_cert("127.0.0.1").configure_cert(tls)
    return tls, authority


def _self_signed(folder: Path, tls: ssl.SSLContext) -> None:
    """A certificate for 127.0.0.1 that nobody but itself signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "own.crt").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "own.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    tls.load_cert_chain(folder / "own.crt", folder / "own.key")


@pytest.mark.reliability(4)
@pytest.mark.parametrize(
    ("kind", "words", "advice"),
    [
        ("expired", "Its certificate has expired", "date is wrong"),
        ("not_yet_valid", "is not valid yet", "date and time"),
        ("wrong_host", "is for another name", "slip in the address"),
        ("self_signed", "signed by nobody but itself", "ca_file"),
        ("unknown_authority", "Nobody this computer knows vouches for", "reads along"),
    ],
)
def test_row_4_each_fault_of_a_certificate_by_its_name(
    tmp_path: Path, kind: str, words: str, advice: str
) -> None:
    tls, authority = certificate(tmp_path, kind)
    config = ""
    if kind not in ("unknown_authority", "self_signed"):
        bundle = tmp_path / "authority.pem"
        authority.cert_pem.write_to_path(str(bundle))
        config = f'[network]\nca_file = "{bundle}"\n'

    async def main() -> tuple[ConnectionReport, int]:
        async with ScriptedServer([], tls=tls) as server:
            provider = ProviderSettings(name="new", kind="openai", base_url=server.base_url)
            async with ProvidersDesk(tmp_path, config) as desk:
                report = await desk.preferences.test_connection(provider, KEY)
                await asyncio.sleep(0.05)
                return report, len(server.requests)

    report, requests = run(main())
    assert report.trouble is not None
    assert (report.trouble.name, requests) == ("connection", 0)
    assert words in report.trouble.words
    assert "Nothing was sent." in report.trouble.words
    assert advice in report.trouble.advice


def test_https_where_there_is_none(tmp_path: Path) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def main() -> ConnectionReport:
        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            provider = ProviderSettings(name="new", kind="openai", base_url=f"https://127.0.0.1:{port}/v1")
            async with ProvidersDesk(tmp_path) as desk:
                report = await desk.preferences.test_connection(provider)
            await asyncio.sleep(0.05)
            return report

    report = run(main())
    assert report.trouble is not None
    assert "does not speak https" in report.trouble.words


@pytest.mark.parametrize(
    ("path", "right"),
    [("", "/v1"), ("/v1/chat/completions", "/v1"), ("/wrong", "/v1"), ("/v1/models", "/v1")],
)
def test_the_likely_address_is_tried_and_named(tmp_path: Path, path: str, right: str) -> None:
    """Most slips are a missing /v1, or one that is too much."""

    def answer(request: Request) -> Reply:
        if request.path != "/v1/models":
            return status_reply(404)
        return models_reply("a", "b") if authorised(request) else status_reply(401)

    report, requests = trial_of(tmp_path, answer, path=path)
    assert report.trouble is not None
    assert (report.trouble.name, report.better_address.endswith(right)) == ("address", True)
    assert f"but at {report.better_address}, with 2 models." in report.trouble.words
    assert len({request.headers["host"] for request in requests}) == 1


def test_a_service_that_is_nowhere_stays_not_found(tmp_path: Path) -> None:
    report, requests = trial_of(tmp_path, lambda _: status_reply(404), path="")
    assert report.trouble is not None
    assert (report.trouble.name, report.better_address, len(requests) <= 8) == ("models", "", True)


@pytest.mark.reliability(27)
def test_row_27_a_login_page(tmp_path: Path) -> None:
    page = body_reply("<html>Log in</html>", content_type="text/html")
    report, _ = trial_of(tmp_path, lambda _: page)
    assert report.trouble is not None
    assert "A web page came instead of an answer" in report.trouble.words
    assert "in a browser" in report.trouble.advice
    assert "Log in" in report.trouble.detail


@pytest.mark.reliability(28)
def test_row_28_a_redirect_is_not_followed_and_its_target_is_named(tmp_path: Path) -> None:
    async def main() -> tuple[ConnectionReport, int]:
        async with ScriptedServer(lambda _: models_reply("a")) as second:
            moved = status_reply(302, headers={"Location": f"{second.base_url}/models"})
            async with ScriptedServer(lambda _: moved) as first, ProvidersDesk(tmp_path) as desk:
                provider = ProviderSettings(name="new", kind="openai", base_url=first.base_url)
                report = await desk.preferences.test_connection(provider, KEY)
                assert report.trouble is not None
                assert second.origin in report.trouble.detail
                return report, len(second.requests)

    report, followed = run(main())
    assert report.trouble is not None
    assert (report.trouble.name, followed) == ("address", 0)


@pytest.mark.parametrize(
    ("status", "words"), [(407, "A proxy on the way"), (511, "The network wants a login")]
)
def test_what_stands_in_between(tmp_path: Path, status: int, words: str) -> None:
    report, _ = trial_of(tmp_path, lambda _: status_reply(status))
    assert report.trouble is not None
    assert words in report.trouble.words


def test_the_key_of_another_service_is_not_sent(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            report = await desk.preferences.test_connection(
                Settings().provider("openai"), "sk-ant-api03-canary-0123456789"
            )
            assert report.trouble is not None
            assert report.trouble.words == (
                "The key looks like one of Anthropic, and this is OpenAI; it was not sent."
            )
            assert desk.preferences.hosts().contacted == ()

    run(main())


def test_a_model_that_the_settings_name_and_the_service_lacks(tmp_path: Path) -> None:
    async def main() -> ConnectionReport:
        async with ScriptedServer(lambda _: models_reply("fast-2", "big")) as server:
            provider = ProviderSettings(
                name="new", kind="openai", base_url=server.base_url, models=("big", "fast")
            )
            async with ProvidersDesk(tmp_path) as desk:
                return await desk.preferences.test_connection(provider)

    step = next(step for step in run(main()).steps if step.name == "models")
    assert step.state == "doubt"
    assert step.words == '2 models, but not “fast” (did you mean "fast-2"?), which the settings name.'


def test_a_clock_that_is_wrong(tmp_path: Path) -> None:
    def answer(skew: timedelta) -> Callable[[Request], Reply]:
        def reply(_request: Request) -> Reply:
            # The desk's clock begins at EPOCH plus the loop's own time.
            told = LoopClock().now() + skew
            return json_reply({"data": [{"id": "a"}]}, headers={"Date": format_datetime(told, usegmt=True)})

        return reply

    report, _ = trial_of(tmp_path, answer(timedelta(hours=-3)), key=None)
    assert (report.steps[1].state, "differ by 3 hours" in report.steps[1].words) == ("doubt", True)
    report, _ = trial_of(tmp_path, answer(timedelta(minutes=2)), key=None)
    assert report.steps[1].state == "good"


def test_a_proxy_of_the_environment_is_named_when_nothing_can_be_reached() -> None:
    async def refused(_provider: ProviderSettings, _key: str | None) -> Any:
        raise ProviderError("far could not be reached.", kind="timeout", sent=False)

    far = ProviderSettings(name="far", kind="openai", base_url="https://far.example.org/v1")
    asking = connections.Asking(models=refused, account=refused, proxies=("HTTPS_PROXY",))
    report = run(connections.test(far, asking, key=connections.Credentials(), named=()))
    assert report.trouble is not None
    assert "HTTPS_PROXY names a proxy: enter it in the network settings" in report.trouble.advice


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
