"""Models as the settings of the moment have them: changes hold at once, what is open to others closes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cort_desktop.domain.budget import Price
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import user
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError, UsageError
from tests.fakes.asking import SCHEMA
from tests.fakes.loops import run
from tests.fakes.ollama import chat_lines
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import Reply, Until, chat_reply, json_reply, models_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

REF = ModelRef("srv/m")


def asking(ref: ModelRef = REF) -> ChatRequest:
    return ChatRequest(model=ref, messages=(user("Why?"),), max_tokens=10, temperature=0.0)


def provider(base_url: str, **more: object) -> ProviderSettings:
    return ProviderSettings(name="srv", kind="openai", base_url=base_url, **more)  # type: ignore[arg-type]


async def said(desk: ProvidersDesk, ref: ModelRef = REF) -> str:
    return (await desk.models.handle(ref).chat.complete(asking(ref), lambda _: None)).text


def answering(text: str) -> ScriptedServer:
    return ScriptedServer(lambda r: models_reply("m") if r.path.endswith("/models") else chat_reply(text))


def test_a_provider_added_changed_and_removed_holds_for_the_next_call(tmp_path: Path) -> None:
    async def main() -> None:
        async with answering("one") as one, answering("two") as two, ProvidersDesk(tmp_path) as desk:
            with pytest.raises(UsageError):
                desk.models.handle(REF)
            await desk.preferences.set_provider(provider(one.base_url))
            assert await said(desk) == "one"
            assert [each.models[0].ref for each in [await desk.preferences.models_of("srv")]] == [REF]
            await desk.preferences.set_provider(provider(two.base_url))
            assert await said(desk) == "two"
            assert one.open_connections == 0
            assert len(one.requests) == 2
            await desk.preferences.remove_provider("srv", forget_key=False)
            with pytest.raises(UsageError):
                desk.models.handle(REF)
            await asyncio.gather(*(connection.gone.wait() for connection in two.connections))

    run(main())


def test_price_context_and_places_hold_for_the_next_run(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider("http://127.0.0.1:9/v1"))
            first = desk.models.handle(REF)
            assert desk.models.handle(REF) is first
            assert (first.profile.price, first.profile.context_tokens, first.profile.concurrency) == (
                None,
                None,
                8,
            )
            await desk.preferences.set_provider(
                provider("http://127.0.0.1:9/v1", context=4096, max_concurrency=2)
            )
            await desk.preferences.change({("prices", REF, "input"): 1.0, ("prices", REF, "output"): 2.0})
            profile = desk.models.handle(REF).profile
            assert (profile.context_tokens, profile.concurrency) == (4096, 2)
            assert profile.price == Price(input=Decimal(1), output=Decimal(2))

    run(main())


def test_a_call_in_flight_ends_well_and_its_connections_close_then(tmp_path: Path) -> None:
    async def main() -> None:
        go, arrived = asyncio.Event(), asyncio.Event()

        def slow(_request: Request) -> Reply:
            arrived.set()
            return [Until(go), *chat_reply("late")]

        async with ScriptedServer(slow) as old, answering("new") as new, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(old.base_url))
            call = asyncio.create_task(said(desk))
            await arrived.wait()
            await desk.preferences.set_provider(provider(new.base_url))
            assert (await said(desk), old.open_connections) == ("new", 1)
            go.set()
            assert await call == "late"
            await asyncio.gather(*(connection.gone.wait() for connection in old.connections))

    run(main())


def test_a_handle_of_old_settings_can_still_be_asked_and_leaves_nothing_open(tmp_path: Path) -> None:
    """A run holds on to the models it began with."""

    async def main() -> None:
        async with answering("one") as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            held = desk.models.handle(REF)
            await desk.preferences.remove_provider("srv", forget_key=False)
            assert (await held.chat.complete(asking(), lambda _: None)).text == "one"
            await asyncio.gather(*(connection.gone.wait() for connection in server.connections))

    run(main())


def test_what_a_list_of_models_told_is_known_to_the_next_plan(tmp_path: Path) -> None:
    entry = {"id": "m", "context_length": 1000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}

    async def main() -> None:
        async with ScriptedServer([json_reply({"data": [entry]})]) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            assert desk.models.handle(REF).profile.price is None
            await desk.preferences.models_of("srv")
            profile = desk.models.handle(REF).profile
            assert profile.price == Price(input=Decimal(1), output=Decimal(2))
            assert (profile.context_tokens, profile.concurrency, profile.local) == (1000, 8, True)
            await desk.preferences.set_provider(provider(server.base_url, context=512))
            assert desk.models.handle(REF).profile.context_tokens == 512

    run(main())


def test_every_host_is_written_down_before_anything_leaves(tmp_path: Path) -> None:
    async def main() -> None:
        async with answering("one") as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            assert desk.preferences.hosts().contacted == ()
            await said(desk)
            await said(desk)
            await desk.preferences.test_connection(
                ProviderSettings(name="other", kind="openai", base_url="http://127.0.0.1:9/v1")
            )
            other, first = desk.preferences.hosts().contacted
            assert (other.provider, other.origin, other.requests) == ("other", "http://127.0.0.1:9", 1)
            assert (first.provider, first.origin, first.requests) == ("srv", server.origin, 2)
            assert (first.first <= first.last, first.is_local) == (True, True)

    run(main())


def test_trying_a_model_asks_it_once_for_a_word(tmp_path: Path) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return chat_reply("")  # it thought all the tokens away

    async def main() -> None:
        async with ScriptedServer(answer) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            began = asyncio.get_running_loop().time()
            seconds = await desk.preferences.try_model(REF)
            assert 0 < seconds <= asyncio.get_running_loop().time() - began

    run(main())
    assert [(each.json["model"], each.json["max_tokens"]) for each in seen] == [("m", 64)]


def test_a_dead_model_that_is_tried_is_not_spoken_for_by_its_fallback(tmp_path: Path) -> None:
    """Nor by an answer that is kept, and it is asked once; in a call of a run the fallback does answer."""

    async def main() -> None:
        async with (
            ScriptedServer(lambda _: status_reply(503, "down")) as dead,
            answering("I stand in") as alive,
            ProvidersDesk(tmp_path) as desk,
        ):
            await desk.preferences.set_provider(
                ProviderSettings(name="other", kind="openai", base_url=alive.base_url)
            )
            await desk.preferences.set_provider(provider(dead.base_url, fallbacks=(ModelRef("other/m"),)))
            with pytest.raises(ProviderError, match="does not work right now") as told:
                await desk.preferences.try_model(REF)
            assert (told.value.kind, told.value.status) == ("unavailable", 503)
            assert (len(dead.requests), len(alive.requests)) == (1, 0)
            assert await said(desk) == "I stand in"

    run(main())


def test_what_ollama_refused_one_handle_the_next_one_does_not_send(tmp_path: Path) -> None:
    """Settings that change make a new handle, with an adapter that has refused nothing itself."""

    def answer(request: Request) -> Reply:
        if "format" in request.json:
            return json_reply({"error": "this model takes no format"}, status=400)
        return chat_lines("fine")

    async def main() -> None:
        async with ScriptedServer(answer) as server, ProvidersDesk(tmp_path) as desk:
            wanted = replace(asking(), reply_schema=SCHEMA)
            sent: list[list[bool]] = []
            for context in (2048, 4096):
                await desk.preferences.set_provider(
                    ProviderSettings(name="srv", kind="ollama", base_url=server.origin, context=context)
                )
                done = await desk.models.handle(REF).chat.complete(wanted, lambda _: None)
                assert done.text == "fine"
                sent.append(["format" in each.json for each in server.requests])
            assert sent == [[True, False], [True, False, False]]

    run(main())


@pytest.mark.reliability(5, 9)
@pytest.mark.parametrize("status", [401, 402])
def test_rows_5_9_a_person_who_asks_again_ends_what_was_held_against_a_model(
    tmp_path: Path, status: int
) -> None:
    """Credit that was added changes no setting."""
    is_mended = False

    def answer(_: Request) -> Reply:
        return chat_reply("here") if is_mended else status_reply(status, "no")

    async def main() -> None:
        nonlocal is_mended
        async with ScriptedServer(answer) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            for _ in range(3):
                with pytest.raises(ProviderError):
                    await said(desk)
            assert len(server.requests) == 1
            is_mended = True
            with pytest.raises(ProviderError, match="try again: then it is asked"):
                await said(desk)
            desk.models.handle(REF).forgive()
            assert await said(desk) == "here"

    run(main())
