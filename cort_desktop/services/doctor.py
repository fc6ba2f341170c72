"""What one needs to know when something does not work, as plain data without a secret in it.

Only looks: makes no folder, writes no setting, and asks no provider that the person has not set up.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cort_desktop.domain.health import ProviderHealth
from cort_desktop.errors import CortError
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.preferences import PreferencesService

DISTRIBUTIONS = (
    "aiohttp", "apsw", "httpx", "httpx-aiohttp", "keyring", "prompt-toolkit", "rich", "tiktoken", "xllamacpp",
)  # fmt: skip

Look = Callable[[], Mapping[str, Any]]
"""Looks at one part of the program, on a thread; raises CortError with what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFact:
    """One folder: what it holds, in bytes and files. ``exists`` is False when it was never needed."""

    name: str
    path: Path
    bytes: int
    files: int
    exists: bool


class Doctor:
    """Looks at everything once per report."""

    def __init__(
        self,
        *,
        app_version: str,
        preferences: PreferencesService,
        folders: Mapping[str, Path],
        looks: Mapping[str, Look],
        key_safety: Callable[[], Awaitable[Mapping[str, Any]]],
        last_errors: Callable[[], list[str]],
        clean: Callable[[str], str],
    ) -> None:
        """``looks`` adds parts of the report by name (database, built-in model); ``clean`` takes keys out.

        key_safety: tries whether a key gets out, and looks whether one did.
        """
        self._app_version = app_version
        self._preferences = preferences
        self._folders = folders
        self._looks = looks
        self._key_safety = key_safety
        self._last_errors = last_errors
        self._clean = clean

    async def report(self) -> dict[str, Any]:
        """The whole report, ready for JSON."""
        keys = {
            each.provider: {"where": each.where, "for": each.origin, "note": each.note}
            for each in await self._preferences.keys()
        }
        loaded = self._preferences.loaded
        report = {
            "app": self._app_version,
            "python": platform.python_version(),
            "platform": await asyncio.to_thread(platform.platform),
            "versions": await asyncio.to_thread(_versions),
            "folders": await asyncio.to_thread(lambda: {n: _folder(f) for n, f in self._folders.items()}),
            "settings": {
                "file": str(loaded.path),
                "exists": loaded.path.is_file(),
                "problems": list(loaded.problems),
                "warnings": list(loaded.warnings),
            },
            "key_store": await self._key_store(),
            "keys": keys,
            "providers": await self._providers(),
            "health": {each.provider: _health(each) for each in self._preferences.health()},
            **{name: await asyncio.to_thread(_seen, look) for name, look in self._looks.items()},
            "key_safety": await self._key_safety(),
            "last_errors": await asyncio.to_thread(self._last_errors),
        }
        cleaned: dict[str, Any] = self._cleaned(report)
        return cleaned

    async def storage_facts(self) -> tuple[StorageFact, ...]:
        """What the folders of this program hold, each without the others that lie inside it."""
        return await asyncio.to_thread(_storage_facts, self._folders)

    async def _key_store(self) -> dict[str, Any]:
        store = await self._preferences.key_store()
        problem = f"The system key store can't be used: {store.problem}." if store.problem else None
        return {"name": store.name, "problem": problem}

    async def _providers(self) -> dict[str, Any]:
        listed = await self._preferences.models()
        reports = await asyncio.gather(*(self._tested(each) for each in listed))
        return {each.provider: report for each, report in zip(listed, reports, strict=True)}

    async def _tested(self, listed: ProviderModels) -> dict[str, Any]:
        """How a provider can be reached; one that was not asked for its models is not asked here either."""
        facts: dict[str, Any] = {
            "reachable": listed.reachable,
            "error": listed.error,
            "models": len(listed.models),
        }
        if listed.error is None and listed.source != "remembered":
            return facts
        if listed.reachable is None and listed.source != "remembered":
            return facts
        report = await self._preferences.test_connection(self._preferences.settings.provider(listed.provider))
        doubts = [step for step in report.steps if step.state in ("bad", "doubt")]
        told = [" ".join(filter(None, (f"{step.name}: {step.words}", step.advice))) for step in doubts]
        facts["reachable"] = report.works
        return facts | ({"trouble": told} if told else {})

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): self._cleaned(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._cleaned(inner) for inner in value]
        return value if isinstance(value, int | float | None) else self._clean(str(value))


def _health(provider: ProviderHealth) -> dict[str, Any]:
    """How a provider fares in this process, and what keeps its models from being asked."""
    return {
        "places": provider.places,
        "running": provider.running,
        "waiting": provider.waiting,
        "staggered": provider.is_staggered,
        "retry_tokens": round(provider.retry_tokens, 2),
        "paused": {
            each.model: {
                "state": each.state,
                "since": each.since.isoformat(timespec="seconds"),
                "next_probe": each.next_probe and each.next_probe.isoformat(timespec="seconds"),
                "failures": f"{each.failures} of {each.requests} in the last minute",
                "reason": each.reason,
            }
            for each in provider.trouble
        },
    }


def _versions() -> dict[str, str | None]:
    """Of the libraries that matter, without importing them; None for one that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    apsw = found["apsw"]
    # apsw carries its own SQLite and is numbered after it.
    found["sqlite"] = ".".join(apsw.split(".")[:3]) if apsw else None
    return found


def _folder(folder: Path) -> dict[str, Any]:
    """Whether a folder is there, can really be written, and how much room its disk has."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    facts: dict[str, Any] = {
        "path": str(folder),
        "exists": there == folder,
        "writable": False,
        "free_bytes": None,
    }
    if there is None:
        return facts
    try:
        facts["free_bytes"] = shutil.disk_usage(there).free
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"x")
        facts["writable"] = True
    except OSError as error:
        facts["problem"] = error.strerror or type(error).__name__
    return facts


def _storage_facts(folders: Mapping[str, Path]) -> tuple[StorageFact, ...]:
    places = set(folders.values())
    return tuple(_held(name, folder, places - {folder}) for name, folder in folders.items())


def _held(name: str, folder: Path, others: Collection[Path]) -> StorageFact:
    """The size of what lies in a folder. What can't be looked at or vanishes meanwhile is not counted."""
    total = files = 0
    for place, inner, names in os.walk(folder):
        inner[:] = [each for each in inner if Path(place, each) not in others]
        for each in names:
            with suppress(OSError):
                total += Path(place, each).lstat().st_size
                files += 1
    return StorageFact(name=name, path=folder, bytes=total, files=files, exists=folder.is_dir())


def _seen(look: Look) -> dict[str, Any]:
    try:
        return dict(look())
    except CortError as error:
        return {"problem": str(error)}
