"""``conversations``: the library as lists, for people and as JSON; and ``delete``, which only marks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.wire import dumps, value_to_json
from cort_desktop.telling import figures
from cort_desktop.telling.context_words import summary_words
from cort_desktop.telling.conversation_json import conversation_json, view_json
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.options import ConversationsOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.domain.library import Conversation, Hit, RunRow
    from cort_desktop.domain.summaries import SummaryCall
    from cort_desktop.services.app import App
    from cort_desktop.services.library import ConversationView, TurnView

_TITLE = 60


async def conversations(options: ConversationsOptions, app: App, streams: Streams) -> int:
    """Do what ``conversations`` was asked for; the exit code."""
    match options.action:
        case "list":
            _print_list(await app.library.conversations(archived=options.archived), options, streams)
        case "show":
            view = await app.library.show(options.what)
            made = await app.library.summaries(view.conversation.id)
            _print_view(view, made, options, streams)
        case "search":
            _print_hits(await app.library.search(options.what, options.limit), options, streams)
        case "delete":
            gone = await app.library.delete(options.what)
            streams.say(
                f"“{one_line(gone.title)}” is marked as deleted and no longer listed; nothing is destroyed."
            )
        case unknown:
            assert_never(unknown)
    return codes.ANSWER


def _print_list(found: list[Conversation], options: ConversationsOptions, streams: Streams) -> None:
    if options.json:
        streams.write_json(dumps([conversation_json(conversation) for conversation in found]))
        return
    if not found:
        streams.say("There are no conversations yet.")
    for conversation in found:
        marks = [
            word
            for word, holds in (("pinned", conversation.pinned), ("archived", conversation.archived))
            if holds
        ]
        parts = [
            conversation.id,
            _day(conversation.updated),
            figures.count(conversation.turns, "turn").rjust(8),
            one_line(conversation.title),
            f"({', '.join(marks)})" if marks else "",
        ]
        streams.write_line("  ".join(part for part in parts if part))


def _print_view(
    view: ConversationView, made: list[SummaryCall], options: ConversationsOptions, streams: Streams
) -> None:
    if options.json:
        streams.write_json(dumps(view_json(view, made)))
        return
    streams.write_line(one_line(view.conversation.title))
    for turn in view.turns:
        streams.write_line("")
        streams.write_line(f"> {turn.turn.question}".replace("\n", "\n> "))
        if turn.turn.pinned:
            streams.write_line("[pinned: every later question is told of this turn]")
        for run in turn.runs:
            active = " (active)" if len(turn.runs) > 1 and run.id == turn.turn.active else ""
            streams.write_line(f"[run {run.id} · {run.strategy} · {_condition(run, turn)}{active}]")
        answer = next((run.answer for run in turn.runs if run.id == turn.turn.active), None)
        if answer is not None:
            streams.write_line("")
            streams.write_answer(answer)
        for call in made:
            if call.turn == turn.turn.id:
                streams.write_line(f"[{summary_words(call)}]")


def _print_hits(hits: Iterable[Hit], options: ConversationsOptions, streams: Streams) -> None:
    hits = list(hits)
    if options.json:
        streams.write_json(dumps([value_to_json(hit) | {"at": stamp(hit.at)} for hit in hits]))
        return
    if not hits:
        streams.say("Nothing found.")
    for hit in hits:
        where = ", ".join(filter(None, [f"{hit.part} {hit.node or ''}".rstrip(), _standing(hit)]))
        streams.write_line(f"{hit.conversation}  {_day(hit.at)}  {one_line(hit.title)[:_TITLE]}  [{where}]")
        streams.write_line(f"    {one_line(hit.excerpt)}")


def _standing(hit: Hit) -> str:
    """How a candidate that is not the answer came out of its rounds; nothing where nobody compared it."""
    if hit.won:
        return f"won {'round' if len(hit.won) == 1 else 'rounds'} {', '.join(map(str, hit.won))}"
    return "lost" if hit.lost else ""


def _condition(run: RunRow, turn: TurnView) -> str:
    if run.status is None and run.id in turn.working:
        return f"working in {turn.working[run.id]}"
    if run.status is None:
        return f"interrupted, go on with `cort-desktop resume {run.id}`"
    return run.status if run.answer_node is None else f"{run.status}, {run.answer_node}"


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
