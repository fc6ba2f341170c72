"""``models list``: where each list is from, of when, what is found, and all of it as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from cort_desktop.domain.budget import FREE, Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.services.local_models import FoundServer
from cort_desktop.services.model_lists import ProviderModels
from tests.fakes.front_app import FakeApp
from tests.terminal.test_commands import run

AT = datetime(2026, 11, 12, 9, 30).astimezone()
PRICE = Price(input=Decimal("2.5"), output=Decimal(10), cached_input=Decimal("1.25"))
GPT = ModelProfile(ref=ModelRef("openrouter/openai/gpt-4o"), context_tokens=128_000, price=PRICE, tools=True)
GEMMA = ModelProfile(ref=ModelRef("openrouter/google/gemma-3"), context_tokens=8192, price=FREE)
LAST = ProviderModels(
    provider="openrouter",
    reachable=False,
    error="openrouter could not be reached.",
    models=(GPT, GEMMA),
    source="remembered",
    as_of=AT,
)
AWAY = ProviderModels(provider="ollama", reachable=False, error="Nothing answers.")
STUDIO = LocalServer(sort="lm_studio", base_url="http://127.0.0.1:1234/v1", models=("a", "b"))


def app(*lists: ProviderModels, found: tuple[FoundServer, ...] = ()) -> FakeApp:
    made = FakeApp()

    async def models(*, refresh: bool = False) -> list[ProviderModels]:
        made.preferences.refreshed = refresh
        return list(lists)

    made.preferences.models = models  # type: ignore[method-assign]
    made.preferences.local = found
    return made


def test_the_last_list_of_a_service_that_is_away_has_its_date() -> None:
    code, streams = run(app(LAST, AWAY), "models")
    assert code == 0
    assert streams.out == (
        "openrouter: 2 models, as of 12 Nov 2026 09:30; the service can't be reached now: "
        "openrouter could not be reached.\n"
        "  openrouter/openai/gpt-4o  128.0k context · $2.5 in, $10 out per million tokens\n"
        "  openrouter/google/gemma-3  8.2k context · free\n"
        "ollama: Nothing answers.\n"
    )


def test_where_a_list_is_from() -> None:
    fresh = replace(LAST, reachable=None, error=None, models=(GEMMA,))
    named = ProviderModels(provider="mine", reachable=None, models=(), source="settings")
    _, streams = run(app(fresh, named), "models list")
    assert "openrouter: 1 model, as of 12 Nov 2026 09:30; --refresh asks again\n" in streams.out
    assert "mine: 0 models, named in the settings\n" in streams.out


def test_search_and_refresh() -> None:
    made = app(LAST, AWAY)
    _, streams = run(made, "models list --search GPT4o --refresh")
    assert made.preferences.refreshed is True
    assert "gpt-4o" in streams.out
    assert "gemma" not in streams.out
    assert "ollama" not in streams.out
    _, streams = run(app(LAST, AWAY), "models list --search nothing")
    assert (streams.out, streams.err) == ("", "No model was found for “nothing”.\n")


def test_as_json() -> None:
    _, streams = run(app(LAST, AWAY), "models list --json")
    first, second = json.loads(streams.out)
    assert (first["provider"], first["reachable"], first["source"]) == ("openrouter", False, "remembered")
    assert first["as_of"].startswith("2026-11-1")
    assert first["models"][0] == {
        "ref": "openrouter/openai/gpt-4o",
        "context": 128_000,
        "price": {"input": 2.5, "output": 10.0, "cached_input": 1.25, "cache_write": None, "reasoning": None},
        "price_source": None,
        "tools": True,
        "reasoning": None,
        "json_schema": True,
        "left_out": [],
    }
    assert (second["models"], second["as_of"]) == ([], None)


def test_a_server_that_is_not_set_up_is_named_beside_the_list() -> None:
    provider = ProviderSettings(name="lm-studio", kind="openai", base_url=STUDIO.base_url)
    new = FoundServer(server=STUDIO, provider=provider)
    _, streams = run(app(AWAY, found=(new, replace(new, added_as="mine"))), "models")
    assert streams.out == "ollama: Nothing answers.\n"
    assert streams.err == (
        "LM Studio answers at http://127.0.0.1:1234/v1 and has 2 models; to use it, write this into "
        "config.toml:\n"
        '  [providers.lm-studio]\n  kind = "openai"\n  base_url = "http://127.0.0.1:1234/v1"\n'
    )


def test_a_file_of_ones_own_is_installed_under_its_name() -> None:
    made = FakeApp()

    async def install(_name: str, _progress: object) -> ModelRef:
        return ModelRef("builtin/mine")

    made.preferences.install_model = install  # type: ignore[method-assign, assignment]
    assert (
        run(made, "models install /models/Mine.gguf")[1].err
        == "/models/Mine.gguf is installed, as builtin/mine.\n"
    )
