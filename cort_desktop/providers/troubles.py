"""What exactly went wrong with a look at a service, finer than the kind of the error: which fault of a
certificate, whether a page came instead of an answer.

Not here: words for a person (``services/connections``).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Literal

from cort_desktop.errors import ProviderError
from cort_desktop.providers.causes import ExchangeError

Trouble = Literal[
    "expired",  # a certificate whose time is over
    "not_yet_valid",  # one whose time has not come: most often this computer's clock is wrong
    "wrong_host",  # one for another name
    "self_signed",
    "unknown_authority",  # one whose signer this computer does not know
    "no_tls",  # what answers speaks plain http
    "old_tls",  # it speaks a version of TLS that is too old
    "page",  # a web page came: a login, an error page
    "redirect",
    "proxy_login",  # a proxy on the way wants a name and password
    "network_login",  # the network wants a login first
]

_CODES: dict[int, Trouble] = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "unknown_authority",
    21: "unknown_authority",
    62: "wrong_host",
    64: "wrong_host",
}
"""OpenSSL's results of checking a certificate (x509_vfy.h)."""
_STATUS: dict[int, Trouble] = {407: "proxy_login", 511: "network_login"}
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_OLD = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "TLSV1_ALERT_PROTOCOL_VERSION")


class PageError(ProviderError):
    """A web page came where an answer was expected."""


def trouble_of(error: ProviderError) -> Trouble | None:
    """What exactly it was; None when the kind of the error says it all."""
    if isinstance(error, PageError):
        return "page"
    if error.status is not None:
        if 300 <= error.status < 400:  # noqa: PLR2004  HTTP's range of redirects
            return "redirect"
        return _STATUS.get(error.status)
    for cause in _causes(error):
        status = getattr(cause, "status", None)
        if isinstance(status, int) and status in _STATUS:
            return _STATUS[status]
        code = getattr(cause, "verify_code", None)  # aiohttp's own error of that class has none
        if isinstance(code, int):
            return _CODES.get(code)
        reason = getattr(cause, "reason", None) if isinstance(cause, ssl.SSLError) else None
        if isinstance(reason, str):
            return "no_tls" if reason in _PLAIN else "old_tls" if reason in _OLD else None
    return None


def is_page(content_type: str, body: bytes) -> bool:
    """Whether this is a web page."""
    return "html" in content_type.lower() or body.lstrip()[:1] == b"<"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What lies below an error, the outermost first. aiohttp keeps a certificate's error as an attribute."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = getattr(seen, "certificate_error", None) or getattr(seen, "os_error", None)
        if isinstance(inner, BaseException) and not isinstance(seen, ExchangeError):
            yield inner
        seen = seen.__cause__
