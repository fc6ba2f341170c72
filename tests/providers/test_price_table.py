"""The table of prices: dated, with a source each, beaten by what a service tells and by a person's own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cort_desktop.assets import resource
from cort_desktop.domain.budget import FREE, Price, PriceSource, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.families import Families
from cort_desktop.providers.known_models import KnownModels
from cort_desktop.providers.price_table import PriceTable
from cort_desktop.providers.refusals import Refusals
from cort_desktop.providers.told_models import ToldModels

ANTHROPIC = "https://api.anthropic.com"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN = Price(input=Decimal(9), output=Decimal(9))


@pytest.fixture
def table() -> PriceTable:
    return PriceTable(resource("prices.toml"))


def known(folder: Path, table: PriceTable) -> KnownModels:
    return KnownModels(
        told=ToldModels(folder),
        families=Families(resource("families.toml")),
        refusals=Refusals(folder),
        prices=table,
    )


def test_every_row_has_a_page_and_its_numbers_make_sense(table: PriceTable) -> None:
    assert table.dated <= date(2100, 1, 1)
    for row in table.rows:
        price = row.price
        assert "/" in row.source
        assert row.source.split("/")[0].count(".") >= 1
        assert row.origin.startswith("https://")
        assert 0 < price.input < price.output < 1_000
        assert price.cached_input is None or 0 < price.cached_input < price.input
        assert price.cache_write is None or price.input < price.cache_write < price.output


def test_a_model_is_priced_at_its_own_address_alone(table: PriceTable) -> None:
    ref = ModelRef("anthropic/claude-opus-4-5-20251101")
    found = table.completed(ANTHROPIC, ModelProfile(ref=ref))
    assert found.price is not None
    assert found.price_source == PriceSource(
        kind="table", at=table.dated, words="platform.claude.com/docs/en/about-claude/pricing"
    )
    usage = Usage(input=1_000, cached_input=300, cache_write=200, output=100)
    assert found.price.cost_microusd(usage) == 500 * 5 + 150 + 1250 + 2500
    assert table.completed("https://proxy.example", ModelProfile(ref=ref)).price is None


@pytest.mark.parametrize("model", ["claude-haiku-5-5", "claude-sonnet-5-5", "anything"])
def test_what_is_not_in_it_stays_unknown(table: PriceTable, model: str) -> None:
    found = table.completed(ANTHROPIC, ModelProfile(ref=ModelRef(f"anthropic/{model}")))
    assert (found.price, found.price_source) == (None, None)


def test_what_the_service_tells_beats_it_with_its_date(tmp_path: Path, table: PriceTable) -> None:
    models, ref = known(tmp_path, table), ModelRef("anthropic/claude-sonnet-5")
    before = models.profile(ANTHROPIC, ref, NOW)
    assert before is not None
    assert before.price_source is not None
    assert before.price_source.kind == "table"
    (told,) = models.remember(ANTHROPIC, [ModelProfile(ref=ref, price=OWN)], NOW, passing=False)
    again = known(tmp_path, table).profile(ANTHROPIC, ref, NOW)
    assert again is not None
    for found in (told, again):
        assert (found.price, found.price_source) == (OWN, PriceSource(kind="service", at=NOW.date()))


def test_a_persons_own_price_beats_all(table: PriceTable) -> None:
    found = table.completed(ANTHROPIC, ModelProfile(ref=ModelRef("anthropic/claude-sonnet-5")))
    mine = found.priced(OWN)
    assert (mine.price, mine.price_source) == (OWN, PriceSource(kind="settings"))
    assert found.priced(None) is found
    assert found.priced(FREE).price_source is None
