"""Failures of services as ProviderErrors: their kind, whether to ask again, a sentence a person can act on.

What a service itself says is quoted, cleaned by ``reports.plain``. Not here: which kind a refusal is
(``fault_kinds``), waiting and asking again (``resilience``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cort_desktop.errors import TRY_LATER, ErrorKind, ProviderError
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.fault_kinds import STATUS_OF_WORD, kind_of
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.rates import read_hints, used_up_s
from cort_desktop.providers.reports import Report, origin_of, plain, read_body, retry_after_s
from cort_desktop.providers.troubles import PageError

_PAYMENT = 402
_PROXY_LOGIN = 407
_TOO_LARGE = 413
_LONGEST_NAMED_S = 366 * 86_400
_ABOUT_KEYS = (401, 403)
_LOOKED_AT = 1000
_MAY_PASS: frozenset[ErrorKind] = frozenset({"throttled", "unavailable", "timeout"})
"""What a service may say is worth asking again; anything else is refused the same way the next time."""
_REFUSALS: frozenset[ErrorKind] = frozenset(
    {"auth", "no_credit", "not_found", "bad_request", "context_too_long", "throttled", "moderated"}
)
"""What a service says about the request or who asks, in whatever moment it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom a sentence is about. ``key`` is only known so that it can be kept out of every sentence."""

    provider: str
    url: str
    model: str = ""
    key: str | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port, without what else an address may carry."""
        return origin_of(self.url)

    @property
    def asked(self) -> str:
        """The thing that was asked, by name."""
        return f"{self.provider}/{self.model}" if self.model else self.provider


class Faults:
    """Makes the ProviderErrors of one service. ``now`` is asked when a wait is told as a date."""

    def __init__(self, service: Service, limits: Limits, now: datetime) -> None:
        self._service = service
        self._limits = limits
        self._now = now

    def of_reply(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """A reply whose status is no success."""
        if 300 <= status < 400:  # noqa: PLR2004  HTTP's range of redirects
            return self._redirect(status, headers)
        page = _is_page(headers, body)
        if page and status in _ABOUT_KEYS:
            return self._page(status, body)
        return self._classified(status, read_body(body), headers, page=page)

    def of_report(self, report: Report, headers: Mapping[str, str]) -> ProviderError:
        """An error told inside an answer that began with 200: as if it had been the status."""
        told = (status for word, status in STATUS_OF_WORD.items() if word in report.words)
        return self._classified(report.code or next(told, None), report, headers)

    def of_exchange(self, error: ExchangeError) -> ProviderError:
        """No usable reply at all."""
        kind, retryable, sentence = _EXCHANGE[error.cause]
        detail = plain(error.detail, self._limits.page_chars, self._service.key)
        message = sentence.format(
            who=self._service.asked,
            provider=self._service.provider,
            origin=self._service.origin,
            detail=detail,
            seconds=f"{error.seconds or self._limits.connect_s:g}",
        )
        return ProviderError(message, kind=kind, retryable=retryable, sent=error.sent)

    def not_an_api(self, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """Something answered that is no chat service: a login page, a proxy, a wrong port."""
        told = plain(body.decode(errors="replace"), self._limits.page_chars, self._service.key)
        content = plain(headers.get("content-type", ""), 80) or "something without a type"
        came = content if told else "nothing at all"
        begins = f" It begins: “{told}”" if told else ""
        return ProviderError(
            f"{self._service.provider} did not send an API answer but {came}. Is base_url of "
            f"[providers.{self._service.provider}] right, or does a login page stand in between?{begins}",
            kind="not_an_api",
            status=200,
        )

    def unsupported(self, refused: tuple[str, ...], status: int, report: Report) -> ProviderError:
        """Something was refused; the next attempt goes without it."""
        return ProviderError(
            f"{self._service.asked} does not take {' and '.join(refused)} ({status}); asking without."
            + self._quote(report.message),
            kind="unsupported",
            status=status,
            retryable=True,
        )

    def quoted(self, report: Report) -> str:
        """The service's own words, short and fit to be shown or kept."""
        return plain(report.message, self._limits.page_chars, self._service.key)

    def of_kind(self, kind: ErrorKind, sentence: str, *, retryable: bool = False) -> ProviderError:
        """A fault found by ourselves; ``sentence`` follows the name of what was asked."""
        return ProviderError(f"{self._service.asked} {sentence}", kind=kind, retryable=retryable)

    def broken_off(self, cause: ProviderError) -> ProviderError:
        """The answer broke off after its first content. What its service refused stays that: text that came
        before mends neither a key nor a limit. Everything else is "interrupted".
        """
        is_refusal = cause.kind in _REFUSALS
        error = ProviderError(
            f"the answer of {self._service.asked} broke off: {cause}",
            kind=cause.kind if is_refusal else "interrupted",
            status=cause.status,
            # What can't be read in the midst of an answer that could be until then was garbled on its way.
            retryable=cause.retryable or cause.kind == "not_an_api",
            retry_after_s=cause.retry_after_s,
        )
        error.hints = cause.hints
        return error

    def _classified(
        self, status: int | None, report: Report, headers: Mapping[str, str], *, page: bool = False
    ) -> ProviderError:
        kind, retryable = kind_of(status, report)
        told = headers.get("x-should-retry", "").strip().lower()
        if told == "false" or (told == "true" and kind in _MAY_PASS):
            retryable = told == "true"
        wait_s = self._wait_s(kind, report, headers)
        shown = self._limits.page_chars if page else self._limits.shown_chars
        message = (
            self._sentence(kind, status, report) + self._wait(wait_s) + self._quote(report.message, shown)
        )
        error = ProviderError(message, kind=kind, status=status, retryable=retryable, retry_after_s=wait_s)
        error.hints = read_hints({**report.headers, **headers}, self._now)
        return error

    def _wait_s(self, kind: ErrorKind, report: Report, headers: Mapping[str, str]) -> float | None:
        """As the header says, else the body, else until the limit that is used up is fresh again."""
        told = retry_after_s(headers, self._now) or retry_after_s(report.headers, self._now) or report.wait_s
        if told is None and kind == "throttled":
            told = used_up_s({**report.headers, **headers}, self._now)
        return told

    def _sentence(self, kind: ErrorKind, status: int | None, report: Report) -> str:
        number = f" ({status})" if status else ""
        if kind == "auth":
            return self._about_key(number)
        if kind == "not_found" and report.says("model"):
            kind_words = "{who} is not known there{number}. Choose a model that it has."
        elif kind == "no_credit" and report.says("fewer max_tokens", "can only afford"):
            kind_words = (
                "{provider} says the credit does not cover an answer this long{number}. Add credit there, "
                "ask for a shorter answer, or use another provider."
            )
        elif status == _PROXY_LOGIN:
            kind_words = "A proxy before {provider} wants a login{number}: name it as proxy_env in [network]."
        elif status == _TOO_LARGE:
            kind_words = "the request to {who} is too large{number}: ask with less text."
        else:
            kind_words = _REPLY[kind]
        return kind_words.format(who=self._service.asked, provider=self._service.provider, number=number)

    def _about_key(self, number: str) -> str:
        provider = self._service.provider
        if self._service.key:
            return f"{provider} did not accept the key{number}. Enter one that is valid there."
        return f"{provider} wants a key and there is none{number}. Enter one."

    def _redirect(self, status: int, headers: Mapping[str, str]) -> ProviderError:
        target = plain(origin_of(headers.get("location", ""), base=self._service.url), 200)
        provider = self._service.provider
        return ProviderError(
            f"{provider} redirects to {target} ({status}), which is not followed. If that is the right "
            f"place, write it as base_url of [providers.{provider}].",
            kind="not_an_api",
            status=status,
        )

    def _page(self, status: int, body: bytes) -> ProviderError:
        """A refusal that is a web page comes from something in between, and says nothing about the key."""
        told = plain(body.decode(errors="replace"), self._limits.page_chars, self._service.key)
        provider = self._service.provider
        return PageError(
            f"Where {provider} should answer, a page came ({status}). Does a proxy, a firewall or a login "
            f"page stand in between, or is base_url of [providers.{provider}] wrong? It begins: “{told}”",
            kind="not_an_api",
            status=status,
        )

    def _wait(self, wait_s: float | None) -> str:
        if wait_s is None:
            return ""
        if wait_s > _LONGEST_NAMED_S:
            return " It asks to wait longer than a year."
        until = self._now + timedelta(seconds=wait_s)
        return f" It asks to wait {wait_s:.0f} s, until {until:%Y-%m-%d %H:%M:%S} UTC."

    def _quote(self, said: str, most: int | None = None) -> str:
        quoted = plain(said, most or self._limits.shown_chars, self._service.key)
        return f" It said: “{quoted}”" if quoted else ""


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    if "html" in headers.get("content-type", "").lower():
        return True
    return body[:_LOOKED_AT].lstrip().lower().startswith((b"<!doctype html", b"<html"))


_REPLY: dict[ErrorKind, str] = {
    "no_credit": "{provider} says there is no credit left{number}. Add credit there or use another provider.",
    "context_too_long": "the request does not fit the context of {who}{number}: ask with less text, fewer "
    "earlier turns, or for a shorter answer.",
    "moderated": "{provider} refused the content{number}; another model may take it.",
    "not_found": "{who} or its address is not known there{number}. Choose a model that it has, or correct "
    "base_url of [providers.{provider}].",
    "timeout": f"{{who}} took too long{{number}}: {TRY_LATER}.",
    "throttled": f"{{provider}} has too many requests{{number}}: {TRY_LATER}.",
    "unavailable": f"{{provider}} does not work right now{{number}}: {TRY_LATER}.",
    "bad_request": "{provider} refused the request for {who}{number}.",
}
_EXCHANGE: dict[str, tuple[ErrorKind, bool, str]] = {
    "address": (
        "bad_request",
        False,
        "the address of {provider} is none: correct base_url of [providers.{provider}]. {detail}",
    ),
    "offline": (
        "offline",
        True,
        "{provider} could not be reached: {origin} could not be found. Is this machine online?",
    ),
    "refused": (
        "unreachable",
        True,
        "{provider} could not be reached: nothing answers at {origin} ({detail}). Is the server running?",
    ),
    "connect_timeout": (
        "timeout",
        True,
        "{provider} could not be reached: no connection to {origin} within {seconds} s.",
    ),
    "tls": (
        "tls",
        False,
        "{provider} was not asked: the certificate of {origin} is not valid ({detail}). Nothing was sent.",
    ),
    "forbidden": (
        "unreachable",
        False,
        "{provider} was not asked: {detail}, a link-local or metadata address. Correct its base_url.",
    ),
    "authorities": (
        "tls",
        False,
        "{provider} was not asked: {detail}. Correct ca_file in [network], or take it out.",
    ),
    "proxy": (
        "unreachable",
        True,
        "{provider} could not be reached through the proxy of [network]: {detail}",
    ),
    "proxy_refused": (
        "unreachable",
        False,
        "{provider} was not reached: the proxy of [network] refused ({detail}). Is proxy_env right?",
    ),
    "dropped": (
        "unreachable",
        True,
        "{provider} ended the connection before the answer was complete. {detail}",
    ),
    "not_http": (
        "not_an_api",
        False,
        "what answers at {origin} speaks no HTTP; correct base_url of [providers.{provider}]. ({detail})",
    ),
    "encoded": (
        "not_an_api",
        False,
        "{provider} sent a compressed answer ({detail}) although none was asked for; it was not opened.",
    ),
    "too_large": ("cut_by_limit", False, "the answer of {who} was cut by a limit of ours: {detail}."),
    "writing": ("timeout", True, "{provider} took nothing of the request for {seconds} s."),
    "first_event": ("timeout", True, "{who} sent no content within {seconds} s."),
    "bytes_idle": ("timeout", True, "{who} sent nothing for {seconds} s."),
    "content_idle": ("timeout", True, "{who} sent no text for {seconds} s."),
}
