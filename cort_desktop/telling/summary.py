"""A run in a few sentences: who won and by how much, what it took, what failed, and why there is no answer.

Plain text in the words of the outline; how to go on, and which line goes where, is the front end's.
"""

from __future__ import annotations

from collections.abc import Iterable

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.telling import figures
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.states import (
    FROM_CACHE,
    ORDER_MATTERED,
    fault_message,
    has_unknown_usage,
    instead_words,
    is_unjudged,
    is_unstable,
    known_cost,
    round_name,
    verdict_failed,
)

RESUMABLE_RULES = frozenset({"stopped", "enough", "calls", "tokens", "usd", "seconds"})
"""Rules of an end by a person or a cap (CONTRACT 1, ``resume``)."""
_SHOWN_FAULTS = 3


def notes(state: RunState) -> list[str]:
    """What is to be said below the strip of an answer: why it ended, what failed, what is shaky."""
    finished = state.finished
    lines = [end_words(state)] if finished is not None and finished.answer is not None else []
    lines += failures(state)
    unstable = [str(number) for number, round_ in sorted(state.rounds.items()) if is_unstable(round_)]
    if unstable:
        lines.append(f"{ORDER_MATTERED} in {round_name(state).lower()} {', '.join(unstable)}")
    return lines


def failures(state: RunState) -> list[str]:
    """What failed, a line for each kind of fault, the nodes it befell named.

    What the line about a run without an answer says already, is not said again.
    """
    told = why_no_answer(state) if state.answer_node is None else ""
    befell = {words: nodes for words, nodes in _faults(state).items() if words not in told}
    lines = [
        f"failed: {', '.join(node.name for node in nodes)}: {words}{_tries(nodes)}"
        for words, nodes in list(befell.items())[:_SHOWN_FAULTS]
    ]
    hidden = sum(len(nodes) for nodes in list(befell.values())[_SHOWN_FAULTS:])
    if hidden:
        lines.append(f"failed: {hidden} more")
    lines += [
        f"the verdict of {round_name(state).lower()} {number} failed: too few of its judges could be read"
        for number in sorted(state.rounds)
        if verdict_failed(state.rounds[number])
    ]
    return lines


def why_no_answer(state: RunState) -> str:
    """What is said of a run that ended without an answer; the cause itself, when there is just one."""
    if state.finished is None:
        return "The run was interrupted before there was an answer."
    text = end_words(state)
    causes = list(_faults(state))
    if state.finished.reason.rule not in RESUMABLE_RULES and len(causes) == 1 and causes[0] not in text:
        text = causes[0]
    if not text:
        return "The run ended without an answer."
    return text if "no answer" in text.lower() else f"No answer: {text}"


def _faults(state: RunState) -> dict[str, list[Node]]:
    """The failed calls by what befell them."""
    befell: dict[str, list[Node]] = {}
    for node in state.nodes.values():
        if node.status == "failed":
            befell.setdefault(fault_message(node), []).append(node)
    return befell


def _tries(nodes: list[Node]) -> str:
    most = max(node.attempts for node in nodes)
    return f" ({most} tries)" if most > 1 else ""


def is_resumable(state: RunState) -> bool:
    """Whether resuming would go on with this run."""
    return state.finished is None or state.finished.reason.rule in RESUMABLE_RULES


def cost_parts(state: RunState) -> list[str]:
    """Rounds, calls, tokens, money, seconds: each as a few words."""
    spent, finished = state.spent, state.finished
    usage, calls = spent.usage, spent.calls
    seconds = state.active_seconds
    if finished is not None:
        usage, calls = finished.usage, finished.calls
        seconds = finished.seconds
    rounds = len([number for number in state.rounds if number > 0])
    kept = [node for node in state.nodes.values() if node.cached]
    return [
        figures.count(rounds, round_name(state).lower()) if rounds > 1 else "",
        figures.count(calls, "call"),
        f"{len(kept)} {FROM_CACHE}" if kept else "",
        figures.token_sum(usage.total, is_partial=has_unknown_usage(state)),
        money_words(state),
        _saved_words(kept),
        figures.seconds(seconds),
        _instead_words(state),
    ]


def _instead_words(state: RunState) -> str:
    """Who answered in the place of whom: of the answer by name, of the calls around it how many."""
    name = state.answer_node
    node = state.nodes.get(name) if name is not None else None
    own = instead_words(node) if node is not None else ""
    if own:
        return own
    others = sum(bool(instead_words(each)) for each in state.nodes.values())
    return f"{figures.count(others, 'call')} answered by a fallback" if others else ""


def money_words(state: RunState) -> str:
    """What a run cost: known, at least so much, or unknown; with what a cap counts for an unknown price."""
    spent = state.spent
    if state.finished is not None and spent.unknown:
        words = figures.spent(spent.known_microusd, spent.unknown)
        counted = spent.booked_microusd - spent.known_microusd
        is_capped = state.budget.cost_microusd is not None and counted
        return f"{words} (counted as {figures.money(counted)})" if is_capped else words
    if state.finished is not None:
        return figures.money(state.finished.cost_microusd)
    cost = known_cost(state)
    if cost is not None:
        return figures.money(cost)
    if spent.unknown or not spent.known_microusd:
        return figures.spent(spent.known_microusd, max(1, spent.unknown))
    return f"at least {figures.money(spent.known_microusd)}"


def _saved_words(kept: list[Node]) -> str:
    """``saved $0.018``: what the calls that were not sent cost when they were; nothing where that was
    nothing.
    """
    known = [node.saved_microusd for node in kept if node.saved_microusd is not None]
    least = "at least " if len(known) < len(kept) else ""
    return f"saved {least}{figures.money(sum(known))}" if sum(known) else ""


def budget_parts(state: RunState, seconds: float, *, streamed_tokens: int = 0) -> list[str]:
    """What is spent of each cap, and what is spent where there is no cap.

    streamed_tokens: about what the calls in flight have written, which is not told yet; it marks the sum “~”.
    """
    spent, budget = state.spent, state.budget
    tokens = figures.token_sum(
        spent.usage.total + streamed_tokens, is_partial=has_unknown_usage(state), is_rough=streamed_tokens > 0
    )
    if budget.tokens is not None:
        cap = figures.tokens(budget.tokens)
        is_known = tokens.endswith(" tokens")
        tokens = f"{tokens.removesuffix(' tokens')} of {cap} tokens" if is_known else f"{tokens}, cap {cap}"
    cost = known_cost(state)
    money = money_words(state)
    of = ", cap" if cost is None else " of"
    return [
        figures.count(spent.calls, "call")
        if budget.calls is None
        else f"{spent.calls} of {figures.count(budget.calls, 'call')}",
        tokens,
        money if budget.cost_microusd is None else f"{money}{of} {figures.money(budget.cost_microusd)}",
        figures.seconds(seconds)
        if budget.seconds is None
        else f"{figures.seconds(seconds)} of {figures.seconds(budget.seconds)}",
    ]


def budget_share(state: RunState, seconds: float, *, streamed_tokens: int = 0) -> float | None:
    """How much of the tightest cap is spent, 0 to 1; None without caps. streamed_tokens: as above."""
    spent, budget = state.spent, state.budget
    pairs = (
        (spent.calls, budget.calls),
        (spent.tokens + streamed_tokens, budget.tokens),
        (spent.booked_microusd, budget.cost_microusd),
        (seconds, budget.seconds),
    )
    shares = [min(1.0, value / cap) for value, cap in pairs if cap]
    return max(shares, default=None)


def winner_words(state: RunState) -> str:
    """``R2.A3 won 2 of 3``, ``so far D``, ``first answer D, not judged yet``; empty without an answer."""
    name = state.answer_node
    if name is None:
        return ""
    if is_unjudged(state):
        return f"first answer {name}, not judged yet"
    so_far = "" if state.finished is not None else "so far "
    won = votes_words(state, name)
    comma = "," if state.override == name else ""
    return f"{so_far}{name}{comma} {won}".rstrip()


def votes_words(state: RunState, name: NodeName) -> str:
    """``won 2 of 3`` readable verdicts of its last round, or with how many samples it agrees, or nothing."""
    if state.override == name:
        return "your choice"
    node = state.nodes.get(name)
    if node is not None and node.role == "synthesizer":
        return f"written out of {len(node.saw)}"
    if state.votes:
        vote = state.votes[-1]
        value = vote.answers.get(name)
        if value is not None:
            return f"agrees with {vote.tally.get(value, 0)} of {sum(vote.tally.values())}"
    for number in sorted(state.rounds, reverse=True):
        verdicts = [
            state.verdicts[judge]
            for judge in state.rounds[number].judges
            if judge in state.verdicts and name in state.verdicts[judge].order
        ]
        readable = [verdict for verdict in verdicts if verdict.ranking]
        if readable and readable[0].purpose == "select":
            return selected_words(readable[0], name)
        if readable and readable[0].purpose == "score":
            result = state.rounds[number].result
            score = None if result is None else result.scores.get(name)
            return "" if score is None else f"scored {10 * score:.1f} of 10"
        if readable:
            return f"won {first_places(readable, name)[0]} of {len(readable)}"
    return ""


def selected_words(verdict: Verdict, name: NodeName) -> str:
    """What the call said of ``name`` that reads all answers and says which most agree with."""
    top = verdict.ranking[0]
    if name not in top:
        return ""
    return f"stands for {len(top)} of {len(verdict.order)} that agree" if len(top) > 1 else "most consistent"


def first_places(readable: Iterable[Verdict], name: NodeName) -> tuple[int, int]:
    """How many verdicts put ``name`` first: alone, and level with others."""
    tops = [verdict.ranking[0] for verdict in readable if name in verdict.ranking[0]]
    alone = sum(len(top) == 1 for top in tops)
    return alone, len(tops) - alone
