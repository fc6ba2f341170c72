"""How the candidates of a run came out of its rounds, for the places a search finds.

Read from the log's ``round.finished`` alone, once for each run among what was found: a run of thousands of
events is not folded for a word in a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from cort_desktop.domain.ids import NodeName

_ROUNDS = "SELECT body FROM events WHERE run = ? AND type = 'round.finished' ORDER BY seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``won``: the numbers of the rounds a candidate won. ``lost``: others were preferred to it in one."""

    won: tuple[int, ...] = ()
    lost: bool = False


Standings = Mapping[NodeName, Standing]


def standings(connection: apsw.Connection, run: str) -> Standings:
    """By candidate; one that no round has compared with others is not among them."""
    found: dict[NodeName, Standing] = {}
    for (body,) in connection.execute(_ROUNDS, (run,)):
        _take_in(found, json.loads(body))
    return found


def _take_in(found: dict[NodeName, Standing], body: Mapping[str, Any]) -> None:
    """A round's end; what a later version writes otherwise is no news."""
    number, winner, scores = body.get("round"), body.get("winner"), body.get("scores")
    method = body.get("method")
    if not isinstance(number, int) or not isinstance(winner, str) or not isinstance(scores, dict):
        return
    if method is None or method == "consensus":
        return  # nobody compared them
    best = scores.get(winner)
    for name in {winner, *scores}:
        node, before = NodeName(name), found.get(NodeName(name), Standing())
        if name == winner:
            found[node] = Standing(won=(*before.won, number), lost=before.lost)
        elif method != "vote" or scores[name] != best:  # in a vote the winner speaks for all who agree
            found[node] = Standing(won=before.won, lost=True)
