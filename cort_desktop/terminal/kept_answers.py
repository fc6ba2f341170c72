"""``cache``: the answers that are kept so that an equal call is not sent again; what they saved; forgetting
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never, cast

from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.kept_replies import KeptEntry, Tag
from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.wire import dumps
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.options import CacheOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.app import App
    from cort_desktop.services.cache import CacheFigures

_KEY_CHARACTERS = 12
_QUESTION_CHARACTERS = 50


async def cache(options: CacheOptions, app: App, streams: Streams) -> int:
    """Do what ``cache`` was asked for; the exit code."""
    tags = cast("dict[Tag, str]", dict(options.tags))
    match options.action:
        case "show":
            _show(await app.cache.figures(), options, streams)
        case "list":
            _list(await app.cache.entries(tags), options, streams)
        case "clear":
            await _clear(options.key, tags, app, streams)
        case unknown:
            assert_never(unknown)
    return codes.ANSWER


async def _clear(key: str, tags: dict[Tag, str], app: App, streams: Streams) -> None:
    if key:
        gone = await app.cache.clear_one(key)
        streams.say(f"Forgotten: the answer of {gone.filing.model} to “{_question(gone)}”.")
        return
    count = await (app.cache.clear_tagged(tags) if tags else app.cache.clear())
    streams.say(f"{figures.count(count, 'kept answer')} forgotten.")


def _show(found: CacheFigures, options: CacheOptions, streams: Streams) -> None:
    if options.json:
        streams.write_json(
            dumps(
                {
                    "enabled": found.enabled,
                    "folder": str(found.folder),
                    "entries": found.entries,
                    "bytes": found.file_bytes,
                    "limit_bytes": found.limit_bytes,
                    "days": found.days,
                    "hits": found.used,
                    "saved_usd": found.saved_microusd / MICRO,
                    "problem": found.problem,
                }
            )
        )
        return
    least = "at least " if found.is_least else ""
    streams.write_line(f"kept: {figures.count(found.entries, 'answer')}, {figures.size(found.file_bytes)}")
    streams.write_line(f"used: {figures.count(found.used, 'time')} in place of a call")
    streams.write_line(f"saved: {least}{figures.money(found.saved_microusd)}")
    streams.write_line(f"limits: {figures.size(found.limit_bytes)}, {figures.count(found.days, 'day')}")
    streams.write_line(f"folder: {found.folder}")
    if not found.enabled:
        streams.write_line("Keeping answers is switched off ([cache] enabled in config.toml).")
    if found.problem is not None:
        streams.complain(one_line(found.problem))


def _list(entries: tuple[KeptEntry, ...], options: CacheOptions, streams: Streams) -> None:
    shown = entries if options.limit is None else entries[: options.limit]
    if options.json:
        streams.write_json(dumps([_json(entry) for entry in shown]))
        return
    if not entries:
        streams.say("No answers are kept that match.")
    for entry in shown:
        parts = [
            entry.key[:_KEY_CHARACTERS],
            entry.made.astimezone().strftime("%Y-%m-%d %H:%M"),
            figures.size(entry.bytes).rjust(8),
            f"used {entry.used}".rjust(7),
            figures.money(entry.cost_microusd),
            f"{one_line(entry.filing.model)} {one_line(entry.filing.stage)}",
            _question(entry),
        ]
        streams.write_line("  ".join(parts))
    if len(shown) < len(entries):
        streams.say(f"… and {len(entries) - len(shown)} more; `--limit` shows them.")


def _json(entry: KeptEntry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "model": entry.filing.model,
        "stage": entry.filing.stage,
        "conversation": entry.filing.conversation,
        "run": entry.filing.run,
        "question": entry.filing.question,
        "made": stamp(entry.made),
        "last_used": None if entry.last_used is None else stamp(entry.last_used),
        "used": entry.used,
        "bytes": entry.bytes,
        "cost_usd": None if entry.cost_microusd is None else entry.cost_microusd / MICRO,
    }


def _question(entry: KeptEntry) -> str:
    line = one_line(entry.filing.question)
    return line if len(line) <= _QUESTION_CHARACTERS else f"{line[: _QUESTION_CHARACTERS - 1]}…"
