"""What a person asked for on top of a run, in words: added rounds, further looks by judges, a pause, prices.

Pure words; no front end's.
"""

from __future__ import annotations

from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish
from cort_desktop.telling import figures

OUT = "out of the contest"
PAUSED = "paused"


def pause_words(state: RunState) -> str:
    """``paused after round 2``, or what is still waited for; empty without a pause."""
    if not state.paused or state.finished is not None:
        return ""
    if state.is_held:
        decided = [number for number, round_ in state.rounds.items() if number and round_.result is not None]
        return f"{PAUSED} after round {max(decided)}" if decided else PAUSED
    return "pauses after this round"


def added_words(round_: Round) -> str:
    """Behind a round's name: that a person asked for it; empty for one of the strategy's own."""
    if round_.added is None:
        return ""
    return "added by you"


def look_words(state: RunState, wish: Wish) -> str:
    """What a further look came to, and that it decides nothing by itself."""
    if wish.kind == "worth":
        return _worth_words(wish)
    by = [*(f"{model}" for model in wish.models)]
    on = ", ".join(criterion.id.replace("_", " ") for criterion in wish.criteria)
    how = "; ".join(part for part in (", ".join(by), f"on {on}" if on else "") if part)
    head = f"Judged again ({how})" if how else "Judged again"
    if wish.given_up and wish.result is None:
        return f"{head}: it was stopped."
    if wish.result is None:
        return f"{head}: not done yet."
    if wish.result.method is None:
        return f"{head}: too few of the verdicts could be read."
    if wish.result.winner is None:
        return f"{head}: no clear first."
    winner = wish.result.winner
    if winner == state.answer_node:
        return f"{head}: {winner} comes first here too."
    return f"{head}: {winner} comes first. {state.answer_node} stays the answer unless you choose another."


def _worth_words(wish: Wish) -> str:
    """``Was it worth it? R2.A1 is preferred to D.``"""
    first, final = wish.nodes
    head = "Was it worth it?"
    if wish.result is None:
        return f"{head} It was stopped." if wish.given_up else f"{head} Judges compare {first} and {final}."
    if wish.result.method is None:
        return f"{head} Too few of the verdicts could be read."
    if wish.result.winner is None:
        return f"{head} Neither {first} nor {final} is preferred in both orders."
    preferred, other = (final, first) if wish.result.winner == final else (first, final)
    return f"{head} {preferred} is preferred to {other}."


def looks_at(state: RunState, number: int) -> list[Wish]:
    """The further looks at a round, in the order in which they were asked for."""
    return [wish for wish in state.wishes if wish.is_look and wish.round == number]


def own_rankings(state: RunState, number: int) -> list[str]:
    """The person's own rankings of a round, beside the judges'; the last one counts."""
    said = [word.ranking for word in state.user if word.verb == "ranked" and word.round == number]
    last = [ranking for ranking in said if ranking][-1:]
    return [f"You ranked: {' > '.join(' = '.join(tied) for tied in ranking)}." for ranking in last]


def price_words(price: Estimate) -> str:
    """``4 to 8 calls, 2k to 5k tokens, $0.01, 20 s``; ``no calls`` for what asks nothing."""
    if not price.calls_high:
        return "no calls"
    calls = figures.span(price.calls_low, price.calls_high)
    parts = [
        f"{calls} {'call' if price.calls_high == 1 else 'calls'}",
        f"{figures.span(price.tokens_low, price.tokens_high)} tokens",
        figures.money(price.cost_microusd),
    ]
    if price.seconds is not None:
        parts.append(figures.seconds(price.seconds))
    return ", ".join(parts)
