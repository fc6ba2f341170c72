"""The adapters and a server that others wrote: the real llama.cpp with the built-in model.

It speaks OpenAI's chat completions and Anthropic's Messages, so each adapter asks it the same things.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from cort_desktop.domain.calls import (
    AttemptFirstContent,
    CallNotice,
    ChatModel,
    ChatRequest,
    Completion,
    Delta,
    ReplySchema,
)
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import assistant, system, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.anthropic import AnthropicMessages
from cort_desktop.providers.builtin_child import ChildOrder
from cort_desktop.providers.builtin_process import ChildProcess
from cort_desktop.providers.http import Transport
from cort_desktop.providers.keys import Key
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.openai_chat import OpenAIChat
from cort_desktop.providers.streamed_chat import Learn, StreamedChat, forget
from tests.fakes.asking import Notices
from tests.fakes.builtin import CHILD, NAME, real_files
from tests.fakes.loops import LoopClock, run
from tests.providers.conformance.wire import SCHEMA

pytestmark = [
    pytest.mark.builtin,
    pytest.mark.parametrize("adapter", [OpenAIChat, AnthropicMessages], ids=["openai", "anthropic"]),
]
REF = ModelRef(f"independent/{NAME}")
_KEY = "independent-server-key-0123456789"


@dataclass(frozen=True, slots=True)
class Server:
    """A llama.cpp that serves. ``address`` is without a path."""

    address: str

    @asynccontextmanager
    async def asked_by(
        self, adapter: type[StreamedChat], *, key: Key = _KEY, learn: Learn = forget
    ) -> AsyncIterator[ChatModel]:
        door = Transport(limits=Limits(keep_alive_s=0.0))
        try:
            yield adapter(
                provider="independent",
                base_url=f"{self.address}/v1",
                key=key,
                profile=ModelProfile(ref=REF, local=True),
                transport=door,
                clock=LoopClock(),
                learn=learn,
            )
        finally:
            await door.aclose()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = real_files(tmp_path_factory.mktemp("cache")).find(NAME)
    child = ChildProcess(CHILD, os.environ)
    try:
        order = ChildOrder(path=str(path), alias=NAME, key=_KEY, slots=2, context_tokens=4096, threads=1)
        report = child.obey(order)
        assert report is not None
        yield Server(report.address)
    finally:
        run(child.end(2.0))


def asking(text: str, *, most: int = 16, schema: ReplySchema | None = None) -> ChatRequest:
    return ChatRequest(
        model=REF,
        messages=(
            system("You answer in one sentence."),
            user("What is snow?"),
            assistant("Frozen water."),
            user(text),
        ),
        max_tokens=most,
        temperature=0.0,
        reply_schema=schema,
    )


def asked(
    server: Server, adapter: type[StreamedChat], request: ChatRequest, *, key: Key = _KEY
) -> tuple[Completion | ProviderError, Notices]:
    """What came of one call."""
    notices = Notices()

    async def main() -> Completion | ProviderError:
        async with server.asked_by(adapter, key=key) as model:
            try:
                return await model.complete(request, notices)
            except ProviderError as error:
                return error

    return run(main()), notices


def completed(server: Server, adapter: type[StreamedChat], request: ChatRequest) -> Completion:
    answer, notices = asked(server, adapter, request)
    assert isinstance(answer, Completion), answer
    assert answer.text == notices.text
    return answer


def _set(event: asyncio.Event, _notice: CallNotice) -> None:
    event.set()


def test_an_answer_is_streamed_with_its_usage(server: Server, adapter: type[StreamedChat]) -> None:
    answer, notices = asked(server, adapter, asking("What is rain?", most=12))
    assert isinstance(answer, Completion), answer
    assert answer.text == notices.text
    assert len(notices.of(Delta)) > 5
    assert notices[0] == AttemptFirstContent(attempt=1)
    assert answer.finish == "length"
    assert answer.usage is not None
    assert answer.usage.output == 12
    assert answer.usage.input > 20


def test_an_answer_ends_by_itself(server: Server, adapter: type[StreamedChat]) -> None:
    answer = completed(server, adapter, asking("Say only: yes", most=200))
    assert answer.finish == "stop"
    assert answer.text.strip()


def test_both_interfaces_ask_the_same_thing(server: Server, adapter: type[StreamedChat]) -> None:
    """With nothing left to chance, the same prompt has the same answer by either interface."""
    other = AnthropicMessages if adapter is OpenAIChat else OpenAIChat
    mine, others = (completed(server, each, asking("What is rain?", most=24)) for each in (adapter, other))
    assert mine.text == others.text
    assert mine.usage is not None
    assert others.usage is not None
    assert mine.usage.input == others.usage.input


def test_a_wrong_key_is_told_apart(server: Server, adapter: type[StreamedChat]) -> None:
    wrong = "wrong-key-0123456789"
    error, _ = asked(server, adapter, asking("What is rain?"), key=wrong)
    assert isinstance(error, ProviderError)
    assert (error.kind, error.status, error.retryable) == ("auth", 401, False)
    assert wrong not in str(error)


def test_a_question_over_the_context_is_told_apart(server: Server, adapter: type[StreamedChat]) -> None:
    error, _ = asked(server, adapter, asking("word " * 6000))
    assert isinstance(error, ProviderError)
    assert (error.kind, error.retryable) == ("context_too_long", False)


def test_a_cancelled_call_leaves_the_server_free(server: Server, adapter: type[StreamedChat]) -> None:
    async def main() -> None:
        async with server.asked_by(adapter) as model:
            for _ in range(3):  # the server has two places
                begun = asyncio.Event()
                heard = partial(_set, begun)
                call = asyncio.create_task(model.complete(asking("Tell a long story.", most=2000), heard))
                await begun.wait()
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            assert (await model.complete(asking("What is rain?", most=4), Notices())).text

    run(main())


def test_a_reply_is_held_to_a_schema_where_the_server_can(
    server: Server, adapter: type[StreamedChat]
) -> None:
    """By its Anthropic interface it reads over both ways: that is learned from its replies, and told."""
    lessons: list[str] = []

    async def main() -> list[str]:
        async with server.asked_by(adapter, learn=lambda what, _: lessons.append(what)) as model:
            request = asking("Which is better, kqz or bcd? One sentence.", most=120, schema=SCHEMA)
            return [(await model.complete(request, Notices())).text for _ in range(3)]

    replies = run(main())
    if adapter is OpenAIChat:
        assert {json.loads(reply)["winner"] for reply in replies} <= {"kqz", "bcd"}
        assert not lessons
    else:
        assert all(reply.strip() for reply in replies)
        assert lessons == ["output_config", "tool_choice"]
