"""Which system key store is there: only those that keep secrets safe are ever used.

``keyring`` would also take any plug-in that happens to be installed, plain files among them; so its backends
are chosen here, by name, and nothing else is loaded. A person's own choice (``PYTHON_KEYRING_BACKEND``, or
keyring's configuration file) is followed among the safe ones, and otherwise means: no key store.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cort_desktop.errors import StorageError

SAFE: Mapping[str, str] = {
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service through libsecret",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
}
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_OF_SYSTEM = {"darwin": ("keyring.backends.macOS.",), "win32": ("keyring.backends.Windows.",)}
_ELSEWHERE = ("keyring.backends.SecretService.", "keyring.backends.libsecret.", "keyring.backends.kwallet.")


class Backend(Protocol):
    """What is used of a keyring backend. Any call may block, and may raise anything."""

    def get_password(self, service: str, username: str) -> str | None:
        """The stored text, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a text."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete a text; raises when there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBackend:
    """A key store with the name a person knows it by."""

    name: str
    backend: Backend


def open_backend(environment: Mapping[str, str]) -> NamedBackend:
    """The best safe key store of this system. Blocks, so it belongs on a worker thread.

    Raises StorageError with half a sentence when there is none.
    """
    chosen = environment.get("PYTHON_KEYRING_BACKEND") or _configured()
    if chosen and chosen != _CHAINER:
        return _open_chosen(chosen)
    folders = _OF_SYSTEM.get(sys.platform, _ELSEWHERE)
    viable = [found for name in SAFE if name.startswith(folders) if (found := _viable(name)) is not None]
    if not viable:
        raise StorageError("this system has no key store that could be reached")
    _, name, kind = max(viable, key=lambda each: each[0])
    return NamedBackend(name=SAFE[name], backend=_quiet(name, kind()))


def _open_chosen(name: str) -> NamedBackend:
    if name not in SAFE:
        raise StorageError(f"keyring is set to use {name}, which is no safe key store")
    found = _viable(name)
    if found is None:
        raise StorageError(f"keyring is set to use {name}, which can't be reached")
    return NamedBackend(name=SAFE[name], backend=_quiet(name, found[2]()))


class _Quiet:
    """A Secret Service that a mere look doesn't ask to make a keyring, with a prompt for its password."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def get_password(self, service: str, username: str) -> str | None:
        return self._backend.get_password(service, username) if self._has_keyring() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._backend.set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._backend.delete_password(service, username)

    def _has_keyring(self) -> bool:
        import secretstorage

        bus = secretstorage.dbus_init()
        try:
            secretstorage.Collection(bus)
        except secretstorage.ItemNotFoundException:
            return False
        finally:
            bus.close()
        return True


def _quiet(name: str, backend: Backend) -> Backend:
    return _Quiet(backend) if name == "keyring.backends.SecretService.Keyring" else backend


def _viable(name: str) -> tuple[float, str, Any] | None:
    """Priority, name and class of a backend, when it can be used here."""
    module, _, kind_name = name.rpartition(".")
    kind = getattr(importlib.import_module(module), kind_name)
    return (float(kind.priority), name, kind) if kind.viable else None


def _configured() -> str | None:
    """The backend named in keyring's own configuration file. The search path for plug-ins is not followed."""
    import configparser

    from keyring.util.platform_ import config_root

    with contextlib.suppress(OSError, RuntimeError, UnicodeDecodeError, configparser.Error):
        written = configparser.RawConfigParser()
        written.read(config_root() / "keyringrc.cfg", encoding="utf-8")
        return written.get("backend", "default-keyring").strip() or None
    return None
