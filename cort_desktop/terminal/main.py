"""The terminal's own entry: options in, exit code out. Opens the app only for commands that need it.

Our own bugs pass through; whoever starts the program reports them (exit code 1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, assert_never

from cort_desktop.errors import CortError
from cort_desktop.terminal import codes
from cort_desktop.terminal.bench_options import BenchOptions
from cort_desktop.terminal.exchange_options import ExportOptions, ImportOptions
from cort_desktop.terminal.options import (
    AskOptions,
    CacheOptions,
    ChatOptions,
    ConversationsOptions,
    DoctorOptions,
    KeysOptions,
    ModelsOptions,
    Options,
    ReplayOptions,
    ResumeOptions,
    Say,
    SpendingOptions,
    StrategiesOptions,
    WorthOptions,
)
from cort_desktop.terminal.question import find_question, has_unread
from cort_desktop.terminal.streams import Streams
from cort_desktop.terminal.window_options import GuiOptions

if TYPE_CHECKING:
    from cort_desktop.services.app import App

OpenApp = Callable[[], AbstractAsyncContextManager["App"]]


def main(options: Options, open_app: OpenApp, streams: Streams | None = None) -> int:
    """Run one command to its end and return its exit code. Starts and ends the event loop."""
    streams = streams or Streams.of_process()
    try:
        code = _begin(options, open_app, streams)
        streams.finish()
    except CortError as error:
        return fail(error, streams)
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    return code


def fail(error: CortError, streams: Streams | None = None) -> int:
    """Say an error in one sentence on standard error; its exit code."""
    streams = streams or Streams.of_process()
    streams.complain(str(error))
    return codes.of_error(error)


def _begin(options: Options, open_app: OpenApp, streams: Streams) -> int:
    """What needs no app. A question is read before the loop begins: there Ctrl-C ends a blocking read."""
    if isinstance(options, Say):
        streams.write_answer(options.text)
        return codes.ANSWER
    if isinstance(options, GuiOptions):
        raise TypeError("the window is opened by the entry, not by the terminal")
    question = ""
    if isinstance(options, AskOptions):
        if options.question == "-" and streams.in_is_terminal:
            streams.say("Type the question; Ctrl-D (on Windows Ctrl-Z, Enter) ends it.")
        question = find_question(options.question, streams.stdin)
        if options.question not in (None, "-") and has_unread(streams.stdin):
            streams.complain(
                "Standard input was not read, because the question was given; `--file` takes a text along."
            )
    with asyncio.Runner() as runner:
        return runner.run(with_app(options, question, open_app, streams))


_AppCommand = (
    AskOptions
    | ChatOptions
    | ResumeOptions
    | ReplayOptions
    | ConversationsOptions
    | ExportOptions
    | ImportOptions
    | ModelsOptions
    | KeysOptions
    | CacheOptions
    | SpendingOptions
    | WorthOptions
    | StrategiesOptions
    | DoctorOptions
    | BenchOptions
)


async def with_app(options: _AppCommand, question: str, open_app: OpenApp, streams: Streams) -> int:
    """Run one command on a loop that runs already. Raises what a caller is to ``fail`` with."""
    async with open_app() as app:
        for notice in app.notices:
            streams.complain(notice)
        return await _command(options, question, app, streams)


async def _command(options: _AppCommand, question: str, app: App, streams: Streams) -> int:
    """Each command's module is imported when it is asked for."""
    if isinstance(options, AskOptions | ResumeOptions | ReplayOptions):
        return await _run_command(options, question, app, streams)
    if isinstance(options, ChatOptions):
        from cort_desktop.terminal.chat import chat

        return await chat(options, app, streams)
    if isinstance(options, ConversationsOptions | ExportOptions | ImportOptions):
        return await _library(options, app, streams)
    if isinstance(options, CacheOptions | SpendingOptions | WorthOptions):
        return await _looking_back(options, app, streams)
    if isinstance(options, BenchOptions):
        from cort_desktop.terminal.bench import bench

        return await bench(options, app, streams)
    return await _set_up(options, app, streams)


async def _library(
    options: ConversationsOptions | ExportOptions | ImportOptions, app: App, streams: Streams
) -> int:
    match options:
        case ConversationsOptions():
            from cort_desktop.terminal.listings import conversations

            return await conversations(options, app, streams)
        case ExportOptions():
            from cort_desktop.terminal.exchange import export

            return await export(options, app, streams)
        case ImportOptions():
            from cort_desktop.terminal.exchange import import_

            return await import_(options, app, streams)
        case unknown:
            assert_never(unknown)


async def _set_up(
    options: StrategiesOptions | ModelsOptions | KeysOptions | DoctorOptions, app: App, streams: Streams
) -> int:
    from cort_desktop.terminal import setup

    match options:
        case StrategiesOptions():
            from cort_desktop.terminal.strategies import strategies

            return await strategies(options, app, streams)
        case ModelsOptions():
            return await setup.models(options, app, streams)
        case KeysOptions():
            return await setup.keys(options, app, streams)
        case DoctorOptions():
            return await setup.doctor(options, app, streams)
        case unknown:
            assert_never(unknown)


async def _looking_back(
    options: CacheOptions | SpendingOptions | WorthOptions, app: App, streams: Streams
) -> int:
    match options:
        case CacheOptions():
            from cort_desktop.terminal.kept_answers import cache

            return await cache(options, app, streams)
        case SpendingOptions():
            from cort_desktop.terminal.spending import spending

            return await spending(options, app, streams)
        case WorthOptions():
            from cort_desktop.terminal.worth import worth

            return await worth(options, app, streams)
        case unknown:
            assert_never(unknown)


async def _run_command(
    options: AskOptions | ResumeOptions | ReplayOptions, question: str, app: App, streams: Streams
) -> int:
    from cort_desktop.terminal import ask

    match options:
        case AskOptions():
            return await ask.ask(options, question, app, streams)
        case ResumeOptions():
            return await ask.resume(options, app, streams)
        case ReplayOptions():
            return await ask.replay(options, app, streams)
        case unknown:
            assert_never(unknown)
