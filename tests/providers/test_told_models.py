"""What services told of their models, kept between starts."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.told_models import FILE, KEPT, ToldModels

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "https://far.example.org"
PRICE = Price(input=Decimal("0.05"), output=Decimal("1E+1"), cached_input=Decimal(0))
TOLD = ModelProfile(
    ref=ModelRef("far/a/b"),
    context_tokens=1000,
    price=PRICE,
    json_schema=False,
    seed=False,
    default_max_tokens=7,
)


def test_it_is_the_same_after_a_start(tmp_path: Path) -> None:
    assert ToldModels(tmp_path).remember(ORIGIN, [TOLD], NOW, passing=False) is True
    again = ToldModels(tmp_path)
    assert again.profile(ORIGIN, TOLD.ref, NOW) == TOLD
    assert again.remember(ORIGIN, [TOLD], NOW, passing=False) is False
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    # By origin: the provider may have got another name, another address is another service.
    assert again.profile(ORIGIN, ModelRef("near/a/b"), NOW) is not None
    assert again.profile("https://other.example.org", TOLD.ref, NOW) is None


def test_a_new_list_takes_the_place_of_the_old(tmp_path: Path) -> None:
    told = ToldModels(tmp_path)
    told.remember(ORIGIN, [TOLD], NOW, passing=False)
    told.remember(ORIGIN, [ModelProfile(ref=ModelRef("far/c"))], NOW, passing=False)
    assert told.profile(ORIGIN, TOLD.ref, NOW) is None
    assert ToldModels(tmp_path).profile(ORIGIN, TOLD.ref, NOW) is None


def test_a_price_grows_old(tmp_path: Path) -> None:
    told = ToldModels(tmp_path)
    told.remember(ORIGIN, [TOLD], NOW, passing=False)
    assert told.profile(ORIGIN, TOLD.ref, NOW + KEPT) == TOLD
    assert told.profile(ORIGIN, TOLD.ref, NOW + KEPT + timedelta(seconds=1)) is None


def test_what_a_server_here_told_ends_with_the_process(tmp_path: Path) -> None:
    told = ToldModels(tmp_path)
    told.remember("http://127.0.0.1:8080", [TOLD], NOW, passing=True)
    assert told.profile("http://127.0.0.1:8080", TOLD.ref, NOW) == TOLD
    told.remember(ORIGIN, [TOLD], NOW, passing=False)
    assert ToldModels(tmp_path).profile("http://127.0.0.1:8080", TOLD.ref, NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        "[" * 100_000,
        f'{{"{ORIGIN}": 3}}',
        f'{{"{ORIGIN}": {{"at": "never", "models": {{"a/b": {{}}}}}}}}',
        f'{{"{ORIGIN}": {{"at": "{NOW.isoformat()}", "models": {{"a/b": 3}}}}}}',
    ],
)
def test_a_file_that_makes_no_sense_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert ToldModels(tmp_path).profile(ORIGIN, TOLD.ref, NOW) is None


@pytest.mark.reliability(37)
@pytest.mark.parametrize("price", ['{"input": "-1", "output": "1"}', '{"input": "NaN"}', '{"input": 3}', "7"])
def test_row_37_a_price_changed_by_hand_into_nonsense_is_unknown(tmp_path: Path, price: str) -> None:
    model = f'{{"context": "x", "price": {price}, "max_tokens": -4}}'
    (tmp_path / FILE).write_text(
        f'{{"{ORIGIN}": {{"at": "{NOW.isoformat()}", "models": {{"a/b": {model}}}}}}}'
    )
    assert ToldModels(tmp_path).profile(ORIGIN, TOLD.ref, NOW) == ModelProfile(ref=TOLD.ref)


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = ToldModels(tmp_path / "file")
    told.remember(ORIGIN, [TOLD], NOW, passing=False)
    assert told.profile(ORIGIN, TOLD.ref, NOW) == TOLD


def test_a_huge_list_can_be_read_again(tmp_path: Path) -> None:
    """It was written whole, and too long to be read ever again, with those of all other services."""
    told = ToldModels(tmp_path)
    told.remember(
        "https://small.test", [ModelProfile(ref=ModelRef("s/one"), context_tokens=9)], NOW, passing=False
    )
    many = (ModelProfile(ref=ModelRef(f"h/{number:0>200}")) for number in range(60_000))
    told.remember("https://huge.test", many, NOW, passing=False)
    again = ToldModels(tmp_path)
    found = again.profile("https://small.test", ModelRef("s/one"), NOW)
    assert found is not None
    assert found.context_tokens == 9
    assert again.profile("https://huge.test", ModelRef(f"h/{0:0>200}"), NOW) is not None
