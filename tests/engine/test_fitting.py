"""A view fitted to models of any length: the laws, and what the record says of it."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import Message, assistant, system, user
from cort_desktop.engine.context import ContextView, SummaryText, turn_costs
from cort_desktop.engine.fitting import Fitted, fit, spans, spans_words
from tests.fakes.models import RoughCounter

COUNTER = RoughCounter()
SUMMARY = SummaryText(version=3, turns=14, text="They chose PostgreSQL.", model=ModelRef("fake/model"))


def turns(count: int, words: int = 30) -> tuple[Message, ...]:
    return tuple(
        message
        for number in range(1, count + 1)
        for message in (user(f"q{number} " + "ask " * words), assistant(f"a{number} " + "say " * words))
    )


def make(view: ContextView) -> tuple[Message, ...]:
    return (system(view.system or ""), *view.turns, user(view.question_text))


def fitted(view: ContextView, context_tokens: int | None, **lengths: int) -> Fitted:
    asked = {"max_tokens": 100} | lengths
    return fit(view, make, tokens=COUNTER, context_tokens=context_tokens, **asked)


LONG = ContextView(
    system="Be brief.",
    turns=turns(24),
    question="Which database was it?",
    pinned=(2,),
    relevant=(9, 3),
    summary=SUMMARY,
)

VIEWS = st.builds(
    ContextView,
    system=st.none() | st.text(max_size=40),
    turns=st.lists(
        st.builds(Message, role=st.sampled_from(("user", "assistant")), text=st.text(max_size=400)),
        max_size=24,
    ).map(tuple),
    question=st.text(min_size=1, max_size=300),
    attachments=st.lists(st.tuples(st.text(max_size=9), st.text(max_size=200)), max_size=2).map(tuple),
    pinned=st.lists(st.integers(1, 14), max_size=4, unique=True).map(tuple),
    relevant=st.lists(st.integers(1, 14), max_size=4, unique=True).map(tuple),
    summary=st.none() | st.just(SUMMARY),
)


@settings(max_examples=200)
@given(VIEWS, st.integers(60, 3000), st.integers(1, 400), st.integers(0, 200), st.integers(0, 600))
def test_the_window_is_never_exceeded_and_the_question_is_whole(
    view: ContextView, context: int, max_tokens: int, extra: int, aside: int
) -> None:
    lengths = {"max_tokens": max_tokens, "extra_tokens": extra, "aside_tokens": aside}
    got = fitted(view, context, **lengths)
    assert got.messages[-1].text.endswith(view.question_text)
    assert got == fitted(view, context, **lengths)
    if got.tokens + got.max_tokens > context:
        # Only where the question alone is too long: nothing of the turns is in the way then.
        assert got.view.turns == ()
    else:
        assert sum(COUNTER.count(m.text) for m in got.messages) + extra + got.max_tokens <= context
    assert len(got.view.turns) + got.view.left_out == len(view.turns)
    assert ContextView.from_json(view.to_json(), view.question) == view


@settings(max_examples=100)
@given(VIEWS, st.integers(300, 3000), st.integers(0, 400))
def test_every_turn_is_accounted_for(view: ContextView, context: int, aside: int) -> None:
    record = fitted(view, context, aside_tokens=aside).record
    sent = [part for part in record["parts"] if part["part"] in ("pinned", "retrieved", "recent")]
    numbers = [
        number
        for group in (*sent, *record["left_out"])
        for first, last in group["turns"]
        for number in range(first, last + 1)
    ]
    assert sorted(numbers) == list(range(1, len(view.exchanges()) + 1))
    assert record["messages_sent"] + record["messages_left_out"] == len(view.turns)


def test_the_parts_are_named_in_the_order_they_are_sent() -> None:
    got = fitted(LONG, 1150)
    kinds = [part["part"] for part in got.record["parts"]]
    assert kinds == ["system", "summary", "pinned", "retrieved", "recent", "question"]
    summary, pinned, retrieved, recent = got.record["parts"][1:5]
    assert (summary["version"], summary["turns"]) == (3, [[1, 14]])
    assert (pinned["turns"], retrieved["turns"]) == ([[2, 2]], [[3, 3], [9, 9]])
    assert recent["turns"][-1][1] == 24
    whys = {entry["why"]: entry["turns"] for entry in got.record["left_out"]}
    assert whys["summed_up"][0] == [1, 1]
    assert whys["no_room"][0][0] == 15
    first = got.messages[1].text
    assert first.index("longer than") < first.index("Its turns 1 to 14") < first.index("PostgreSQL")
    assert first.index("Word for word you are shown these turns: 2–3, 9, ") < first.index("q2 ask")
    assert [m.role for m in got.messages[1:]] == ["user", "assistant"] * ((len(got.messages) - 2) // 2) + [
        "user"
    ]


def test_calls_of_different_lengths_begin_with_the_same_bytes() -> None:
    """What a judge sees beside it doesn't change what of the conversation it is told."""

    def beside(text: str) -> Fitted:
        def longer(view: ContextView) -> tuple[Message, ...]:
            return (*make(view)[:-1], user(view.question_text + text))

        return fit(LONG, longer, tokens=COUNTER, max_tokens=100, context_tokens=1500, aside_tokens=600)

    short, long = beside(""), beside(" candidate" * 150)
    assert short.messages[:-1] == long.messages[:-1]
    assert short.record == long.record
    longest = beside(" candidate" * 500)  # more than was kept free: this call alone sees less
    assert len(longest.messages) < len(long.messages)
    assert longest.tokens + longest.max_tokens <= 1500


def test_a_shorter_model_gets_a_view_of_its_own_from_the_same_one() -> None:
    seen = [fitted(LONG, context).record["messages_sent"] for context in (400, 900, 1500, 100_000, None)]
    assert seen == sorted(seen)
    assert seen[0] < seen[1] < seen[2] < seen[3] == seen[4] == 48


def test_a_pin_that_is_longer_than_the_model_is_said_so() -> None:
    giant = replace(LONG, turns=(user("huge " * 2000), *LONG.turns), pinned=(1,))
    assert {"why": "pinned_too_long", "turns": [[1, 1]]} in fitted(giant, 900).record["left_out"]


def test_a_summary_alone_stands_before_the_question() -> None:
    view = replace(LONG, turns=turns(3, 400), pinned=(), relevant=(), summary=replace(SUMMARY, turns=2))
    got = fitted(view, 600)
    assert got.view.turns == ()
    assert "PostgreSQL" in got.messages[-1].text
    assert got.messages[-1].text.endswith(view.question)


def test_2000_turns_are_fitted_in_50_ms() -> None:
    view = replace(LONG, turns=turns(2000, 60))
    view = replace(view, costs=turn_costs(view, COUNTER.count))  # as it is frozen with a run
    times = []
    for _ in range(5):
        begin = time.process_time()
        fitted(view, 32_000, aside_tokens=4000)
        times.append(time.process_time() - begin)
    assert min(times) < 0.05


def test_numbers_are_told_in_spans() -> None:
    assert spans([3, 9, 20, 21, 22]) == [[3, 3], [9, 9], [20, 22]]
    assert spans_words(spans([3, 9, 20, 21, 22])) == "3, 9, 20–22"
    assert spans_words(spans(range(1, 99, 2))).startswith("…, ")
