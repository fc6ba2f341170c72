"""What the list of conversations shows, row by row: headings of date groups, and conversations below them.

Pure: the library's values and the day go in, rows come out. Painting and Qt's models are elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from PySide6.QtCore import QCoreApplication, QLocale

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import Conversation
from cort_desktop.gui.library.dates import DateGroup, group_of
from cort_desktop.telling.safe import one_line

Shelf = Literal["all", "archived", "bin"]
"""Which conversations are listed."""
Condition = Literal["idle", "working", "stopping", "finished"]
"""finished: a run ended while another conversation was looked at, and this one wasn't since."""
_TITLE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The name of a group."""

    group: str
    words: str

    @property
    def key(self) -> Hashable:
        return "group", self.group


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One conversation. ``word`` says where its run is, such as "R2"; empty while none works. ``is_open``:
    the window shows it.
    """

    conversation: Conversation
    condition: Condition = "idle"
    word: str = ""
    is_open: bool = False

    @property
    def key(self) -> Hashable:
        return self.conversation.id

    @property
    def title(self) -> str:
        """The title as it may be shown: one line, nothing in it acts."""
        return shown_title(self.conversation.title)


Row: TypeAlias = Heading | Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is known of conversations besides the library: ``working`` says where the run of each is, in
    words; ``current`` is the one that the window shows.
    """

    working: Mapping[ConversationId, str] = field(default_factory=dict)
    current: ConversationId | None = None
    stopping: frozenset[ConversationId] = frozenset()
    finished: frozenset[ConversationId] = frozenset()

    def looked_at(self, conversation: ConversationId | None) -> Work:
        """The same when the window shows that conversation: what it had to tell is known now."""
        return replace(self, current=conversation, finished=self.finished - {conversation})

    def now_working(self, working: Mapping[ConversationId, str]) -> Work:
        """The same when runs work there. One that ended out of sight is remembered until it is looked at."""
        ended = self.working.keys() - working.keys() - {self.current}
        return replace(
            self,
            working=dict(working),
            stopping=self.stopping & working.keys(),
            finished=(self.finished | ended) - working.keys(),
        )

    def told_to_stop(self, conversation: ConversationId) -> Work:
        """The same when the run of that conversation was told to stop."""
        return replace(self, stopping=self.stopping | {conversation})

    def differs_in(self, other: Work) -> frozenset[ConversationId]:
        """The conversations whose rows may look otherwise under ``other``."""
        named = {each for each in (self.current, other.current) if each is not None}
        told = self.finished | other.finished | self.stopping | other.stopping
        return frozenset(named | told | self.working.keys() | other.working.keys())

    def entry(self, conversation: Conversation) -> Entry:
        """The row of a conversation."""
        condition: Condition = "idle"
        if conversation.id in self.working:
            condition = "stopping" if conversation.id in self.stopping else "working"
        elif conversation.id in self.finished:
            condition = "finished"
        return Entry(
            conversation=conversation,
            condition=condition,
            word=self.working.get(conversation.id, ""),
            is_open=conversation.id == self.current,
        )


def rows_of(
    conversations: Sequence[Conversation], shelf: Shelf, work: Work, today: date, locale: QLocale
) -> list[Row]:
    """The rows of ``conversations``, which come in the order they are listed in."""
    pinned = DateGroup(key="pinned", words=QCoreApplication.translate("Library", "Pinned"))
    by_day: dict[date, DateGroup] = {}
    groups: dict[str, list[Row]] = {}
    for each in conversations:
        if each.pinned and shelf == "all":
            group = pinned
        else:
            moment = each.deleted if shelf == "bin" and each.deleted else each.updated
            day = local(moment).date()
            group = by_day.get(day) or by_day.setdefault(day, group_of(day, today, locale))
        members = groups.get(group.key)
        if members is None:
            members = groups[group.key] = [Heading(group=group.key, words=group.words)]
        members.append(work.entry(each))
    return [row for members in groups.values() for row in members]


def shown_title(title: str) -> str:
    """A title as it may be shown anywhere on one line."""
    line = one_line(title[:_TITLE_CHARACTERS])
    if not line:
        return QCoreApplication.translate("Library", "Untitled")
    return line + "…" if len(title) > _TITLE_CHARACTERS else line


def local(moment: datetime) -> datetime:
    """A moment in this machine's time zone."""
    return moment.astimezone()
