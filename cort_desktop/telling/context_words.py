"""What of a conversation a call was told, in words: from the record of its request. Window and terminal say
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_MOST_SPANS = 12
_WHY = {
    "summed_up": "in the summary",
    "pinned_too_long": "pinned, but too long for the model",
    "no_room": "no room",
}


def sent_words(context: object) -> str:
    """The parts of a request, as in “system text · summary v3 of turns 1–14 · pinned turn 2 · turns 20–24 ·
    the question”; empty where the record has none.
    """
    parts = context.get("parts") if isinstance(context, Mapping) else None
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return ""
    said = [_part(part) for part in parts if isinstance(part, Mapping)]
    return " · ".join(words for words in said if words)


def left_out_words(context: object) -> str:
    """What was not sent word for word and why, as in “turns 1, 4–8 (in the summary)”; empty for nothing."""
    groups = context.get("left_out") if isinstance(context, Mapping) else None
    if not isinstance(groups, Sequence) or isinstance(groups, str):
        return ""
    said = []
    for group in groups:
        if isinstance(group, Mapping) and (turns := turns_words(group.get("turns"))):
            why = _WHY.get(str(group.get("why")), one_line(str(group.get("why"))))
            said.append(f"{turns} ({why})")
    return " · ".join(said)


def turns_words(spans: object) -> str:
    """“turn 3”, “turns 3, 9, 20–24”; of very many only the last ones."""
    found = [
        (int(span[0]), int(span[1]))
        for span in (spans if isinstance(spans, list) else [])
        if isinstance(span, list) and len(span) == len("ab") and all(isinstance(each, int) for each in span)
    ]
    if not found:
        return ""
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in found]
    if len(shown) > _MOST_SPANS:
        shown = ["…", *shown[-_MOST_SPANS:]]
    is_one = len(found) == 1 and found[0][0] == found[0][1]
    return f"{'turn' if is_one else 'turns'} {', '.join(shown)}"


def summary_words(call: SummaryCall) -> str:
    """One call that was to sum up a conversation, in a line: what it came to and what it took."""
    span = turns_words([[1, call.turns]])
    what = f"summary v{call.version} of {span}" if call.version is not None else f"no summary of {span}"
    tokens = "tokens unknown" if call.usage is None else f"{figures.tokens(call.usage.total)} tokens"
    parts = [what, one_line(call.model), tokens, figures.money(call.cost_microusd)]
    return " · ".join([*parts, one_line(call.problem)] if call.problem else parts)


def _part(part: Mapping[str, Any]) -> str:
    turns = turns_words(part.get("turns"))
    match part.get("part"):
        case "system":
            return "system text"
        case "summary":
            return f"summary v{part.get('version')} of {turns} by {one_line(str(part.get('model')))}"
        case "pinned":
            return f"pinned {turns}"
        case "retrieved":
            return f"{turns} found for the question"
        case "recent":
            return turns
        case "file":
            return f"file “{one_line(str(part.get('name')))}”"
        case "question":
            return "the question"
        case _:
            return ""
