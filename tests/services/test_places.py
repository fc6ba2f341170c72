"""Where a question belongs: at the end, again, instead of another, after another; and what it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import calls
from cort_desktop.domain.ids import ConversationId, TurnId
from cort_desktop.domain.settings import Defaults
from cort_desktop.errors import UsageError
from cort_desktop.services.attachments import AttachmentInfo
from cort_desktop.services.outcomes import Outcome
from tests.fakes.desk import SETTINGS, Desk, ask, asking, desk
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel


def echo(request: calls.ChatRequest, nth: int) -> Reply:
    return Reply(text=f"answer to {request.messages[-1].text.splitlines()[-1]}")


def told(at: Desk) -> list[str]:
    """What the last request said after its system text."""
    return [message.text for message in at.model.requests[-1].messages if message.role != "system"]


def shown(at: Desk, conversation: str) -> list[tuple[str, int, int]]:
    view = run_virtual(at.library.show(conversation))
    return [(turn.turn.question, turn.place + 1, len(turn.siblings)) for turn in view.turns]


def three(at: Desk, **more: Any) -> list[Outcome]:
    """one? two? three?, one after the other."""
    first = ask(at, asking("one?", **more))
    rest = [ask(at, asking(text, conversation=first.conversation, **more)) for text in ("two?", "three?")]
    return [first, *rest]


@pytest.mark.parametrize("store", [True, False])
def test_an_edited_question_stands_beside_the_old_one(tmp_path: Path, store: bool) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one, two, _ = three(at, store=store)
        new = ask(at, asking("2?", conversation=one.conversation, instead_of=two.turn, store=store))
        assert told(at) == ["one?", "answer to one?", "2?"]
        assert new.turn not in (one.turn, two.turn)
        if store:
            assert shown(at, one.conversation) == [("one?", 1, 1), ("2?", 2, 2)]
        ask(at, asking("and?", conversation=one.conversation, store=store))
        assert told(at) == ["one?", "answer to one?", "2?", "answer to 2?", "and?"]


def test_a_first_question_can_be_edited_too(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one, *_ = three(at)
        ask(at, asking("1?", conversation=one.conversation, instead_of=one.turn))
        assert told(at) == ["1?"]
        assert shown(at, one.conversation) == [("1?", 2, 2)]
        assert run_virtual(at.library.get(one.conversation)).title == "one?"
        view = run_virtual(at.library.choose_turn(one.turn))
        assert [turn.turn.question for turn in view.turns] == ["one?", "two?", "three?"]


@pytest.mark.parametrize("store", [True, False])
def test_from_any_turn_one_can_go_on(tmp_path: Path, store: bool) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one, two, _ = three(at, store=store)
        ask(at, asking("else?", conversation=one.conversation, after=one.turn, store=store))
        assert told(at) == ["one?", "answer to one?", "else?"]
        ask(at, asking("deep?", conversation=one.conversation, after=two.turn, store=store))
        assert told(at) == ["one?", "answer to one?", "two?", "answer to two?", "deep?"]
        if store:
            assert shown(at, one.conversation) == [("one?", 1, 1), ("two?", 1, 2), ("deep?", 2, 2)]


def test_asking_again_where_the_path_is_not_brings_it_there(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one, two, _ = three(at)
        ask(at, asking("2?", conversation=one.conversation, instead_of=two.turn))
        again = ask(at, asking("two?", conversation=one.conversation, again=two.turn))
        assert told(at) == ["one?", "answer to one?", "two?"]
        view = run_virtual(at.library.show(one.conversation))
        assert [turn.turn.question for turn in view.turns] == ["one?", "two?", "three?"]
        assert [run.id for run in view.turns[1].runs] == [two.run, again.run]
        assert view.turns[1].turn.active == again.run


def test_the_run_that_counts_is_what_later_questions_are_told(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one = ask(at, asking("one?"))
        again = ask(at, asking("one?", conversation=one.conversation, again=one.turn))
        for run in (one, again):
            view = run_virtual(at.library.choose_run(one.turn, run.run))
            assert view.turns[0].turn.active == run.run
            ask(at, asking("and?", conversation=one.conversation, after=one.turn))
            assert told(at)[1] == at.store.conversations.run(run.run).answer


@pytest.mark.parametrize("store", [True, False])
def test_a_place_that_is_not_there_is_refused(tmp_path: Path, store: bool) -> None:
    nowhere = TurnId("nowhere")
    with desk(tmp_path) as at:
        one = ask(at, asking("one?", store=store))
        other = ask(at, asking("other?", store=store))
        asked = len(at.model.requests)
        for place in ("again", "instead_of", "after"):
            for turn in (nowhere, other.turn):
                with pytest.raises(UsageError, match=f"There is no turn {turn} in conversation"):
                    ask(at, asking("one?", conversation=one.conversation, store=store, **{place: turn}))
            with pytest.raises(UsageError, match="without its conversation"):
                ask(at, asking("one?", store=store, **{place: nowhere}))
        with pytest.raises(UsageError, match="has one place"):
            ask(at, asking("?", conversation=one.conversation, again=one.turn, after=one.turn, store=store))
        assert len(at.model.requests) == asked


def test_asking_again_keeps_the_question(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one = ask(at, asking("one?"))
        with pytest.raises(UsageError, match="keeps the question"):
            ask(at, asking("1?", conversation=one.conversation, again=one.turn))


def test_what_is_in_the_bin_is_not_gone_on_with(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one = ask(at, asking("one?"))
        run_virtual(at.library.delete(one.conversation))
        with pytest.raises(UsageError, match=r"“one\?” is in the bin"):
            ask(at, asking("two?", conversation=one.conversation))
        run_virtual(at.library.restore(one.conversation))
        ask(at, asking("two?", conversation=one.conversation))


def test_a_conversations_system_text_holds_for_its_later_questions(tmp_path: Path) -> None:
    settings = SETTINGS.__class__(
        defaults=Defaults(model=SETTINGS.defaults.model, system="In rhyme."), providers=SETTINGS.providers
    )

    def system(at: Desk) -> str:
        return at.model.requests[-1].messages[0].text

    with desk(tmp_path, settings=settings) as at:
        one = ask(at, asking("one?"))
        plain = ask(at, asking("none?", system=""))
        none = system(at)
        assert none != "In rhyme."
        for text, expected in (("In prose.", "In prose."), ("", none), (None, "In rhyme.")):
            changed = run_virtual(at.library.set_system(one.conversation, text))
            assert changed.system == text
            assert run_virtual(at.library.show(one.conversation)).conversation.system == text
            ask(at, asking("more?", conversation=one.conversation))
            assert system(at) == expected
        ask(at, asking("once?", conversation=one.conversation, system="Shout."))
        assert system(at) == "Shout."
        ask(at, asking("more?", conversation=plain.conversation))
        assert system(at) == none


NOTES = AttachmentInfo(name="notes.txt", text="the notes", tokens=3, characters=9)
SEEN = '<attachment name="notes.txt">\nthe notes\n</attachment>'


@pytest.mark.parametrize("store", [True, False])
def test_files_of_earlier_questions_are_still_known(tmp_path: Path, store: bool) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one = ask(at, asking("one?", attached=(NOTES,), store=store))
        assert told(at) == [f"{SEEN}\n\none?"]
        ask(at, asking("two?", conversation=one.conversation, store=store))
        assert told(at) == [f"{SEEN}\n\none?", "answer to one?", "two?"]


def test_a_file_is_told_of_once(tmp_path: Path) -> None:
    other = AttachmentInfo(name="notes.txt", text="other notes", tokens=3, characters=11)
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one = ask(at, asking("one?", attached=(NOTES,)))
        ask(at, asking("two?", conversation=one.conversation, attached=(NOTES, other)))
        assert told(at)[0] == "one?"
        assert [text.count("the notes") for text in told(at)] == [0, 0, 1]
        ask(at, asking("three?", conversation=one.conversation))
        assert [text.count("the notes") for text in told(at)] == [1, 0, 0, 0, 0]
        assert [text.count("other notes") for text in told(at)] == [0, 0, 1, 0, 0]


def test_asking_again_takes_the_files_along(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one = ask(at, asking("one?", attached=(NOTES,)))
        again = ask(at, asking("one?", conversation=one.conversation, again=one.turn))
        assert told(at) == [f"{SEEN}\n\none?"]
        assert [file.name for file in run_virtual(at.attachments.of_run(again.run))] == ["notes.txt"]
        ask(at, asking("1?", conversation=one.conversation, instead_of=one.turn))
        assert told(at) == ["1?"]  # whoever edits says what goes along


def test_a_long_conversation_is_read_at_once(tmp_path: Path) -> None:
    """Not a query a turn: the question waits for it."""
    with desk(tmp_path, ScriptedModel(echo)) as at:
        one, *_ = three(at)
        reads = 0
        real = at.database.read

        def counted(work: Any) -> Any:
            nonlocal reads
            reads += 1
            return real(work)

        at.database.read = counted  # type: ignore[method-assign]
        ask(at, asking("four?", conversation=one.conversation))
        four, reads = reads, 0
        ask(at, asking("five?", conversation=ConversationId(one.conversation)))
        assert reads == four
