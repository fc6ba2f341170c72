"""The library through its service: lists, trees, search over everything that was said, what was sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cort_desktop.domain import calls
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.errors import UsageError
from tests.fakes.desk import Desk, ask, asking, cort, desk
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, is_judge, longest_wins

SAID = {"D": "the short heron", "R1.A1": "the longest flamingo of them all", "R1.A2": "量子纠缠 explained"}


def script(request: calls.ChatRequest, nth: int) -> Reply:
    if is_judge(request):
        return Reply(text=longest_wins(request).replace("is best.", "is best, pelican."))
    return Reply(text=list(SAID.values())[min(nth, 3) - 1])


def filled(at: Desk) -> str:
    return ask(at, cort("Which bird, 为什么?", rounds=1)).run


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bird", {("question", None)}),
        ("heron", {("candidate", "D")}),
        ("flamingo", {("answer", "R1.A1")}),
        ("flam", {("answer", "R1.A1")}),
        ("explained", {("candidate", "R1.A2")}),
        ("纠缠", {("candidate", "R1.A2")}),
        ("为什么", {("question", None)}),
        ("pelican", {("verdict", "R1.J1")}),
        ("ostrich", set()),
        ('"; DROP TABLE runs; --', set()),
    ],
)
def test_everything_that_was_said_is_found(
    tmp_path: Path, words: str, found: set[tuple[str, str | None]]
) -> None:
    with desk(tmp_path, ScriptedModel(script)) as at:
        run = filled(at)
        hits = run_virtual(at.library.search(words))
        assert {(hit.part, hit.node) for hit in hits} == found
        assert all(hit.run == run for hit in hits)


def test_the_limit_holds(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        for number in range(4):
            ask(at, asking(f"bird {number}?"))
        assert len(run_virtual(at.library.search("bird"))) == 4
        newest = run_virtual(at.library.search("bird", 2))
        assert [hit.title for hit in newest] == ["bird 3?", "bird 2?"]


def test_a_conversation_with_its_runs(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        first = ask(at, asking("one?"))
        again = ask(at, cort("one?", conversation=first.conversation, again=first.turn))
        two = ask(at, asking("two?", conversation=first.conversation))
        view = run_virtual(at.library.show(first.conversation))
        assert view.conversation.title == "one?"
        assert [[run.id for run in turn.runs] for turn in view.turns] == [[first.run, again.run], [two.run]]
        assert view.turns[0].turn.active == again.run
        assert view.turns[0].runs[1].strategy == "cort"
        with pytest.raises(UsageError):
            run_virtual(at.library.show("zzz"))


def test_deleting_marks(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        kept = ask(at, asking("one?"))
        gone = ask(at, asking("two?"))
        assert run_virtual(at.library.delete(gone.conversation)).title == "two?"
        assert [each.id for each in run_virtual(at.library.conversations())] == [kept.conversation]
        assert run_virtual(at.library.search("two")) == []
        assert at.events(gone.run)
        with pytest.raises(UsageError):
            run_virtual(at.library.delete("zzz"))


def test_exactly_what_was_sent_can_be_seen(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script)) as at:
        run = filled(at)
        state = at.state(at.store.conversations.find(run))
        for name in state.nodes:
            record = json.loads(run_virtual(at.library.request(run[:4], name)))
            sent = [request for request in at.model.requests if request.seed == record["seed"]]
            assert [m["content"] for m in record["messages"]] == [m.text for m in sent[0].messages]
            assert record["max_tokens"] == sent[0].max_tokens
        with pytest.raises(UsageError, match=r"R9\.A9"):
            run_virtual(at.library.request(run, NodeName("R9.A9")))


def test_a_run_that_is_worked_on_is_told_from_one_that_was_interrupted(tmp_path: Path) -> None:
    """Row 39: after a crash a run is unfinished and owned by nobody."""
    with desk(tmp_path) as at:
        at.store.conversations.start_turn(
            conversation=ConversationId("c1"),
            turn=TurnId("t1"),
            run=RunId("r1"),
            question="Why?",
            strategy="single",
        ).result()
        with at.store.owners.claim(RunId("r1")):
            (turn,) = run_virtual(at.library.show("c1")).turns
            assert list(turn.working) == ["r1"]
        (turn,) = run_virtual(at.library.show("c1")).turns
        assert turn.working == {}
        assert turn.runs[0].status is None
