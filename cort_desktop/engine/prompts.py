"""Prompts: a job and what it may see become the messages that are sent, and the schema its reply is held to.

One system text serves all roles, what calls share (system, conversation, question) comes first and the
role's instruction last, so that providers' prompt caches work. The words are ``prompt_texts.py``; judges are
blind: they get fenced texts under labels, and no model name, round, reasoning or word on the incumbent
(CONTRACT 4). What of a conversation fits is decided before, in ``context.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from cort_desktop.domain.calls import ReplySchema
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.messages import Message, assistant, user
from cort_desktop.domain.messages import system as system_message
from cort_desktop.domain.search import Criterion
from cort_desktop.engine import fences, verdict_schema
from cort_desktop.engine import prompt_texts as words
from cort_desktop.engine.decisions import Job

PROMPTS_VERSION = "4"
"""Goes up with every change of the words or of how they are put together; part of each run's record."""

MOST_ROUNDS = 5
"""The most rounds a model may ask for."""

WAYS_TO_THINK = words.WAYS_TO_THINK
"""What a router may choose, by the strategy's name."""

REPAIRED_CHARACTERS = 6000
"""How much of the end of an unreadable verdict is shown again; the ranking stands at its end."""


def messages_for(
    job: Job,
    *,
    system: str | None,
    turns: tuple[Message, ...],
    question: str,
    texts: Mapping[NodeName, str],
    labels: Mapping[str, NodeName],
    criteria: Sequence[Criterion],
) -> tuple[Message, ...]:
    """The messages of ``job``.

    texts: what it may see, by node (``job.saw``; for a repair the raw verdict of ``job.repairs``).
    labels: label → node of the judged candidates, in the order they are shown; only judges need them.
    Raises KeyError when a text or a label is missing.
    """
    first = system_message(system or words.SYSTEM)
    match job.task:
        case (
            "answer"
            | "answer_checkable"
            | "revise"
            | "fix"
            | "other_method"
            | "synthesis"
            | "combine"
            | "combine_checkable"
            | "critique"
            | "mend"
            | "chair"
            | "debate"
            | "rounds"
            | "route"
        ):
            asked = "\n\n".join([question, *_instruction(job, texts)])
            return (first, *turns, user(asked))
        case "verdict" | "select" | "score":
            return (first, user(_verdict(job, turns, question, texts, labels, criteria)))
        case "repair":
            return (first, *_repair(_raw(job, texts), labels))
        case _:
            assert_never(job.task)


def reply_schema(
    job: Job, labels: Mapping[str, NodeName], criteria: Sequence[Criterion]
) -> ReplySchema | None:
    """The schema the reply of ``job`` must fit; None for free text. ``labels`` as in ``messages_for``."""
    match job.task:
        case "verdict" | "select" | "score":
            return verdict_schema.verdict_schema(list(labels), criteria)
        case "repair":
            return verdict_schema.repair_schema(list(labels))
        case "rounds":
            return verdict_schema.rounds_schema(MOST_ROUNDS)
        case "route":
            return verdict_schema.route_schema(tuple(WAYS_TO_THINK))
        case (
            "answer"
            | "answer_checkable"
            | "revise"
            | "fix"
            | "other_method"
            | "synthesis"
            | "combine"
            | "combine_checkable"
            | "critique"
            | "mend"
            | "chair"
            | "debate"
        ):
            return None
        case _:
            assert_never(job.task)


def _instruction(job: Job, texts: Mapping[NodeName, str]) -> list[str]:
    """What is said after the question."""
    seen = [fences.candidate(texts[name]) for name in job.saw]
    match job.task:
        case "answer_checkable" | "rounds" | "route":
            return [_SAID_ALONE[job.task]]
        case "revise":
            return [words.REVISE_BEFORE, *seen, words.REVISE_AFTER]
        case "fix":
            after = words.FIX_AFTER.format(flaws=_listed(job.flaws)) if job.flaws else words.REVISE_AFTER
            return [words.REVISE_BEFORE, *seen, after]
        case "other_method":
            way = words.WAYS[((job.sample or 1) + job.round) % len(words.WAYS)]
            if not seen:
                return [words.OTHER_METHOD.format(way=way)]
            return [words.REVISE_BEFORE, *seen, words.OTHER_METHOD_THAN.format(way=way)]
        case "critique" | "mend":
            return _reviewed(job, seen[0], texts)
        case "synthesis" | "combine" | "combine_checkable" | "chair" | "debate":
            before, after = _AROUND[job.task]
            said = [words.SAID_OF_THE_FIRST.format(flaws=_listed(job.flaws))] if job.flaws else []
            return [before.format(count=len(seen)), *seen, *said, after]
        case _:
            return []


_SAID_ALONE = {
    "answer_checkable": words.CHECKABLE,
    "rounds": words.ROUNDS.format(most=MOST_ROUNDS),
    "route": words.ROUTE.format(ways="\n".join(f"- {way}: {what}" for way, what in WAYS_TO_THINK.items())),
}
"""What is said where no other text is shown."""

_AROUND = {
    "synthesis": (words.SYNTHESIS_BEFORE, words.SYNTHESIS_AFTER),
    "combine": (words.COMBINE_BEFORE, words.COMBINE_AFTER),
    "combine_checkable": (words.COMBINE_BEFORE, f"{words.COMBINE_AFTER} {words.CHECKABLE}"),
    "chair": (words.CHAIR_BEFORE, words.CHAIR_AFTER),
    "debate": (words.DEBATE_BEFORE, words.DEBATE_AFTER),
}
"""What is said before and after texts that are shown whole."""


def _reviewed(job: Job, fenced: str, texts: Mapping[NodeName, str]) -> list[str]:
    """An answer that is to be criticised, or to be mended by its critique (``saw[1]``)."""
    if job.task == "critique":
        said = [words.CRITIQUE_SAID.format(flaws=_listed(job.flaws))] if job.flaws else []
        return [words.CRITIQUE_BEFORE, fenced, *said, words.CRITIQUE_AFTER.format(keep=words.KEEP)]
    critique = fences.escaped(texts[job.saw[1]].strip())
    return [words.REVISE_BEFORE, fenced, words.MEND_AFTER.format(critique=critique)]


def _listed(flaws: Sequence[str]) -> str:
    """What judges said, a line each, as text that can't end a fence."""
    return fences.escaped("\n".join(f"- {flaw}" for flaw in flaws))


def _verdict(
    job: Job,
    turns: tuple[Message, ...],
    question: str,
    texts: Mapping[NodeName, str],
    labels: Mapping[str, NodeName],
    criteria: Sequence[Criterion],
) -> str:
    label_of = {node: label for label, node in labels.items()}
    ids = [label_of[node] for node in job.saw]
    said = [*turns, user(question)]
    asked = _ASKED_OF_JUDGES[job.task]
    instruction = asked.format(
        count=len(ids),
        ids=", ".join(ids),
        criteria=", ".join(criterion.id.replace("_", " ") for criterion in criteria),
        form=_verdict_form(criteria),
    )
    parts = [
        fences.conversation("\n\n".join(f"{_SPEAKER[message.role]}: {message.text}" for message in said)),
        *(fences.candidate(texts[node], label_of[node]) for node in job.saw),
        instruction,
    ]
    return "\n\n".join(parts)


_ASKED_OF_JUDGES: Mapping[str, str] = {"verdict": words.JUDGE, "select": words.SELECT, "score": words.SCORE}
_SPEAKER = {"system": "System", "user": "User", "assistant": "Assistant"}


def _repair(raw: str, labels: Mapping[str, NodeName]) -> tuple[Message, ...]:
    """The judge's own reply as its own words, then the form again: a short call without the candidates."""
    ids = ", ".join(labels)
    return (
        user(words.REPAIR_BEFORE.format(ids=ids)),
        assistant(raw.strip()[-REPAIRED_CHARACTERS:] or words.NOTHING_SAID),
        user(words.REPAIR_AFTER.format(ids=ids, form=_form(_END_OF_FORM))),
    )


def _raw(job: Job, texts: Mapping[NodeName, str]) -> str:
    if job.repairs is None:
        raise KeyError(f"{job.name} repairs no verdict")
    return texts[job.repairs]


_END_OF_FORM: dict[str, Any] = {
    "ranking": [["best id"], ["next id"]],
    "reason": words.ONE_SENTENCE,
    "critique": words.ONE_SENTENCE,
}


def _verdict_form(criteria: Sequence[Criterion]) -> str:
    """The form in words. No real id or score is in it: models copy what an example ranks first."""
    entry: dict[str, Any] = {"candidate": "id", "notes": words.FEW_WORDS}
    entry |= {criterion.id: _SCORE for criterion in criteria}
    entry |= {"fatal_flaw": None} if criteria else {}
    return _form({"analysis": [entry]} | _END_OF_FORM)


_SCORE = "N"


def _form(form: dict[str, Any]) -> str:
    return json.dumps(form, ensure_ascii=False).replace(f'"{_SCORE}"', _SCORE)
