"""Errors of a service without any secret of this process in their words: its keys, the proxy's password.

An adapter takes its own key out of what it quotes; a proxy on the way may repeat another secret. Everything
that stores or shows an error comes after this. Part of the composition root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cort_desktop.domain.calls import Admit, ChatModel, ChatRequest, Completion, Notify, always
from cort_desktop.errors import ProviderError

Clean = Callable[[str], str]
"""Takes secrets out of a text."""


class Discreet:
    """A ChatModel around an adapter."""

    def __init__(self, model: ChatModel, clean: Clean) -> None:
        self._model = model
        self._clean = clean

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """What the adapter answers. Raises ProviderError, cleaned."""
        with discreet(self._clean):
            return await self._model.complete(request, notify, admit)


@contextmanager
def discreet(clean: Clean) -> Iterator[None]:
    """Clean the words of a ProviderError on its way out; it stays the same error."""
    try:
        yield
    except ProviderError as error:
        error.args = (clean(str(error)), *error.args[1:])
        raise
