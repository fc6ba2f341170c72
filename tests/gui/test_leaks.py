"""A long day at the window: what was opened and closed a hundred times leaves nothing behind.

What is there is counted by its class once every way has been gone a few times, and again at the end, on the
same conversation each time: the two counts are equal.
"""

import asyncio
import gc
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from shiboken6 import isValid

from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import at_rest
from tests.fakes.window import Gui, until
from tests.gui.library.seeds import Seed, fill

SETTLED = 20
EVERY = 20
"""After so many conversations a new one is begun, something is looked for and the settings are looked at."""
ANSWER = """## What it is

The filter has **no index** that covers the sort:

```sql
CREATE INDEX jobs_open ON jobs (created_at);
```

| step | rows |
|:-----|-----:|
| scan | 1000 |

The cost is $n \\log n$. See [the manual](https://example.com).
"""
SEEDS = [
    Seed(title=f"Talk {number}", question=f"Why {number}?", answer=f"{ANSWER}\n{number}.", loser="Not so.")
    for number in range(5)
]


class Standing(NamedTuple):
    """Widgets and all that the window owns, by class; how many timers run, and runs and tasks there are."""

    widgets: Counter[str]
    owned: Counter[str]
    timers: int
    feeds: int
    tasks: int


def standing(window: MainWindow) -> Standing:
    """What is alive now."""
    gc.collect()
    python = [each for each in gc.get_objects() if isinstance(each, QTimer | RunFeed) and isValid(each)]
    return Standing(
        widgets=Counter(type(each).__name__ for each in QApplication.allWidgets()),
        owned=Counter(each.metaObject().className() for each in window.findChildren(QObject)),
        timers=sum(isinstance(each, QTimer) and each.isActive() for each in python),
        feeds=sum(isinstance(each, RunFeed) for each in python),
        tasks=len(asyncio.all_tasks()),
    )


def more(later: Standing, before: Standing) -> dict[str, object]:
    """What there is more of, by name."""
    return {
        "widgets": later.widgets - before.widgets,
        "owned": later.owned - before.owned,
        "timers": max(0, later.timers - before.timers),
        "feeds": max(0, later.feeds - before.feeds),
        "tasks": max(0, later.tasks - before.tasks),
    }


NOTHING: dict[str, object] = {"widgets": Counter(), "owned": Counter(), "timers": 0, "feeds": 0, "tasks": 0}


async def open_one(ui: Ui, window: MainWindow, conversation: ConversationId) -> None:
    """Open it as a click in the library does, and wait until it stands there."""
    window.library.opened.emit(conversation, None, None)
    await until(lambda: window.chat.conversation == conversation and idle(ui), f"{conversation} in view")


def idle(ui: Ui) -> bool:
    """Whether nothing is looked up and nothing waits to be painted."""
    return not ui.tasks.names and not ui.pulse._asked


async def look_around(ui: Ui, window: MainWindow) -> None:
    """A new conversation, a search with its hits, the settings page by page."""
    window.chat.new()
    window.library.search()
    window.library.field.setText("index")
    await until(lambda: window.library.pages.hits.list_model.rowCount() > 0 and idle(ui), "hits")
    window.library.end_search()
    for page in ("appearance", "models"):
        window.commands.settings(page)
        await until(lambda: idle(ui), "the page")
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    settings.close()


@pytest.mark.parametrize("times", [40, pytest.param(100, marks=pytest.mark.endurance)])
def test_nothing_is_left_of_a_hundred_conversations(gui: Gui, tmp_path: Path, times: int) -> None:
    conversations = fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window, before = opening.window, None
            for number in range(1, times + 1):
                await open_one(ui, window, conversations[number % len(conversations)])
                if number % EVERY == 0:
                    await look_around(ui, window)
                    await open_one(ui, window, conversations[0])
                if number == SETTLED:
                    await at_rest(ui)
                    before = standing(window)
            await at_rest(ui)
            assert before is not None
            assert before.feeds >= len(conversations)
            assert more(standing(window), before) == NOTHING

    gui.run(main)


@pytest.mark.parametrize(
    "kind",
    ["widget", "feed", *(pytest.param(kind, marks=pytest.mark.endurance) for kind in ("timer", "task"))],
)
def test_what_is_left_is_seen(gui: Gui, tmp_path: Path, kind: str) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            before = standing(opening.window)
            assert more(standing(opening.window), before) == NOTHING
            left = leave(ui, opening.window, kind)
            await asyncio.sleep(0)
            assert more(standing(opening.window), before) != NOTHING
            if isinstance(left, asyncio.Event):
                left.set()
            await at_rest(ui)

    gui.run(main)


def leave(ui: Ui, window: MainWindow, kind: str) -> object:
    """Forget one of that kind, until the window itself goes."""
    if kind == "widget":
        return QPushButton(window)
    if kind == "timer":
        timer = QTimer(window)
        timer.start(100_000)
        return timer
    if kind == "feed":
        return RunFeed(RunId("left"), ui.pulse, ui.clock, window)
    end = asyncio.Event()

    async def wait() -> None:
        await end.wait()

    ui.tasks.start(wait(), name="left over")
    return end
