"""Why a request got no usable answer, told apart although httpx-aiohttp wraps nearly everything alike.

A refused port, a failed look-up, a bad certificate and a dropped connection all arrive as
``httpx.ConnectTimeout``; only ``__cause__`` differs. Not here: what is done about it (``faults``).
"""

from __future__ import annotations

import errno
import ssl
from typing import Literal

Cause = Literal[
    "address",  # the address is not one
    "offline",  # the name could not be looked up, or there is no network
    "refused",  # nobody listens
    "connect_timeout",
    "tls",
    "dropped",  # the connection ended or broke
    "not_http",
    "encoded",  # a compressed body, which was not asked for
    "too_large",
    "writing",
    "first_event",
    "bytes_idle",
    "content_idle",
]
NO_NETWORK = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH})


class ExchangeError(Exception):
    """A request got no usable answer. ``sent`` is False when no byte of the request's body left."""

    def __init__(self, cause: Cause, detail: str, *, sent: bool, seconds: float | None = None) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause: Cause = cause
        self.detail = detail
        self.sent = sent
        self.seconds = seconds


def cause_of(error: Exception) -> Cause:
    """What really happened, read from the exception that httpx-aiohttp wrapped."""
    import aiohttp
    import httpx

    inner = _inner(error)
    match inner:
        case aiohttp.ClientConnectorDNSError():
            return "offline"
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "offline" if inner.errno in NO_NETWORK else "refused"
        case aiohttp.ConnectionTimeoutError():
            return "connect_timeout"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "address"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "address"
        case aiohttp.ClientResponseError():
            return "not_http"
        case _:
            return "dropped"


def detail_of(error: Exception) -> str:
    """What the exception itself says, shortest useful form."""
    import aiohttp

    inner = _inner(error)
    if isinstance(inner, aiohttp.ClientConnectorCertificateError):
        inner = inner.certificate_error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return inner.verify_message
    return str(inner) or type(inner).__name__


def _inner(error: Exception) -> BaseException:
    """The exception below httpx's wrapping. aiohttp's own come unwrapped at times."""
    import httpx

    return error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
