"""Feeds of turns: what is known of another program that works on a run."""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.gui.chat.turn_feeds import TurnFeeds
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.models import good_model
from tests.fakes.window import Gui, until

OTHER = "process 7 (cort-desktop)"


def test_who_works_on_a_run_is_told_also_of_one_that_was_read_without_knowing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        outcome = await ui.app.chat.ask(Ask(question="Why?"), lambda _event: None)
        view = await ui.app.library.show(outcome.conversation)
        events = [e for e in await ui.app.chat.replay(outcome.run) if not isinstance(e.body, ev.RunFinished)]
        feed = ui.feeds.begin(outcome.run)  # as a search hit would have read it while it was worked on
        feed.show_all(events)
        feeds = TurnFeeds(ui)
        ready: list[RunFeed] = []
        feeds.ready.connect(ready.append)
        worked_on = replace(view.turns[0], working={outcome.run: OTHER})
        feeds.fetch(worked_on)
        assert ready == [feed]
        assert feed.elsewhere == OTHER
        feeds.fetch(view.turns[0])  # the other has ended it: what is at hand is old
        await until(lambda: len(ready) == 2)
        assert ready[1] is not feed
        assert ready[1].state.finished is not None
        feeds.fetch(worked_on)  # somebody looked before the end was known
        assert ready[2] is ready[1]
        assert ready[1].elsewhere is None
        feeds.deleteLater()

    gui.run(main, good_model(seconds=0.01))
