"""A conversation of 4,000 tokens and the built-in model: at most 40 % of the input of rounds 2 and later is
computed anew, by the server's own reports; the rest comes from its prefix cache.

A tournament of two challengers and two judges, two rounds, with the real child process.
"""

import asyncio
import tempfile
from pathlib import Path

from devtools.bench import Result
from tests.fakes.builtin import opened
from tests.fakes.real_contest import real_engine, talk, tournament, view
from tests.fakes.runs import RUN, Log

BOUND = 0.40
CONVERSATION = range(3600, 4401)
EXCHANGES = 34
LONGEST_ANSWER = 64


def measure() -> Result:
    """Tokens computed in rounds 2 and later, beside all of their input."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    begun = tournament(max_tokens=LONGEST_ANSWER, rounds=2, alternatives=2, judges=2)
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as model:
            run = real_engine(model).start(RUN, begun, view(talk(EXCHANGES)), Log(), {})
            await run.answer()
    nodes = run.state.nodes.values()
    draft = next(node.usage for node in nodes if node.role == "proposer")
    if draft is None or draft.input not in CONVERSATION:
        raise RuntimeError(f"the conversation is not about 4,000 tokens long, but {draft}")
    later = [node.usage for node in nodes if node.round > 1 and node.usage is not None]
    read = sum(usage.input for usage in later)
    return Result(read - sum(usage.cached_input for usage in later), read, "tokens")
