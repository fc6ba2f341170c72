"""CONTRACT 3 as a JSON schema, written by hand from its text: every event type, every key, every kind of
value.

Written apart from the program's dataclasses on purpose: it is what they are held to.
"""

from __future__ import annotations

from typing import Any

import jsonschema

TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
COUNT = {"type": "integer", "minimum": 0}
MAYBE_COUNT = {"type": ["integer", "null"], "minimum": 0}
NUMBER = {"type": "number"}
MAYBE_NUMBER = {"type": ["number", "null"]}
MAYBE_BOOL = {"type": ["boolean", "null"]}
BLOB = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}
MODEL = {"type": ["string", "null"], "pattern": "^[^/]+/.+$"}
NODE = {"type": "string", "pattern": r"^(D|S|R\d+\.[AHJC]\d+|X\d+)$"}
MAYBE_NODE = {"type": ["string", "null"], "pattern": NODE["pattern"]}
NODES = {"type": "array", "items": NODE}
USD = {"type": ["number", "null"], "minimum": 0}


def one_of(*values: str | None) -> dict[str, Any]:
    return {"enum": list(values)}


def table(values: dict[str, Any], keys: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values, "propertyNames": keys or {"type": "string"}}


def record(**fields: Any) -> dict[str, Any]:
    """An object with exactly these keys at least; what is absent is null, so all are required."""
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


USAGE = record(input=COUNT, cached_input=COUNT, output=COUNT, reasoning=COUNT)
BUDGET = record(calls=MAYBE_COUNT, tokens=MAYBE_COUNT, usd=USD, seconds=MAYBE_NUMBER)
ESTIMATE = record(
    calls_low=COUNT, calls_high=COUNT, tokens_low=COUNT, tokens_high=COUNT, usd=USD, seconds=MAYBE_NUMBER
)
SPEC = record(
    rounds=MAYBE_COUNT,
    alternatives=MAYBE_COUNT,
    judges=MAYBE_COUNT,
    lineup=table({"type": "array", "items": MODEL}),
    temperature=table(NUMBER),
    max_tokens=COUNT,
    seed={"type": "integer"},
    criteria={"type": "array", "items": record(id=TEXT, weight=NUMBER)},
    verifier=MAYBE_TEXT,
    settings={"type": "object"},
)
FAULT = record(kind=TEXT, status={"type": ["integer", "null"]}, message=TEXT, retryable={"type": "boolean"})
RANKING = {"type": "array", "items": {"type": "array", "items": NODE, "minItems": 1}}
SCORE = {"type": "integer", "minimum": 1, "maximum": 10}
ROLE = one_of("proposer", "judge", "critic", "synthesizer", "router", "summarizer", "person")
KIND = one_of("draft", "fresh", "revision", "other_method", "synthesis", "sample", "human", None)
METHODS = ("borda", "head_to_head", "bradley_terry", "vote", "verifier", "consensus", "rubric")
"""The last two came with strategies that decide rounds without comparing candidates."""
NODE_END = {"usage": maybe(USAGE), "cost_usd": USD}
USER_VERBS = (
    "override",
    "stopped",
    "enough",
    "paused",
    "resumed",
    "added",
    "dropped",
    "candidate",
    "retry",
    "rejudge",
    "ranked",
    "worth",
)

BODIES: dict[str, dict[str, Any]] = {
    "run.started": record(
        conversation=TEXT,
        turn=TEXT,
        question=TEXT,
        context=BLOB,
        attachments={"type": "array", "items": record(name=TEXT, blob=BLOB)},
        strategy=TEXT,
        preset=MAYBE_TEXT,
        spec=SPEC,
        budget=BUDGET,
        estimate=ESTIMATE,
        app=TEXT,
        prompts=TEXT,
    ),
    "run.planned": record(strategy=TEXT, spec=SPEC, why=TEXT, estimate=maybe(ESTIMATE)),
    "run.resumed": record(lost=NODES),
    "run.reopened": record(why=TEXT),
    "node.started": record(
        node=NODE,
        role=ROLE,
        kind=KIND,
        round=COUNT,
        parents=NODES,
        saw=NODES,
        move=MAYBE_TEXT,
        side=MAYBE_TEXT,
        model=MODEL,
        temperature=MAYBE_NUMBER,
        sample=MAYBE_COUNT,
        request=BLOB,
        reserved=record(calls=COUNT, tokens=COUNT, cost_usd=USD),
    ),
    "attempt.started": record(
        node=NODE,
        attempt={"type": "integer", "minimum": 1},
        model=MODEL,
        why=one_of("first", "retry", "hedge", "fallback", "again"),
    ),
    "attempt.first_content": record(node=NODE, attempt={"type": "integer", "minimum": 1}),
    "attempt.failed": record(
        node=NODE,
        attempt=COUNT,
        model=MODEL,
        error=FAULT,
        wait_seconds=MAYBE_NUMBER,
        next=one_of("retry", "hedge", "fallback", "give_up"),
        **NODE_END,
    ),
    "attempt.cancelled": record(node=NODE, attempt=COUNT, why=TEXT, **NODE_END),
    "node.delta": record(node=NODE, text=TEXT, channel=one_of("answer", "reasoning")),
    "node.finished": record(
        node=NODE,
        text=TEXT,
        reasoning=MAYBE_TEXT,
        reply=MAYBE_TEXT,
        finish=one_of("stop", "length", "filter"),
        model=MODEL,
        saved_usd=USD,
        seconds=MAYBE_NUMBER,
        first_token_seconds=MAYBE_NUMBER,
        attempts=COUNT,
        cached={"type": "boolean"},
        generation=MAYBE_TEXT,
        **NODE_END,
    ),
    "node.failed": record(node=NODE, error=FAULT, attempts=COUNT, partial=MAYBE_TEXT, **NODE_END),
    "node.cancelled": record(
        node=NODE, by=one_of("person", "plan", "limit", "crash"), partial=MAYBE_TEXT, **NODE_END
    ),
    "verdict": record(
        node=NODE,
        round=COUNT,
        purpose=one_of("panel", "head_to_head", "select", "score", "rejudge"),
        model=MODEL,
        order=NODES,
        labels=table(NODE, {"pattern": "^[bcdfghjklmnpqrstvwxyz]{3}$"}),
        excluded=NODES,
        ranking=RANKING,
        scores=table(table(SCORE), NODE),
        flaws=table(TEXT, NODE),
        weight=NUMBER,
        reason=MAYBE_TEXT,
        critique=MAYBE_TEXT,
        parsed_by=one_of("schema", "json", "lines", "repair", "abstained"),
        raw=MAYBE_TEXT,
    ),
    "vote": record(round=COUNT, answers=table(MAYBE_TEXT, NODE), tally=table(COUNT), confidence=MAYBE_NUMBER),
    "check": record(node=NODE, verifier=TEXT, passed=MAYBE_BOOL, detail=MAYBE_TEXT),
    "round.finished": record(
        round=COUNT,
        winner=MAYBE_NODE,
        kept=MAYBE_BOOL,
        scores=table(NUMBER, NODE),
        method=one_of(*METHODS, None),
        agreement={"type": ["number", "null"], "minimum": 0, "maximum": 1},
        swap_consistency={"type": ["number", "null"], "minimum": 0, "maximum": 1},
        unstable=MAYBE_BOOL,
        missing=NODES,
        retired=NODES,
    ),
    "round.quorum": record(round=COUNT, late=NODES, median_seconds=NUMBER),  # added to the contract's
    "round.added": record(  # added to the contract's, as are the next two
        round=COUNT, wish=COUNT, standing=MAYBE_NODE, challengers=NODES, alternatives=COUNT, judges=COUNT
    ),
    "round.rejudged": record(
        round=COUNT,
        wish=COUNT,
        winner=MAYBE_NODE,
        scores=table(NUMBER, NODE),
        method=one_of(*METHODS, None),
        agreement={"type": ["number", "null"], "minimum": 0, "maximum": 1},
    ),
    "contest.finished": record(
        reason=record(rule=TEXT, text=TEXT, numbers={"type": "object"}),
        answer_node=MAYBE_NODE,
        scores=table(NUMBER, NODE),
        degraded={"type": "boolean"},
        wishes={"type": "array", "items": COUNT},
    ),
    "limit.reached": record(which=one_of("calls", "tokens", "usd", "seconds"), value=NUMBER, cap=NUMBER),
    "node.stalled": record(node=NODE, idle_seconds=NUMBER),
    "run.finished": record(
        status=one_of("complete", "degraded", "stopped", "failed"),
        reason=record(rule=TEXT, text=TEXT, numbers={"type": "object"}),
        answer_node=MAYBE_NODE,
        answer=MAYBE_TEXT,
        scores=table(NUMBER, NODE),
        missing=NODES,
        usage=USAGE,
        cost_usd=USD,
        calls=COUNT,
        seconds=NUMBER,
    ),
} | {f"user.{verb}": record(node=MAYBE_NODE, text=MAYBE_TEXT) for verb in USER_VERBS}

ENVELOPE = record(
    v={"const": 1},
    run=TEXT,
    seq={"type": ["integer", "null"], "minimum": 1},
    at={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
    type={"enum": sorted(BODIES)},
)
_VALIDATORS = {
    kind: jsonschema.Draft202012Validator({"allOf": [ENVELOPE, body]}) for kind, body in BODIES.items()
}


def check(event: dict[str, Any]) -> None:
    """Raises when ``event`` is not one of CONTRACT 3."""
    validator = _VALIDATORS.get(event.get("type", ""))
    assert validator is not None, f"no such event type: {event.get('type')}"
    validator.validate(event)
    _check_money(event)
    if event["type"] == "node.delta":
        assert event["seq"] is None
    else:
        assert event["seq"] is not None


def check_stream(events: list[dict[str, Any]], *, first: int = 1) -> None:
    """A whole stream: each event by itself, one run, ``seq`` from ``first`` without gaps."""
    for event in events:
        check(event)
    assert len({event["run"] for event in events}) == 1
    stored = [event["seq"] for event in events if event["type"] != "node.delta"]
    assert stored == list(range(first, first + len(stored)))


def _check_money(value: Any) -> None:
    """Money has at most six decimals."""
    if isinstance(value, list):
        for item in value:
            _check_money(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key.endswith("usd") and item is not None:
                assert round(item, 6) == item, f"{key} has more than six decimals: {item}"
            _check_money(item)
