"""What of a conversation a question was told, in the terminal: shown, and turns of it pinned."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.telling.context_words import left_out_words, sent_words, summary_words
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.domain.ids import ConversationId
    from cort_desktop.services.app import App

VERBS: Final = {
    "/context": "what the last question was told of the conversation, and what not",
    "/pin N": "have every later question told of turn N word for word; without N the last turn",
    "/unpin N": "no longer",
}

_MOST_DIGITS = 9


async def obey(
    name: str,
    rest: str,
    *,
    app: App,
    streams: Streams,
    conversation: ConversationId | None,
    state: RunState | None,
) -> bool:
    """Do what a verb of these says; whether it was one. Raises UsageError."""
    if name in ("/pin", "/unpin"):
        await _pin(app, streams, conversation, rest, pinned=name == "/pin")
    elif name == "/context":
        await _show(app, streams, conversation, state)
    else:
        return False
    return True


async def context_lines(app: App, state: RunState, *, is_stored: bool = True) -> list[str]:
    """What the first call of a run was told of the conversation; none where all of it was sent."""
    asked = next((node for node in state.nodes.values() if node.request is not None), None)
    if asked is None:
        return []
    name = NodeName(asked.name)
    text = await app.library.request(state.run, name) if is_stored else app.chat.request(state.run, name)
    context = json.loads(text).get("context")
    left = left_out_words(context)
    sent = sent_words(context)
    return (
        [f"{asked.name} was sent: {sent}", *([f"not word for word: {left}"] if left else [])] if sent else []
    )


async def wait_for_summaries(app: App, streams: Streams) -> None:
    """At the end of a single question: wait until earlier turns are summed up, or a person says not to."""
    if not app.chat.is_summing_up:
        return
    streams.say("summing up earlier turns for later questions; Ctrl-C leaves that")
    waiting = asyncio.ensure_future(app.chat.settle())

    def give_up() -> None:
        waiting.cancel()

    with Interrupts(streams).listening(give_up), suppress(asyncio.CancelledError):
        await waiting


async def _pin(
    app: App, streams: Streams, conversation: ConversationId | None, rest: str, *, pinned: bool
) -> None:
    if conversation is None:
        raise UsageError("There is no turn to pin yet; ask a question first.")
    turns = (await app.library.show(conversation)).turns
    is_number = rest.isascii() and rest.isdigit() and len(rest) <= _MOST_DIGITS
    if rest and not (is_number and 1 <= int(rest) <= len(turns)):
        raise UsageError(f"There is no turn {rest[:20]}; write a number from 1 to {len(turns)}.")
    number = int(rest) if rest else len(turns)
    await app.library.pin_turn(turns[number - 1].turn.id, pinned=pinned)
    after = "every later question is told of it" if pinned else "it may be left out of a long conversation"
    streams.say(f"turn {number} is {'pinned' if pinned else 'no longer pinned'}: {after}")


async def _show(
    app: App, streams: Streams, conversation: ConversationId | None, state: RunState | None
) -> None:
    if state is None:
        raise UsageError("There is no run to show yet; ask a question first.")
    is_stored = conversation is not None and not app.chat.is_unstored(state.run)
    for line in await context_lines(app, state, is_stored=is_stored):
        streams.say(line)
    if is_stored and conversation is not None:
        for call in await app.library.summaries(conversation):
            streams.say(summary_words(call))
