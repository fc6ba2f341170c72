"""Who was contacted: every host this process sent anything to, and what each configured provider would mean.

The record is filled where requests leave, before they do; so a host that never answered is in it too. It
lasts as long as the process. Not here: what was sent (each run's own log has that).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from cort_desktop.domain.addresses import is_loopback
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import ProviderSettings

PACKAGE_INDEX = "the package index that pip is set to"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostContact:
    """One host that requests were sent to. ``origin`` is scheme, host and port."""

    origin: str
    provider: str
    first: datetime
    last: datetime
    requests: int

    @property
    def is_local(self) -> bool:
        """Whether that is this very computer."""
        return is_loopback(urlsplit(self.origin).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWanted:
    """A host that using a provider would contact; ``origin`` is empty where nothing leaves this computer."""

    provider: str
    origin: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Everything there is to say: contacted since ``since``, newest first, and what would be."""

    since: datetime
    contacted: tuple[HostContact, ...]
    wanted: tuple[HostWanted, ...]


class HostRecord:
    """The contacts of this process, by provider and origin."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], HostContact] = {}
        self.since = clock.now()

    def saw(self, provider: str, origin: str) -> None:
        """A request to ``origin`` is about to leave."""
        now = self._clock.now()
        before = self._seen.get((provider, origin))
        if before is None:
            contact = HostContact(origin=origin, provider=provider, first=now, last=now, requests=1)
        else:
            contact = replace(before, last=now, requests=before.requests + 1)
        self._seen[provider, origin] = contact

    def look(self, providers: Iterable[ProviderSettings]) -> Hosts:
        """What was contacted, and what ``providers`` would contact."""
        contacted = sorted(self._seen.values(), key=lambda each: each.last, reverse=True)
        wanted = tuple(HostWanted(provider=p.name, origin=p.origin, words=_words(p)) for p in providers)
        return Hosts(since=self.since, contacted=tuple(contacted), wanted=wanted)


def _words(provider: ProviderSettings) -> str:
    if provider.kind == "builtin":
        return (
            "Runs in a process of its own on this computer. Only installing its file contacts anyone: "
            f"{PACKAGE_INDEX}, or without pip the address of the file in resources/models.toml."
        )
    if provider.is_local:
        return "A server on this computer; what it does with a question is its own matter."
    plain = "" if provider.origin.startswith("https:") else ", unencrypted"
    when = "its key is set and " if provider.needs_key else ""
    return (
        f"Once {when}you choose one of its models or list them: your key, and with each question the "
        f"conversation, its files and the candidates that judges compare{plain}."
    )
