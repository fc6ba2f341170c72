"""The verbs of ``chat`` that ask a run for something on top: what is typed behind them becomes a wish, a
node or a ranking.

Pure reading of a line; asking the services and saying the price first is ``chat.py``.
"""

from __future__ import annotations

import re
from typing import Final

from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import Criterion
from cort_desktop.errors import UsageError
from cort_desktop.services.wishes import (
    Wished,
    added_alternative,
    added_rounds,
    judged_again,
    own_candidate,
    was_it_worth_it,
)
from cort_desktop.telling.safe import one_line

VERBS: Final = {
    "/round [N]": "think a further round (or N), whatever the stop rules say",
    "/add [MOVE] [MODEL]": "a further alternative: fresh, other_method, targeted_fix or synthesis",
    "/mine TEXT": "a candidate of your own, judged like the others",
    "/rejudge [ROUND] [by MODEL,…] [on CRITERION,…]": "judges look again; the answer stays until you choose",
    "/worth": "was it worth it: the first answer against the final one; blind judges compare them",
    "/drop NODE": "take a candidate out of the contest, or stop a running call; /back NODE undoes it",
    "/choose [NODE]": "make a candidate the answer; without one the run's own counts again",
    "/rank A > B = C": "your own ranking, kept beside that of the judges",
    "/pause": "start nothing new after this round; /go goes on",
    "/yes": "do what was priced last",
}
"""What is typed, and what it does; the verb is the first word."""

_CRITERION = re.compile(r"[^a-z0-9]+")
_NODE = re.compile(r"D|S2?|X\d+|R\d+\.[AHJC]\d+", re.IGNORECASE)


def wished(verb: str, rest: str) -> Wished | None:
    """The wish in a line; None for a verb that is none. Raises UsageError."""
    match verb:
        case "/round":
            return added_rounds(_count(rest or "1", verb))
        case "/add":
            return _alternative(rest)
        case "/mine":
            return own_candidate(rest)
        case "/rejudge":
            return _rejudge(rest)
        case "/worth":
            return was_it_worth_it()
    return None


def node(text: str, verb: str) -> NodeName:
    """The node that is named, in any letter case. Raises UsageError."""
    word = text.strip()
    if not _NODE.fullmatch(word):
        raise UsageError(f"{verb} takes the name of a node, for example {verb} R1.A2; /tree shows them.")
    return NodeName(word.upper())


def ranking(text: str) -> tuple[tuple[NodeName, ...], ...]:
    """``R1.A2 > D = R1.A1``: best first, equals joined. Raises UsageError."""
    return tuple(tuple(node(name, "/rank") for name in place.split("=")) for place in text.split(">"))


def _count(text: str, verb: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{verb} takes a number, not {one_line(text)[:40]}.")
    return int(text)


def _alternative(rest: str) -> Wished:
    move: str | None = None
    model: ModelRef | None = None
    for word in rest.split():
        if "/" in word:
            model = ModelRef(word)
        else:
            move = word.lower().replace("-", "_")
    return added_alternative(move, model)


def _rejudge(rest: str) -> Wished:
    """``2 by PROVIDER/MODEL,… on brevity,safety``: each part may be left out."""
    head, _, on = f" {rest} ".partition(" on ")
    number, _, by = head.partition(" by ")
    models = tuple(ModelRef(name.strip()) for name in by.split(",") if name.strip())
    names = [_CRITERION.sub("_", name.strip().lower()).strip("_") for name in on.split(",")]
    criteria = tuple(Criterion(id=name) for name in dict.fromkeys(names) if name)
    which = number.strip().lower().removeprefix("r")
    return judged_again(
        _count(which, "/rejudge") if which else None,
        models=models,
        criteria=criteria,
        judges=max(1, len(models)),
    )
