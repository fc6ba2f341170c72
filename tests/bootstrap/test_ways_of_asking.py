"""What a person set, and what a service refused, arrives at the next request: through the real wiring."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cort_desktop.bootstrap import Surroundings, open_app
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import system, user
from cort_desktop.domain.models import LeftOut
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.providers.refusals import FILE, Refusals
from tests.fakes.asking import Notices
from tests.fakes.loops import run
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import Reply, chat_reply, json_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

REF = ModelRef("srv/m")


def asking() -> ChatRequest:
    messages = (system("Be brief."), user("Why?"))
    return ChatRequest(model=REF, messages=messages, max_tokens=10, temperature=0.5, seed=3)


def config(base_url: str, more: str = "", *, kind: str = "openrouter") -> str:
    return f'[providers.srv]\nkind = "{kind}"\nbase_url = "{base_url}"\n{more}'


def test_effort_routing_and_the_programs_name_are_sent_as_set(tmp_path: Path) -> None:
    more = """
[providers.srv.reasoning]
m = "high"
[providers.srv.routing]
order = ["one"]
data_collection = "deny"
"""

    async def main() -> None:
        async with ScriptedServer([chat_reply("a"), chat_reply("b")]) as server:
            async with ProvidersDesk(tmp_path, config(server.base_url, more)) as desk:
                await desk.models.handle(REF).chat.complete(asking(), Notices())
                await desk.preferences.change({("privacy", "attribution"): False})
                await desk.models.handle(REF).chat.complete(asking(), Notices())
            first, second = server.requests
        assert first.json["reasoning"] == {"effort": "high"}
        assert first.json["provider"] == {"order": ["one"], "data_collection": "deny"}
        assert first.headers["x-title"] == "CoRT Desktop"
        assert "x-title" not in second.headers

    run(main())


@pytest.mark.reliability(6)
def test_a_refusal_is_told_paid_for_once_and_shown(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        if "temperature" in request.json:
            return status_reply(400, "Unsupported parameter: 'temperature'", param="temperature")
        return chat_reply("fine")

    async def main() -> None:
        notices = Notices()
        async with ScriptedServer(script) as server:
            settings = config(server.base_url, kind="openai")
            async with ProvidersDesk(tmp_path, settings) as desk:
                done = await desk.models.handle(REF).chat.complete(asking(), notices)
                assert (done.text, done.attempts) == ("fine", 2)
                told = desk.models.told(REF)
                again = await desk.models.handle(REF).chat.complete(asking(), Notices())
                assert again.attempts == 1
            assert len(server.requests) == 3
        assert notices.nexts == ["retry"]
        assert told is not None
        assert (told.temperature, [each.what for each in told.left_out]) == (False, ["temperature"])
        assert told.left_out[0].said == "Unsupported parameter: 'temperature'"
        # A server on this computer may be another one tomorrow.
        assert not (tmp_path / "cache" / FILE).exists()

    run(main())


def test_a_model_that_thinks_is_given_room_for_it_and_not_more_than_there_is(tmp_path: Path) -> None:
    told = {
        "data": [
            {"id": "m", "context_length": 131_072, "supported_parameters": ["reasoning", "temperature"]},
            {"id": "small", "context_length": 4096, "supported_parameters": ["reasoning"]},
            {"id": "plain", "context_length": 131_072, "supported_parameters": ["temperature"]},
        ]
    }

    async def main() -> None:
        async with ScriptedServer([json_reply(told)]) as server:
            settings = config(server.base_url, 'reasoning = "low"')
            async with ProvidersDesk(tmp_path, settings) as desk:
                provider = desk.preferences.settings.provider("srv")
                await desk.models.listed(provider)
                rooms = [
                    desk.models.handle(ModelRef(f"srv/{name}")).profile.thinking_tokens
                    for name in ("m", "small", "plain")
                ]
        assert rooms == [4096, 1024, 0]

    run(main())


def test_doctor_knows_what_is_left_out(tmp_path: Path) -> None:
    environment = {"CORT_DESKTOP_HOME": str(tmp_path)}
    around = Surroundings(
        paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
    )
    since = datetime.now(UTC)
    Refusals(around.paths.cache).learn(
        "https://far.example", "m", LeftOut(what="seed", since=since, said="no seed here"), passing=False
    )

    async def main() -> None:
        async with open_app(around, with_defaults=False) as app:
            told = app.doctor._looks["models"]()
        assert told["left_out"] == {
            "https://far.example m": [
                f"takes no seed; left out since {since:%Y-%m-%d} (it said: “no seed here”)"
            ]
        }

    run(main())
