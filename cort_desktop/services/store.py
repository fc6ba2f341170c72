"""Where runs and conversations are kept, opened when something first needs it.

So what needs no database (keys, models, a question that is not to be stored) works beside a broken one. The
list of conversations, which a window shows first, needs only the database; the code of all the rest is loaded
with the first part of it that is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cort_desktop.storage.conversation_list import Listed, read_list
from cort_desktop.storage.database import Database
from cort_desktop.storage.owners import Owners

if TYPE_CHECKING:
    from cort_desktop.domain.library import Conversation
    from cort_desktop.storage.conversations import Conversations
    from cort_desktop.storage.exports import Exports
    from cort_desktop.storage.imports import Imports
    from cort_desktop.storage.lengths import ReplyLengths
    from cort_desktop.storage.paces import Paces
    from cort_desktop.storage.run_log import RunLog
    from cort_desktop.storage.search_index import SearchIndex
    from cort_desktop.storage.spending import Spending
    from cort_desktop.storage.summaries import Summaries
    from cort_desktop.storage.worth_log import WorthLog


class Store:
    """The parts of an open database; for use on any thread."""

    def __init__(self, database: Database, owners: Owners) -> None:
        self.owners = owners
        self._database = database
        self._lock = threading.Lock()
        self._parts: _Parts | None = None

    def listed(self, which: Listed = "open", limit: int | None = None) -> list[Conversation]:
        """Conversations as a list shows them: see ``read_list``. Raises StorageError."""
        return self._database.read(lambda connection: read_list(connection, which, limit))

    @property
    def log(self) -> RunLog:
        """The events of runs."""
        return self._loaded().log

    @property
    def conversations(self) -> Conversations:
        """The library."""
        return self._loaded().conversations

    @property
    def search(self) -> SearchIndex:
        """Where words were said."""
        return self._loaded().search

    @property
    def paces(self) -> Paces:
        """How fast models were."""
        return self._loaded().paces

    @property
    def lengths(self) -> ReplyLengths:
        """How long models' replies were."""
        return self._loaded().lengths

    @property
    def summaries(self) -> Summaries:
        """What long conversations were summed up to."""
        return self._loaded().summaries

    @property
    def spending(self) -> Spending:
        """What was spent."""
        return self._loaded().spending

    @property
    def worth(self) -> WorthLog:
        """Which runs were asked whether they were worth it."""
        return self._loaded().worth

    @property
    def exports(self) -> Exports:
        """Conversations into files."""
        from cort_desktop.storage.exports import Exports

        return Exports(self._database)

    @property
    def imports(self) -> Imports:
        """Conversations out of files."""
        from cort_desktop.storage.imports import Imports

        return Imports(self._database)

    def _loaded(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                self._parts = _Parts(self._database)
            return self._parts


class _Parts:
    """All that is more than a list."""

    def __init__(self, database: Database) -> None:
        from cort_desktop.storage.conversations import Conversations
        from cort_desktop.storage.lengths import ReplyLengths
        from cort_desktop.storage.paces import Paces
        from cort_desktop.storage.run_log import RunLog
        from cort_desktop.storage.search_index import SearchIndex
        from cort_desktop.storage.spending import Spending
        from cort_desktop.storage.summaries import Summaries
        from cort_desktop.storage.worth_log import WorthLog

        self.log = RunLog(database)
        self.conversations = Conversations(database)
        self.search = SearchIndex(database)
        self.paces = Paces(database)
        self.lengths = ReplyLengths(database)
        self.spending = Spending(database)
        self.summaries = Summaries(database)
        self.worth = WorthLog(database)


OpenStore = Callable[[], Store]
"""Opens the store, the first time. Raises StorageError."""
