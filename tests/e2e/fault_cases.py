"""What ``fault_table`` sends: one case or more for each row of RELIABILITY that a service or the network can
have, with the exit code and the number of requests that are promised for it.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import (
    DONE,
    LAST,
    Close,
    Hang,
    Reply,
    Reset,
    Send,
    Step,
    Wait,
    body_reply,
    chat_reply,
    event,
    framed,
    head,
    json_reply,
    piece,
    status_reply,
    stream_head,
    stream_reply,
)
from tests.fakes.scripted_server import Request, Script, ScriptedServer

GOOD = "Because blue light is scattered most."
ELSEWHERE = 'fallbacks = ["spare/m"]'


def _never(_request: Request) -> Reply:
    raise AssertionError("nobody was to ask this service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``requests`` and ``elsewhere``: how many the service and its stand-in get; None: as many as it takes.
    ``{home}`` in ``config`` is the program's home.
    """

    row: int
    sent: str
    script: Script = ()
    exit_code: int
    requests: int | None
    elsewhere: int | None = 0
    spare: Script = ()
    kind: str = "openai"
    provider: str = ""
    config: str = ""
    arguments: tuple[str, ...] = ("--strategy", "single")
    environment: Mapping[str, str] = field(default_factory=dict)
    address: Callable[[ScriptedServer], str] | None = None
    tls: Callable[[Path], ssl.SSLContext] | None = None

    def differs(self, exit_code: int, requests: int, elsewhere: int) -> str:
        """What should have come instead, in words; empty when all is as promised."""
        wrong = []
        if exit_code != self.exit_code:
            wrong.append(f"exit {self.exit_code}")
        if self.requests is not None and requests != self.requests:
            wrong.append(f"{self.requests} requests")
        if self.elsewhere is not None and elsewhere != self.elsewhere:
            wrong.append(f"{self.elsewhere} requests elsewhere")
        return ", ".join(wrong)


def always(*steps: Step) -> Callable[[Request], Reply]:
    """The same reply to everybody."""
    return lambda _request: list(steps)


def good() -> Reply:
    return chat_reply(GOOD)


def answering(text: str = GOOD, **more: Any) -> Callable[[Request], Reply]:
    """Answers, and verdicts where one is asked for."""

    def script(request: Request) -> Reply:
        prompt = request.messages[-1]["content"]
        labels = [label for label, _ in re.findall(CANDIDATE, prompt)] if "ranking" in prompt else []
        return chat_reply(
            verdict_json([[label] for label in dict.fromkeys(labels)]) if labels else text, **more
        )

    return script


def _half(*then: Step) -> Reply:
    return [stream_head(), framed(event(piece("Because blue light "))), *then]


def _closed_port(_server: ScriptedServer) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


_FULL: list[socket.socket] = []


def _never_accepts(_server: ScriptedServer) -> str:
    """A server whose queue is full."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    _FULL.append(full)
    for _ in range(8):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(full.getsockname())
        _FULL.append(one)
    return f"http://127.0.0.1:{full.getsockname()[1]}/v1"


def _certificate(issue: Callable[[trustme.CA], trustme.LeafCert]) -> Callable[[Path], ssl.SSLContext]:
    """The server's certificate; who issued it is written to ``ca.pem`` in the home."""

    def made(home: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(home / "ca.pem")
        issue(authority).configure_cert(context)
        return context

    return made


def _expired(authority: trustme.CA) -> trustme.LeafCert:
    past = datetime.now(UTC) - timedelta(days=2)
    return authority.issue_cert("127.0.0.1", not_before=past - timedelta(days=9), not_after=past)


def _error(code: int | str, **more: Any) -> Mapping[str, Any]:
    return {"error": {"message": "upstream", "code": code, **more}}


BUSY = {"error": {"code": 402, "message": "busy", "metadata": {"reason": "in_flight_budget_exhausted"}}}
EMPTY = stream_reply(
    [
        event(piece(finish="stop")),
        event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 0}}),
        DONE,
    ]
)
COMMENT = framed(b": OPENROUTER PROCESSING\n\n")


def _comments(number: int) -> list[Step]:
    """So many, 5 s apart."""
    return [step for _ in range(number) for step in (COMMENT, Wait(5))]


DEEP = b'data: {"choices":' + b"[" * 100_000 + b"\n\n"
WAITS = {
    "2": (0, 2),
    "date": (0, 2),
    "500 ms": (0, 2),
    "0": (0, 2),
    "-1": (0, 2),
    "soon": (0, 2),
    "1e308": (4, 1),
    "NaN": (0, 2),
    "3600": (4, 1),
}


def _waiting(value: str) -> list[Reply]:
    headers = {
        "date": {"Retry-After": "Thu, 01 Jan 2026 00:16:45 GMT"},
        "500 ms": {"retry-after-ms": "500"},
    }.get(value, {"Retry-After": value})
    return [status_reply(429, "slow down", headers=headers), good()]


_NO_TEXT = b'data: {"choices":[{"index":0,"delta":{"content":"a \\ud83d b \\u0000 c \xff d"}}]}\n\n'


def _bytewise(reply: Reply, pause_s: float = 0.0) -> Reply:
    """The same reply, each byte of its body in a chunk of its own."""
    steps: list[Step] = [stream_head()]
    for step in reply[1:-1]:
        assert isinstance(step, Send)
        body = step.data.partition(b"\r\n")[2].removesuffix(b"\r\n")
        for byte in body:
            steps += [framed(bytes([byte])), *([Wait(pause_s)] if pause_s else [])]
    return [*steps, LAST]


def _of_connecting() -> list[Case]:
    known = '[network]\nca_file = "{home}/ca.pem"'
    three = [
        ("an expired certificate", _certificate(_expired), known),
        ("a certificate of another host", _certificate(lambda ca: ca.issue_cert("other.test")), known),
        ("a certificate nobody knows", _certificate(lambda ca: ca.issue_cert("127.0.0.1")), ""),
    ]
    return [
        Case(row=1, sent="nothing: the port is closed", address=_closed_port, exit_code=4, requests=0),
        Case(
            row=2,
            sent="nothing: the name is not found",
            address=lambda _: "https://no-such-host.invalid/v1",
            exit_code=4,
            requests=0,
        ),
        Case(row=3, sent="nothing: never accepts", address=_never_accepts, exit_code=4, requests=0),
        *(
            Case(row=4, sent=sent, tls=tls, config=config, exit_code=4, requests=0)
            for sent, tls, config in three
        ),
    ]


def _of_refusing() -> list[Case]:
    def once(row: int, sent: str, reply: Reply, exit_code: int = 4, **more: Any) -> Case:
        return Case(row=row, sent=sent, script=[reply], exit_code=exit_code, requests=1, **more)

    money: dict[str, Any] = {"code": "insufficient_quota", "type": "insufficient_quota"}
    return [
        once(5, "401", status_reply(401, "Incorrect API key provided"), exit_code=3),
        once(5, "403", status_reply(403, "Forbidden"), exit_code=3),
        once(
            6, "400, the context is too long", status_reply(400, "too long", code="context_length_exceeded")
        ),
        once(6, "422", status_reply(422, "messages.0.content: invalid")),
        once(6, "413", status_reply(413, "Payload too large")),
        once(9, "429 that means money", status_reply(429, "You exceeded your current quota", **money)),
        once(9, "402", status_reply(402, "Insufficient credits")),
        once(27, "200 with a login page", body_reply("<html>Log in</html>", content_type="text/html")),
        once(
            28,
            "302 to another origin",
            body_reply("", status=302, headers={"Location": "http://127.0.0.1:9/x"}),
        ),
        once(24, "a gzip bomb", _compressed()),
        Case(
            row=11,
            sent="200 with an error of code 502, then an answer",
            script=[json_reply(_error(502)), good()],
            exit_code=0,
            requests=2,
        ),
        once(
            11,
            "200 with an error of code “invalid_api_key”",
            json_reply(_error("invalid_api_key")),
            exit_code=3,
        ),
    ]


def _compressed() -> Reply:
    fields = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip", "Content-Length": "1000"}
    return [Send(head(200, fields)), Send(b"\x1f\x8b" + b"\0" * 998), Hang()]


def _of_bad_weather() -> list[Case]:
    passing = (408, 409, 500, 502, 503, 504, 529)
    return [
        *(
            Case(
                row=7,
                sent=f"{status} once, then an answer",
                script=[status_reply(status), good()],
                exit_code=0,
                requests=2,
            )
            for status in passing
        ),
        Case(
            row=7,
            sent="503 for ever; another provider answers",
            script=always(*status_reply(503)),
            spare=[good()],
            provider=ELSEWHERE,
            exit_code=0,
            requests=3,
            elsewhere=1,
        ),
        *(
            Case(
                row=8,
                sent=f"429 with Retry-After {value}",
                script=_waiting(value) if asked == 2 else _waiting(value)[:1],
                exit_code=code,
                requests=asked,
            )
            for value, (code, asked) in WAITS.items()
        ),
        Case(
            row=10,
            sent="402 for calls in flight, Retry-After 1, then answers",
            script=[json_reply(BUSY, status=402, headers={"Retry-After": "1"}), good()],
            kind="openrouter",
            exit_code=0,
            requests=2,
        ),
        Case(
            row=33,
            sent="503 to everybody: 4 answers asked for",
            script=always(*status_reply(503)),
            arguments=("--strategy", "best_of_n", "--alternatives", "4", "--judges", "1"),
            exit_code=4,
            requests=None,
        ),
    ]


def _of_streams() -> list[Case]:
    def twice(row: int, sent: str, reply: Reply) -> Case:
        return Case(row=row, sent=f"{sent}; then an answer", script=[reply, good()], exit_code=0, requests=2)

    mid_character = "Because ü".encode()[:-1]
    said = event({"error": {"message": "overloaded", "code": 502}})
    return [
        twice(12, "half an answer, then an error event", _half(framed(said), LAST)),
        Case(
            row=12,
            sent="half an answer, then an error event, both times",
            script=always(*_half(framed(said), LAST)),
            exit_code=4,
            requests=2,
        ),
        Case(
            row=13,
            sent="comments for 50 s, then an answer",
            script=[[stream_head(), *_comments(10), *good()[1:]]],
            exit_code=0,
            requests=1,
        ),
        Case(
            row=14,
            sent="comments for ever; another provider answers",
            script=always(stream_head(), *_comments(100), Hang()),
            spare=[good()],
            provider=ELSEWHERE,
            exit_code=0,
            requests=1,
            elsewhere=1,
        ),
        twice(15, "half an answer, then silence", _half(Hang())),
        twice(16, "half an answer, then the end without a reason", _half(LAST)),
        Case(
            row=17,
            sent="an answer with its reason, no [DONE]",
            script=[[stream_head(), framed(event(piece(GOOD))), framed(event(piece(finish="stop"))), LAST]],
            exit_code=0,
            requests=1,
        ),
        twice(
            18,
            "a reset in the middle of a character",
            _half(framed(b'data: {"x":"' + mid_character), Wait(0.01), Reset()),
        ),
        twice(18, "closed in the middle of JSON", _half(framed(b'data: {"choices":[{'), Close())),
        twice(22, "JSON 100,000 deep", _half(framed(DEEP), Hang())),
        Case(
            row=23,
            sent="an endless answer",
            script=always(stream_head(), *[framed(event(piece("many words " * 20_000)))] * 60, Hang()),
            exit_code=4,
            requests=1,
        ),
        Case(
            row=19,
            sent="an answer in pieces of one byte",
            script=[_bytewise(good())],
            exit_code=0,
            requests=1,
        ),
        Case(
            row=15,
            sent="an answer at one byte a second",
            script=lambda _: _bytewise(good(), pause_s=1.0),
            exit_code=4,
            requests=2,
        ),
        Case(
            row=20,
            sent="U+2028, U+0085 and VT in the text",
            script=[chat_reply("one\u2028two\u0085three\vfour")],
            exit_code=0,
            requests=1,
        ),
        Case(
            row=21,
            sent="bytes that are no UTF-8, a lone surrogate, a NUL",
            script=[[stream_head(), framed(_NO_TEXT), *good()[-3:]]],
            exit_code=0,
            requests=1,
        ),
        twice(25, "an empty answer", EMPTY),
        Case(row=25, sent="an empty answer, both times", script=[EMPTY, EMPTY], exit_code=4, requests=2),
        Case(
            row=26,
            sent="the same piece for ever",
            script=always(stream_head(), *[framed(event(piece("again ")))] * 300, Hang()),
            exit_code=4,
            requests=1,
        ),
    ]


def _of_runs() -> list[Case]:
    best_of_3 = ("--strategy", "best_of_n", "--alternatives", "3", "--judges", "1")

    def one_hangs(request: Request) -> Reply:
        return [Hang()] if request.number == 1 else answering()(request)

    no_usage = stream_reply([event(piece(GOOD)), event(piece(finish="stop")), DONE])

    return [
        Case(
            row=29,
            sent="one of 32 calls hangs for ever; hedging on",
            script=one_hangs,
            provider="hedge = true",
            arguments=("--strategy", "best_of_n", "--alternatives", "32", "--judges", "1"),
            exit_code=0,
            requests=None,
        ),
        Case(row=37, sent="an answer without usage", script=[no_usage], exit_code=0, requests=1),
        Case(
            row=38,
            sent="answers; three and a judge asked for, the cap allows three calls",
            script=answering(),
            arguments=(*best_of_3, "--budget-calls", "3"),
            exit_code=0,
            requests=3,
        ),
        Case(
            row=61,
            sent="nothing: the address is a cloud's metadata",
            address=lambda _: "http://169.254.169.254/v1",
            exit_code=3,
            requests=0,
        ),
        Case(
            row=64,
            sent="an answer; the environment names a proxy",
            script=[good()],
            environment={"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"},
            exit_code=0,
            requests=1,
        ),
    ]


CASES: tuple[Case, ...] = tuple(
    sorted(
        [*_of_connecting(), *_of_refusing(), *_of_bad_weather(), *_of_streams(), *_of_runs()],
        key=lambda case: case.row,
    )
)
