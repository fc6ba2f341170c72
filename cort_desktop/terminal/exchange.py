"""``conversations export`` and ``import``: the library into files, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cort_desktop.domain.wire import dumps
from cort_desktop.errors import CortError, UsageError
from cort_desktop.telling import figures
from cort_desktop.telling.conversation_json import conversation_json
from cort_desktop.telling.exporting import RENDERS, form_of, named
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.exchange_options import STDOUT, ExportOptions, ImportOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.domain.library import Conversation
    from cort_desktop.domain.whole_conversation import ExportForm
    from cort_desktop.services.app import App


async def export(options: ExportOptions, app: App, streams: Streams) -> int:
    """Write conversations to a file or to standard output; the exit code."""
    form = _form(options, streams)
    wanted = options.conversations
    if options.everything:
        wanted = tuple(each.id for each in await app.library.conversations(archived=True))
    course = _Course(streams)
    try:
        if options.out == STDOUT:
            data = await app.exchange.packed(wanted, render=RENDERS[form], tell=course.show)
            course.clear()
            streams.write_bytes(data) if form == "cort" else streams.write_answer(data.decode())
            return codes.ANSWER
        written = await app.exchange.export(
            wanted, Path(options.out), render=RENDERS[form], replace=options.replace, tell=course.show
        )
    finally:
        course.clear()
    streams.say(f"Exported {named(written)} to {one_line(options.out)}.")
    return codes.ANSWER


def _form(options: ExportOptions, streams: Streams) -> ExportForm:
    """Raises UsageError when nobody said which, or a terminal would be flooded."""
    form = options.form or (None if options.out == STDOUT else form_of(options.out))
    if form is None:
        raise UsageError(
            f"What {one_line(options.out)} is to be can't be told by its name. Call it NAME.cort, NAME.md or "
            "NAME.json, or add --format cort, markdown or json."
        )
    if form == "cort" and options.out == STDOUT and streams.out_is_terminal:
        raise UsageError("A .cort file can't be shown on a terminal. Name a file with --out, or pipe it on.")
    return form


async def import_(options: ImportOptions, app: App, streams: Streams) -> int:
    """Take files in, each for itself, and print what came in; the exit code of the first that failed."""
    code = codes.ANSWER
    made: list[Conversation] = []
    for name in options.files:
        course = _Course(streams)
        try:
            found = await app.exchange.import_file(Path(name), tell=course.show)
        except CortError as error:
            course.clear()
            streams.complain(str(error))
            code = code or codes.of_error(error)
            continue
        course.clear()
        made += found
        streams.say(f"Imported {named(found)} from {one_line(name)}.")
    if options.json:
        streams.write_json(dumps([conversation_json(each) for each in made]))
        return code
    for each in made:
        count = figures.count(each.turns, "turn").rjust(8)
        streams.write_line(f"{each.id}  {count}  {one_line(each.title)}")
    return code


class _Course:
    """How far it is, in place on a terminal; what is quick or read by nobody is not told."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._said = 0

    def show(self, done: int, total: int) -> None:
        percent = 100 * done // max(1, total)
        if self._streams.is_lively and percent > self._said and done < total:
            self._said = percent
            self._streams.paint(f"\r{percent:3d} %\x1b[K")

    def clear(self) -> None:
        if self._said:
            self._said = 0
            self._streams.paint("\r\x1b[K")
