"""What the engine is told of a conversation's turns: the messages of a path, how long each is, which of them
have to do with the question. Reading the path is ``places.py``; what is sent of it is the engine's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.ids import Blob, ModelRef
from cort_desktop.domain.library import Said
from cort_desktop.domain.messages import Message, assistant, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.asking import aside_tokens
from cort_desktop.engine.context import ContextView, turn_costs
from cort_desktop.engine.fitting import fixed_tokens, history_room
from cort_desktop.engine.retrieval import relevant_turns

Files = tuple[tuple[str, str], ...]
"""(name, text) of each."""


def messages_of(
    path: Sequence[Said], text: Callable[[Blob], str], with_question: Files = ()
) -> tuple[Message, ...]:
    """The turns of a path as they were asked and answered; one without an answer is only its question.

    A file is told of once: where it came first, or with the question when it goes along with that too.
    """
    told = set(with_question)
    messages: list[Message] = []
    for said in path:
        own = tuple((file.name, text(Blob(file.blob))) for file in said.attachments)
        files = tuple(file for file in own if file not in told)
        told.update(files)
        asked = ContextView(system=None, turns=(), question=said.question, attachments=files)
        messages.append(user(asked.question_text))
        if said.answer:
            messages.append(assistant(said.answer))
    return tuple(messages)


def path_names(path: Sequence[Said]) -> list[str]:
    """A name for each beginning of a path, the shortest first: the same for the same words and files, another
    one as soon as a question, an answer or a file of it is another.
    """
    names: list[str] = []
    for said in path:
        files = [[file.name, file.blob] for file in said.attachments]
        own = json.dumps([names[-1] if names else "", said.question, said.answer, files])
        names.append(hashlib.sha256(own.encode()).hexdigest())
    return names


def tightest_room(
    view: ContextView, spec: RunSpec, profiles: Mapping[ModelRef, ModelProfile], tokens: TokenCounter
) -> int | None:
    """The tokens there are for earlier turns in the shortest model of a line-up; None when no model tells how
    much it takes.
    """
    told = [profile for profile in profiles.values() if profile.context_tokens is not None]
    if not told:
        return None
    fixed = fixed_tokens(view, tokens.count)
    return min(
        history_room(profile.context_tokens or 0, aside_tokens(spec, profile), fixed) for profile in told
    )


def measured(
    view: ContextView,
    spec: RunSpec,
    profiles: Mapping[ModelRef, ModelProfile],
    tokens: TokenCounter,
    most_retrieved: int,
) -> ContextView:
    """The view as it is frozen with a run: with the length of its turns and, where some model can't take all
    of them, those that have to do with the question. Counts and searches; blocks.
    """
    if not view.turns:
        return view
    costs = turn_costs(view, tokens.count)
    room = tightest_room(view, spec, profiles, tokens)
    if room is None or sum(costs) <= room:
        return replace(view, costs=costs)
    texts = ["\n".join(message.text for message in turn) for turn in view.exchanges()]
    return replace(view, costs=costs, relevant=relevant_turns(texts, view.question, most_retrieved))
