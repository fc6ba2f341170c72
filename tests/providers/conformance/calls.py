"""One call of one adapter under test, against a script, and what came of it. Not here: the cases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cort_desktop.domain.calls import ChatRequest, Completion
from cort_desktop.domain.messages import system, user
from cort_desktop.errors import ProviderError
from tests.fakes.asking import Notices
from tests.fakes.loops import run_virtual
from tests.fakes.replies import Reply
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.providers.conformance.wire import Wire


@dataclass
class Asked:
    """What came of asking once."""

    notices: Notices = field(default_factory=Notices)
    completion: Completion | None = None
    error: ProviderError | None = None
    seconds: float = 0.0
    requests: list[Request] = field(default_factory=list)

    @property
    def done(self) -> Completion:
        assert self.completion is not None, self.error
        return self.completion

    @property
    def failed(self) -> ProviderError:
        assert self.error is not None, self.completion
        return self.error


def asking(wire: Wire, **changes: Any) -> ChatRequest:
    messages = (system("Be brief."), user("Why is the sky blue?"))
    fields: dict[str, Any] = {
        "model": wire.ref,
        "messages": messages,
        "max_tokens": 100,
        "temperature": 0.7,
    }
    return ChatRequest(**(fields | changes))


def ask_all(wire: Wire, replies: Sequence[Reply], **changes: Any) -> list[Asked]:
    """One call of one adapter for each reply; no connection and no task may be left over."""
    limits, profile = changes.pop("limits", None), changes.pop("profile", None)
    results: list[Asked] = []

    async def main() -> None:
        async with ScriptedServer(replies) as server:
            async with wire.opened(server.base_url, limits=limits, profile=profile) as model:
                for _ in replies:
                    results.append(asked := Asked())
                    started = asyncio.get_running_loop().time()
                    try:
                        asked.completion = await model.complete(asking(wire, **changes), asked.notices)
                    except ProviderError as error:
                        asked.error = error
                    asked.seconds = asyncio.get_running_loop().time() - started
                    asked.requests = server.requests
            assert len(server.requests) == len(replies)

    run_virtual(main())
    for asked in results:
        assert asked.error is None or asked.error.partial == asked.notices.text
        assert asked.completion is None or asked.completion.text == asked.notices.text
    return results


def ask(wire: Wire, reply: Reply, **changes: Any) -> Asked:
    return ask_all(wire, [reply], **changes)[0]
