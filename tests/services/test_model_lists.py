"""Lists of models: asked, remembered with their date, searched; and the key store left alone meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.services.model_lists import ProviderModels
from tests.fakes.loops import EPOCH, run
from tests.fakes.ollama import ollama
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import Reply, json_reply, models_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

KEY = "canary-0123456789-abcdefghij"


def by_key(request: Request) -> Reply:
    return models_reply("a") if request.headers.get("authorization") == f"Bearer {KEY}" else status_reply(401)


def mine(base_url: str, kind: str = "openai") -> ProviderSettings:
    return ProviderSettings(name="srv", kind=kind, base_url=base_url)  # type: ignore[arg-type]


def test_an_open_list_is_had_without_opening_the_key_store(tmp_path: Path) -> None:
    """A stored key made the system ask the person to unlock it when models were merely listed."""

    async def main() -> None:
        async with ScriptedServer(lambda _: models_reply("a")) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(mine(server.base_url))
            await desk.preferences.set_key("srv", KEY)
            desk.backend.calls = 0
            listed = await desk.preferences.models_of("srv")
            assert [profile.ref for profile in listed.models] == ["srv/a"]
            assert desk.backend.calls == 0
            assert "authorization" not in server.requests[0].headers

    run(main())


def test_a_list_behind_a_key_is_had_with_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(by_key) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(mine(server.base_url))
            await desk.preferences.set_key("srv", KEY)
            listed = await desk.preferences.models_of("srv")
            assert (listed.error, len(listed.models), len(server.requests)) == (None, 1, 2)
            await desk.preferences.delete_key("srv")
            desk.backend.calls = 0
            refused = await desk.preferences.models_of("srv")
            assert "wants a key and there is none" in (refused.error or "")
            assert desk.backend.calls == 0

    run(main())


def test_a_start_with_nothing_set_up_looks_into_the_store_once_in_all(tmp_path: Path) -> None:
    async def main() -> None:
        for calls in (3, 0):  # openai, openrouter, anthropic; then it is known that there is none
            async with ProvidersDesk(tmp_path) as desk:
                found = {each.provider: each for each in await desk.preferences.models()}
                assert "not asked without a key" in (found["openai"].error or "")
                assert desk.backend.calls == calls
                assert {contact.is_local for contact in desk.preferences.hosts().contacted} <= {True}

    run(main())


def test_the_last_list_is_shown_with_its_date_when_the_service_is_away(tmp_path: Path) -> None:
    entry = {"id": "m", "context_length": 1000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}

    async def main() -> None:
        server = ScriptedServer(lambda _: json_reply({"data": [entry]}))
        async with ProvidersDesk(tmp_path) as desk:
            async with server:
                await desk.preferences.set_provider(mine(server.base_url))
                asked = await desk.preferences.models_of("srv")
            assert (asked.source, asked.reachable, asked.as_of is not None) == ("asked", True, True)
            gone = await desk.preferences.models_of("srv")
            assert (gone.source, gone.reachable, gone.models) == ("remembered", False, asked.models)
            assert gone.as_of == asked.as_of
            assert "Is the server running?" in (gone.error or "")

    run(main())


def test_what_the_network_told_today_is_not_asked_for_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            far = ProviderSettings(name="far", kind="openai", base_url="https://far.example.org/v1")
            await desk.preferences.set_provider(far)
            told = (ModelProfile(ref=ModelRef("far/x")),)
            desk.models._known.remember(far.origin, told, EPOCH, passing=False)
            found = {each.provider: each for each in await desk.preferences.models()}
            assert (found["far"].source, found["far"].reachable, found["far"].as_of) == (
                "remembered",
                None,
                EPOCH,
            )
            assert [each.ref for each in found["far"].models] == ["far/x"]
            assert "https://far.example.org" not in [
                each.origin for each in desk.preferences.hosts().contacted
            ]

    run(main())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            "",
            [
                "o/openai/gpt-4o",
                "o/meta-llama/llama-3.2-1b",
                "ollama/llama3.2",
                "o/claude-opus",
                "o/google/gemma",
            ],
        ),
        ("GPT4O", ["o/openai/gpt-4o"]),
        ("llama 3.2", ["o/meta-llama/llama-3.2-1b", "ollama/llama3.2"]),
        ("anthropic", ["o/claude-opus"]),
        ("meta", ["o/meta-llama/llama-3.2-1b", "ollama/llama3.2"]),
        ("gem goo", ["o/google/gemma"]),
        ("nothing", []),
        (
            "--",
            [
                "o/openai/gpt-4o",
                "o/meta-llama/llama-3.2-1b",
                "ollama/llama3.2",
                "o/claude-opus",
                "o/google/gemma",
            ],
        ),
    ],
)
def test_search(words: str, found: list[str]) -> None:
    refs = [
        "o/openai/gpt-4o",
        "o/meta-llama/llama-3.2-1b",
        "ollama/llama3.2",
        "o/claude-opus",
        "o/google/gemma",
    ]
    listed = ProviderModels(
        provider="o", reachable=True, models=tuple(ModelProfile(ref=ModelRef(ref)) for ref in refs)
    )
    assert [profile.ref for profile in listed.matching(words).models] == found


def test_an_ollama_is_listed_and_asked_by_its_own_interface(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(ollama()) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(mine(server.base_url, "ollama"))
            (profile,) = (await desk.preferences.models_of("srv")).models
            assert (profile.ref, profile.context_tokens) == ("srv/llama3.2", 131072)
            assert profile.price is not None
            assert profile.price.is_free
            assert [request.path for request in server.requests] == ["/api/tags", "/api/show"]
            assert desk.models.handle(profile.ref).profile.context_tokens == 131072

    run(main())
