"""What asking later questions again would take; what was sent for a run that nobody stores."""

import json
from pathlib import Path

import pytest

from cort_desktop.domain.ids import NodeName
from cort_desktop.errors import UsageError
from cort_desktop.services.planning import Ask
from tests.fakes.desk import ask, desk
from tests.fakes.loops import run_virtual as do
from tests.fakes.models import good_model


def _three(question: str, **more: object) -> Ask:
    return Ask(question=question, strategy="best_of_n", alternatives=3, judges=1, **more)  # type: ignore[arg-type]


def test_the_price_of_several_questions_is_the_sum_of_theirs(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        first = ask(at, Ask(question="One?", strategy="single"))
        second = ask(at, Ask(question="Two?", strategy="single", conversation=first.conversation))
        third = ask(at, Ask(question="Three?", strategy="best_of_n", conversation=first.conversation))
        assert do(at.chat.rerun_price([])) is None
        alone = do(at.chat.rerun_price([second.run]))
        both = do(at.chat.rerun_price([second.run, third.run]))
        other = do(at.chat.rerun_price([third.run]))
        assert alone is not None
        assert both is not None
        assert other is not None
        assert alone.calls_high == 1
        assert both.calls_low == alone.calls_low + other.calls_low
        assert both.tokens_high == alone.tokens_high + other.tokens_high
        wish = Ask(question="Two?", strategy="single", conversation=first.conversation, again=second.turn)
        assert alone.tokens_low == do(at.chat.estimate(wish)).tokens_low


def test_what_was_sent_is_known_where_nothing_is_stored(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, _three("Why is the sky blue?", store=False)).run
        sent = at.chat.request(run, NodeName("R1.A2"))
        assert "Why is the sky blue?" in json.dumps(json.loads(sent)["messages"])
        with pytest.raises(UsageError, match="was not kept"):
            at.chat.request(run, NodeName("R9.A9"))
        stored = ask(at, _three("And dusk?")).run
        with pytest.raises(UsageError, match="was not kept"):
            at.chat.request(stored, NodeName("R1.A1"))
