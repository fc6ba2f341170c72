"""What the composer keeps over a restart, as a value and as the text of its file. Pure.

The file may hold anything: what can't be read is not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId
from cort_desktop.gui.chat.drafts import Choice, Draft, Key, Thinking
from cort_desktop.gui.chat.last_used import Last
from cort_desktop.services.attachments import AttachmentInfo

VERSION = 1
MOST_CHARACTERS = 2 * 1024 * 1024
"""Of all files that go along with drafts: more would be written again with every pause in typing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Drafts by conversation, and how the last question was asked."""

    drafts: Mapping[Key, Draft] = field(default_factory=dict)
    last: Last = field(default_factory=Last)


def to_text(kept: Kept) -> str:
    """The text of the file. Files that are too large for it are left out: their draft stays."""
    room = MOST_CHARACTERS
    drafts = []
    for key, draft in kept.drafts.items():
        files = []
        for each in draft.files:
            room -= each.characters
            if room >= 0:
                files.append({"name": each.name, "text": each.text, "tokens": each.tokens})
        drafts.append({"conversation": key, "text": draft.text, "edits": draft.edits, "files": files})
    choice = kept.last.choice
    last = {
        "preset": choice.thinking.preset,
        "strategy": choice.thinking.strategy,
        "model": choice.model,
        "settings": kept.last.settings,
    }
    return json.dumps({"v": VERSION, "drafts": drafts, "last": last}, ensure_ascii=True)


def from_text(text: str) -> Kept:
    """What a file says; nothing where it is none of ours."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Kept()
    if not isinstance(found, dict) or found.get("v") != VERSION:
        return Kept()
    drafts = found.get("drafts")
    read = [_draft(each) for each in drafts if isinstance(each, dict)] if isinstance(drafts, list) else []
    return Kept(
        drafts={key: draft for key, draft in read if not draft.is_empty}, last=_last(found.get("last"))
    )


def _draft(said: dict[str, Any]) -> tuple[Key, Draft]:
    key, edits = _word(said.get("conversation")), _word(said.get("edits"))
    files = said.get("files")
    draft = Draft(
        text=_word(said.get("text")) or "",
        files=tuple(_file(each) for each in files if _is_file(each)) if isinstance(files, list) else (),
        edits=None if edits is None else TurnId(edits),
    )
    return None if key is None else ConversationId(key), draft


def _is_file(said: object) -> bool:
    return (
        isinstance(said, dict)
        and all(isinstance(said.get(name), str) for name in ("name", "text"))
        and isinstance(said.get("tokens"), int)
    )


def _file(said: dict[str, Any]) -> AttachmentInfo:
    text = said["text"]
    return AttachmentInfo(name=said["name"], text=text, tokens=said["tokens"], characters=len(text))


def _last(said: object) -> Last:
    if not isinstance(said, dict):
        return Last()
    model = _word(said.get("model"))
    thinking = Thinking(preset=_word(said.get("preset")), strategy=_word(said.get("strategy")))
    return Last(
        choice=Choice(thinking=thinking, model=None if model is None else ModelRef(model)),
        settings=_word(said.get("settings")) or "",
    )


def _word(said: object) -> str | None:
    return said if isinstance(said, str) else None
