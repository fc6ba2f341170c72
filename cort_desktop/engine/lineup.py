"""How the engine reaches a model: its profile beside the seam it is asked through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.calls import ChatModel
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile


def _at_hand() -> None:
    """Most models are services that run already."""


def _nothing_held() -> None:
    """Nothing is ever held against a model that has no memory of failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHandle:
    """A model that can be asked, with what is known of it.

    launch: lets a model that takes a while to get ready begin with that; returns at once. It is called before
    the first request of a run, never for a look at the profile only.
    fallbacks: the models that may answer in its place; a completion names the one that did.
    room: how many calls at once are useful now, where that is learned while asking.
    forgive: a person asks again, so what was held against it and its fallbacks (a key, missing credit, a
    service that kept failing) may have been mended: the next call is sent.
    """

    profile: ModelProfile
    chat: ChatModel
    launch: Callable[[], None] = _at_hand
    fallbacks: tuple[ModelProfile, ...] = ()
    room: Callable[[], int] | None = None
    forgive: Callable[[], None] = _nothing_held

    @property
    def places(self) -> int:
        """How many calls at once are useful."""
        return self.profile.concurrency if self.room is None else self.room()


Models = Callable[[ModelRef], ModelHandle]
"""Finds a model by reference. Raises SettingsError when its provider is not set up."""
