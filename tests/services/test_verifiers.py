"""A question that is checked: what it names is frozen into the run, asked for when it would run, and held to
when the run goes on elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import RunId, blob_of
from cort_desktop.domain.settings import PresetSettings, Settings
from cort_desktop.domain.verifying import declared
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.services.planning import Ask
from cort_desktop.storage.agreements import FILE, Agreements
from tests.fakes.desk import SETTINGS, Desk, Shown, ask, asking, desk, resume
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, is_judge, longest_wins
from tests.fakes.verifying import verifiers

TESTS = "import answer\n\ndef test_it():\n    assert answer.right\n"


def model(*texts: str) -> ScriptedModel:
    left = list(texts)

    def script(request: object, _nth: int) -> Reply:
        if is_judge(request):  # type: ignore[arg-type]
            return Reply(text=longest_wins(request))  # type: ignore[arg-type]
        return Reply(text=left.pop(0))

    return ScriptedModel(script)


def checked(how: str, **more: Any) -> Ask:
    settings = {"verifier": how, **more.pop("settings", {})}
    return asking(strategy="best_of_n", alternatives=2, judges=1, settings=settings, **more)


def test_an_expected_answer_beats_the_judges_liking(tmp_path: Path) -> None:
    with desk(tmp_path, model("Long thoughts on it.\nAnswer: 41", "Answer: 42")) as at:
        outcome = ask(at, checked("exact:42"))
        assert outcome.state.finished is not None
        assert outcome.state.finished.answer == "Answer: 42"
        assert outcome.state.spec.verifier == "exact:42"
        assert [check.passed for check in at.state(outcome.run).checks] == [False, True]


def test_a_schema_is_stored_with_the_run(tmp_path: Path) -> None:
    schema = tmp_path / "person.json"
    schema.write_text(json.dumps({"required": ["name"]}), encoding="utf-8")
    with desk(tmp_path / "data", model('{"nam": "Ann", "age": 3, "more": 1}', '{"name": "Ann"}')) as at:
        outcome = ask(at, checked(f"json:{schema}"))
        assert outcome.state.answer == '{"name": "Ann"}'
        wanted = declared(outcome.state.spec.verifier or "")
        assert wanted.argument == "person.json"
        assert wanted.blob is not None
        assert at.store.log.blob(wanted.blob) == schema.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("magic:1", "There is no verifier 'magic'"),
        ("exact", "lacks what it checks against"),
        ("json:/nowhere.json", "can't be read"),
        ("arithmetic:two", "can't be worked out"),
    ],
)
def test_a_verifier_that_cannot_be_had_is_a_usage_error_before_anything_is_sent(
    tmp_path: Path, how: str, words: str
) -> None:
    with desk(tmp_path, model("x", "y")) as at:
        with pytest.raises(UsageError, match=words):
            ask(at, checked(how))
        assert not at.model.requests
        assert at.store.conversations.list() == []


@pytest.fixture
def tests_file(tmp_path: Path) -> Path:
    file = tmp_path / "tests.py"
    file.write_text(TESTS, encoding="utf-8")
    return file


def of_ask(at: Desk, wish: Ask) -> object:
    return asyncio.run(at.chat.consents.of_ask(wish))


def test_tests_are_not_run_before_a_person_agreed_and_asked_for_again_when_they_change(
    tmp_path: Path, tests_file: Path
) -> None:
    wish = checked(f"python:{tests_file}")
    with desk(tmp_path / "data", model()) as at:
        with pytest.raises(UsageError, match="nobody agreed to that"):
            ask(at, wish)
        assert not at.model.requests
        consents = at.chat.consents
        first = asyncio.run(consents.of_ask(wish))
        assert first is not None
        assert (first.name, first.text, first.has_changed) == ("tests.py", TESTS, False)
        assert "no network" in first.within
        assert any("disk" in words for words in first.without)
        asyncio.run(consents.agree(first))
        assert of_ask(at, wish) is None
        tests_file.write_text(TESTS + "# changed\n", encoding="utf-8")
        second = asyncio.run(consents.of_ask(wish))
        assert second is not None
        assert second.has_changed
        with pytest.raises(UsageError, match="nobody agreed"):
            ask(at, wish)


def test_a_script_agrees_by_naming_the_very_text(tmp_path: Path, tests_file: Path) -> None:
    digest = blob_of(TESTS)
    for named in ("0" * 16, digest[:6], ""):
        wish = checked(f"python:{tests_file}", settings={"verifier_consent": named})
        with desk(tmp_path / "data", model()) as at, pytest.raises(UsageError, match=digest):
            ask(at, wish)
    wish = checked(f"python:{tests_file}", settings={"verifier_consent": digest[:16]})
    with desk(tmp_path / "data", model()) as at:
        assert of_ask(at, wish) is None


RIGHT = "```python\nimport time\ntime.sleep(1)\nright = True\n```"
"""Takes its time, so that a stop at the first finding comes before the second."""
WRONG = "```python\nright = False  # but it is the longer one of the two, by far\n```"


def stopped_amid_its_checks(at: Desk, file: Path) -> RunId:
    """A run with one answer that fails and one that passes, stopped at the first finding."""

    def stop(event: ev.Event) -> None:
        if isinstance(event.body, ev.Check):
            at.chat.stop(event.run)

    wish = checked(f"python:{file}", settings={"verifier_consent": blob_of(TESTS)})
    outcome = asyncio.run(at.chat.ask(wish, Shown(stop)))
    assert outcome.state.finished is not None
    assert outcome.state.finished.status == "stopped"
    assert len(outcome.state.checks) == 1
    return outcome.run


def test_tests_go_on_deciding_after_a_stop_without_their_file(tmp_path: Path, tests_file: Path) -> None:
    with desk(tmp_path / "data", model(WRONG, RIGHT)) as at:
        run = stopped_amid_its_checks(at, tests_file)
    tests_file.unlink()
    with desk(tmp_path / "data", model(), ids="b") as at:
        outcome = asyncio.run(at.chat.resume(run, Shown()))
        assert outcome.state.answer == RIGHT
        assert sorted(str(check.passed) for check in outcome.state.checks) == ["False", "True"]
        result = outcome.state.rounds[1].result
        assert result is not None
        assert result.method == "verifier"


def test_a_run_from_another_machine_asks_before_it_goes_on(tmp_path: Path, tests_file: Path) -> None:
    with desk(tmp_path / "here", model(WRONG, RIGHT)) as at:
        run = stopped_amid_its_checks(at, tests_file)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    (tmp_path / "there" / FILE).unlink()
    with desk(tmp_path / "there", model(), ids="b") as at:
        with pytest.raises(UsageError, match="nobody agreed"):
            resume(at, run)
        wanted = asyncio.run(at.chat.consents.of_run(run))
        assert wanted is not None
        assert wanted.text == TESTS
        asyncio.run(at.chat.consents.agree(wanted))
        assert asyncio.run(at.chat.consents.of_run(run)) is None
        assert asyncio.run(at.chat.resume(run, Shown())).state.answer == RIGHT


def with_preset(**more: object) -> Settings:
    mine = PresetSettings(name="mine", strategy="best_of_n", alternatives=2, judges=1, **more)  # type: ignore[arg-type]
    return replace(SETTINGS, presets={"mine": mine})


def test_a_preset_brings_its_verifier_and_none_lifts_it(tmp_path: Path) -> None:
    known = with_preset(verifier="exact:42")
    texts = ("Long thoughts on it.\nAnswer: 41", "Answer: 42")
    with desk(tmp_path, model(*texts, *texts), settings=known) as at:
        assert ask(at, Ask(question="?", preset="mine")).state.answer == "Answer: 42"
        lifted = ask(at, Ask(question="??", preset="mine", settings={"verifier": "none"}))
        assert lifted.state.spec.verifier is None
        assert lifted.state.answer == texts[0]


def test_the_forecast_knows_a_checked_question(tmp_path: Path) -> None:
    with desk(tmp_path, model()) as at:
        forecast = run_virtual(at.chat.estimate(checked("exact:42")))
        assert forecast.spec.verifier == "exact:42"


def test_an_agreement_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="could not be saved"):
        Agreements(blocked / "below").add("0" * 64, "tests.py")


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"x": 1}', "[" * 100_000])
def test_a_broken_file_of_agreements_agrees_to_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    kept = Agreements(tmp_path)
    assert not kept.holds("x")
    kept.add("y", "tests.py")
    assert kept.holds("y")
    assert ((tmp_path / FILE).stat().st_mode & 0o777) == 0o600


def test_tests_that_are_too_long_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "tests.py"
    file.write_text("#" * 1_000_001, encoding="utf-8")
    with pytest.raises(UsageError, match="longer than"):
        verifiers(tmp_path).digest(f"python:{file}")
