"""Why a request got no usable answer, told apart although httpx-aiohttp wraps nearly everything alike.

A refused port, a failed look-up, a bad certificate and a dropped connection all arrive as
``httpx.ConnectTimeout``; only ``__cause__`` differs. Not here: what is done about it (``faults``).
"""

from __future__ import annotations

import errno
import os
import ssl
from typing import Literal

Cause = Literal[
    "address",  # the address is not one
    "offline",  # the name could not be looked up, or there is no network
    "refused",  # nobody listens
    "forbidden",  # a name leads to an address nothing is ever sent to
    "connect_timeout",
    "tls",
    "authorities",  # the file of further certificates can't be used
    "proxy",  # the proxy can't be reached, or speaks no HTTP
    "proxy_refused",  # it answered, and did not let the request through
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
    from aiohttp.http_exceptions import LineTooLong

    inner = _inner(error)
    if _is_forbidden(inner):
        return "forbidden"
    if isinstance(inner, aiohttp.ClientConnectorError) and inner.errno in NO_NETWORK:
        return "offline"
    if isinstance(inner, aiohttp.ClientHttpProxyError) and 400 <= inner.status < 500:  # noqa: PLR2004
        return "proxy_refused"
    causes: tuple[tuple[Cause, tuple[type[BaseException], ...]], ...] = (
        ("offline", (aiohttp.ClientConnectorDNSError,)),
        ("proxy", (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)),
        ("tls", (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError)),
        ("refused", (aiohttp.ClientConnectorError,)),
        ("connect_timeout", (aiohttp.ConnectionTimeoutError,)),
        ("address", (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)),
        ("address", (httpx.InvalidURL, httpx.UnsupportedProtocol)),
        ("too_large", (LineTooLong,)),
        ("not_http", (aiohttp.ClientResponseError,)),
    )
    return next((cause for cause, kinds in causes if isinstance(inner, kinds)), "dropped")


def _is_forbidden(error: BaseException) -> bool:
    from cort_desktop.providers.resolving import ForbiddenAddressError

    return isinstance(getattr(error, "os_error", None), ForbiddenAddressError)


def detail_of(error: Exception) -> str:
    """What the exception itself says, shortest useful form."""
    import aiohttp
    from aiohttp.http_exceptions import LineTooLong

    inner = _inner(error)
    if _is_forbidden(inner):
        return str(getattr(inner, "os_error", inner))
    if isinstance(inner, aiohttp.ClientHttpProxyError):
        return f"{inner.status} {inner.message}".strip()
    if isinstance(inner, aiohttp.ClientConnectorCertificateError):
        inner = inner.certificate_error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return inner.verify_message
    if isinstance(inner, LineTooLong):
        return "a line of its headers is too long"
    if isinstance(inner, aiohttp.ClientResponseError):
        return next(iter(inner.message.strip().splitlines()), "").rstrip(": ")
    is_refused = cause_of(error) == "refused"
    if is_refused and isinstance(inner, aiohttp.ClientConnectorError) and inner.errno:
        return os.strerror(inner.errno).lower()
    return str(inner) or type(inner).__name__


def _inner(error: Exception) -> BaseException:
    """The exception below httpx's wrapping, aiohttp's own come unwrapped at times; of headers that were too
    much for us the limit, which aiohttp wraps as if it was bad HTTP.
    """
    import httpx
    from aiohttp.http_exceptions import LineTooLong

    inner = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    below = inner.__cause__
    while below is not None and not isinstance(below, LineTooLong):
        below = below.__cause__
    return below or inner
