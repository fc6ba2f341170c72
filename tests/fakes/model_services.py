"""The ways model services are asked, for a PreferencesService of a test: what is not passed in is refused."""

from __future__ import annotations

from typing import Any

from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.providers.account import Account
from cort_desktop.services.local_models import LocalAsking
from cort_desktop.services.preferences import Services


async def _no_account(_provider: ProviderSettings, _key: str | None) -> Account | None:
    return None


async def _no_models(provider: ProviderSettings, _key: str | None) -> tuple[ModelProfile, ...]:
    raise AssertionError(f"{provider.name} was asked for its models")


async def _refused(*arguments: Any) -> Any:
    raise AssertionError(f"nobody expected {arguments}")


async def _nothing() -> None:
    pass


def services(**given: Any) -> Services:
    """Some of them; the settings may change without anyone to adopt them."""
    parts: dict[str, Any] = {
        "listed": _no_models,
        "account": _no_account,
        "tried": _refused,
        "told": lambda _ref: None,
        "adopt": _nothing,
        "builtin": list,
        "remembered": lambda _provider: None,
        "health": tuple,
    }
    local: dict[str, Any] = {
        "install": _refused,
        "pull": _refused,
        "found": _refused,
        "own": list,
        "checked": _refused,
    }
    local = {name: given.pop(name, part) for name, part in local.items()}
    return Services(**(parts | {"local": LocalAsking(**local)} | given))
