"""The list of models as Anthropic tells it, in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cort_desktop.bootstrap.adapters import lookup_of, models_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError
from cort_desktop.providers.anthropic_models import MOST_PAGES
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from tests.fakes.asking import KEY
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import Hang, Reply, body_reply, json_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

Script = Sequence[Reply] | Callable[[Request], Reply]


def listed(script: Script, *, path: str = "") -> tuple[tuple[ModelProfile, ...], list[Request]]:
    """What a look at the service brings, by the same way as in the program."""

    async def main() -> tuple[tuple[ModelProfile, ...], list[Request]]:
        async with ScriptedServer(script) as server:
            provider = ProviderSettings(name="claude", kind="anthropic", base_url=server.origin + path)
            door = Transport(limits=Limits(models_bytes=100_000))
            try:
                service = lookup_of(provider, key=KEY, transport=door, clock=LoopClock())
                return await models_of(provider, service), server.requests
            finally:
                await door.aclose()

    return run_virtual(main())


def page(*names: str, more: bool = False, **facts: Any) -> Reply:
    data = [{"type": "model", "id": name, "display_name": name, **facts} for name in names]
    ends = {"first_id": names[0], "last_id": names[-1]} if names else {"first_id": None, "last_id": None}
    return json_reply({"data": data, "has_more": more, **ends})


def can(**features: Any) -> dict[str, Any]:
    return {"capabilities": features}


def one(**facts: Any) -> ModelProfile:
    ((profile,), _) = listed([page("m", **facts)])
    return profile


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_it_is_asked_with_its_own_headers_below_v1(path: str) -> None:
    found, (sent,) = listed([page("claude-b", "claude-a", "claude-b")], path=path)
    assert [profile.ref for profile in found] == ["claude/claude-b", "claude/claude-a"]
    assert (sent.method, sent.path) == ("GET", "/v1/models?limit=1000")
    assert sent.headers["x-api-key"] == KEY
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in sent.headers


def test_pages_are_followed_to_the_last() -> None:
    found, sent = listed([page("a", "b", more=True), page("c&ä", more=True), page("d")])
    assert [profile.ref for profile in found] == ["claude/a", "claude/b", "claude/c&ä", "claude/d"]
    assert [one.path.partition("&")[2] for one in sent] == ["", "after_id=b", "after_id=c%26%C3%A4"]


def test_pages_without_an_end_are_left() -> None:
    found, sent = listed(lambda _: page("same", more=True))
    assert (len(found), len(sent)) == (1, 2)
    found, sent = listed(lambda asked: page(f"m{asked.number}", more=True))
    assert (len(found), len(sent)) == (MOST_PAGES, MOST_PAGES)


def test_what_a_model_takes_is_told() -> None:
    profile = one(max_input_tokens=200_000, max_tokens=1000)
    assert (profile.context_tokens, profile.most_output_tokens) == (200_000, 1000)
    assert (profile.default_max_tokens, profile.seed, profile.json_schema) == (1000, False, True)
    assert profile.price is None
    assert (profile.reasoning, profile.efforts) == (None, ())
    assert one(max_tokens=64_000).default_max_tokens == 2048


def test_how_a_model_thinks_is_told() -> None:
    yes, no = {"supported": True}, {"supported": False}
    efforts = {"supported": True, "low": yes, "medium": yes, "high": yes, "xhigh": None, "max": no}
    assert one(**can(effort=efforts)).efforts == ("low", "medium", "high")
    older = {"supported": True, "types": {"adaptive": no, "enabled": yes}}
    newer = {"supported": True, "types": {"adaptive": yes, "enabled": no}}
    assert one(**can(thinking=older)).reasoning is False
    assert one(**can(thinking=newer)).reasoning is True
    assert one(**can(thinking=no)).reasoning is False
    assert one(**can(thinking=yes)).reasoning is None


def test_what_is_retired_can_not_be_asked() -> None:
    found, _ = listed([page("old", lifecycle="retired")])
    assert found == ()


@pytest.mark.parametrize(
    "entry",
    [
        "a text",
        {"id": ""},
        {"id": 5},
        {"id": "x" * 300},
        {"id": "a\nb"},
        {"name": "m"},
    ],
)
def test_entries_that_name_no_model_are_read_over(entry: Any) -> None:
    found, _ = listed([json_reply({"data": [entry, {"id": "good"}], "has_more": False})])
    assert [profile.ref for profile in found] == ["claude/good"]


def test_facts_that_make_no_sense_stay_unknown() -> None:
    profile = one(max_input_tokens=-5, max_tokens="many", capabilities=[1])
    assert (profile.context_tokens, profile.most_output_tokens) == (None, None)
    assert (profile.default_max_tokens, profile.reasoning) == (2048, None)
    profile = one(**can(thinking=3, effort={"low": "yes"}))
    assert (profile.reasoning, profile.efforts) == (None, ())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json_reply({"models": []}), "not_an_api"),
        (json_reply([]), "not_an_api"),
        (body_reply("<html>", content_type="text/html"), "not_an_api"),
        (body_reply("[" * 100_000), "not_an_api"),
        (body_reply("x" * 200_000), "cut_by_limit"),
        (status_reply(401, f"bad key {KEY}"), "auth"),
        ([Hang()], "timeout"),
    ],
)
def test_a_list_that_is_none_is_told_apart(reply: Reply, kind: str) -> None:
    with pytest.raises(ProviderError) as failed:
        listed([reply])
    assert failed.value.kind == kind
    assert KEY not in str(failed.value)
