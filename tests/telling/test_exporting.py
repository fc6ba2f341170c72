"""Files' names, and conversations as texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from cort_desktop.domain.events import Event
from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.library import Conversation, ConversationView, Origin, RunRow, Turn, TurnView
from cort_desktop.domain.whole_conversation import ExportForm, WholeConversation
from cort_desktop.telling.conversation_json import exported_json
from cort_desktop.telling.conversation_markdown import exported_markdown
from cort_desktop.telling.exporting import file_name, form_of, named
from tests.fakes.story import BEGIN, two_rounds


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.cort", "cort"),
        ("A.CORT", "cort"),
        ("a.b.md", "markdown"),
        ("x.Markdown", "markdown"),
        ("x.json", "json"),
        ("x.txt", None),
        ("cort", None),
    ],
)
def test_a_name_means_a_form(name: str, form: ExportForm | None) -> None:
    assert form_of(name) == form


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Why is the sky blue?", "Why is the sky blue"),
        ("../../etc/passwd", "etc passwd"),
        ("a\nb\0c: d|e", "a b␀c d e"),
        ("...", "conversation"),
        ("", "conversation"),
        ("Ü “x” 天", "Ü “x” 天"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_title_becomes_a_file_name(title: str, name: str) -> None:
    assert file_name(title) == name


CONVERSATION = Conversation(
    id=ConversationId("c"), title="Slow *queries*", created=BEGIN, updated=BEGIN, turns=1
)


def whole(events: Sequence[Event], answer: str | None, **conversation: object) -> WholeConversation:
    run = events[0].run
    row = RunRow(
        id=run,
        turn=TurnId("t"),
        conversation=ConversationId("c"),
        strategy="tournament",
        status=None if answer is None else "complete",
        answer_node=None,
        answer=answer,
        started=BEGIN,
        ended=None if answer is None else BEGIN,
        last_seq=len(events),
    )
    turn = Turn(
        id=TurnId("t"),
        conversation=ConversationId("c"),
        parent=None,
        question="Why is\n# this slow?",
        created=BEGIN,
        runs=(RunId("other"), run),
        active=run,
    )
    view = ConversationView(
        conversation=replace(CONVERSATION, **conversation),  # type: ignore[arg-type]
        turns=(
            TurnView(
                turn=turn,
                runs=(replace(row, id=RunId("other")), row),
                siblings=(TurnId("earlier"), TurnId("t")),
            ),
        ),
    )
    return WholeConversation(view=view, summaries=(), logs={run: tuple(events)})


def test_markdown_of_an_answer_that_won() -> None:
    text = exported_markdown([whole(two_rounds().events, "Add an `index`.\n", system="Be\nbrief.")])
    lines = text.splitlines()
    assert lines[:3] == ["# Slow \\*queries\\*", "", f"*1 question · {BEGIN:%Y-%m-%d}*"]
    assert "> Be\n> brief." in text
    assert "## Question 1, version 2 of 2" in text
    assert "> Why is\n> # this slow?" in text
    assert "### Answer 2 of 2\n\nAdd an `index`.\n\n*" in text
    assert " won " in text
    heads = [
        token.content for token in MarkdownIt().parse(text) if token.type == "inline" and token.level == 1
    ]
    assert heads[0] == "Slow \\*queries\\*"


def test_markdown_of_what_was_cut_short_and_of_a_branch() -> None:
    events = two_rounds().events
    origin = Origin(conversation=None, title="The <first> one")
    text = exported_markdown([whole(events[:2], None, branched_from=origin), whole(events, "Yes.")])
    assert "branched from “The \\<first\\> one”" in text
    assert "*The run was interrupted before there was an answer.*" in text
    assert text.count("\n---\n") == 1
    empty = whole(events, None)
    nothing = exported_markdown([replace(empty, logs={})])
    assert "*It was not answered.*" in nothing


def test_json_is_one_object_or_a_list() -> None:
    one = whole(two_rounds().events, "Yes.")
    told = json.loads(exported_json([one]))
    assert told["path"][0]["runs"][1]["events"][0]["type"] == "run.started"
    assert told["path"][0]["runs"][0]["events"] == []
    assert [each["id"] for each in json.loads(exported_json([one, one]))] == ["c", "c"]


def test_conversations_are_named() -> None:
    assert named([CONVERSATION]) == "“Slow *queries*”"
    assert named([CONVERSATION] * 3) == "3 conversations"
    assert named([replace(CONVERSATION, title="y" * 99)]) == f"“{'y' * 59}…”"
