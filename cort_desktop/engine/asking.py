"""A job as a request: the prompt it is asked with, what it may take, and what its reply becomes.

Pure: the engine's shell (``engine.py``) sends what is made here and turns the completion into events with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved
from cort_desktop.domain.calls import ChatRequest, Origin, ReplySchema, TokenCounter
from cort_desktop.domain.ids import Blob, NodeName, blob_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Criterion, NodeRole, RunSpec
from cort_desktop.engine import judging, prompts, replies
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.decisions import Job
from cort_desktop.engine.fitting import Fitted, fit, shorten_words
from cort_desktop.engine.ledger import worst_case
from cort_desktop.errors import ProviderError

PROPOSER_TEMPERATURE = 0.7
JUDGE_TEMPERATURE = 0.0
ROUNDS_TOKENS = 24
CRITIQUE_TOKENS = 512
"""Six points with their remedies, and some room."""
LEAST_ANSWER_TOKENS = 32


def verdict_tokens(candidates: int) -> int:
    """The longest verdict on so many candidates."""
    return 160 + 120 * candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A job made ready: the request, its record, and what is held for it."""

    job: Job
    request: ChatRequest
    record: str
    blob: Blob
    reserved: Reserved


def prepare(
    job: Job, state: RunState, view: ContextView, profile: ModelProfile, tokens: TokenCounter
) -> Asking:
    """Make the request of ``job``. Raises ProviderError(context_too_long) when the model can't take it."""
    spec = state.spec
    criteria = _criteria(job, spec)
    labels = judging.labels_of(state, judged(job, state)) if job.role == "judge" else {}
    schema = prompts.reply_schema(job, labels, criteria) if profile.json_schema else None
    fitted = fit(
        _told(job, view),
        lambda seen: prompts.messages_for(
            job,
            system=seen.system,
            turns=seen.turns,
            question=seen.question_text,
            texts={name: state.nodes[name].text for name in _texts(job)},
            labels=labels,
            criteria=criteria,
        ),
        tokens=tokens,
        max_tokens=longest_reply(job, state, profile),
        context_tokens=profile.context_tokens,
        extra_tokens=schema_tokens(schema, tokens),
        aside_tokens=aside_tokens(spec, profile),
    )
    if profile.context_tokens is not None and _too_long(fitted.tokens, fitted.max_tokens, profile):
        how = shorten_words(view, profile.context_tokens - fitted.max_tokens, tokens)
        raise ProviderError(
            f"{job.name} needs about {fitted.tokens:,} tokens and {profile.ref} takes "
            f"{profile.context_tokens:,} with the answer: {how}.",
            kind="context_too_long",
            sent=False,
        )
    request = _request(job, state, profile, fitted, schema)
    record = _record(request, fitted.record if job.task != "repair" else _NOTHING_TOLD)
    reserved = worst_case(input_tokens=fitted.tokens, max_tokens=fitted.max_tokens, price=profile.price)
    return Asking(job=job, request=request, record=record, blob=blob_of(record), reserved=reserved)


def _request(
    job: Job, state: RunState, profile: ModelProfile, fitted: Fitted, schema: ReplySchema | None
) -> ChatRequest:
    return ChatRequest(
        model=job.model,
        messages=fitted.messages,
        max_tokens=fitted.max_tokens,
        temperature=temperature(state.spec, job.role),
        seed=judging.call_seed(state.spec.seed, job.name) if profile.seed else None,
        sample=job.sample or 0,
        reply_schema=schema,
        origin=_origin(job, state),
    )


def schema_tokens(schema: ReplySchema | None, tokens: TokenCounter) -> int:
    """What the shape that a reply is held to takes of the input, where a service counts it."""
    return 0 if schema is None else tokens.count(json.dumps(schema.schema))


def _origin(job: Job, state: RunState) -> Origin | None:
    """What the call is for. One that a person wants to have tried again is asked anew, whatever is kept; so
    is a further look at what was judged, for a reply that was kept says what is known already.
    """
    if state.started is None:
        return None
    use = state.spec.cache
    is_look = job.role == "judge" and job.wish is not None
    is_again = any(word.verb == "retry" and word.node == job.name for word in state.user)
    if use == "use" and (is_look or is_again):
        use = "renew"
    return Origin(
        run=state.run,
        conversation=state.started.conversation,
        question=state.question,
        node=job.name,
        role=job.role,
        prompts=prompts.PROMPTS_VERSION,
        cache=use,
    )


def temperature(spec: RunSpec, role: NodeRole) -> float:
    """The role's temperature: as set, else warm for proposers and cold for the rest."""
    return spec.temperature.get(role, PROPOSER_TEMPERATURE if role == "proposer" else JUDGE_TEMPERATURE)


def judged(job: Job, state: RunState) -> tuple[NodeName, ...]:
    """The candidates a verdict (or the repair of one) is about, in the order they are shown."""
    return state.nodes[job.repairs].saw if job.repairs else job.saw


def longest_reply(job: Job, state: RunState, profile: ModelProfile) -> int:
    """The ``max_tokens`` of a job: those of its text, and room for the thoughts of a model that has some."""
    if job.role == "judge":
        text = verdict_tokens(len(judged(job, state)))
    elif job.task in ("rounds", "route"):
        text = ROUNDS_TOKENS
    elif job.role == "critic":
        text = critique_tokens(state.spec)
    else:
        text = min(state.spec.max_tokens, profile.context_tokens or state.spec.max_tokens)
    return text + profile.thinking_tokens


def critique_tokens(spec: RunSpec) -> int:
    """The longest critique; none is longer than an answer may be."""
    return min(spec.max_tokens, CRITIQUE_TOKENS)


def _criteria(job: Job, spec: RunSpec) -> tuple[Criterion, ...]:
    """What a judge scores; one that only says what most agree on scores nothing."""
    return () if job.purpose == "select" else job.criteria or spec.criteria


def verdict_of(job: Job, state: RunState, text: str, *, schema_asked: bool) -> ev.Verdict | None:
    """What a judge's reply says; None when it can't be read and may be repaired."""
    judge = state.nodes[job.repairs] if job.repairs else state.nodes[job.name]
    order = judged(job, state)
    labels = judging.labels_of(state, order)
    read = replies.read_verdict(text, labels, order, _criteria(job, state.spec), schema_asked=schema_asked)
    if read is None:
        return None
    return replies.to_verdict(
        read,
        node=judge.name,
        round=judge.round,
        purpose=job.purpose or "panel",
        model=judge.model,
        order=order,
        labels=labels,
        excluded=job.excluded,
        raw=text,
        repaired=job.repairs is not None,
    )


def aside_tokens(spec: RunSpec, profile: ModelProfile) -> int:
    """What is kept free of the conversation in every call of a run, so that all of them can begin alike: the
    answer, an instruction, and for strategies whose calls see other answers some of those, up to a quarter of
    the model's length.
    """
    longest = profile.context_tokens or spec.max_tokens
    answer = min(spec.max_tokens, longest) + profile.thinking_tokens
    seen = (spec.alternatives or 1) if spec.rounds or spec.judges else 0
    return answer + longest // 32 + min(seen * spec.max_tokens, longest // 4)


def _told(job: Job, view: ContextView) -> ContextView:
    """The repair of a verdict is told nothing of the conversation."""
    if job.task != "repair":
        return view
    return ContextView(system=view.system, turns=(), question="")


_NOTHING_TOLD: dict[str, Any] = {
    "messages_sent": 0,
    "messages_left_out": 0,
    "parts": [{"part": "system"}],
    "left_out": [],
}


def _texts(job: Job) -> tuple[NodeName, ...]:
    return (*job.saw, job.repairs) if job.repairs else job.saw


def _too_long(tokens: int, max_tokens: int, profile: ModelProfile) -> bool:
    room = (profile.context_tokens or 0) - tokens
    return room < min(max_tokens, LEAST_ANSWER_TOKENS) or tokens + max_tokens > (profile.context_tokens or 0)


def _record(request: ChatRequest, context: dict[str, Any]) -> str:
    """Exactly what is sent, and what of the conversation is in it and what is not."""
    schema = request.reply_schema
    return json.dumps(
        {
            "model": request.model,
            "messages": [{"role": m.role, "content": m.text} for m in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "reply_schema": None if schema is None else {"name": schema.name, "schema": schema.schema},
            "context": context,
        },
        ensure_ascii=False,
    )
