from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from cort_desktop.errors import StorageError
from cort_desktop.storage.key_backends import NamedBackend
from cort_desktop.storage.key_thread import KeyThread
from tests.fakes.loops import run


def unreachable() -> NamedBackend:
    raise StorageError("no key store")


def test_a_call_that_is_cancelled_as_it_fails_leaves_no_complaint() -> None:
    """Ctrl-C in the moment in which the key store refuses: nobody asks any more why."""

    async def main() -> None:
        call = asyncio.ensure_future(KeyThread(unreachable, limit_s=3.0).call(lambda store: store.name))
        await asyncio.sleep(0)
        for thread in threading.enumerate():
            if thread.name == "key store":
                thread.join()  # its refusal is now on its way to the loop
        asyncio.get_running_loop().call_soon(call.cancel)
        with pytest.raises(asyncio.CancelledError):
            await call

    run(main())
    gc.collect()
