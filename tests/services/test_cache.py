"""The kept answers from outside: listed, counted, forgotten; and the questions that never leave any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.ids import ConversationId, ModelRef, RunId, TurnId
from cort_desktop.domain.kept_replies import Filing, Tag, beginning_of
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import UsageError
from cort_desktop.services.cache import CacheService
from cort_desktop.services.library import LibraryService
from cort_desktop.services.planning import Ask, cache_use
from tests.fakes.desk import SETTINGS, asking, desk
from tests.fakes.desk import ask as asked
from tests.fakes.kept import on_disk, reply
from tests.fakes.loops import run, run_virtual


def filed(model: str = "srv/m", stage: str = "proposer", conversation: str = "c1", run: str = "r1") -> Filing:
    return Filing(
        model=ModelRef(model), stage=stage, conversation=ConversationId(conversation), run=RunId(run)
    )


FILED = {
    "aaaa1": filed(),
    "aaaa2": filed(stage="judge"),
    "bbbb1": filed(model="srv/other", conversation="c2", run="r2"),
    "bbbb2": filed(conversation="c2", run="r3", stage="judge"),
}


def with_service(folder: Path, main: Any) -> None:
    async def all_of_it() -> None:
        async with on_disk(folder) as disk:
            for key, filing in FILED.items():
                disk.keep(key, reply(filing=filing, cost_microusd=None if key == "bbbb2" else 10))
            await main(CacheService(disk, disk, CacheSettings), disk)

    run(all_of_it())


@pytest.mark.parametrize(
    ("tags", "left"),
    [
        ({"model": "srv/other"}, {"aaaa1", "aaaa2", "bbbb2"}),
        ({"conversation": "c2"}, {"aaaa1", "aaaa2"}),
        ({"run": "r1"}, {"bbbb1", "bbbb2"}),
        ({"stage": "judge"}, {"aaaa1", "bbbb1"}),
        ({"stage": "judge", "conversation": "c2"}, {"aaaa1", "aaaa2", "bbbb1"}),
        ({"run": "nobody's"}, set(FILED)),
    ],
    ids=lambda value: str(sorted(value)),
)
def test_answers_are_forgotten_by_what_they_have_in_common(
    tags: dict[Tag, str], left: set[str], tmp_path: Path
) -> None:
    async def main(service: CacheService, _disk: Any) -> None:
        assert {entry.key for entry in await service.entries(tags)} == set(FILED) - left
        assert await service.clear_tagged(tags) == len(FILED) - len(left)
        assert {entry.key for entry in await service.entries()} == left

    with_service(tmp_path / "replies", main)


def test_one_is_forgotten_by_the_beginning_of_its_key(tmp_path: Path) -> None:
    async def main(service: CacheService, _disk: Any) -> None:
        with pytest.raises(UsageError, match="2 kept answers have a key"):
            await service.clear_one("aaaa")
        with pytest.raises(UsageError, match="No kept answer has"):
            await service.clear_one("cccc")
        with pytest.raises(UsageError, match="too short"):
            await service.clear_one("aaa")
        with pytest.raises(UsageError, match="Say which"):
            await service.clear_tagged({})
        assert (await service.clear_one("aaaa2")).filing.stage == "judge"
        assert await service.clear() == 3

    with_service(tmp_path / "replies", main)


def test_the_figures(tmp_path: Path) -> None:
    async def main(service: CacheService, disk: Any) -> None:
        for key in ("aaaa1", "aaaa1", "bbbb1"):
            disk.used(key)
        found = await service.figures()
        assert (found.entries, found.used, found.saved_microusd, found.is_least) == (4, 3, 30, False)
        assert found.file_bytes > 4 * 1000
        disk.used("bbbb2")
        assert (await service.figures()).is_least
        assert service.look()["problem"] is None

    with_service(tmp_path / "replies", main)


def test_what_is_deleted_for_good_leaves_no_answer_behind(tmp_path: Path) -> None:
    forgotten: list[ConversationId] = []

    async def note(conversation: ConversationId) -> None:
        forgotten.append(conversation)

    with desk(tmp_path) as at:
        outcome = asked(at, asking())
        library = LibraryService(lambda: at.store, new_id=lambda: "x", on_purged=note)

        async def main() -> None:
            await library.delete(outcome.conversation)
            with pytest.raises(UsageError):
                await library.delete_for_good("nobody's")
            assert forgotten == []
            await library.delete_for_good(outcome.conversation)

        run_virtual(main())
    assert forgotten == [outcome.conversation]


@pytest.mark.parametrize(
    ("more", "use"),
    [
        ({}, "use"),
        ({"seed": 7}, "use"),
        ({"cache": False}, "renew"),
        ({"again": TurnId("t")}, "renew"),
        ({"instead_of": TurnId("t")}, "renew"),
        ({"after": TurnId("t")}, "use"),
        ({"store": False}, "off"),
        ({"store": False, "cache": False}, "off"),
    ],
    ids=str,
)
def test_what_a_question_does_with_kept_answers(more: dict[str, Any], use: str) -> None:
    assert cache_use(Ask(question="Why?", **more)) == use


def test_the_same_question_in_the_same_context_draws_the_same_numbers(tmp_path: Path) -> None:
    settings = replace(SETTINGS, cache=CacheSettings())
    with desk(tmp_path, settings=settings) as at:
        first = asked(at, asking())
        seeds = {
            "again in another conversation": asked(at, asking()),
            "another strategy": asked(at, asking(strategy="best_of_n")),
            "on in the conversation": asked(at, asking(conversation=first.conversation)),
            "other words": asked(at, asking("What else?")),
            "another system text": asked(at, asking(system="Be brief.")),
            "a named seed": asked(at, asking(seed=99)),
            "anew": asked(at, asking(cache=False)),
            "tried again": asked(at, asking(conversation=first.conversation, again=first.turn)),
            "not stored": asked(at, asking(store=False)),
        }
    found = {name: outcome.state.spec.seed for name, outcome in seeds.items()}
    mine = first.state.spec.seed
    assert found["again in another conversation"] == found["another strategy"] == mine
    others = {name: seed for name, seed in found.items() if seed != mine}
    assert len(others) == len(found) - 2
    assert others["a named seed"] == 99
    assert {others[name] for name in ("anew", "tried again", "not stored")} == {7}
    assert len(set(others.values())) == 5


def test_the_beginning_of_a_question() -> None:
    assert beginning_of("Why\n is  it?") == "Why is it?"
    assert len(beginning_of("word " * 100_000)) == 120
    assert beginning_of("word " * 100).endswith("…")
