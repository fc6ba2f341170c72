"""``auto``: picks a way to think from the question, by cheap signs; a router is asked only where they say
nothing.

Where to spend compute depends on the question (Snell et al. 2024, arXiv:2408.03314), and a model may be asked
which way to go before it goes (Ong et al. 2024, arXiv:2406.18665, route between models so). The choice, why,
and what it is expected to take are written down as ``run.planned`` before anything else is spent; from there
on the run is one of the chosen strategy. Calls: the chosen one's, and one more where a router was asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import cast

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import call_name
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import NUMBERS, WholeSetting
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Start
from cort_desktop.engine.extraction import is_checkable
from cort_desktop.engine.prompts import WAYS_TO_THINK
from cort_desktop.engine.replies import read_way
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    Strategy,
    fallback_answer,
    models_for,
    pick_model,
)
from cort_desktop.engine.strategies.best_of_n import BestOfN
from cort_desktop.engine.strategies.council import Council
from cort_desktop.engine.strategies.debate import Debate
from cort_desktop.engine.strategies.self_consistency import SelfConsistency
from cort_desktop.engine.strategies.single import Single
from cort_desktop.engine.strategies.tournament import Tournament

ROUTER_CALL = call_name(1)
UNREAD = "best_of_n"
"""Where a router's reply can't be read."""
LONG_QUESTION_WORDS = 120
SMALL_TALK_WORDS = 4
COUNCIL_MODELS = 3

_SMALL_TALK = re.compile(
    r"(?:hi|hello|hey|thanks|thank you|good (?:morning|evening|night)|bye|ok|okay|hallo|danke|hola|gracias|"
    r"bonjour|merci|ciao|grazie|привет|спасибо|你好|谢谢)\b[\s\w,]*[.!]?",
    re.IGNORECASE,
)
_TWO_SIDES = re.compile(
    r"\bshould (?:i|we|you|one|they|he|she|it)\b|\bpros and cons\b"
    r"|\b(?:is|are|was|were) .{2,80} better than\b|\b(?:versus|vs\.?)\b|\bfor or against\b"
    r"|\bagree or disagree\b|\bsoll(?:te|ten|en)? (?:ich|wir|man)\b",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"\b(?:write|implement|refactor|debug|design|plan|draft|prove|derive|optimi[sz]e|architect|translate|"
    r"compose|develop|build|schreibe?|entwirf|beweise|übersetze|escribe|écris|напиши)\b|```|\bdef |\bclass ",
    re.IGNORECASE,
)
_EXPLAIN = re.compile(
    r"^\W*(?:why|how (?:do|does|did|can|could|would|is|are)|what (?:is|are|causes?|happens?)|explain|"
    r"describe|summari[sz]e|tell me|who|where|"
    r"warum|wie|was ist|erkläre|por qué|qué es|pourquoi|comment|почему|что)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A way to think for a question, and the sign that spoke for it, in a sentence."""

    strategy: str
    why: str


class Auto:
    """The way to think is chosen from the question."""

    name = "auto"
    summary = "Picks a way to think from the question, and says which, why and what it will take."
    source = "Snell et al. 2024, arXiv:2408.03314; Ong et al. 2024, arXiv:2406.18665"
    settings = (
        WholeSetting(
            name="rounds", default=None, low=1, high=10, words="rounds, where the way picked has any"
        ),
        WholeSetting(
            name="alternatives", default=None, low=1, high=20, words="answers or samples of the way picked"
        ),
        WholeSetting(
            name="judges", default=None, low=1, high=9, words="judges, where the way picked has any"
        ),
    )

    def __init__(self) -> None:
        ways = (Single(), SelfConsistency(), BestOfN(), Tournament(), Debate(), Council())
        self._ways: dict[str, Strategy] = {way.name: way for way in ways}

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """Those of the way that will be picked; where a router picks it, from the cheapest to the dearest."""
        pick = picked(spec, question)
        if pick is not None:
            way = self._ways[pick.strategy]
            return way.calls(self._spec(way, spec), question)
        dearest = self._ways["tournament"]
        most = dearest.calls(self._spec(dearest, spec), question)
        least = [replace(call, low=0) for call in most[1:]]
        return (Calls(role="router", low=1, high=1), replace(most[0], low=1), *least)

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """That of the way that will be picked; where a router picks it, of one in the middle."""
        pick = picked(spec, question)
        way = self._ways[UNREAD if pick is None else pick.strategy]
        return way.depth(self._spec(way, spec), question)

    def decide(self, state: RunState) -> list[Decision]:
        """Pick, asking a router where the signs say nothing; once."""
        pick = picked(state.spec, state.question)
        estimate = None
        if pick is not None:
            estimate = state.started.estimate if state.started is not None else None
        else:
            node = state.nodes.get(ROUTER_CALL)
            if node is None or node.may_ask_again:
                model = pick_model(state.spec, "router", 0)
                return [Start(job=Job(name=ROUTER_CALL, task="route", role="router", model=model))]
            if node.status == "running":
                return []
            pick = _routed(node.text if node.status == "finished" else None)
        way = self._ways[pick.strategy]
        plan = ev.RunPlanned(
            strategy=way.name, spec=self._spec(way, state.spec), why=pick.why, estimate=estimate
        )
        return [Record(body=plan)]

    def close(self, state: RunState) -> Finish:
        """Nothing was answered yet."""
        return Finish(
            rule="not_started",
            text="No way to think was picked yet.",
            answer=fallback_answer(state),
            degraded=True,
        )

    def _spec(self, way: Strategy, spec: RunSpec) -> RunSpec:
        """The numbers that were asked for, as far as ``way`` takes them; else its own."""
        numbers: dict[str, int | None] = dict.fromkeys(NUMBERS)
        settings = dict(spec.settings)
        for each in way.settings:
            if each.name not in NUMBERS:
                settings.setdefault(each.name, each.default)
            elif isinstance(each, WholeSetting):
                said = cast("int | None", getattr(spec, each.name))
                fitting = None if said is None else min(max(said, each.low), each.high)
                numbers[each.name] = each.default if fitting is None else fitting
        return replace(
            spec,
            rounds=numbers["rounds"],
            alternatives=numbers["alternatives"],
            judges=numbers["judges"],
            settings=settings,
        )


def picked(spec: RunSpec, question: str) -> Pick | None:
    """The way to think that the signs speak for; None where they say nothing."""
    words = question.split()
    text = " ".join(words)
    if len(words) <= SMALL_TALK_WORDS and _SMALL_TALK.fullmatch(text):
        return Pick(strategy="single", why="This is small talk, so one answer is enough.")
    if spec.verifier is not None:
        return Pick(strategy="best_of_n", why="Answers can be checked, so several are written and checked.")
    if is_checkable(question):
        why = "The question has an answer that can be compared, so samples vote."
        return Pick(strategy="self_consistency", why=why)
    if _TWO_SIDES.search(text):
        return Pick(strategy="debate", why="The question has two sides, so both are argued before judges.")
    if _WORK.search(question) or len(words) > LONG_QUESTION_WORDS:
        why = "This is a piece of work with much to get right, so answers are improved in rounds."
        return Pick(strategy="tournament", why=why)
    if _EXPLAIN.search(text):
        if len(set(models_for(spec, "proposer"))) >= COUNCIL_MODELS:
            why = "The question is open and several models are at hand, so they answer, rank and join."
            return Pick(strategy="council", why=why)
        why = "The question is open and has no single answer to compare, so judges choose among several."
        return Pick(strategy="best_of_n", why=why)
    return None


def _routed(said: str | None) -> Pick:
    """What a router said, read."""
    way = None if said is None else read_way(said, tuple(WAYS_TO_THINK))
    if way is not None:
        return Pick(
            strategy=way, why=f"The signs were unclear; asked, the model picked: {WAYS_TO_THINK[way]}."
        )
    why = "the router brought nothing" if said is None else "what the router picked could not be read"
    return Pick(
        strategy=UNREAD, why=f"The signs were unclear and {why}, so judges choose among several answers."
    )
