"""What is said to a model: messages with a role and plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a request."""

    role: Role
    text: str


def system(text: str) -> Message:
    """A system message."""
    return Message(role="system", text=text)


def user(text: str) -> Message:
    """A message of the person's."""
    return Message(role="user", text=text)


def assistant(text: str) -> Message:
    """A message of the model's."""
    return Message(role="assistant", text=text)
