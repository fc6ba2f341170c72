"""The log file, the crash reports, and that no key ever reaches either."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop import logs
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.logs import HIDDEN, Log, Redactor, last_errors, level_of, write_crash_report

KEY = 'canary+0123/4567=89 "quoted"\\back'.replace(" ", "_")
NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


@pytest.fixture
def redactor() -> Redactor:
    made = Redactor()
    made.add(KEY)
    return made


@pytest.fixture
def log(tmp_path: Path, redactor: Redactor) -> Iterator[Log]:
    opened = Log.open(tmp_path, level=logging.DEBUG, redactor=redactor)
    yield opened
    opened.close()


def text(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted(folder.glob("cort-desktop.log*")))


SPELLINGS = {
    "plain": KEY,
    "url": quote(KEY, safe=""),
    "url, slashes kept": quote(KEY),
    "form": quote_plus(KEY),
    "url in small letters": re.sub("%..", lambda hit: hit[0].lower(), quote(KEY, safe="")),
    "url, quoted in part": quote(KEY, safe="+=/").replace("%22", '"', 1),
    "json": json.dumps({"key": KEY}),
    "repr": repr({"key": KEY}),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "basic authorization": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "basic authorization, longer name": base64.b64encode(f"users:{KEY}@x".encode()).decode(),
    "base64 for urls": base64.urlsafe_b64encode(f"u:{KEY}".encode()).decode(),
}


@pytest.mark.reliability(60)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_in_use_is_hidden_however_it_is_spelt(redactor: Redactor, spelling: str) -> None:
    """Row 60: verbatim, URL-encoded, in JSON, in base64 at every offset."""
    clean = redactor.clean(f"before {spelling} after")
    assert HIDDEN in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")
    assert "canary" not in clean
    decoded = clean.replace(HIDDEN, "").encode()
    assert base64.b64encode(b"canary")[1:-1] not in decoded


@pytest.mark.reliability(60)
@given(
    st.text("abcXYZ019+/=-_.~!%&\"'\\", min_size=6, max_size=40), st.binary(max_size=7), st.binary(max_size=7)
)
def test_base64_hides_a_key_wherever_it_stands(key: str, before: bytes, after: bytes) -> None:
    """Row 60: Basic authorization puts a name before the key, which shifts the base64."""
    redactor = Redactor()
    redactor.add(key)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert HIDDEN in redactor.clean(encode(before + key.encode() + after).decode())


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    "key",
    [
        "sk-abcdef0123456789",
        "sk-or-v1-abcdef0123456789",
        "sk-ant-api03-abc_DEF-0123456789",
        "AIzaSyA0123456789abcdefghij",
        "gsk_abcdef0123456789",
        "xai-abcdef0123456789",
        "hf_abcdef0123456789",
    ],
)
def test_keys_of_known_services_are_hidden_unasked(key: str) -> None:
    """Row 60: also keys this program was never told."""
    assert Redactor().clean(f'{{"a": "{key}", "n": 1}}') == f'{{"a": "{HIDDEN}", "n": 1}}'


@pytest.mark.reliability(60)
@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_bearer_tokens_are_hidden(word: str) -> None:
    """Row 60: whatever stands after Bearer."""
    assert Redactor().clean(f"Authorization: {word} abc.def, x") == f"Authorization: {word} {HIDDEN}, x"


def test_ordinary_text_is_left_alone(redactor: Redactor) -> None:
    for words in (
        "a risk-averse task-force",
        "ask-me-anything",
        "desk-lamp",
        "the bearer",
        "naïve 你好 \x00",
    ):
        assert redactor.clean(words) == words


def test_a_very_short_key_is_hidden_only_where_it_stands_alone() -> None:
    redactor = Redactor()
    redactor.add("x")
    redactor.add("")
    assert redactor.clean("key=x, next example") == f"key={HIDDEN}, next example"


def test_a_key_that_holds_another_key_is_hidden_whole() -> None:
    redactor = Redactor()
    redactor.add("abcdefgh")
    redactor.add("abcdefgh-secret-tail")
    assert redactor.clean("abcdefgh-secret-tail abcdefgh") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.reliability(60)
@pytest.mark.expects_log
def test_no_log_line_holds_a_key_with_debug_on(log: Log, tmp_path: Path) -> None:
    """Row 60: messages, arguments, exceptions and their chains, stacks; every logger."""
    logger = logging.getLogger("cort_desktop.somewhere")
    logger.debug("key %s", KEY)
    logger.info("header %r", {"Authorization": f"Bearer {KEY}"})
    try:
        try:
            raise ValueError(f"inner {KEY}")
        except ValueError as inner:
            inner.add_note(f"note {KEY}")
            raise RuntimeError(f"outer {quote(KEY)}") from inner
    except RuntimeError:
        logger.exception("failed with %s", KEY)
    logger.warning("stack", stack_info=True)
    logging.getLogger("some.library").error("url http://x/?key=%s", quote_plus(KEY))
    written = text(tmp_path)
    assert written.count(HIDDEN) >= 6
    assert "canary" not in written
    assert "RuntimeError: outer" in written


def test_the_log_is_for_its_owner_only_and_has_utc_times(log: Log, tmp_path: Path) -> None:
    logging.getLogger("cort_desktop").info("half a pair: \ud83d")
    path = tmp_path / "cort-desktop.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    line = path.read_text()
    assert r"half a pair: \ud83d" in line
    assert line[23] == "Z"


def test_libraries_are_quiet(log: Log, tmp_path: Path) -> None:
    for name in ("httpx", "aiohttp.client", "asyncio", "keyring.backend", "anything"):
        logging.getLogger(name).info("HTTP Request: POST https://secret.example.org")
    assert text(tmp_path) == ""


def test_the_log_turns_over_and_stays_bounded(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("cort_desktop")
    for _ in range(60):
        logger.info("x" * 100_000)
    files = sorted(tmp_path.glob("cort-desktop.log*"))
    assert [path.name for path in files] == [
        "cort-desktop.log",
        *(f"cort-desktop.log.{i}" for i in (1, 2, 3)),
    ]
    assert sum(path.stat().st_size for path in files) < 4 * logs.LOG_BYTES + 200_000
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("call", ["replace", "open"])
def test_a_log_that_can_not_be_written_disturbs_nobody(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], call: str
) -> None:
    def refuse(*arguments: Any, **named: Any) -> Any:
        raise PermissionError(13, "held by another process")

    logger = logging.getLogger("cort_desktop")
    logger.info("x" * logs.LOG_BYTES)
    monkeypatch.setattr(os, call, refuse)
    for _ in range(3):
        logger.info("y" * 1000)
    monkeypatch.undo()
    logger.info("after")
    assert capfd.readouterr().err == ""
    assert "after" in text(tmp_path)


def test_without_a_folder_the_program_goes_on(tmp_path: Path, redactor: Redactor) -> None:
    log = Log.open(tmp_path / "missing", level=logging.INFO, redactor=redactor)
    logging.getLogger("cort_desktop").info("x")
    assert "No log is kept" in (log.problem or "")
    log.close()


def test_close_leaves_logging_as_it_was(tmp_path: Path, redactor: Redactor) -> None:
    names = ("", "cort_desktop", "httpx", "asyncio")
    before = [logging.getLogger(name).level for name in names], list(logging.getLogger().handlers)
    Log.open(tmp_path, level=logging.DEBUG, redactor=redactor).close()
    assert ([logging.getLogger(name).level for name in names], list(logging.getLogger().handlers)) == before


def test_levels() -> None:
    assert (level_of(None), level_of(""), level_of("Debug")) == (logging.INFO, logging.INFO, logging.DEBUG)
    with pytest.raises(UsageError, match="debug, info, warning, error"):
        level_of("loud")


@pytest.mark.expects_log
def test_last_errors_are_cleaned_of_keys_that_came_later(log: Log, tmp_path: Path) -> None:
    late = "late-canary-0123456789"
    logger = logging.getLogger("cort_desktop")
    for number in range(12):
        logger.info("fine %s", number)
        logger.warning("bad %s with %s", number, late)
    redactor = Redactor()
    redactor.add(late)
    found = last_errors(tmp_path, redactor)
    assert [line.rsplit(": ")[-1] for line in found] == [f"bad {n} with {HIDDEN}" for n in range(2, 12)]
    assert last_errors(tmp_path / "missing", redactor) == []


def crash(number: int = 0) -> BaseException:
    secret = KEY
    try:
        raise ExceptionGroup(f"many {secret}", [ValueError(f"one {secret}"), KeyError(secret)])
    except ExceptionGroup as group:
        return group


@pytest.mark.reliability(60)
def test_a_crash_report_names_the_place_and_hides_the_key(tmp_path: Path, redactor: Redactor) -> None:
    """Row 60: crash reports are cleaned too, exception groups and all."""
    facts = {"app": "1.2.3", "python": sys.version}
    path = write_crash_report(tmp_path, crash(), redactor=redactor, now=NOW, facts=facts)
    written = path.read_text()
    assert path.parent == tmp_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "app: 1.2.3" in written
    assert "in crash" in written
    assert written.count(HIDDEN) >= 3
    assert "canary" not in written


def test_a_crash_report_finds_another_place(
    tmp_path: Path, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "tmp"
    other.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(other))
    path = write_crash_report(tmp_path / "missing", crash(), redactor=redactor, now=NOW, facts={})
    assert path.parent == other
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "gone"))
    with pytest.raises(StorageError, match="could not be written"):
        write_crash_report(tmp_path / "missing", crash(), redactor=redactor, now=NOW, facts={})


def test_old_crash_reports_are_dropped(tmp_path: Path, redactor: Redactor) -> None:
    moments = [NOW.replace(second=second) for second in range(14)]
    made = [write_crash_report(tmp_path, crash(), redactor=redactor, now=now, facts={}) for now in moments]
    left = sorted(tmp_path.glob("crash-*.txt"))
    assert left == made[-10:]
