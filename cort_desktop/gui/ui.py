"""What every part of the window is given: the services, and the few things that all of it shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cort_desktop.domain.clock import Clock
from cort_desktop.gui.actions import Actions
from cort_desktop.gui.notices import Notices
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.run_feeds import RunFeeds
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.undo import UndoStack
from cort_desktop.gui.veil import Veil
from cort_desktop.services.app import App


@dataclass(frozen=True, slots=True, kw_only=True)
class Ui:
    """Made once, by ``application``; parts keep it and pass it on."""

    app: App
    theme: Theme
    pulse: Pulse
    tasks: Tasks
    actions: Actions
    notices: Notices
    feeds: RunFeeds
    clock: Clock
    resources: Path
    undo: UndoStack = field(default_factory=UndoStack)
    veil: Veil = field(default_factory=Veil)
