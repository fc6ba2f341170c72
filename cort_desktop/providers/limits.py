"""Every number a remote answer is held to, in one value (RELIABILITY, "Numbers"). Tests pass in smaller ones.

Not here: how often something is asked again (``resilience``), and what a run may cost (``engine/ledger.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and counts.

    first_event: from the end of the request to the first content; comments and empty chunks do not count.
    bytes_idle: silence on the wire after the first byte. content_idle: no text although bytes come.
    reasoning: for models that think before they write. local: for models on the person's own machine.
    drain_s: how long the end of an answer is waited for after its last event, so that the connection can be
    used again. after_finish_s: how long usage and [DONE] are waited for once the text is complete.
    idle_notice_s: after how long without content the front ends are told.
    """

    connect_s: float = 5.0
    write_s: float = 30.0
    first_event_s: float = 60.0
    first_event_reasoning_s: float = 180.0
    first_event_local_s: float = 300.0
    bytes_idle_s: float = 60.0
    content_idle_s: float = 90.0
    content_idle_reasoning_s: float = 300.0
    keep_alive_s: float = 30.0
    after_finish_s: float = 10.0
    drain_s: float = 1.0
    idle_notice_s: float = 20.0
    model_list_s: float = 10.0

    connections: int = 256
    header_bytes: int = 64 * KIB
    response_bytes: int = 32 * MIB
    error_body_bytes: int = 64 * KIB
    models_bytes: int = 10 * MIB
    line_bytes: int = 1 * MIB
    event_bytes: int = 2 * MIB
    answer_bytes: int = 8 * MIB

    events: int = 500_000
    equal_chunks: int = 100
    json_depth: int = 200
    number_digits: int = 400
    shown_chars: int = 2_000
    page_chars: int = 200
