"""The entry: start-up checks, arguments, the log, and a front end put on the app.

Errors of the world end in one sentence and an exit code of CONTRACT 1; a bug of our own ends in a crash
report whose file is named, and exit code 1. Imports stand in the functions, so that Ctrl-C ends quietly also
while the program is still being loaded.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # type checkers take it for true; importing typing here would be too early, see above
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from cort_desktop.bootstrap import Surroundings
    from cort_desktop.services.app import App
    from cort_desktop.startup import Surprises
    from cort_desktop.terminal.options import TerminalOptions
    from cort_desktop.terminal.window_options import GuiOptions

BUG = 1
SETTINGS = 3
INTERRUPTED = 130
BUILTIN_CHILD = "_builtin"
CELL = "_check"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _checked(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _checked(arguments: list[str]) -> int:
    """What has to be right before anything is loaded that could fail in a worse way."""
    from cort_desktop import startup

    if arguments[:1] == [BUILTIN_CHILD]:
        from cort_desktop.providers.builtin_child import main as child

        return child()
    if arguments[:1] == [CELL]:
        from cort_desktop.adapters.verifiers.cell import main as cell

        return cell()
    refusal = startup.python_refusal(sys.version_info[:2]) or startup.dependency_refusal(
        sys.version_info[:2], startup.installed_versions(sys.path)
    )
    if refusal is not None:
        _say(refusal)
        return SETTINGS
    startup.make_tolerant(sys.stdout, sys.stderr)
    return _front_end(arguments)


def _front_end(arguments: list[str]) -> int:
    """The window where it is wanted and can be opened, else the terminal."""
    from cort_desktop import startup
    from cort_desktop.errors import CortError
    from cort_desktop.terminal.window_options import GuiOptions

    try:
        if arguments == ["gui"] or (not arguments and not startup.is_input(sys.stdin)):
            return _window_or_chat(GuiOptions(is_default=not arguments))  # nothing in it to be parsed
        return _parsed(arguments)
    except CortError as error:
        from cort_desktop.terminal.main import fail

        startup.say_without_terminal(str(error))
        return fail(error)
    except BrokenPipeError:
        startup.drop_output(sys.stdout)
        return 0


def _parsed(arguments: list[str]) -> int:
    from cort_desktop.terminal.arguments import parse
    from cort_desktop.terminal.main import main as terminal
    from cort_desktop.terminal.options import Say
    from cort_desktop.terminal.window_options import GuiOptions

    options = parse(arguments, sys.stdin)
    if isinstance(options, Say):
        return terminal(options, _no_app)
    if isinstance(options, GuiOptions):
        return _window_or_chat(options)
    return _logged(options)


def _window_or_chat(options: GuiOptions) -> int:
    import gc
    import os

    from cort_desktop.gui import screen

    gc.disable()  # what a start makes is there to stay; ``opening`` lets it begin when all is made
    refusal = screen.refusal(os.environ)
    if refusal is None:
        return _logged(options)
    if not options.is_default:
        _say(refusal)
        return SETTINGS
    gc.enable()
    from cort_desktop.terminal.arguments import chat_instead

    return _logged(chat_instead(refusal))


def _no_app() -> AbstractAsyncContextManager[App]:
    raise AssertionError("help and version need no app")


def _logged(options: TerminalOptions | GuiOptions) -> int:
    """Run the command with its log open; a bug of our own is written down before it ends the program."""
    import os
    from contextlib import ExitStack, suppress

    from cort_desktop import startup
    from cort_desktop.bootstrap import Surroundings
    from cort_desktop.errors import CortError
    from cort_desktop.logs import LEVEL_VARIABLE, Log, Redactor, level_of
    from cort_desktop.paths import Paths, private_folder

    redactor = Redactor()
    paths = Paths.from_environment(os.environ)
    around = Surroundings(paths=paths, environment=dict(os.environ), redactor=redactor)
    level = level_of(os.environ.get(LEVEL_VARIABLE))
    with ExitStack() as held:
        with suppress(CortError):
            private_folder(paths.logs)
        log = Log.open(paths.logs, level=level, redactor=redactor)
        held.callback(log.close)
        held.callback(startup.watch_faults(paths.logs))
        return _guarded(options, around)


def _guarded(options: TerminalOptions | GuiOptions, around: Surroundings) -> int:
    from cort_desktop import startup
    from cort_desktop.errors import CortError
    from cort_desktop.terminal.window_options import GuiOptions

    def show(sentence: str) -> None:
        for each in screens:
            each(sentence)

    screens: list[Callable[[str], None]] = [_say]
    surprises = startup.Surprises(report=lambda error: _report(error, around), show=show)
    surprises.install()
    try:
        if isinstance(options, GuiOptions):
            return _window(options, around, surprises, screens.append)
        return _terminal(options, around, surprises)
    except (BrokenPipeError, CortError):
        raise
    except Exception as error:  # noqa: BLE001 - our own bugs end here, in a report and exit code 1
        screens.append(startup.say_without_terminal)
        surprises.caught(error, "in the program", ends=True)
        return BUG
    finally:
        surprises.uninstall()


def _terminal(options: TerminalOptions, around: Surroundings, surprises: Surprises) -> int:
    import asyncio
    from contextlib import asynccontextmanager

    from cort_desktop.terminal.main import main as terminal
    from cort_desktop.terminal.options import goes_on_with_defaults

    @asynccontextmanager
    async def app() -> AsyncIterator[App]:
        from cort_desktop.bootstrap import open_app

        asyncio.get_running_loop().set_exception_handler(surprises.in_loop)
        async with open_app(around, with_defaults=goes_on_with_defaults(options)) as opened:
            yield opened

    return terminal(options, app)


def _window(
    options: GuiOptions,
    around: Surroundings,
    surprises: Surprises,
    show_surprises: Callable[[Callable[[str], None]], None],
) -> int:
    from contextlib import suppress
    from pathlib import Path

    from cort_desktop.gui import plain_imports

    plain_imports.put_back()  # before the many that follow
    from cort_desktop.adapters.clock import SystemClock
    from cort_desktop.assets import resource
    from cort_desktop.bootstrap import Building
    from cort_desktop.errors import CortError
    from cort_desktop.gui.application import Start
    from cort_desktop.gui.application import main as window
    from cort_desktop.gui.single_instance import Wanted
    from cort_desktop.paths import private_folder

    with suppress(CortError):  # a window that can save nothing says so, and is read with
        private_folder(around.paths.data)
    built = Building(around, with_defaults=True)
    return window(
        Start(
            app=built.app,
            close_app=built.aclose,
            resources=resource("icons").parent,
            data=around.paths.data,
            clock=SystemClock(),
            in_loop=surprises.in_loop,
            show_surprises=show_surprises,
            wanted=Wanted(
                conversation=options.conversation,
                files=tuple(Path(each).absolute() for each in options.files),
            ),
            # Inside a Flatpak the menus know the program by its id.
            desktop_file=around.environment.get("FLATPAK_ID", "cort-desktop"),
        )
    )


def _report(error: BaseException, around: Surroundings) -> Path:
    from datetime import UTC, datetime

    from cort_desktop import __version__
    from cort_desktop.logs import write_crash_report

    facts = {"app": __version__, "python": sys.version, "platform": sys.platform}
    return write_crash_report(
        around.paths.logs, error, redactor=around.redactor, now=datetime.now(UTC), facts=facts
    )


def _say(sentence: str) -> None:
    if sys.stderr is not None:  # a program that only has a window may have none
        sys.stderr.write(f"cort-desktop: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
