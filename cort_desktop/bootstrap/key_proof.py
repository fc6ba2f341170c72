"""The proof that no key gets out: the program itself, in a folder for a moment, with a key made up for it.

A canary is put where a real key would be, and taken the whole real way: found by the key store, sent to a
service on this computer that repeats it in its refusals, answered, told as events, stored, cached, logged,
and caught in a crash report. Then every byte that was written is searched for it, however it is spelt. The
program's own keys and folders have no part in it; those are searched by ``services/key_search``.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cort_desktop.bootstrap import Surroundings, open_app
from cort_desktop.bootstrap.canary_service import canary_service, spelt
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.events import Event
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.wire import line
from cort_desktop.errors import CortError
from cort_desktop.logs import HIDDEN, LOG_NAME, Redactor, clean_file, write_crash_report
from cort_desktop.paths import Paths, private_folder
from cort_desktop.services.key_search import KeySearch, own_files
from cort_desktop.services.planning import Ask

LIMIT_S = 20.0
_VARIABLE = "CORT_DESKTOP_CANARY"
_EVENTS = "events.jsonl"
_SETTINGS = """
[providers.refusing]
kind = "openai"
base_url = "{origin}/refusing/v1"
key_env = "{variable}"
[providers.quoting]
kind = "anthropic"
base_url = "{origin}/quoting"
key_env = "{variable}"
[providers.answering]
kind = "openai"
base_url = "{origin}/answering/v1"
key_env = "{variable}"
"""
_PROVIDERS = ("refusing", "quoting", "answering")


def new_canary() -> str:
    """A key of no service, with signs in it that URLs, JSON and base64 write in ways of their own."""
    return f'canary+{secrets.token_hex(8)}/{secrets.token_hex(8)}&="~'


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where the canary went and what was found of it.

    carried: requests it went along with. hidden: places where it was taken out. finds: where it was not.
    problem: why nothing, or less than all, is proved.
    """

    carried: int = 0
    hidden: int = 0
    files: int = 0
    bytes: int = 0
    finds: tuple[str, ...] = ()
    problem: str | None = None

    def report(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "tried": "requests, refusals, events, database, cache, log, crash report",
            "requests_with_it": self.carried,
            "times_hidden": self.hidden,
            "files": self.files,
            "bytes": self.bytes,
            "found": list(self.finds),
            "problem": self.problem,
        }


async def prove(clock: Clock, *, canary: str, redactor: Redactor, limit_s: float = LIMIT_S) -> Proof:
    """Take ``canary`` through the program; ``redactor`` is to keep it out of all that is written.

    Never raises for what the world does: a proof that could not be made says why.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="cort-desktop-proof-") as name:
            async with asyncio.timeout(limit_s):
                carried = await _live(Path(name), canary, redactor, clock)
            return await asyncio.to_thread(_searched, Path(name), canary, clock, carried)
    except TimeoutError:
        return Proof(problem=f"It could not be tried within {limit_s:g} s.")
    except (OSError, CortError) as error:
        return Proof(problem=f"It could not be tried: {error}")


async def _live(home: Path, canary: str, redactor: Redactor, clock: Clock) -> int:
    """A short life of the program in ``home``; the number of requests that the canary went along with."""
    around = Surroundings(
        paths=Paths.from_environment({"CORT_DESKTOP_HOME": str(home)}),
        environment={_VARIABLE: canary},
        redactor=redactor,
    )
    async with canary_service(canary) as service:
        text = _SETTINGS.format(origin=service.origin, variable=_VARIABLE)
        around.paths.config_file.write_text(text, encoding="utf-8")
        await _ask_all(around)
    await asyncio.to_thread(_write_down, around, canary, clock)
    return service.carried


async def _ask_all(around: Surroundings) -> None:
    """A question to each provider, with its events written down as ``--events`` prints them."""
    told: list[str] = []

    def show(event: Event) -> None:
        told.append(line(event))

    async with open_app(around, with_defaults=False) as app:
        for provider in _PROVIDERS:
            model = ModelRef(f"{provider}/canary")
            await app.chat.ask(Ask(question="Is a key safe here?", strategy="single", model=model), show)
    (around.paths.config_file.parent / _EVENTS).write_text("\n".join(told), encoding="utf-8")


def _write_down(around: Surroundings, canary: str, clock: Clock) -> None:
    """A log line and a crash report with the canary in them, as far as they are let."""
    logs = private_folder(around.paths.logs)
    # A logger of nobody: the program's own log is not told of a made-up key.
    logger = logging.Logger("canary", level=logging.DEBUG)  # noqa: LOG001
    handler = clean_file(logs / LOG_NAME, around.redactor)
    logger.addHandler(handler)
    try:
        for each in spelt(canary):
            logger.debug("a key: %s", each)
        raise ValueError(*spelt(canary))
    except ValueError as error:
        logger.exception("an error with %r", {"Authorization": f"Bearer {canary}"})
        facts = {"key": canary}
        write_crash_report(logs, error, redactor=around.redactor, now=clock.now(), facts=facts)
    finally:
        handler.close()


def _searched(home: Path, canary: str, clock: Clock, carried: int) -> Proof:
    paths = own_files(home / "config.toml", [home], without=())
    searched = KeySearch({"the canary": canary}, monotonic=clock.monotonic).files(paths)
    hidden = sum(path.read_bytes().count(HIDDEN.encode()) for path in (home / "logs").iterdir())
    problem = None
    if carried < len(_PROVIDERS):
        problem = f"Only {carried} of {len(_PROVIDERS)} requests carried the key, so less is proved."
    elif not hidden and not searched.finds:
        problem = "The log has no trace of the key, not even a hidden one, so nothing is proved of it."
    elif searched.left_out:
        problem = f"Not looked at: {'; '.join(searched.left_out)}."
    return Proof(
        carried=carried,
        hidden=hidden,
        files=searched.files,
        bytes=searched.bytes,
        finds=tuple(
            f"{Path(each.file).relative_to(home)}, {each.place}, {each.how}" for each in searched.finds
        ),
        problem=problem,
    )
