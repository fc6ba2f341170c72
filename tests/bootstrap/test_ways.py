"""What belongs to a provider as the program wires it: breakers by key, fallbacks, hedges, learned places."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.domain.calls import AttemptFailure, AttemptStart, ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import user
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError, SettingsError
from cort_desktop.resilience.cache import Cached
from cort_desktop.resilience.resilient import Resilient
from tests.fakes.asking import Notices
from tests.fakes.loops import run
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import Reply, chat_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

REF, OTHER = ModelRef("srv/m"), ModelRef("other/m")
GOOD, BAD = "good-key-0123456789", "bad-key-0123456789"


def provider(base_url: str, name: str = "srv", **more: object) -> ProviderSettings:
    return ProviderSettings(name=name, kind="openai", base_url=base_url, **more)  # type: ignore[arg-type]


async def asked(desk: ProvidersDesk, ref: ModelRef = REF) -> tuple[str, Notices]:
    notices = Notices()
    request = ChatRequest(model=ref, messages=(user("Why?"),), max_tokens=10, temperature=0.0)
    try:
        done = await desk.models.handle(ref).chat.complete(request, notices)
    except ProviderError as error:
        return error.kind, notices
    return f"{done.model}: {done.text}", notices


def by_key(request: Request) -> Reply:
    return (
        chat_reply("welcome")
        if request.headers.get("authorization") == f"Bearer {GOOD}"
        else status_reply(401)
    )


@pytest.mark.reliability(5, 9)
def test_rows_5_9_another_key_is_asked_with_at_once_and_the_refused_one_never_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(by_key) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            await desk.preferences.set_key("srv", BAD)
            for _ in range(3):
                assert (await asked(desk))[0] == "auth"
            assert len(server.requests) == 1
            (looked,) = desk.preferences.health()
            (held,) = looked.trouble
            assert (looked.provider, held.model, held.state) == ("srv", REF, "held")
            assert "did not accept the key" in held.reason
            assert BAD not in repr(looked)
            await desk.preferences.set_key("srv", GOOD)
            assert (await asked(desk))[0] == "srv/m: welcome"
            await desk.preferences.set_key("srv", BAD)
            await asked(desk)
            await desk.preferences.set_key("srv", GOOD)
            assert (await asked(desk))[0] == "srv/m: welcome"

    run(main())


def test_changed_settings_are_a_service_that_nothing_is_held_against(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: status_reply(402)) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            assert [(await asked(desk))[0] for _ in range(3)] == ["no_credit"] * 3
            assert len(server.requests) == 1
            await desk.preferences.set_provider(provider(server.base_url, max_concurrency=3))
            await asked(desk)
            assert len(server.requests) == 2
            with pytest.raises(ProviderError, match="no credit left"):
                await desk.preferences.try_model(REF)  # a person wants it tried, credit may have been added
            assert len(server.requests) == 3

    run(main())


def test_fallbacks_are_asked_in_order_and_named(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            ScriptedServer(lambda _: status_reply(404)) as first,
            ScriptedServer(lambda _: chat_reply("here")) as second,
            ProvidersDesk(tmp_path) as desk,
        ):
            await desk.preferences.set_provider(provider(second.base_url, "other"))
            fallbacks = (ModelRef("other/another"), OTHER)
            await desk.preferences.set_provider(provider(first.base_url, fallbacks=fallbacks))
            handle = desk.models.handle(REF)
            assert [each.ref for each in handle.fallbacks] == [OTHER, "other/another"]  # the same model first
            said, notices = await asked(desk)
            assert said == "other/m: here"
            assert [one.model for one in notices.of(AttemptStart)] == [REF, OTHER]
            assert second.requests[0].json["model"] == "m"
            await desk.preferences.remove_provider("other", forget_key=False)
            assert desk.preferences.settings.provider("srv").fallbacks == ()
            assert (await asked(desk))[0] == "not_found"

    run(main())


def test_who_is_measured_is_not_spoken_for(tmp_path: Path) -> None:
    """A bench of a model that fails must not count the answers of those that stand in for it."""

    async def main() -> None:
        async with (
            ScriptedServer(lambda _: status_reply(404)) as first,
            ScriptedServer(lambda _: chat_reply("here")) as second,
            ProvidersDesk(tmp_path) as desk,
        ):
            await desk.preferences.set_provider(provider(second.base_url, "other"))
            await desk.preferences.set_provider(provider(first.base_url, fallbacks=(OTHER,)))
            itself, handle = desk.models.itself(REF), desk.models.handle(REF)
            assert (itself.fallbacks, [each.ref for each in handle.fallbacks]) == ((), [OTHER])
            assert (desk.models.itself(REF), desk.models.handle(REF)) == (itself, handle)
            request = ChatRequest(model=REF, messages=(user("Why?"),), max_tokens=9, temperature=0.0)
            with pytest.raises(ProviderError) as told:
                await itself.chat.complete(request, lambda _: None)
            assert told.value.kind == "not_found"
            assert not second.requests

    run(main())


def test_providers_that_name_each_other_end_somewhere(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: status_reply(404)) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url, "other"))
            await desk.preferences.set_provider(provider(server.base_url, fallbacks=(OTHER,)))
            await desk.preferences.set_provider(provider(server.base_url, "other", fallbacks=(REF,)))
            kind, notices = await asked(desk)
            assert (kind, len(server.requests)) == ("not_found", 2)
            assert len(notices.of(AttemptFailure)) == 2

    run(main())


def test_wrong_fallbacks_are_refused_by_name(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            for fallbacks, words in [
                (("nobody/m",), "there is no such provider"),
                (("openai/a", "openai/b", "openai/c", "openai/d"), "at most 3"),
                (("openai",), "PROVIDER/MODEL"),
            ]:
                refs = tuple(map(ModelRef, fallbacks))
                with pytest.raises(SettingsError, match=words):
                    await desk.preferences.set_provider(provider("http://127.0.0.1:9/v1", fallbacks=refs))

    run(main())


def test_hedges_are_off_unless_asked_for_and_where_cancelling_stops_the_bill(tmp_path: Path) -> None:
    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            for base_url, hedge, races in [
                ("http://127.0.0.1:9/v1", False, False),
                ("http://127.0.0.1:9/v1", True, True),
                ("https://api.groq.com/openai/v1", True, False),
            ]:
                await desk.preferences.set_provider(provider(base_url, hedge=hedge))
                chat = desk.models.handle(REF).chat
                loop = chat.model if isinstance(chat, Cached) else chat
                assert isinstance(loop, Resilient)
                assert (loop.routes[0].first_tokens is not None) == races
            assert "hedge = true" in (tmp_path / "config.toml").read_text()

    run(main())


def test_a_run_may_have_as_many_calls_as_the_service_turned_out_to_take(tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: status_reply(429)) as server, ProvidersDesk(tmp_path) as desk:
            await desk.preferences.set_provider(provider(server.base_url))
            handle = desk.models.handle(REF)
            assert handle.places == 8
            shown = {each.provider: each for each in desk.preferences.health()}["srv"]
            assert (shown.places, shown.most_places) == (8, 8)  # a server on this computer
            await desk.preferences.set_provider(provider(server.base_url, max_concurrency=40))
            assert desk.models.handle(REF).places == 8
            assert desk.models.health()[-1].most_places == 40
            held = desk.models._ways.held(desk.preferences.settings.provider("srv"))
            held.states.limiter._pace.places = 17
            assert desk.models.handle(REF).places == 17

    run(main())
