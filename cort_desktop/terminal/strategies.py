"""``strategies``: the ways to think there are, and what each can be set to, from their declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.settings import closest, shown
from cort_desktop.domain.strategy_settings import NUMBERS, ChoiceSetting, Setting, said, takes
from cort_desktop.domain.wire import dumps
from cort_desktop.errors import UsageError
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.options import StrategiesOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.app import App
    from cort_desktop.services.outcomes import StrategyInfo

_INDENT = "  "


async def strategies(options: StrategiesOptions, app: App, streams: Streams) -> int:
    """List all of them, or one with its settings. Those that can't be used are told on standard error.

    Raises UsageError where there is none of that name.
    """
    found = app.chat.strategies()
    if options.name:
        found = [each for each in found if each.name == options.name]
        if not found:
            raise UsageError(_unknown(options.name, app))
    if options.json:
        streams.write_json(dumps([_plain(each) for each in found]))
    else:
        for each in found:
            for line in _lines(each):
                streams.write_line(line)
    if not options.name:
        for sentence in app.chat.unusable_strategies():
            streams.complain(one_line(sentence))
    return codes.ANSWER


def _unknown(name: str, app: App) -> str:
    broken = [each for each in app.chat.unusable_strategies() if each.startswith(f"The strategy {name} ")]
    known = [each.name for each in app.chat.strategies()]
    return broken[0] if broken else f"There is no strategy named {shown(name)}{closest(name, known)}."


def _lines(strategy: StrategyInfo) -> Iterator[str]:
    yield f"{strategy.name}: {one_line(strategy.summary)}"
    for each in strategy.settings:
        option = f"--{each.name} N" if each.name in NUMBERS else f"--set {each.name}=VALUE"
        yield f"{_INDENT}{option}: {one_line(each.words)} ({takes(each)}; {_usual(each)})"
        if isinstance(each, ChoiceSetting):
            for way in each.ways:
                yield f"{_INDENT * 2}{way.value}: {one_line(way.words)}"


def _usual(setting: Setting) -> str:
    return "the strategy decides" if setting.default is None else f"usually {said(setting.default)}"


def _plain(strategy: StrategyInfo) -> dict[str, Any]:
    return {
        "name": strategy.name,
        "summary": strategy.summary,
        "settings": [
            {"name": each.name, "default": each.default, "takes": takes(each), "words": each.words}
            for each in strategy.settings
        ],
    }
