"""``chat``: a conversation in the terminal. Its verbs, and what a question, a second one and Ctrl-C mean.

Where lines come from and where a run is painted is a ``Seat``: ``painted_seat.py`` at a terminal,
``plain_seat.py`` for a pipe or a terminal that can't be painted on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.domain.worth import worth_of
from cort_desktop.errors import CortError, UsageError
from cort_desktop.services.wishes import was_it_worth_it
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.summary import is_resumable
from cort_desktop.telling.wishes import price_words
from cort_desktop.terminal import codes, context_verbs, wish_verbs
from cort_desktop.terminal.agreeing import agree
from cort_desktop.terminal.ask import print_tree, print_why
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.live import Watched
from cort_desktop.terminal.options import ChatOptions
from cort_desktop.terminal.question import as_question
from cort_desktop.terminal.running import (
    Ending,
    Start,
    say_ending,
    say_run,
    telling_the_run,
    to_ask,
    work,
)
from cort_desktop.terminal.seat import Seat, choose_seat
from cort_desktop.terminal.streams import Streams
from cort_desktop.terminal.suggestions import did_you_mean
from cort_desktop.terminal.summary import Hints
from cort_desktop.terminal.worth import compared_texts, run_lines

if TYPE_CHECKING:
    from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
    from cort_desktop.services.app import App
    from cort_desktop.services.outcomes import Outcome
    from cort_desktop.services.planning import Ask
    from cort_desktop.services.wishes import Wished

VERBS: Final = {
    "/stop": "stop the run that is working; what there is stays",
    "/tree": "the rounds of the last run",
    "/why": "why its answer won",
    "/retry": "think the last question through again; the old answer is kept beside it",
    "/resume": "go on with the last run, when it was stopped or met a cap",
    **wish_verbs.VERBS,
    **context_verbs.VERBS,
    "/help": "this list",
    "/quit": "leave (so does the end of input)",
}


KNOWN: Final = {*(typed.split()[0] for typed in VERBS), "/back", "/go"}
"""The verbs by themselves; the last two are told with those they undo."""
_OF_A_RUN: Final = {"/yes", "/pause", "/go", "/rank", "/choose", "/drop", "/back"}


def _checked(line: str) -> tuple[str, str]:
    """The verb of a line and what stands behind it. Raises UsageError for one there isn't."""
    name, _, rest = line.partition(" ")
    if name not in KNOWN:
        raise UsageError(
            f"There is no verb {one_line(name)[:40]}{did_you_mean(name, sorted(KNOWN)) or '.'} "
            "/help lists them."
        )
    takes_more = {typed.split()[0] for typed in VERBS if " " in typed} | {"/back"}
    if rest.strip() and name not in takes_more:
        raise UsageError(f"{name} stands alone on its line; /help lists the verbs.")
    return name, rest.strip()


async def chat(options: ChatOptions, app: App, streams: Streams) -> int:
    """Talk until the end of input; the exit code."""
    if options.note:
        streams.complain(options.note)
    await agree(app.chat.consents, await app.chat.consents.of_ask(to_ask(options.run, "")), streams)
    return await Chat(options, app, streams, choose_seat(streams)).talk()


class Chat:
    """One conversation: what was asked last, how it came out, what works right now."""

    def __init__(self, options: ChatOptions, app: App, streams: Streams, seat: Seat) -> None:
        self._options = options.run
        self._app = app
        self._streams = streams
        self._seat = seat
        self._conversation: ConversationId | None = None
        self._turn: TurnId | None = None
        self._question = ""
        self._seen = Watched()
        self._working: asyncio.Task[None] | None = None
        self._telling: asyncio.Future[None] | None = None
        self._interrupts: Interrupts | None = None
        self._code: int = codes.ANSWER
        self._is_left = False
        self._offered: tuple[RunId, Wished] | None = None
        self._has_looked = False

    async def talk(self) -> int:
        """Take lines until they end, a person leaves, or Ctrl-C at a plain seat."""
        try:
            await self._introduce()
            while not self._is_left:
                line = await self._next_line()
                if line is None:
                    break
                await self._take(line)
        finally:
            self._seat.close()
            await self._stop_and_wait()
        return self._code

    async def _introduce(self) -> None:
        if self._options.conversation is None:
            if self._seat.takes_lines_while_working:
                self._streams.say("Ask something hard. /help lists what else you can type; Ctrl-D leaves.")
            return
        view = await self._app.library.show(self._options.conversation)
        self._conversation = view.conversation.id
        self._streams.say(f"Going on with “{one_line(view.conversation.title)}”.")

    async def _next_line(self) -> str | None:
        """The next line. Ctrl-C stops a working run; without one, a second Ctrl-C leaves."""
        is_warned = False
        while True:
            try:
                return await self._seat.read()
            except KeyboardInterrupt:
                if self._working is not None:
                    self._stop()
                elif is_warned and not self._seat.has_typed:
                    self._code = codes.INTERRUPTED
                    return None
                else:
                    is_warned = True
                    self._streams.say("Ctrl-C again, Ctrl-D or /quit leaves.")

    async def _take(self, line: str) -> None:
        words = line.strip()
        try:
            if words.startswith("/") and "\n" not in words:
                await self._obey(words)
            elif words:
                await self._ask(as_question(line))
        except CortError as error:
            self._fail(error)

    async def _obey(self, verb: str) -> None:
        name, rest = _checked(verb)
        if await self._obey_wish(name, rest) or await context_verbs.obey(
            name,
            rest,
            app=self._app,
            streams=self._streams,
            conversation=self._conversation,
            state=self._seen.state,
        ):
            return
        match name:
            case "/quit":
                self._is_left = True
            case "/help":
                for typed, words in VERBS.items():
                    self._streams.say(f"{typed:12}  {words}")
            case "/stop":
                self._stop()
            case "/tree" | "/why":
                self._show(name, self._last_state())
            case "/retry":
                await self._retry()
            case "/resume":
                await self._resume()

    def _show(self, name: str, state: RunState) -> None:
        if name == "/why":
            print_why(self._streams, state, self._app.chat.audit(state))
        else:
            live = self._seen.streaming if self._working else None
            print_tree(self._streams, state, is_worked_on=bool(self._working), live=live)

    async def _obey_wish(self, name: str, rest: str) -> bool:
        """What is wanted of the last run on top; whether the verb was one of these."""
        wanted = wish_verbs.wished(name, rest)
        if wanted is None and name not in _OF_A_RUN:
            return False
        state = self._last_state()
        wishes = self._app.chat.wishes
        if wanted is not None:
            if name == "/worth":
                await self._say_worth(state)
            await self._offer(state.run, wanted)
        elif name == "/yes":
            await self._carry_out()
        elif name in ("/pause", "/go"):
            working = wishes.pause(state.run) if name == "/pause" else wishes.go_on(state.run)
            if not working:
                raise UsageError("Nothing is working." + (" /resume goes on." if name == "/go" else ""))
        elif name == "/rank":
            self._take_in(await wishes.rank(state.run, wish_verbs.ranking(rest)))
        elif name == "/choose":
            node = wish_verbs.node(rest, name) if rest else None
            self._take_in(await self._app.chat.override(state.run, node))
            self._say_answer()
        else:
            await self._in_or_out(state, name, wish_verbs.node(rest, name))
        return True

    async def _in_or_out(self, state: RunState, name: str, node: NodeName) -> None:
        """A running call is stopped, a finished candidate taken out of the contest or put back."""
        wishes = self._app.chat.wishes
        if name == "/back":
            self._take_in(await wishes.put_back(state.run, node))
        elif node in state.running:
            self._app.chat.cancel(state.run, node)
        else:
            self._take_in(await wishes.take_out(state.run, node))
        self._say_answer()

    async def _say_worth(self, state: RunState) -> None:
        """What is known of it without asking anybody."""
        found = worth_of(state)
        if found is not None:
            for line in run_lines(state, found, await compared_texts(state, found)):
                self._streams.say(line)

    async def _offer(self, run: RunId, wanted: Wished) -> None:
        """Say what it takes; what asks nothing is done at once."""
        price = await self._app.chat.wishes.price(run, wanted)
        self._offered = (run, wanted)
        if not price.calls_high:
            await self._carry_out()
            return
        self._streams.say(f"This takes about {price_words(price)} ({wanted.why}). /yes does it.")

    async def _carry_out(self) -> None:
        """Do what was priced last: the run at work takes it in, one at rest goes on over its tree."""
        if self._offered is None:
            raise UsageError("Nothing was priced; type what you want first. /help lists the verbs.")
        (run, wanted), self._offered = self._offered, None
        is_worth = wanted.why == was_it_worth_it().why
        wishes = self._app.chat.wishes
        if self._working is not None:
            await wishes.carry_out(run, wanted, lambda _: None)
            return
        if not self._options.store:
            raise UsageError("Nothing of this run was stored, so it can't go on; /retry begins anew.")
        before = await self._app.chat.replay(run)

        async def begin(show: Callable[[ev.Event], None]) -> Outcome:
            found = await wishes.carry_out(run, wanted, show)
            if found is None:
                raise UsageError("The run was taken up meanwhile; ask again.")
            self._has_looked = is_worth
            return found

        await self._start(begin, before)

    def _take_in(self, events: Sequence[ev.Event]) -> None:
        """Fold what was written down of a run at rest."""
        for event in events:
            if self._seen.state is not None and (event.seq or 0) > self._seen.state.seq:
                self._seen.take(event)

    def _say_answer(self) -> None:
        self._streams.say(f"The answer is {self._last_state().answer_node or 'not there yet'}.")

    async def _ask(self, question: str) -> None:
        await self._think(to_ask(self._options, question, conversation=self._conversation))

    async def _retry(self) -> None:
        if self._turn is None:
            raise UsageError("There is nothing to retry yet; ask a question first.")
        await self._think(
            to_ask(self._options, self._question, conversation=self._conversation, again=self._turn)
        )

    async def _think(self, wish: Ask) -> None:
        self._refuse_a_second()
        self._question = wish.question
        self._offered = None  # it was of the run before
        await self._start(lambda show: self._app.chat.ask(wish, self._naming(show)))

    async def _resume(self) -> None:
        """Go on with the last run, over its tree as it was."""
        self._refuse_a_second()
        state = self._seen.state
        if state is None or not is_resumable(state):
            raise UsageError("There is nothing to go on with: no run was stopped, and none met a cap.")
        if not self._options.store:
            raise UsageError("Nothing of this run was stored, so it can't go on; /retry begins anew.")
        before = await self._app.chat.replay(state.run)
        await self._start(lambda show: self._app.chat.resume(state.run, show), before)

    def _refuse_a_second(self) -> None:
        if self._working is not None:
            raise UsageError("A run is working: /stop stops it; then Up brings your line back.")

    async def _start(self, begin: Start, before: Sequence[ev.Event] = ()) -> None:
        """Begin a run; at a seat that reads on, it works beside the prompt."""
        self._working = asyncio.ensure_future(self._work(begin, before))
        if not self._seat.takes_lines_while_working:
            await self._working

    async def _work(self, begin: Start, before: Sequence[ev.Event]) -> None:
        self._interrupts = interrupts = self._seat.interrupts()
        view = self._seat.view(interrupts)
        view.recall(before)
        try:
            ending = await work(self._app.chat, lambda show: begin(self._following(show)), view, interrupts)
            await self._conclude(ending)
        except CortError as error:
            await self._seat.above(partial(self._fail, error))
        finally:
            if self._telling is not None:
                await self._telling
            self._working = self._telling = None

    def _naming(self, show: Callable[[ev.Event], None]) -> Callable[[ev.Event], None]:
        """Say the run's id when it begins; what is printed above a prompt takes turns with it."""

        def name(run: RunId) -> None:
            self._telling = asyncio.ensure_future(self._seat.above(partial(say_run, self._streams, run)))

        return telling_the_run(show, name) if self._options.store else show

    def _following(self, show: Callable[[ev.Event], None]) -> Callable[[ev.Event], None]:
        """Keep the state of the working run, for ``/tree`` and ``/why`` meanwhile."""

        def follow(event: ev.Event) -> None:
            if self._seen.state is None or self._seen.state.run != event.run:
                self._seen = Watched()
            self._seen.take(event)
            show(event)

        return follow

    async def _conclude(self, ending: Ending) -> None:
        outcome = ending.outcome
        if outcome is not None:
            self._conversation, self._turn = outcome.conversation, outcome.turn
        hints: Hints = "chat" if self._options.store else "none"
        await self._seat.above(lambda: self._note_code(say_ending(self._streams, ending, hints=hints)))
        if self._has_looked:
            self._has_looked = False
            await self._say_worth(self._last_state())
        if ending.interrupted and not self._seat.takes_lines_while_working:
            self._is_left = True

    def _stop(self) -> None:
        if self._working is None or self._interrupts is None:
            raise UsageError("Nothing is working.")
        self._interrupts.request()

    async def _stop_and_wait(self) -> None:
        if self._working is not None:
            self._stop()
            await self._working

    def _last_state(self) -> RunState:
        if self._seen.state is None:
            raise UsageError("There is no run to show yet; ask a question first.")
        return self._seen.state

    def _fail(self, error: CortError) -> None:
        if self._seat.takes_lines_while_working:
            self._streams.say(str(error))
        else:
            self._streams.complain(str(error))
        self._note_code(codes.of_error(error))

    def _note_code(self, code: int) -> None:
        """A pipe of questions ends with the first code that is no answer; a person at a terminal saw it."""
        if self._code == codes.ANSWER and not self._seat.takes_lines_while_working:
            self._code = code
