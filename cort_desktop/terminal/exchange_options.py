"""What ``conversations export`` and ``import`` were asked for, and the words that say so."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from cort_desktop.errors import UsageError

STDOUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """``conversations export``. out: a file, or ``-`` for standard output. form: None is by the file's name.
    everything: all conversations, those in the archive too. replace: a file that is there.
    """

    conversations: tuple[str, ...]
    out: str
    form: Literal["cort", "markdown", "json"] | None = None
    everything: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """``conversations import FILE…``."""

    files: tuple[str, ...]
    json: bool = False


def export_options(parser: argparse.ArgumentParser, read: Callable[[], argparse.Namespace]) -> ExportOptions:
    """The words behind ``export``. Raises UsageError."""
    parser.add_argument("what", nargs="*", metavar="ID", help="conversations, by their ids")
    parser.add_argument("--all", action="store_true", help="all of them, archived ones too")
    parser.add_argument(
        "--out", metavar="FILE", help="where to: NAME.cort, NAME.md or NAME.json; - is standard output"
    )
    parser.add_argument(
        "--format",
        choices=("cort", "markdown", "json"),
        help="cort: all of it, to be opened again; markdown: questions and answers; json: for programs",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    found = read()
    if found.all == bool(found.what):
        raise UsageError("Name the conversations to export by their ids, or all of them with --all.")
    if not found.out:
        raise UsageError("Say where to: --out NAME.cort (or NAME.md, NAME.json; - is standard output).")
    form = cast("Literal['cort', 'markdown', 'json'] | None", found.format)
    return ExportOptions(
        conversations=tuple(found.what), out=found.out, form=form, everything=found.all, replace=found.force
    )


def import_options(parser: argparse.ArgumentParser, read: Callable[[], argparse.Namespace]) -> ImportOptions:
    """The words behind ``import``. Raises UsageError."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="files made by export: NAME.cort")
    parser.add_argument("--json", action="store_true", help="what came in as JSON")
    found = read()
    files: Sequence[str] = found.files
    return ImportOptions(files=tuple(files), json=found.json)
