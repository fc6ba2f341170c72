"""Fetches the file of a built-in model from its own address, for a program that has no pip: a frozen one.

What has come lies beside the place the file will have, so whatever stops it, the next try goes on from there.
It is put in its place only when its SHA-256 is the one that ``resources/models.toml`` names.

Not here: which way of fetching is chosen (``bootstrap``), whether a file is sound (``model_file``).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urljoin, urlsplit

from cort_desktop.domain.addresses import is_loopback
from cort_desktop.errors import ProviderError
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.model_file import KnownModel, ModelFiles, digest
from cort_desktop.providers.model_install import Installed, refusal, sync_folder, why

Progress = Callable[[int, int], None]
"""Bytes so far, bytes in all."""

_MOST_HOPS = 5
_SPARE_BYTES = 64 * 1024 * 1024
_OK, _PARTIAL, _NO_SUCH_RANGE = 200, 206, 416
_MOVED = frozenset({301, 302, 303, 307, 308})

_REASONS = {
    "offline": "there is no network, or the name could not be looked up",
    "tls": "the connection could not be trusted",
    "authorities": "the file of further certificates can't be used",
    "proxy": "the proxy can't be reached",
    "proxy_refused": "the proxy did not let the request through",
}
_BROKEN = "the download broke off half-way; what has come is kept"


class ModelDownload:
    """Puts a model's file into the models folder. ``transport`` is closed by who made it."""

    def __init__(self, files: ModelFiles, transport: Transport) -> None:
        self._files = files
        self._transport = transport

    async def install(self, name: str, progress: Progress) -> Installed:
        """Fetch, check, put in place. Raises ProviderError (``model_file``); cancelling keeps what came."""
        model = self._files.known_model(name)
        try:
            return Installed(path=await asyncio.to_thread(self._files.find, name), was_there=True)
        except ProviderError:
            pass  # none is sound, which is why one is fetched
        if not model.address:
            raise refusal(model, "this program knows no address of it; put its file into the models folder")
        try:
            self._files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._files.folder / f".{model.file_name}.{model.sha256[:16]}.part"
            _demand_room(model, part)
            await self._fetch(model, part, progress)
            path = await asyncio.to_thread(self._put_in_place, model, part)
        except ExchangeError as error:
            reason = _REASONS.get(error.cause, _BROKEN)
            raise refusal(model, f"{reason}; check the network and run it again") from error
        except OSError as error:
            raise refusal(model, why(error, self._files.folder)) from error
        return Installed(path=path, was_there=False)

    async def _fetch(self, model: KnownModel, part: Path, progress: Progress) -> None:
        """Go on until the part has all bytes; a server that won't go on from there starts again."""
        if _size(part) > model.bytes:
            _drop(part)
        url = model.address
        for _ in range(_MOST_HOPS):
            have = _size(part)
            if have == model.bytes:
                return
            url = await self._once(model, url, part, progress)
        if _size(part) != model.bytes:
            raise refusal(model, f"{urlsplit(model.address).hostname} sends from one address to the next")

    async def _once(self, model: KnownModel, url: str, part: Path, progress: Progress) -> str:
        """One request; where the next one goes."""
        have = _size(part)

        async def use(reply: Reply) -> str:
            reply.deadlines.clear("first_event")
            if reply.status in _MOVED:
                return _next(model, url, reply.headers.get("location", ""))
            if reply.status == _NO_SUCH_RANGE and have:
                _drop(part)
                return url
            goes_on = reply.status == _PARTIAL and _begins_at(reply) == have
            if reply.status != _OK and not goes_on:
                raise refusal(model, f"{urlsplit(url).hostname} answered with status {reply.status}")
            with _opened(part, "ab" if goes_on else "wb") as file:
                await _write(reply, file, model, progress)
            return url

        outgoing = Outgoing(
            method="GET",
            url=url,
            headers={"Range": f"bytes={have}-"} if have else {},
            first_event_s=self._transport.limits.first_event_s,
            response_bytes=model.bytes + 1,  # one more shows that it is another file
        )
        return await self._transport.exchange(outgoing, use)

    def _put_in_place(self, model: KnownModel, part: Path) -> Path:
        if digest(part) != model.sha256:
            part.unlink()
            raise refusal(
                model, "what came does not have the SHA-256 that this program expects, so it was thrown away"
            )
        path = self._files.folder / model.file_name
        part.replace(path)
        sync_folder(self._files.folder)
        if not self._files.is_sound(model, path):
            raise refusal(model, f"{path} was damaged while it was written; run it again")
        return path


async def _write(reply: Reply, file: BinaryIO, model: KnownModel, progress: Progress) -> None:
    have = file.tell()
    while piece := await reply.read():
        file.write(piece)
        have += len(piece)
        progress(min(have, model.bytes), model.bytes)
    file.flush()
    os.fsync(file.fileno())
    if have > model.bytes:
        raise refusal(model, f"what came is larger than the {model.bytes:,} bytes that this program expects")
    if have < model.bytes:
        raise refusal(model, f"{_BROKEN}; run it again")


def _next(model: KnownModel, url: str, location: str) -> str:
    """Where a server sends to: an encrypted address, or this computer when it was this one before."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    stays_here = is_loopback(urlsplit(url).hostname or "") and is_loopback(parts.hostname or "")
    if not location or not (parts.scheme == "https" or (parts.scheme == "http" and stays_here)):
        raise refusal(model, f"{urlsplit(url).hostname} sends on to an address that isn't encrypted")
    return target


def _begins_at(reply: Reply) -> int | None:
    """The first byte of a partial answer, as its head tells it."""
    words = reply.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
    return int(words) if words.isdigit() else None


def _opened(part: Path, mode: str) -> BinaryIO:
    file = cast("BinaryIO", part.open(mode))
    part.chmod(0o600)
    return file


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _demand_room(model: KnownModel, part: Path) -> None:
    wanted = model.bytes - min(_size(part), model.bytes) + _SPARE_BYTES
    free = shutil.disk_usage(part.parent).free
    if free < wanted:
        raise refusal(
            model,
            f"the disk has {free // 1_000_000} MB free and {wanted // 1_000_000} MB are needed; free some "
            f"and run it again",
        )
