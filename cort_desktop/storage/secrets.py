"""Keys of services: from the environment, the system key store, or, honestly, for this session only.

Never in a plain file. Each stored key remembers the origin it was entered for, and is not given to another.
How the key store is asked without hanging is ``key_thread``'s, which one it is ``key_backends``'.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from cort_desktop.domain.key_owners import foreign_owner
from cort_desktop.domain.key_text import problem_of
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import SettingsError, StorageError
from cort_desktop.storage.key_backends import Backend, NamedBackend, open_backend
from cort_desktop.storage.key_notes import KeyNotes
from cort_desktop.storage.key_thread import KeyThread

SERVICE = "cort-desktop"
LONGEST_ENTRY = 1_280
"""What Windows keeps in one entry."""
LIMIT_S = 3.0
PlaceKind = Literal["environment", "system", "session", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where a key lives. ``detail`` names the variable or the store, ``note`` is for the person.

    origin: whom it is for and goes to, no other; of a kept key that was entered for another address, that
    one.
    """

    kind: PlaceKind
    detail: str = ""
    note: str = ""
    origin: str = ""

    @property
    def words(self) -> str:
        """The place in words."""
        if self.kind == "environment":
            return f"environment variable {self.detail}"
        if self.kind == "system":
            return f"system key store ({self.detail})"
        return "this session only" if self.kind == "session" else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key, or None, and where it was found. The key shows in no repr."""

    key: str | None = field(default=None, repr=False)
    place: KeyPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What one entry of a key store holds."""

    origin: str
    key: str = field(repr=False)

    def text(self) -> str:
        return json.dumps({"origin": self.origin, "key": self.key}, separators=(",", ":"))


class KeyStore:
    """All keys of this process. For use on one event loop."""

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        on_key: Callable[[str], None],
        backend: Callable[[], NamedBackend] | None = None,
        limit_s: float = LIMIT_S,
        notes: KeyNotes | None = None,
    ) -> None:
        """``on_key`` is told every key before it is used, so that it is kept out of all that is written.

        notes: remember between starts for whom a key is stored; without them the store is looked into.
        """
        self._environment = environment
        self._on_key = on_key
        self._thread = KeyThread(backend or partial(open_backend, environment), limit_s=limit_s)
        self._session: dict[str, _Entry] = {}
        self._notes = notes

    async def known(self, provider: ProviderSettings) -> KeyPlace:
        """Where the key lives, as far as that is known without the key store, which may be locked.

        It is looked into only when nobody has noted whether it holds one.
        """
        noted = None if self._notes is None else self._notes.origin(provider.name)
        if noted is None or not provider.takes_key or self.is_at_hand(provider):
            return await self.where(provider)
        if noted == provider.origin:
            return KeyPlace(kind="system", detail="not opened yet", origin=noted)
        note = _foreign(provider, noted) if noted else self._from_environment(provider)[1]
        return KeyPlace(kind="none", note=note, origin=noted)

    def is_at_hand(self, provider: ProviderSettings) -> bool:
        """Whether there is a key that can be had without the key store."""
        in_sight = self._from_environment(provider)[0] or self._from_session(provider)
        return provider.takes_key and in_sight is not None

    async def get(self, provider: ProviderSettings) -> FoundKey:
        """The key of a provider. Never raises for want of one: ``place.note`` says why there is none."""
        if not provider.takes_key:
            return FoundKey(place=KeyPlace(kind="none", note="needs no key"))
        found, note = self._from_environment(provider)
        if found is None:
            found = self._from_session(provider) or await self._from_store(provider, note)
        if found.key is None:
            return found
        self._on_key(found.key)
        doubt = _doubt(provider, found.key)
        return replace(found, place=replace(found.place, note=doubt)) if doubt else found

    async def where(self, provider: ProviderSettings) -> KeyPlace:
        """Where the key of a provider lives, or why there is none."""
        return (await self.get(provider)).place

    async def set(self, provider: ProviderSettings, key: str) -> KeyPlace:
        """Keep a key for a provider at its present address; ``note`` tells when it is for this session only.

        Raises SettingsError, before anything is written, when it can't be a key.
        """
        if not provider.takes_key:
            raise SettingsError(f"{provider.name} needs no key, so none was stored.")
        entry = _Entry(origin=provider.origin, key=_checked(provider.name, key))
        if len(entry.text()) > LONGEST_ENTRY:
            raise SettingsError(f"The key of {provider.name} with its address is too long to be kept.")
        self._on_key(entry.key)
        try:
            name = await self._thread.call(lambda store: _write(store, provider.name, entry.text()))
        except StorageError as error:
            self._session[provider.name] = entry
            note = " ".join(filter(None, (_session_note(provider, str(error)), _doubt(provider, entry.key))))
            return KeyPlace(kind="session", note=note, origin=entry.origin)
        self._session.pop(provider.name, None)
        self._note(provider.name, provider.origin)
        found, _ = self._from_environment(provider)
        hidden = f"The {found.place.words} is still looked at first." if found else ""
        note = " ".join(filter(None, (_doubt(provider, entry.key), hidden)))
        return KeyPlace(kind="system", detail=name, note=note, origin=entry.origin)

    def checked(self, provider: ProviderSettings, key: str) -> str:
        """A key that is about to be tried, kept out of all that is written from now on.

        Raises SettingsError when it can't be one.
        """
        key = _checked(provider.name, key)
        self._on_key(key)
        return key

    async def delete(self, provider_name: str) -> bool:
        """Forget a key; whether there was one. Raises SettingsError when the key store can't be reached."""
        had = self._session.pop(provider_name, None) is not None
        try:
            deleted = await self._thread.call(lambda store: _delete(store, provider_name))
        except StorageError as error:
            words = f"the key of {provider_name} could not be deleted from the system key store: {error}."
            words = f"This session has forgotten it, but {words}" if had else words[0].upper() + words[1:]
            raise SettingsError(words) from error
        self._note(provider_name, "")
        return deleted or had

    async def store_name(self) -> str:
        """The name of the system key store. Raises StorageError with half a sentence when there is none."""
        return await self._thread.call(lambda store: store.name)

    def _from_environment(self, provider: ProviderSettings) -> tuple[FoundKey | None, str]:
        note = ""
        for name in provider.key_variables:
            key = self._environment.get(name, "").strip()
            problem = problem_of(key) if key else None
            if problem:
                note = f"the environment variable {name} is not used: it {problem}"
            elif key:
                place = KeyPlace(kind="environment", detail=name, origin=provider.origin)
                return FoundKey(key=key, place=place), ""
        return None, note

    def _from_session(self, provider: ProviderSettings) -> FoundKey | None:
        entry = self._session.get(provider.name)
        if entry is None or entry.origin != provider.origin:
            return None
        return FoundKey(key=entry.key, place=KeyPlace(kind="session", origin=entry.origin))

    async def _from_store(self, provider: ProviderSettings, note: str) -> FoundKey:
        try:
            name, text = await self._thread.call(lambda store: (store.name, _read(store, provider.name)))
        except StorageError as error:
            return FoundKey(place=KeyPlace(kind="none", note=note or str(error)))
        entry = None if text is None else _parsed(text)
        self._note(provider.name, "" if entry is None else entry.origin)
        if text is None:
            return FoundKey(place=KeyPlace(kind="none", note=note))
        if entry is None:
            note = "the entry in the system key store was not written by this program; enter the key again"
            return FoundKey(place=KeyPlace(kind="none", note=note))
        if entry.origin != provider.origin:
            note = _foreign(provider, entry.origin)
            return FoundKey(place=KeyPlace(kind="none", note=note, origin=entry.origin))
        return FoundKey(key=entry.key, place=KeyPlace(kind="system", detail=name, origin=entry.origin))

    def _note(self, provider: str, origin: str) -> None:
        if self._notes is not None:
            self._notes.note(provider, origin)


def _foreign(provider: ProviderSettings, origin: str) -> str:
    return (
        f"the stored key was entered for {origin}, and is not given to {provider.origin}; enter the key of "
        "the new address"
    )


def _doubt(provider: ProviderSettings, key: str) -> str:
    """A warning about a key that by its looks belongs to another service; it is used all the same."""
    owners = foreign_owner(key, provider.base_url)
    if owners is None:
        return ""
    return f"It looks like a key of {owners[0]}, and {provider.name} is asked at an address of {owners[1]}."


def _read(store: NamedBackend, user: str) -> str | None:
    return store.backend.get_password(SERVICE, user)


def _write(store: NamedBackend, user: str, text: str) -> str:
    """Store and read back; the old entry is put back when that fails. Returns the store's name."""
    backend = store.backend
    old = backend.get_password(SERVICE, user)
    is_kept = False
    try:
        backend.set_password(SERVICE, user, text)
        is_kept = backend.get_password(SERVICE, user) == text
    finally:
        if not is_kept:
            _put_back(backend, user, old)
    if not is_kept:
        raise StorageError("it did not keep what was written")
    return store.name


def _put_back(backend: Backend, user: str, old: str | None) -> None:
    """What was there before, unless it is there still."""
    now = backend.get_password(SERVICE, user)
    if old is None and now is not None:
        backend.delete_password(SERVICE, user)
    elif old is not None and now != old:
        backend.set_password(SERVICE, user, old)


def _delete(store: NamedBackend, user: str) -> bool:
    if _read(store, user) is None:
        return False
    store.backend.delete_password(SERVICE, user)
    if _read(store, user) is not None:
        raise StorageError("it still holds the key")
    return True


def _parsed(text: str) -> _Entry | None:
    """An entry of ours, or None for any other text."""
    try:
        match json.loads(text):
            case {"origin": str(origin), "key": str(key)}:
                return _Entry(origin=origin, key=key)
            case _:
                return None
    except (ValueError, RecursionError):
        return None


def _checked(provider: str, key: str) -> str:
    """The key without the blanks around it. Raises SettingsError, which never repeats it."""
    key = key.strip()
    problem = problem_of(key)
    if problem:
        raise SettingsError(f"That can't be a key of {provider}: it {problem}. Nothing was changed.")
    return key


def _session_note(provider: ProviderSettings, reason: str) -> str:
    variable = provider.key_variables[0] if provider.key_variables else None
    keep = (
        f"set the environment variable {variable}"
        if variable
        else "name an environment variable as its key_env"
    )
    return (
        f"The system key store can't be used: {reason}. The key of {provider.name} is kept for this session "
        f"only, in memory, and is gone when the program ends; to keep it, {keep}."
    )
