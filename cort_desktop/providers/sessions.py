"""A session of aiohttp as our transport wants it: no cookies, nothing from the environment, dead peers seen.

What is sent over it is ``http.py``'s.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from cort_desktop.providers.limits import Limits

if TYPE_CHECKING:
    import aiohttp
    import aiohttp.abc

KEEP_ALIVE_PROBES = (60, 60, 5)
"""TCP keep-alive: idle seconds, seconds between probes, probes."""


def open_session(
    tls: ssl.SSLContext, limits: Limits, resolver: aiohttp.abc.AbstractResolver | None
) -> aiohttp.ClientSession:
    """Connections to one provider, none open yet. Without ``resolver`` names are looked up by the system."""
    import aiohttp

    from cort_desktop.providers.resolving import GuardedResolver

    connector = aiohttp.TCPConnector(
        ssl=tls,
        limit=limits.connections,
        keepalive_timeout=limits.keep_alive_s,
        socket_factory=_kept_alive_socket,
        resolver=GuardedResolver(resolver or aiohttp.ThreadedResolver()),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        max_line_size=limits.header_bytes,
        max_field_size=limits.header_bytes,
    )


def _kept_alive_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket whose dead peer is noticed within minutes, where the system lets us say so."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
    for name, value in zip(names, KEEP_ALIVE_PROBES, strict=True):
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
