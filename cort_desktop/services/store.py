"""Where runs and conversations are kept, opened when something first needs it.

So what needs no database (keys, models, a question that is not to be stored) works beside a broken one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.paces import Paces
from cort_desktop.storage.run_log import RunLog
from cort_desktop.storage.search_index import SearchIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The parts of an open database."""

    log: RunLog
    conversations: Conversations
    search: SearchIndex
    owners: Owners
    paces: Paces


OpenStore = Callable[[], Store]
"""Opens the store, the first time. Raises StorageError."""
