"""``ask``, ``resume`` and ``replay``: one run, thought through, gone on with, or printed as it is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from cort_desktop.domain import wire
from cort_desktop.domain.events import RunStarted
from cort_desktop.domain.run import RunState
from cort_desktop.terminal import codes
from cort_desktop.terminal.agreeing import agree
from cort_desktop.terminal.answer_text import print_answer
from cort_desktop.terminal.context_verbs import context_lines, wait_for_summaries
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.options import AskOptions, ReplayOptions, ResumeOptions
from cort_desktop.terminal.partials import partial_lines
from cort_desktop.terminal.running import (
    answer_of,
    choose_view,
    conclude,
    say_run,
    telling_the_run,
    to_ask,
    work,
)
from cort_desktop.terminal.streams import MOST_COLUMNS, Streams
from cort_desktop.terminal.summary import Hints, way_on

if TYPE_CHECKING:
    from rich.text import Text

    from cort_desktop.domain import events as ev
    from cort_desktop.domain.auditing import Audit
    from cort_desktop.services.app import App
    from cort_desktop.services.outcomes import Outcome
    from cort_desktop.telling.states import Live


async def ask(options: AskOptions, question: str, app: App, streams: Streams) -> int:
    """One question; the exit code."""
    interrupts = Interrupts(streams)
    wish = to_ask(options.run, question)
    await agree(app.chat.consents, await app.chat.consents.of_ask(wish), streams)
    view = choose_view(streams, options.stream, interrupts)
    is_resumable = options.run.store and options.stream == "off"  # the event stream names the run itself

    def start(show: Callable[[ev.Event], None]) -> Awaitable[Outcome]:
        return app.chat.ask(wish, telling_the_run(show, partial(say_run, streams)) if is_resumable else show)

    ending = await work(app.chat, start, view, interrupts)
    hints: Hints = "all" if options.run.store else "none"
    code = await conclude(streams, app.chat, ending, json=options.json, stream=options.stream, hints=hints)
    if not ending.interrupted:
        await wait_for_summaries(app, streams)
    return code


async def resume(options: ResumeOptions, app: App, streams: Streams) -> int:
    """Go on with a run; the exit code. Only new events are shown, over the tree as it was."""
    before = await app.chat.replay(options.run)
    if any(isinstance(event.body, RunStarted) and event.body.spec.verifier for event in before[:1]):
        await agree(app.chat.consents, await app.chat.consents.of_run(options.run), streams)
    interrupts = Interrupts(streams)
    view = choose_view(streams, options.stream, interrupts)
    view.recall(before)
    ending = await work(app.chat, lambda show: app.chat.resume(options.run, show), view, interrupts)
    return await conclude(streams, app.chat, ending, json=options.json, stream=options.stream)


async def replay(options: ReplayOptions, app: App, streams: Streams) -> int:
    """Print a stored run: its outline and its answer, or its events."""
    events = await app.chat.replay(options.run)
    if options.events:
        for event in events:
            streams.write_json(wire.line(event))
        return codes.ANSWER
    state = RunState(events[0].run).fold(events)
    print_tree(streams, state, is_worked_on=False)
    for line in await context_lines(app, state):
        streams.write_line(line)
    text = answer_of(state)
    if text is not None:
        streams.write_line("")
        print_answer(streams, text)
    print_audit(streams, app.chat.audit(state))
    return codes.ANSWER


def print_tree(
    streams: Streams, state: RunState, *, is_worked_on: bool = True, live: Live | None = None
) -> None:
    """The outline of a run, on standard output. live: what streams right now."""
    from cort_desktop.telling.outline import outline
    from cort_desktop.terminal.glyphs import glyphs
    from cort_desktop.terminal.tree import tree_lines

    width = min(streams.size()[0], MOST_COLUMNS)
    icons = glyphs(has_icons=streams.has_icons(error=False))
    rows = outline(state, now=streams.now(), live=live, is_worked_on=is_worked_on, way_on=way_on(state))
    print_styled(streams, tree_lines(rows, width=width, glyphs=icons, fold=True))
    left = partial_lines(state, width=width, ellipsis=icons.ellipsis)
    for line in ["", *left] if left else []:
        streams.write_line(line)


def print_why(streams: Streams, state: RunState, audit: Audit) -> None:
    """Why the answer won and how far its judges can be believed, on standard output."""
    from cort_desktop.terminal.glyphs import glyphs
    from cort_desktop.terminal.why import why_lines

    width = min(streams.size()[0], MOST_COLUMNS)
    icons = glyphs(has_icons=streams.has_icons(error=False))
    print_styled(streams, why_lines(state, width=width, glyphs=icons, audit=audit))


def print_audit(streams: Streams, audit: Audit) -> None:
    """How far the judges of a run can be believed, on standard output; nothing where nobody judged."""
    from cort_desktop.terminal.glyphs import glyphs
    from cort_desktop.terminal.why import audit_paragraphs

    icons = glyphs(has_icons=streams.has_icons(error=False))
    print_styled(streams, audit_paragraphs(audit, width=min(streams.size()[0], MOST_COLUMNS), glyphs=icons))


def print_styled(streams: Streams, lines: list[Text]) -> None:
    """Styled lines on standard output, bare where it is no terminal."""
    from cort_desktop.terminal.painting import rendered

    streams.write_styled(rendered(lines, streams.console(error=False)))
