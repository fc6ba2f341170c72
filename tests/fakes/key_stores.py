"""Key stores for tests: one that works, and one for each way they are known to go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cort_desktop.storage.key_backends import NamedBackend


class WorkingBackend:
    """Keeps entries in memory."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls += 1
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.calls += 1
        del self.entries[service, username]


class NullBackend(WorkingBackend):
    """Says yes to everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls += 1


class ManglingBackend(WorkingBackend):
    """Cuts what is longer than one entry may be, as some stores do."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:40])


class FailingBackend(WorkingBackend):
    """Raises what no one documented."""

    def get_password(self, service: str, username: str) -> str | None:
        raise LookupError("the wallet is closed")


class LeakyBackend(WorkingBackend):
    """Fails to write and to delete, and says so with the secret in its message."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise LookupError(f"could not store {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise LookupError(f"could not delete {self.entries[service, username]}")


class HangingBackend(WorkingBackend):
    """Blocks, as at an unlock prompt that nobody answers, until ``released``."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.released = threading.Event()
        self.entered = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.entered += 1
        self.asked.set()
        self.released.wait(300)
        return super().get_password(service, username)


def named(backend: WorkingBackend) -> Callable[[], NamedBackend]:
    """How the key store finds this backend."""
    return lambda: NamedBackend(name="test store", backend=backend)
