"""What a person can say about a single call of a run: which words make sense, and the event each becomes; and
how a run at rest is taken up again.

Pure. What follows from the event is the fold's (``RunState``), what is done about it is decided by
``endings`` and the strategies; words about a whole run (stop, good enough) need no check and are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES, Keeps, NodeRole
from cort_desktop.engine import endings
from cort_desktop.engine.wishing import Wished, resumed
from cort_desktop.errors import RunError, UsageError


def chosen(state: RunState, name: NodeName | None) -> ev.UserEvent | None:
    """Make a finished candidate the answer; None takes the person's choice back, whatever it was, so that the
    run's own answer counts. The result is None when that is so already.

    Raises UsageError when ``name`` is no answer that could be chosen.
    """
    if name is not None:
        _demand_candidate(_known(state, name))
        if name in state.out:
            raise UsageError(f"{name} is out of the contest; put it back before you make it the answer.")
    return None if name == state.override else ev.UserEvent(verb="override", node=name)


def dropped(state: RunState, name: NodeName) -> ev.UserEvent | None:
    """Stop one call that is in flight; None when it has ended already. Raises UsageError when there is no
    such call.
    """
    node = _known(state, name)
    if node.status != "running" or name in state.dropped:
        return None
    return ev.UserEvent(verb="dropped", node=name)


def tried_again(state: RunState, name: NodeName, *, at_rest: bool = False) -> ev.UserEvent:
    """Ask a candidate or a judge once more that brought nothing. Raises UsageError when that can't be.

    at_rest: nobody works on the run; what was in flight when it was interrupted is lost and may be asked for.
    """
    node = _known(state, name)
    word = ev.UserEvent(verb="retry", node=name)
    if at_rest and state.finished is None and (node.status == "running" or node.may_ask_again):
        return word
    if node.status == "running":
        raise UsageError(f"{name} is still at work; stop it first.")
    if node.role == "judge" and _is_closed(state, node):
        raise UsageError(f"What {name} judged has gone on meanwhile; have it judged again instead.")
    if node.role == "critic" and (gone_on := _mended_without(state, node)):
        raise UsageError(f"{gone_on} was written without {name} meanwhile; add a round instead.")
    if not _can_be_asked_again(node):
        raise UsageError(f"{name} is neither an answer nor a verdict; only those can be tried again.")
    if node.status == "finished" and (node.role in _SAYING or node.is_candidate):
        raise UsageError(f"{name} has answered; only what failed or was stopped can be tried again.")
    if state.finished is None and node.may_ask_again:
        raise UsageError(f"{name} is about to be asked again already.")
    if state.looked_back is not None and not at_rest:
        raise UsageError(f"Judges look again at what there is; when they have, {name} can be tried again.")
    if state.is_closing and not at_rest:
        raise UsageError(f"The run is ending; when it has ended, {name} can be tried again.")
    return word


def go_on(
    state: RunState,
    record: Callable[[Sequence[ev.Body]], object],
    *,
    partials: Mapping[NodeName, str],
    reopen: bool,
    again: NodeName | None = None,
    wished: Wished | None = None,
    caps: Budget | None = None,
) -> None:
    """Take up a run that nobody works on; ``record`` folds what it is given. See ``Engine.resume``.

    Raises RunError or UsageError before anything is recorded.
    """
    words: list[ev.Body] = [] if again is None else [tried_again(state, again, at_rest=True)]
    words += [] if wished is None else wished.words(state)
    words += [] if (goes_on := resumed(state)) is None else [goes_on]
    if state.finished is not None and (reopen or words):
        keeps = _keeps(state, again, wished)
        why = "" if wished is None else wished.why
        record([endings.reopening(state, again=again, why=why, keeps=keeps, caps=caps), *words])
        return
    if state.finished is not None:
        status = state.finished.status
        raise RunError(f"Run {state.run} has ended ({status}); there is nothing to go on with.")
    lost = tuple(state.running)
    gone = [ev.NodeCancelled(node=n, by="crash", partial=partials.get(n)) for n in lost]
    record([*gone, ev.RunResumed(lost=lost, budget=caps)])
    if state.is_closing:
        record([endings.reopening(state, caps=caps)])  # it died between a word or a cap and its end
    if words:
        record(words)


def _keeps(state: RunState, again: NodeName | None, wished: Wished | None) -> Keeps | None:
    """What of a run's end stands while what a person wants is done on top of it. What a person or a cap cut
    short goes on with all it lacks first, unless it is only looked at.
    """
    if endings.can_go_on(state) != "ended":
        return "end" if wished is not None and wished.looks_back else None
    if wished is not None:
        return "answer"
    return "answer" if again is not None and state.wishes else None


def _known(state: RunState, name: NodeName) -> Node:
    if name not in state.nodes:
        raise UsageError(f"There is no {name} in this run.")
    return state.nodes[name]


def _is_closed(state: RunState, judge: Node) -> bool:
    """A further look, a round that a person added, or one before that: its verdict stands as it is."""
    over = state.contest is not None or (state.finished is not None and bool(state.wishes))
    return judge.wish is not None or over


_SAYING: frozenset[NodeRole] = frozenset({"judge", "critic"})
"""Roles whose finished call has had its say, whatever it says."""


def _can_be_asked_again(node: Node) -> bool:
    """A person's own text is no call, and the calls outside rounds (``X1``) have had their effect."""
    return node.role in ANSWER_ROLES | _SAYING and node.role != "person" and not node.name.startswith("X")


def _mended_without(state: RunState, critic: Node) -> NodeName | None:
    """The answer of a critic’s round that was begun without what it says."""
    nodes = (state.nodes[name] for name in state.rounds[critic.round].candidates)
    without = (n.name for n in nodes if n.role == "proposer" and critic.name not in n.saw)
    return next(without, None)


def _demand_candidate(node: Node) -> None:
    if node.is_candidate:
        return
    name = node.name
    if node.role not in ANSWER_ROLES:
        raise UsageError(f"{name} is no answer; choose one of the candidates.")
    if node.status == "running":
        raise UsageError(f"{name} is still being written; wait until it has finished.")
    if node.status == "finished":
        raise UsageError(f"{name} is empty; choose another answer.")
    what = "failed" if node.status == "failed" else "was stopped"
    raise UsageError(f"{name} {what}, so there is no whole answer of it; try it again or choose another.")
