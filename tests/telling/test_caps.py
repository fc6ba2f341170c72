"""A cap is told in one sentence that agrees with the figures beside it and with what going on grants."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.search import CapName
from cort_desktop.engine.endings import reopening
from cort_desktop.gui.rounds.why_facts import ended_words
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.outline import outline
from cort_desktop.telling.summary import notes
from tests.fakes.story import Story


def capped(which: CapName, value: float, cap: float, budget: Budget, text: str) -> Story:
    story = (
        Story(budget=budget).start("D", "draft").wait(3).finish("D", "a", usage=(4_000, 8_000), cost=300_000)
    )
    story.add(ev.LimitReached(which=which, value=value, cap=cap))
    return story.end(which, f"{text} D is the only answer.", answer="D", status="stopped")


TOKENS = capped("tokens", 21_400, 20_000, Budget(tokens=20_000), "The run met the cap of 20,000 tokens.")
MONEY = capped("usd", 0.512, 0.5, Budget(cost_microusd=500_000), "The run met the cap of $0.50.")
SECONDS = capped("seconds", 3, 3, Budget(seconds=3), "The run met the cap of 3 seconds.")
CALLS = capped("calls", 2, 1, Budget(calls=1), "The run met the cap of 1 call.")


@pytest.mark.parametrize(
    ("story", "cap", "used", "could", "more"),
    [
        (TOKENS, "20.0k tokens", "12.0k tokens", "21.4k tokens", "20.0k tokens"),
        (MONEY, "$0.50", "$0.30", "$0.512", "$0.50"),
        (SECONDS, "3.0 s", "3.0 s", "", "3.0 s"),
        (CALLS, "1 call", "1 call", "2 calls", "1 call"),
    ],
)
def test_one_sentence_everywhere(story: Story, cap: str, used: str, could: str, more: str) -> None:
    to_come = f", and what was to come could have brought it to {could}" if could else ""
    said = f"The run met the cap of {cap}: it used {used}{to_come}. Going on grants {more} more. "
    said += "D is the only answer."
    state = story.state()
    assert end_words(state) == said
    assert notes(state)[0] == said
    assert outline(state)[-1].word == said
    assert ended_words(state) == f"Why it ended: {said}"


def test_what_going_on_grants_is_what_the_engine_grants() -> None:
    story = capped("tokens", 60_000, 20_000, Budget(tokens=20_000), "The run met the cap of 20,000 tokens.")
    state = story.state()
    granted = reopening(state).budget
    assert granted is not None
    assert granted.tokens == 60_000  # at least what the call that met it would have needed
    assert "Going on grants 48.0k tokens more." in end_words(state)


def test_another_end_is_told_as_it_is_and_a_working_run_not_at_all() -> None:
    story = Story().start("D", "draft").finish("D", "a")
    assert end_words(story.state()) == ""
    assert (
        end_words(story.end("stopped", "You stopped the run.", answer="D").state()) == "You stopped the run."
    )
