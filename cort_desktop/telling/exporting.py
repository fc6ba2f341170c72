"""How conversations leave the library: the three forms, which one a file's name means, and what is said then.

What makes a text of them is here by name; what writes a ``.cort`` file is the services'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cort_desktop.domain.library import Conversation
from cort_desktop.domain.whole_conversation import ExportForm, Render
from cort_desktop.telling.conversation_json import exported_json
from cort_desktop.telling.conversation_markdown import exported_markdown
from cort_desktop.telling.safe import one_line

CORT_END = ".cort"
ENDS: Mapping[str, ExportForm] = {
    CORT_END: "cort",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
}
"""The endings of a file's name, in small letters."""
RENDERS: Mapping[ExportForm, Render | None] = {
    "cort": None,
    "markdown": exported_markdown,
    "json": exported_json,
}
"""None: not a text, and written by the library itself."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST_NAME = 80
_SHOWN_TITLE = 60


def form_of(name: str) -> ExportForm | None:
    """The form that a file's name means by its ending; None when it means none."""
    return next((form for end, form in ENDS.items() if name.lower().endswith(end)), None)


def is_cort(name: str) -> bool:
    """Whether a file is one of ours, by its name."""
    return name.lower().endswith(CORT_END)


def file_name(title: str) -> str:
    """A title as the name of a file, without an ending: what no system takes is left out."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", one_line(title)).split())[:_LONGEST_NAME]
    return plain.strip(". ") or "conversation"


def named(conversations: Sequence[Conversation]) -> str:
    """One by its title, several by their number."""
    if len(conversations) != 1:
        return f"{len(conversations)} conversations"
    title = one_line(conversations[0].title)
    return f"“{title if len(title) <= _SHOWN_TITLE else title[: _SHOWN_TITLE - 1].rstrip() + '…'}”"
