"""``models``, ``keys`` and ``doctor``: what is set up, and whether it works.

A key is read from a hidden prompt or a pipe; it is never shown, and never part of a message.
"""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, assert_never

from cort_desktop.domain.key_text import problem_of
from cort_desktop.domain.wire import dumps
from cort_desktop.errors import UsageError
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.interrupts import ordinary_ctrl_c
from cort_desktop.terminal.model_listing import list_models
from cort_desktop.terminal.options import DoctorOptions, KeysOptions, ModelsOptions
from cort_desktop.terminal.question import decode
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.app import App
    from cort_desktop.services.preferences import KeyInfo

_LONGEST_INPUT = 64 * 1024
SESSION_ONLY = "this session only"
"""What the services call the place of a key that only this process knows."""


async def models(options: ModelsOptions, app: App, streams: Streams) -> int:
    """List what can be asked, by provider; or have a model installed, fetched or added."""
    if options.action == "install":
        ref = await app.preferences.install_model(options.name, _Progress(streams).show)
        streams.say(f"{one_line(options.name)} is installed{'' if ref == options.name else f', as {ref}'}.")
        return codes.ANSWER
    await list_models(options, app.preferences, streams)
    return codes.ANSWER


async def keys(options: KeysOptions, app: App, streams: Streams) -> int:
    """List where keys are kept, keep one, or forget one."""
    match options.action:
        case "list":
            for info in await app.preferences.keys():
                streams.write_line(_key_line(info))
        case "set":
            key = await _read_key(options.provider, streams)
            return _say_kept(await app.preferences.set_key(options.provider, key), streams)
        case "delete":
            deleted = await app.preferences.delete_key(options.provider)
            streams.say(f"The key for {options.provider} {'is deleted' if deleted else 'was not kept here'}.")
        case unknown:
            assert_never(unknown)
    return codes.ANSWER


def _key_line(info: KeyInfo) -> str:
    """``openai: system key store (Secret Service), for https://api.openai.com``, and what is to be said."""
    whom = f", for {one_line(info.origin)}" if info.origin and not info.missing else ""
    note = f" ({one_line(info.note)})" if info.note else ""
    return f"{info.provider}: {one_line(info.where)}{whom}{note}"


def _say_kept(info: KeyInfo, streams: Streams) -> int:
    """Where the key is now; what is kept for a session only, is lost when this command ends."""
    if info.where == SESSION_ONLY:
        # The note is written for a program that goes on; of it the cause and the way out are true here too.
        cause, _, rest = one_line(info.note).partition(f" The key of {info.provider} ")
        way = rest.rpartition("to keep it, ")[2].rstrip(".") or "put it in an environment variable"
        where = "" if "key_env" in way else " (the provider's key_env in config.toml names it)"
        streams.complain(
            " ".join([f"The key for {info.provider} was NOT kept.", cause, f"To keep it, {way}{where}."])
        )
        return codes.SETTINGS
    whom = f", for {one_line(info.origin)} alone" if info.origin else ""
    streams.say(f"The key for {info.provider}: {info.where}{whom}.")
    if info.note:
        streams.complain(info.note)
    return codes.ANSWER


async def doctor(options: DoctorOptions, app: App, streams: Streams) -> int:
    """Print what the program knows of itself and its surroundings."""
    report = await app.doctor.report()
    if options.json:
        streams.write_json(dumps(report))
    else:
        for line in report_lines(report):
            streams.write_line(line)
    safety = report.get("key_safety", {})
    for found in safety.get("keys_in_use", {}).get("found", ()):
        streams.complain(f"A key lies where it should not: {one_line(found)}.")
    if safety.get("canary", {}).get("found"):
        streams.complain("A made-up key got out when it was tried; please report the lines at “key safety”.")
    return codes.ANSWER


def report_lines(report: dict[str, Any], depth: int = 0) -> list[str]:
    """A nested report as indented lines, a fact a line."""
    lines: list[str] = []
    for name, value in report.items():
        lines += _fact_lines(name.replace("_", " "), value, depth)
    return lines


def _fact_lines(name: str, value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    if isinstance(value, dict) and value:
        return [f"{indent}{name}:", *report_lines(value, depth + 1)]
    if isinstance(value, list) and value:
        lines = [f"{indent}{name}:"]
        for item in value:
            if isinstance(item, dict):
                inner = report_lines(item, depth + 2)
                lines += [f"{indent}  - {inner[0].strip()}", *inner[1:]] if inner else []
            else:
                lines.append(f"{indent}  - {_plain(item)}")
        return lines
    return [f"{indent}{name}: {_plain(value)}"]


def _plain(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(str(value))


class _Progress:
    """Says how far an installation is: in place on a terminal, else a line for every tenth."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._said = -1

    def show(self, done: int, total: int) -> None:
        percent = 100 * done // total if total > 0 else 0
        if self._streams.is_lively:
            end = "\n" if done >= total else ""
            self._streams.paint(f"\r{percent:3d} % of {figures.size(total)}\x1b[K{end}")
        elif percent // 10 > self._said:
            self._said = percent // 10
            self._streams.say(f"{percent} % of {figures.size(total)}")


async def _read_key(provider: str, streams: Streams) -> str:
    """The key, from a hidden prompt or from standard input. Raises UsageError when there is none."""
    if streams.stdin is None:
        raise UsageError("There is no standard input to read the key from.")
    if streams.in_is_terminal:
        with ordinary_ctrl_c():
            try:
                text = getpass.getpass(f"Key for {provider} (it is not shown): ")
            except EOFError:
                text = ""
    else:
        text = decode(streams.stdin.buffer.read(_LONGEST_INPUT))
    key = text.strip()
    problem = problem_of(key) if key else None
    if not key:
        raise UsageError(f"No key was given for {provider}; nothing is changed.")
    if problem:
        raise UsageError(f"What was given for {provider} is no key: it {problem}. Nothing was changed.")
    return key
