"""The schemas against the real built-in model: taking a schema is not yet holding a model to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.domain.calls import CallNotice, ChatRequest, Completion
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.search import DEFAULT_CRITERIA
from cort_desktop.engine import prompts
from cort_desktop.engine.decisions import Job
from cort_desktop.engine.labels import labels_for
from cort_desktop.engine.replies import read_rounds, read_verdict
from tests.fakes.builtin import REF, opened
from tests.fakes.loops import run

pytestmark = pytest.mark.builtin

TEXTS = {
    NodeName("R1.A1"): "Air scatters blue light more than red light.",
    NodeName("R1.A2"): "It reflects the ocean.",
    NodeName("R1.A3"): "Nobody knows.",
    NodeName("R1.A4"): "Sunlight is white; small molecules scatter its short waves most.",
    NodeName("R1.A5"): "Ask a physicist.",
}


def nothing(notice: CallNotice) -> None:
    pass


def judging(count: int) -> Job:
    return Job(
        name=NodeName("R1.J1"), task="verdict", role="judge", model=REF, round=1, saw=tuple(TEXTS)[:count]
    )


def labels_of(job: Job) -> dict[str, NodeName]:
    return labels_for(7, {node: place for place, node in enumerate(job.saw)})


def request(job: Job, *, most: int, temperature: float) -> ChatRequest:
    labels = labels_of(job)
    messages = prompts.messages_for(
        job,
        system=None,
        turns=(),
        question="Why is the sky blue?",
        texts=TEXTS,
        labels=labels,
        criteria=DEFAULT_CRITERIA,
    )
    return ChatRequest(
        model=REF,
        messages=messages,
        max_tokens=most,
        temperature=temperature,
        seed=7,
        reply_schema=prompts.reply_schema(job, labels, DEFAULT_CRITERIA),
    )


def asked(cache: Path, request: ChatRequest) -> Completion:
    async def main() -> Completion:
        async with opened(cache) as model:
            return await model.complete(request, nothing)

    return run(main())


@pytest.mark.parametrize(
    ("count", "temperature"), [pytest.param(3, 0.7, marks=pytest.mark.endurance), (4, 0.0)]
)
def test_the_smallest_model_gives_a_readable_verdict_in_time(
    count: int, temperature: float, tmp_path: Path
) -> None:
    job = judging(count)
    answer = asked(tmp_path, request(job, most=160 + 120 * count, temperature=temperature))
    found = read_verdict(answer.text, labels_of(job), job.saw, DEFAULT_CRITERIA, schema_asked=True)
    assert answer.finish == "stop"
    assert found is not None
    assert found.parsed_by == "schema"
    assert {len(scores) for scores in found.scores.values()} == {4}
    assert set(found.scores) == set(job.saw)


def test_a_schema_for_many_candidates_is_taken(tmp_path: Path) -> None:
    answer = asked(tmp_path, request(judging(5), most=12, temperature=0.0))
    assert answer.finish == "length"
    assert answer.text.startswith('{"analysis":')


def test_the_smallest_model_says_a_number_of_rounds(tmp_path: Path) -> None:
    job = Job(name=NodeName("X1"), task="rounds", role="router", model=REF)
    assert read_rounds(asked(tmp_path, request(job, most=16, temperature=0.0)).text, 5) in range(1, 6)
