"""`tournament` with three challengers, three rounds and three judges against a scripted service: whole runs,
and the same calls one after the other. Shared by its figures.

The service's answers are all different and each is preferred to those before it, so that no stop rule ends a
run early and no round is tied; what was really played is looked at.
"""

import itertools
import random
import time
from collections.abc import Callable
from typing import NamedTuple

from bench._served import FIRST_S, PIECE_S, app_in, home, judge_body, verdict_of
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.services.planning import Ask
from tests.fakes.asking import remote, request
from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import Reply, chat_reply
from tests.fakes.scripted_server import Request

ROUNDS = CHALLENGERS = JUDGES = 3
CALLS = 1 + ROUNDS * (CHALLENGERS + JUDGES)
CONTESTANTS = CHALLENGERS + 1
TIMES = 3
_WORDS = 90


class Played(NamedTuple):
    """What one run took, and how many head-to-heads were in it."""

    seconds: float
    duels: int


class Apart(NamedTuple):
    """Seconds of one answer and of one verdict, each asked by itself."""

    answer_s: float
    verdict_s: float

    @property
    def depth_s(self) -> float:
        """R(T_g + T_j)."""
        return ROUNDS * (self.answer_s + self.verdict_s)

    @property
    def one_by_one_s(self) -> float:
        """All calls of a run, one after the other."""
        return (1 + ROUNDS * CHALLENGERS) * self.answer_s + ROUNDS * JUDGES * self.verdict_s


def service() -> Callable[[Request], Reply]:
    """Numbered answers of one length but of other words; judges rank the newest first."""
    numbers = itertools.count(1000)

    def script(asked: Request) -> Reply:
        prompt = asked.messages[-1]["content"]
        shown = CANDIDATE.findall(prompt) if '"ranking"' in prompt else []
        if not shown:
            return chat_reply(_answer(next(numbers)), first_delay=FIRST_S, delay=PIECE_S)
        newest_first = sorted(shown, key=lambda pair: pair[1][:4], reverse=True)
        text = verdict_json([[label] for label, _ in newest_first])
        return chat_reply(text, first_delay=FIRST_S, delay=PIECE_S)

    return script


def _answer(number: int) -> str:
    letters = random.Random(number)
    words = ("".join(letters.choices("abcdefghijklmnop", k=5)) for _ in range(_WORDS))
    return f"{number} {' '.join(words)}"


async def apart(base_url: str) -> Apart:
    """The median of each kind of call, asked through the bare adapter."""
    verdict = request(judge_body(CONTESTANTS))
    if len(verdict_of(CONTESTANTS)) < _WORDS:
        raise RuntimeError("a verdict is shorter than those of a panel")
    async with remote(base_url) as adapter:

        async def seconds(asked: ChatRequest) -> float:
            before = time.perf_counter()
            await adapter.complete(asked, lambda _: None)
            return time.perf_counter() - before

        await seconds(request())  # connects
        answers = sorted([await seconds(request()) for _ in range(TIMES)])
        verdicts = sorted([await seconds(verdict) for _ in range(TIMES)])
    return Apart(answers[TIMES // 2], verdicts[TIMES // 2])


async def tournaments(base_url: str) -> Played:
    """The median of some whole runs; the first, in which everything is loaded, doesn't count."""
    runs = []
    with home(base_url) as folder:
        async with app_in(folder) as app:
            for number in range(TIMES + 1):
                ask = Ask(
                    question=f"Why {number}?",
                    strategy="tournament",
                    rounds=ROUNDS,
                    alternatives=CHALLENGERS,
                    judges=JUDGES,
                )
                before = time.perf_counter()
                outcome = await app.chat.ask(ask, lambda _: None)
                seconds = time.perf_counter() - before
                state = outcome.state
                duels = sum(v.purpose == "head_to_head" for v in state.verdicts.values()) // 2
                if state.rounds_finished != ROUNDS or state.spent.calls != CALLS + 2 * duels:
                    raise RuntimeError(
                        f"{state.rounds_finished} rounds, {state.spent.calls} calls were played"
                    )
                runs.append(Played(seconds, duels))
    return sorted(runs[1:])[TIMES // 2]
