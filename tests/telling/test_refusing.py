"""Refusals are marked by how they begin; answers that only sound modest are not."""

from __future__ import annotations

import time

import pytest

from cort_desktop.domain.ids import DRAFT
from cort_desktop.telling.outline import outline
from cort_desktop.telling.refusing import REFUSED, is_refusal
from tests.fakes.story import Story


def says(text: str, *, finish: str = "stop") -> Story:
    story = Story(strategy="single", question="How?")
    story.start("D", "draft").wait(1).finish("D", text, finish=finish)
    return story


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot assist with this request.",
        "Sorry, I won't do that.",
        "I can't help with that.",
        "I am unable to provide this information.",
        "**I'm not able to help with that.**",
        "As an AI language model, I cannot give medical advice.",
        "Unfortunately, I am not allowed to answer.",
        "I must decline.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "К сожалению, я не могу помочь.",
        "很抱歉，我无法回答这个问题。",
        "申し訳ありませんが、お答えできません。",
    ],
)
def test_a_refusal_is_marked_in_the_outline(text: str) -> None:
    state = says(text).state()
    assert is_refusal(state.nodes[DRAFT])
    assert REFUSED in next(row.word for row in outline(state) if row.name == "D")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The sky is blue because of Rayleigh scattering.",
        "I can't be sure, but 42 is likely.",
        "I cannot stress enough how simple this is: use an index.",
        "Sorry for the long answer: it depends on the table.",
        "You can't do that; use a list instead.",
        "No.",
        "I can help with that.",
        "I'm sorry, but I can't help with that. " + "However, here is how it works in detail. " * 40,
    ],
)
def test_an_answer_is_not(text: str) -> None:
    assert not is_refusal(says(text).state().nodes[DRAFT])


def test_what_a_service_filtered_is_marked() -> None:
    assert is_refusal(says("Half a", finish="filter").state().nodes[DRAFT])


def test_any_text_is_looked_at_in_no_time() -> None:
    before = time.thread_time()
    for text in ("sorry " * 133, "as an ai" + "x" * 700, " " * 800, "*" * 800, "leider, ich kann " * 40):
        is_refusal(says(text).state().nodes[DRAFT])
    assert time.thread_time() - before < 1
