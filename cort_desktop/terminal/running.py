"""One run in front of a person: started, shown, stopped on a wish, its end said in answer, strip and code.

``ask``, ``resume`` and ``chat`` share this. What a run does is the services' and the engine's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.run import RunState
from cort_desktop.terminal import codes
from cort_desktop.terminal.answer_text import print_answer
from cort_desktop.terminal.glyphs import glyphs
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.next_step import why_and_what_next
from cort_desktop.terminal.options import RunOptions, Stream
from cort_desktop.terminal.partials import partial_lines
from cort_desktop.terminal.streams import MOST_COLUMNS, Streams
from cort_desktop.terminal.summary import Hints, summary
from cort_desktop.terminal.views import EventStream, PlainLines, View

if TYPE_CHECKING:
    from cort_desktop.domain.ids import ConversationId, TurnId
    from cort_desktop.services.chat import ChatService
    from cort_desktop.services.outcomes import Outcome
    from cort_desktop.services.planning import Ask

_SHOWN_ID = 8
Start = Callable[[Callable[[ev.Event], None]], Awaitable["Outcome"]]
"""Begins or resumes a run that shows its events through the callback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run came out. outcome: None when it was stopped before it began. last: its run.finished event."""

    outcome: Outcome | None
    last: ev.Event | None
    interrupted: bool


def choose_view(streams: Streams, stream: Stream, interrupts: Interrupts) -> View:
    """Events on standard output, a painted area on a terminal, or plain lines."""
    if stream != "off":
        return EventStream(streams, full=stream == "full", on_gone=interrupts.request)
    if streams.is_lively:
        from cort_desktop.terminal.live import LiveView

        return LiveView(streams)
    return PlainLines(streams)


async def work(chat: ChatService, start: Start, view: View, interrupts: Interrupts) -> Ending:
    """Let a run work to its end. The view is closed when this returns, however it does."""
    seen: list[RunId] = []
    last: list[ev.Event] = []

    def show(event: ev.Event) -> None:
        seen[:] = [event.run]
        if isinstance(event.body, ev.RunFinished):
            last[:] = [event]
        view.show(event)

    def stop() -> None:
        view.note("stopping; Ctrl-C again leaves at once")
        if seen:
            chat.stop(seen[0])
        else:
            task.cancel()

    task = asyncio.ensure_future(start(show))
    outcome: Outcome | None = None
    try:
        with interrupts.listening(stop):
            outcome = await task
    except asyncio.CancelledError:
        if not (interrupts.requested and task.cancelled() and not seen):
            raise
    finally:
        view.close()
    return Ending(outcome=outcome, last=last[0] if last else None, interrupted=interrupts.requested)


async def conclude(
    streams: Streams, chat: ChatService, ending: Ending, *, json: bool, stream: Stream, hints: Hints = "all"
) -> int:
    """Print what belongs on each stream at the end of a run; the exit code."""
    is_told = stream != "off"  # the events said it all
    if json and not is_told and ending.outcome is not None:
        last = ending.last or await _stored_end(chat, ending.outcome.run)
        if last is not None:
            streams.write_json(wire.line(last))
        is_told = True
    return say_ending(streams, ending, with_answer=not is_told, hints=hints)


def say_ending(streams: Streams, ending: Ending, *, with_answer: bool = True, hints: Hints = "all") -> int:
    """The answer and what there is to say about the run's end; the exit code."""
    outcome = ending.outcome
    if outcome is None:
        streams.complain("Stopped before anything was sent.")
        return codes.INTERRUPTED
    if with_answer:
        print_end(streams, outcome.state, "none" if outcome.unsaved is not None else hints)
    elif answer_of(outcome.state) is None:
        streams.complain(why_and_what_next(outcome.state))
    for notice in outcome.notices:
        streams.complain(notice.text)
    if outcome.unsaved is not None:
        streams.complain(f"This run could not be saved: {outcome.unsaved}")
        return codes.DATA
    return codes.INTERRUPTED if ending.interrupted else codes.of_run(outcome.state)


def print_end(streams: Streams, state: RunState, hints: Hints) -> None:
    """The answer on standard output, the strip below it on standard error."""
    text = answer_of(state)
    if text is None:
        streams.complain(why_and_what_next(state))
    else:
        print_answer(streams, text)
    icons = glyphs(has_icons=streams.has_icons())
    width = min(streams.size()[0], MOST_COLUMNS)
    for line in partial_lines(state, width=width, ellipsis=icons.ellipsis):
        streams.say(line)
    lines = summary(state, hints=hints, dot=icons.dot, star=icons.marks["answer"])
    if streams.err_is_terminal:
        from rich.text import Text

        from cort_desktop.terminal.painting import rendered

        console = streams.console()
        style = "bold green" if text is not None else "bold red"
        styled = [Text(line, style=style if at == 0 else "dim") for at, line in enumerate(lines)]
        streams.paint("".join(f"{line}\n" for line in ["", *rendered(styled, console)]))
    else:
        for line in lines:
            streams.say(line)


def telling_the_run(
    show: Callable[[ev.Event], None], tell: Callable[[RunId], None]
) -> Callable[[ev.Event], None]:
    """``show``, and at a run's first event ``tell`` its id: whoever is killed later can go on with it."""

    def told(event: ev.Event) -> None:
        if isinstance(event.body, ev.RunStarted):
            tell(event.run)
        show(event)

    return told


def say_run(streams: Streams, run: RunId) -> None:
    """The beginning of a run's id, enough to name it, on standard error."""
    ellipsis = glyphs(has_icons=streams.has_icons()).ellipsis
    words = f"run {run[:_SHOWN_ID]}{ellipsis if len(run) > _SHOWN_ID else ''}"
    if streams.err_is_terminal:
        from rich.text import Text

        from cort_desktop.terminal.painting import rendered

        streams.paint(f"{rendered([Text(words, style='dim')], streams.console())[0]}\n")
    else:
        streams.say(words)


def answer_of(state: RunState) -> str | None:
    """The text of the active answer; the best so far when the run did not end by itself."""
    name = state.answer_node
    if name is None:
        return None
    return state.nodes[name].text


def to_ask(
    options: RunOptions,
    question: str,
    *,
    conversation: ConversationId | None = None,
    again: TurnId | None = None,
) -> Ask:
    """The services' form of a question with its options."""
    from pathlib import Path

    from cort_desktop.domain.ids import ConversationId, ModelRef
    from cort_desktop.services.planning import Ask

    given = ConversationId(options.conversation) if options.conversation is not None else None
    return Ask(
        question=question,
        conversation=conversation or given,
        again=again,
        preset=options.preset,
        strategy=options.strategy,
        rounds=options.rounds,
        alternatives=options.alternatives,
        judges=options.judges,
        settings=dict(options.settings),
        model=ModelRef(options.model) if options.model is not None else None,
        alternative_models=tuple(ModelRef(ref) for ref in options.alternative_models),
        judge_models=tuple(ModelRef(ref) for ref in options.judge_models),
        role_models={role: tuple(map(ModelRef, refs)) for role, refs in options.role_models},
        temperature=options.temperature,
        seed=options.seed,
        max_tokens=options.max_tokens,
        system=options.system,
        files=tuple(Path(name) for name in options.files),
        budget=dict(options.budget),
        cache=options.cache,
        store=options.store,
    )


async def _stored_end(chat: ChatService, run: RunId) -> ev.Event | None:
    events = await chat.replay(run)
    return next((event for event in reversed(events) if isinstance(event.body, ev.RunFinished)), None)
