"""What is told of runs before a person says yes, and what is looked up without working on one.

Half of ``ChatService``, which works; how a price is found is ``foresight``'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from cort_desktop.domain.auditing import Audit
from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.ids import Blob, NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import Settings
from cort_desktop.engine import steering
from cort_desktop.engine.audit import audit
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies.shelf import Unusable
from cort_desktop.errors import UsageError
from cort_desktop.services import presets
from cort_desktop.services.foresight import Consequences, Forecast, Foresight
from cort_desktop.services.lineups import roles_of
from cort_desktop.services.live_runs import LiveRuns
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.services.planning import Ask
from cort_desktop.services.rerun_price import rerun_price
from cort_desktop.services.resting_runs import RestingRuns


class Foretelling:
    """Tells; changes nothing."""

    _engine: Engine
    _settings: Callable[[], Settings]
    _live: LiveRuns
    _resting: RestingRuns
    _foresight: Foresight
    _unusable: Callable[[], tuple[Unusable, ...]]

    async def consequences(self, run: str, node: NodeName) -> Consequences:
        """What making ``node`` the answer would leave behind. Raises UsageError when it can't be chosen."""
        name = await self._name(run)
        going = self._live.at_work(name)
        if going is not None and not self._live.is_stored(name):
            steering.chosen(going.state, node)
            return Consequences(node=node, instead_of=going.state.answer_node)
        resting = await self._resting.read(name)
        if going is not None:
            resting = replace(resting, state=going.state.copy())
        steering.chosen(resting.state, node)
        return await asyncio.to_thread(self._foresight.consequences, resting, node)

    async def retry_price(self, run: str, node: NodeName) -> Estimate:
        """What trying a call again would take: calls, tokens, money and seconds. Raises as ``retry``."""
        name = await self._name(run)
        going = self._live.at_work(name)
        if going is not None:
            return await self._foresight.retry_price(
                going.state, going.view, node, working=True, stored=self._live.is_stored(name)
            )
        resting = await self._resting.read(name)
        return await self._foresight.retry_price(
            resting.state, resting.view, node, working=False, stored=resting.is_stored
        )

    async def rerun_price(self, runs: Sequence[RunId]) -> Estimate | None:
        """What answering the questions of ``runs`` once more would take, all together; None without any."""
        return await rerun_price(runs, self._resting, self._foresight)

    def request(self, run: RunId, node: NodeName) -> str:
        """Exactly what was sent for a node of a run that is not stored, as JSON; that of a stored one is the
        library's. Raises UsageError when nothing was, or nothing of it was kept.
        """
        going = self._live.at_work(run)
        kept = None if going is not None else self._resting.at_hand(run)
        state = going.state if going is not None else None if kept is None else kept.state
        found = None if state is None or node not in state.nodes else state.nodes[node].request
        text = None if found is None else self._resting.texts(run).get(Blob(found))
        if text is None:
            raise UsageError(f"What was sent for {node} was not kept: its conversation is not stored.")
        return text

    async def estimate(self, ask: Ask) -> Forecast:
        """What asking would take, and how it would be asked: the same that ``run.started`` will say.
        Nothing is written or started; an empty question is estimated as well. Raises as ``ask``, but a plan
        that is clear and may not be carried out (a cap on money without a price) comes back with the
        reason.
        """
        return await self._foresight.forecast(ask)

    def audit(self, state: RunState) -> Audit:
        """How far the judges of a run can be believed, as far as it has come."""
        return audit(state)

    def tokens(self, text: str) -> int:
        """About how many tokens a text has, by the program's own estimate."""
        return self._engine.tokens.count(text)

    def strategies(self) -> list[StrategyInfo]:
        """The strategies there are, with their settings."""
        return [
            StrategyInfo(name=s.name, summary=s.summary, settings=s.settings, roles=roles_of(s))
            for s in self._engine.strategies.values()
        ]

    def unusable_strategies(self) -> list[str]:
        """What other packages add to the strategies in vain: a sentence for each."""
        return [str(each) for each in self._unusable()]

    def presets(self) -> list[presets.Preset]:
        """The presets there are."""
        return list(presets.presets(self._settings()).values())

    async def _name(self, run: str) -> RunId:
        """The run of that id if it is in our hands, else the one whose id begins so."""
        return RunId(run) if self._live.is_held(RunId(run)) else await self._resting.name(run)
