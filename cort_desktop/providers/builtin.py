"""The built-in model: llama.cpp in a child process, asked like any other service on loopback.

The child is started by the first call that needs it (or earlier, with ``launch`` or ``warm``), loads once for
all, ends after a while without calls and with the program. When it dies, the calls that ran fail as "crashed"
and the next call starts it again.

Not here: the protocol (``openai_chat``), the child's own program (``builtin_child``), its process
(``builtin_process``), where the file is (``model_file``), asking again (``resilience``).
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.clock import Clock
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.providers.builtin_child import ChildOrder, ChildReport, threads_to_use
from cort_desktop.providers.builtin_grammar import GuidedChat
from cort_desktop.providers.builtin_process import ChildProcess, child_command
from cort_desktop.providers.builtin_room import Room, most_tokens
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.model_file import PROVIDER, SLOTS, KnownModel, ModelFiles
from cort_desktop.providers.openai_chat import OpenAIChat
from cort_desktop.providers.own_models import OwnModel

IDLE_S = 300.0
_GRACE_S = 2.0
_LOAD_S = 120.0
_DYING_S = 1.0
_KEY_BYTES = 32
_BREAKS: frozenset[ErrorKind] = frozenset({"unreachable", "interrupted", "not_an_api"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Serving:
    """A child that has loaded, and the way to ask it."""

    child: ChildProcess
    chat: OpenAIChat
    transport: Transport


class BuiltinModel:
    """One built-in model as a ChatModel. Belongs to one event loop from the first await on; close it.

    idle_s: after so many seconds without a call the child is ended; None keeps it. key: makes the random key.
    """

    def __init__(
        self,
        name: str,
        files: ModelFiles,
        *,
        clock: Clock,
        limits: Limits | None = None,
        idle_s: float | None = IDLE_S,
        command: Sequence[str] | None = None,
        key: Callable[[], str] = lambda: secrets.token_urlsafe(_KEY_BYTES),
    ) -> None:
        self._files = files
        self._model = files.named(name)
        self.profile = self._model.profile
        self._clock = clock
        # llama.cpp closes a connection after each stream, though it says that it keeps it: every other
        # request would be lost, and a new connection on loopback costs nothing.
        self._limits = replace(limits or Limits(), keep_alive_s=0.0)
        self._idle_s = idle_s
        self._command = tuple(command or child_command())
        self._new_key = key
        self._room = Room(places=SLOTS, tokens=self._model.context_tokens)
        self._launched: ChildProcess | None = None
        self._loading: asyncio.Task[_Serving] | None = None
        self._serving: _Serving | None = None
        self._idle: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._calls = 0
        self._closed = False

    def serves(self, model: KnownModel | OwnModel) -> bool:
        """Whether it is made of just this file with this context."""
        return self._model == model

    @property
    def pid(self) -> int | None:
        """The child's process number while there is one."""
        return self._launched.pid if self._launched else None

    def launch(self) -> None:
        """Start the child's process, which then waits for its order; costs milliseconds and needs no loop.

        So the child gets ready while the program itself still starts. A failure shows at the first call.
        """
        if self._launched is None and not self._closed:
            with suppress(OSError):
                self._launched = ChildProcess(self._command, os.environ)

    async def warm(self) -> None:
        """Load the model unless it is loaded. Raises ProviderError."""
        self._stay()
        try:
            await self._served()
        finally:
            self._rest()

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """Ask once; see ``domain.calls.ChatModel``. Raises ProviderError."""
        self._stay()
        try:
            async with self._room.held(most_tokens(request.messages) + request.max_tokens):
                serving = await self._served()
                try:
                    return await serving.chat.complete(request, notify, admit)
                except ProviderError as error:
                    if await self._has_died(serving.child, error):
                        raise self._crashed(serving.child, error) from error
                    raise
        finally:
            self._rest()

    async def aclose(self) -> None:
        """End the child within the grace time. Calling it twice is fine; calls after it are refused."""
        self._closed = True
        if self._launched is not None and self._loading is not None:
            self._launched.kill()
        going = {task for task in (self._idle, self._loading) if task is not None}
        self._stay_no_longer()
        if going:
            await asyncio.wait(going)
        await self._retire()
        if self._ending:
            await asyncio.wait(set(self._ending))

    async def _served(self) -> _Serving:
        """The running child, started if need be; all who wait share one start."""
        self._demand_open()
        if self._serving is not None:
            if self._serving.child.is_alive:
                return self._serving
            await self._retire()
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="load the built-in model")
            self._loading.add_done_callback(_seen)
        return await asyncio.shield(self._loading)

    async def _load(self) -> _Serving:
        try:
            path = await asyncio.to_thread(self._files.find, self._model.name)
            self._demand_open()
            key = self._new_key()
            order = ChildOrder(
                path=str(path),
                alias=self._model.name,
                key=key,
                slots=SLOTS,
                context_tokens=self._model.context_tokens,
                threads=threads_to_use(),
                kept_tokens=self._model.kept_tokens,
            )
            child = self._child()
            too_long = asyncio.get_running_loop().call_later(_LOAD_S, child.kill)
            try:
                report = await asyncio.to_thread(child.obey, order)
            finally:
                too_long.cancel()
            self._serving = self._asked_at(child, await self._checked(child, report), key)
            self._begin_idle()  # all who waited for it may have been cancelled
            return self._serving
        except BaseException:
            await self._retire()
            raise
        finally:
            self._loading = None

    def _demand_open(self) -> None:
        if self._closed:
            raise ProviderError(f"{self._asked} was closed with the program.", kind="crashed", sent=False)

    def _child(self) -> ChildProcess:
        """The process that was launched, or a new one."""
        if self._launched is None or not self._launched.is_alive:
            try:
                self._launched = ChildProcess(self._command, os.environ)
            except OSError as error:
                raise ProviderError(
                    f"{self._asked} could not be started ({error.strerror}): close programs and try again.",
                    kind="crashed",
                    retryable=True,
                    sent=False,
                ) from error
        return self._launched

    async def _checked(self, child: ChildProcess, report: ChildReport | None) -> ChildReport:
        """The report of a child that serves. Raises ProviderError when it doesn't."""
        if report is not None and report.address:
            return report
        await child.ended_within(_DYING_S)
        self._demand_open()
        if report is not None and report.without_library:
            message = (
                f"{self._asked} can't run: its engine xllamacpp can't be loaded ({report.detail}). Install "
                f"cort-desktop again."
            )
            raise ProviderError(message, kind="model_file", sent=False)
        if report is not None:
            raise ProviderError(
                f"{self._asked} could not be loaded: its file is damaged or memory is short "
                f"({child.how_it_ended()}). {self._model.mend}.",
                kind="model_file",
                sent=False,
            )
        raise ProviderError(
            f"The process of {self._asked} ended while it loaded ({child.how_it_ended()}). Try again; if it "
            f"goes on, free memory: it needs about {self._model.memory_bytes // 1_000_000} MB.",
            kind="crashed",
            retryable=True,
            sent=False,
        )

    def _asked_at(self, child: ChildProcess, report: ChildReport, key: str) -> _Serving:
        # A transport of its own: connections to a child that died must not be used for the next.
        transport = Transport(limits=self._limits)
        chat = (GuidedChat if report.guided else OpenAIChat)(
            provider=PROVIDER,
            base_url=f"{report.address}/v1",
            key=key,
            profile=self.profile,
            transport=transport,
            clock=self._clock,
        )
        return _Serving(child=child, chat=chat, transport=transport)

    async def _has_died(self, child: ChildProcess, error: ProviderError) -> bool:
        """Whether the child is gone; its connections break a moment before it does."""
        if error.kind in _BREAKS:
            return await child.ended_within(_DYING_S)
        return not child.is_alive

    def _crashed(self, child: ChildProcess, error: ProviderError) -> ProviderError:
        what = "was closed with the program" if self._closed else "starts again with the next call"
        return ProviderError(
            f"The process of {self._asked} died in the middle of a call ({child.how_it_ended()}). It {what}.",
            kind="crashed",
            retryable=not self._closed,
            partial=error.partial,
            reasoning=error.reasoning,
            sent=error.sent,
        )

    async def _retire(self) -> None:
        """Let go of the child there is, at once; then end it."""
        child, serving = self._launched, self._serving
        self._launched = self._serving = None
        if child is None:
            return
        ending = asyncio.create_task(_end(child, serving), name="end the built-in model")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await asyncio.shield(ending)

    def _stay(self) -> None:
        self._calls += 1
        self._stay_no_longer()

    def _stay_no_longer(self) -> None:
        """Forget the idle shutdown that was planned."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _rest(self) -> None:
        """A call is over; after the last one the idle time begins."""
        self._calls -= 1
        self._begin_idle()

    def _begin_idle(self) -> None:
        if self._calls == 0 and self._idle_s is not None and self._serving is not None and not self._closed:
            self._idle = asyncio.create_task(self._end_when_idle(self._idle_s), name="idle built-in model")

    async def _end_when_idle(self, idle_s: float) -> None:
        await self._clock.sleep(idle_s)
        await self._retire()

    @property
    def _asked(self) -> str:
        return f"the built-in model {self._model.name}"


async def _end(child: ChildProcess, serving: _Serving | None) -> None:
    # A stream must see the child's end of it close: closed on this side, it would only notice when its time
    # is up. So the child goes first, and the connections when the last stream has seen it.
    await child.end(_GRACE_S)
    if serving is not None:
        await serving.transport.retire()


def _seen(loading: asyncio.Task[_Serving]) -> None:
    """Look at the outcome once, for the case that everyone who waited for it was cancelled."""
    if not loading.cancelled():
        loading.exception()
