"""What is known of a model before it is asked: told, of its family, learned from refusals."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from cort_desktop.assets import resource
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.providers.families import Families
from cort_desktop.providers.known_models import KnownModels
from cort_desktop.providers.refusals import FILE, KEPT, MOST_MODELS, Refusals
from cort_desktop.providers.told_models import ToldModels

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAR = "https://far.example"
OPENAI = "https://api.openai.com"
GOOGLE = "https://generativelanguage.googleapis.com"
SEED = LeftOut(what="seed", since=NOW, said="Unknown parameter: seed")
WARMTH = LeftOut(what="temperature", since=NOW)


def known(folder: Path) -> KnownModels:
    return KnownModels(
        told=ToldModels(folder), families=Families(resource("families.toml")), refusals=Refusals(folder)
    )


def of(models: KnownModels, origin: str, name: str, now: datetime = NOW) -> ModelProfile | None:
    return models.profile(origin, ModelRef(f"p/{name}"), now)


# families


def family(origin: str, name: str) -> ModelProfile:
    plain = ModelProfile(ref=ModelRef(f"p/{name}"))
    return Families(resource("families.toml")).completed(origin, plain)


@pytest.mark.parametrize(
    "name", ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-mini", "gpt-5.2-pro"]
)
def test_openais_reasoning_models_want_to_be_asked_otherwise(name: str) -> None:
    profile = family(OPENAI, name)
    assert (profile.reasoning, profile.temperature, profile.seed) == (True, False, False)
    assert profile.system_role == "developer"


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-4.1", "gpt-5-chat-latest", "gpt-5.1-chat-latest"])
def test_openais_others_do_not(name: str) -> None:
    profile = family(OPENAI, name)
    assert (profile.reasoning, profile.temperature, profile.seed) == (False, True, True)
    assert profile.system_role == "system"


@pytest.mark.parametrize(
    ("origin", "name", "reasoning", "seed", "role"),
    [
        (GOOGLE, "models/gemini-2.5-flash", True, False, "system"),
        (GOOGLE, "gemini-2.0-flash-lite", False, False, "system"),
        (GOOGLE, "models/gemma-3-27b-it", False, False, "none"),
        ("https://api.deepseek.com", "deepseek-reasoner", True, False, "system"),
        ("https://api.deepseek.com", "deepseek-chat", None, False, "system"),
        ("https://api.x.ai", "grok-4-fast-non-reasoning", False, True, "system"),
        ("https://api.x.ai", "grok-4", True, True, "system"),
        ("http://127.0.0.1:8080", "Qwen/Qwen3-4B-Thinking-2507", True, True, "system"),
        ("http://127.0.0.1:8080", "openai/gpt-oss-20b", True, True, "system"),
        ("http://127.0.0.1:8080", "gpt-5", None, True, "system"),
    ],
)
def test_a_family_belongs_to_its_service(
    origin: str, name: str, reasoning: bool | None, seed: bool, role: str
) -> None:
    profile = family(origin, name)
    assert (profile.reasoning, profile.seed, profile.system_role) == (reasoning, seed, role)


def test_the_table_has_a_date_and_no_family_that_never_holds() -> None:
    families = Families(resource("families.toml"))
    dated, rows = families._read()
    assert isinstance(dated, date)
    for place, row in enumerate(rows):
        for pattern in row.models:
            example = pattern.replace("*", "x")
            earlier = [each for each in rows[:place] if each.origin == row.origin]
            assert not [each for each in earlier if any(fnmatchcase(example, one) for one in each.models)]
            ModelProfile(ref=ModelRef("p/m"), **row.facts)


def test_what_a_service_tells_beats_the_table() -> None:
    told = ModelProfile(ref=ModelRef("p/gpt-4o"), context_tokens=999, tools=True)
    profile = Families(resource("families.toml")).completed(OPENAI, told)
    assert (profile.context_tokens, profile.most_output_tokens, profile.tools) == (999, 16_384, True)


# refusals

ROW = '{"rows": [{"origin": "https://far.example", "model": "m", "refused": [%s]}]}'


def test_a_refusal_is_known_after_a_restart_for_a_month(tmp_path: Path) -> None:
    Refusals(tmp_path).learn(FAR, "m", SEED, passing=False)
    Refusals(tmp_path).learn(FAR, "m", WARMTH, passing=False)
    again = Refusals(tmp_path)
    assert again.of(FAR, "m", NOW) == (SEED, WARMTH)
    assert again.of(FAR, "m", NOW + KEPT) == (SEED, WARMTH)
    assert again.of(FAR, "m", NOW + KEPT + timedelta(seconds=1)) == ()
    assert again.of(FAR, "other", NOW) == ()
    assert again.of(OPENAI, "m", NOW) == ()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_the_same_lesson_twice_is_one_with_the_later_date(tmp_path: Path) -> None:
    refusals = Refusals(tmp_path)
    later = LeftOut(what="seed", since=NOW + timedelta(days=20))
    for each in (SEED, WARMTH, later):
        refusals.learn(FAR, "m", each, passing=False)
    assert refusals.of(FAR, "m", NOW + timedelta(days=40)) == (later,)


def test_what_a_server_here_refuses_is_forgotten_with_the_process(tmp_path: Path) -> None:
    refusals = Refusals(tmp_path)
    refusals.learn("http://127.0.0.1:1", "m", SEED, passing=True)
    refusals.learn(FAR, "m", SEED, passing=False)
    assert refusals.of("http://127.0.0.1:1", "m", NOW) == (SEED,)
    assert Refusals(tmp_path).of("http://127.0.0.1:1", "m", NOW) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"rows": 5}',
        '{"rows": [5, {"origin": "https://far.example"}]}',
        ROW % '5, {"what": "seed"}',
        ROW % '{"what": "seed", "since": "never", "said": ""}',
        ROW % '{"what": "seed", "since": "2026-11-22T12:00:00", "said": ""}',
        "[" * 100_000,
    ],
)
def test_a_file_that_can_t_be_read_is_as_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    refusals = Refusals(tmp_path)
    assert refusals.of(FAR, "m", NOW) == ()
    refusals.learn(FAR, "m", SEED, passing=False)
    assert Refusals(tmp_path).of(FAR, "m", NOW) == (SEED,)


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    refusals = Refusals(tmp_path)
    for number in range(MOST_MODELS + 5):
        refusals.learn(FAR, f"m{number}", SEED, passing=True)
    refusals.learn("https://other.example", "last", SEED, passing=False)
    assert len(refusals.all(NOW)) == MOST_MODELS
    assert refusals.of("https://other.example", "last", NOW) == (SEED,)
    assert len(json.loads((tmp_path / FILE).read_text())["rows"]) == 1


# together


def test_nothing_is_known_of_a_model_that_nobody_told_of(tmp_path: Path) -> None:
    assert of(known(tmp_path), FAR, "m") is None


def test_a_refusal_beats_what_was_told_and_what_the_table_says(tmp_path: Path) -> None:
    models = known(tmp_path)
    told = ModelProfile(ref=ModelRef("p/gpt-4o"), context_tokens=5000)
    (listed,) = models.remember(OPENAI, [told], NOW, passing=False)
    assert (listed.context_tokens, listed.most_output_tokens, listed.seed) == (5000, 16_384, True)
    models.learn(OPENAI, told.ref, SEED, passing=False)
    models.learn(OPENAI, told.ref, LeftOut(what="system role", since=NOW), passing=False)
    profile = of(known(tmp_path), OPENAI, "gpt-4o")
    assert profile is not None
    assert (profile.context_tokens, profile.seed, profile.system_role) == (5000, False, "none")
    assert [each.what for each in profile.left_out] == ["seed", "system role"]


def test_a_report_says_what_is_left_out_since_when_and_why(tmp_path: Path) -> None:
    models = known(tmp_path)
    models.learn(FAR, ModelRef("p/m"), SEED, passing=False)
    models.learn(FAR, ModelRef("p/m"), WARMTH, passing=False)
    report = models.report(NOW)
    assert report["families_dated"] == Families(resource("families.toml")).dated.isoformat()
    assert report["left_out"] == {
        "https://far.example m": [
            "takes no seed; left out since 2026-11-22 (it said: “Unknown parameter: seed”)",
            "takes no temperature; left out since 2026-11-22",
        ]
    }
    assert models.report(NOW + KEPT * 2)["left_out"] == {}
