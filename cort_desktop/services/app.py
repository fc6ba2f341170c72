"""What a front end gets: the services, each made when it is first asked for.

A window shows its first page with the settings and the library alone; asking, providers and the rest load
what they need when something wants them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from cort_desktop.services.library import LibraryService
from cort_desktop.services.live_settings import LiveSettings

if TYPE_CHECKING:
    from cort_desktop.services.attachments import Attachments
    from cort_desktop.services.bench import BenchService
    from cort_desktop.services.cache import CacheService
    from cort_desktop.services.chat import ChatService
    from cort_desktop.services.doctor import Doctor
    from cort_desktop.services.exchange import ExchangeService
    from cort_desktop.services.preferences import PreferencesService
    from cort_desktop.services.spending import SpendingService
    from cort_desktop.services.worth import WorthService


class App:
    """The program without a front end. ``notices`` are sentences to show at the start."""

    def __init__(  # noqa: PLR0913  one for each service
        self,
        *,
        settings: LiveSettings,
        library: LibraryService,
        chat: Callable[[], ChatService],
        attachments: Callable[[], Attachments],
        preferences: Callable[[], PreferencesService],
        doctor: Callable[[], Doctor],
        cache: Callable[[], CacheService],
        spending: Callable[[], SpendingService],
        bench: Callable[[], BenchService],
        worth: Callable[[], WorthService],
        exchange: Callable[[], ExchangeService],
        load: Callable[[], object],
        notices: tuple[str, ...] = (),
    ) -> None:
        self.settings = settings
        self.library = library
        self.notices = notices
        self._chat = chat
        self._attachments = attachments
        self._preferences = preferences
        self._doctor = doctor
        self._cache = cache
        self._spending = spending
        self._bench = bench
        self._worth = worth
        self._exchange = exchange
        self._load = load

    def load(self) -> None:
        """Have the code at hand that asking needs. Blocks for a moment, and may be called on any thread."""
        self._load()

    @cached_property
    def chat(self) -> ChatService:
        """Asking, and what can be done to runs."""
        return self._chat()

    @cached_property
    def attachments(self) -> Attachments:
        """Files that go along with a question."""
        return self._attachments()

    @cached_property
    def preferences(self) -> PreferencesService:
        """Providers, keys and models."""
        return self._preferences()

    @cached_property
    def doctor(self) -> Doctor:
        """What to look at when something does not work."""
        return self._doctor()

    @cached_property
    def cache(self) -> CacheService:
        """Answers that are kept to be used again."""
        return self._cache()

    @cached_property
    def spending(self) -> SpendingService:
        """What was spent, and the limits on it."""
        return self._spending()

    @cached_property
    def worth(self) -> WorthService:
        """Whether thinking harder paid, over time."""
        return self._worth()

    @cached_property
    def exchange(self) -> ExchangeService:
        """Conversations into files, and back."""
        return self._exchange()

    @cached_property
    def bench(self) -> BenchService:
        """Ways to think, side by side; whether thinking harder pays."""
        return self._bench()
