"""What a front end gets: the services, and a way to close them all."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.services.attachments import Attachments
from cort_desktop.services.chat import ChatService
from cort_desktop.services.doctor import Doctor
from cort_desktop.services.library import LibraryService
from cort_desktop.services.preferences import PreferencesService


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The program without a front end. ``notices`` are sentences to show at the start."""

    chat: ChatService
    library: LibraryService
    attachments: Attachments
    preferences: PreferencesService
    doctor: Doctor
    notices: tuple[str, ...] = ()
