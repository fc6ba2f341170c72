"""A conversation as JSON values: what ``conversations list`` and ``show`` print, and what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.wire import dumps, event_to_json, value_to_json

if TYPE_CHECKING:
    from cort_desktop.domain.library import Conversation, ConversationView, RunRow
    from cort_desktop.domain.summaries import SummaryCall
    from cort_desktop.domain.whole_conversation import WholeConversation


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation as CONTRACT 1 shows it."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": stamp(conversation.created),
        "updated": stamp(conversation.updated),
        "turns": conversation.turns,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
    }


def view_json(view: ConversationView, made: Sequence[SummaryCall]) -> dict[str, Any]:
    """The same with its active path, and what was made of it to go on without its beginning."""
    return conversation_json(view.conversation) | {
        "path": [
            {
                "id": turn.turn.id,
                "question": turn.turn.question,
                "created": stamp(turn.turn.created),
                "active": turn.turn.active,
                "pinned": turn.turn.pinned,
                "runs": [_run_json(run) for run in turn.runs],
            }
            for turn in view.turns
        ],
        "summaries": [_summary_json(call) for call in made],
    }


def whole_json(whole: WholeConversation) -> dict[str, Any]:
    """The same with the system prompt, and the events of every run."""
    told = view_json(whole.view, whole.summaries) | {"system": whole.view.conversation.system}
    for turn in told["path"]:
        for run in turn["runs"]:
            run["events"] = [event_to_json(event) for event in whole.logs.get(run["id"], ())]
    return told


def exported_json(wholes: Sequence[WholeConversation]) -> str:
    """One conversation as an object, several as a list of them."""
    told = [whole_json(whole) for whole in wholes]
    return dumps(told[0] if len(told) == 1 else told) + "\n"


def _summary_json(call: SummaryCall) -> dict[str, Any]:
    told: dict[str, Any] = value_to_json(call)
    for inner in ("conversation", "path", "request"):
        del told[inner]
    return told | {"made": stamp(call.made)}


def _run_json(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "strategy": run.strategy,
        "status": run.status,
        "answer_node": run.answer_node,
        "answer": run.answer,
        "started": stamp(run.started),
        "ended": None if run.ended is None else stamp(run.ended),
    }
