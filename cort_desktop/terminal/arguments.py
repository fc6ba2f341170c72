"""The command line in, frozen options out: all of CONTRACT 1. Words that make no sense raise UsageError.

Only the parser of the command that was named is built, because the time from the start of the process to
the first request is measured. Names of models, strategies and settings are checked by the services, who know
them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Literal, NoReturn, TextIO, cast

from cort_desktop import __version__
from cort_desktop.errors import UsageError
from cort_desktop.startup import is_input
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
from cort_desktop.terminal.run_arguments import add_run_options, add_stream_options, run_options, whole
from cort_desktop.terminal.suggestions import did_you_mean
from cort_desktop.terminal.window_options import GuiOptions

PROGRAM = "cort-desktop"
SUMMARY = "A model drafts, alternatives challenge it, blind judges rank them, the winner goes on."
CHAT_NOTE = "{why} So this is `chat`; /help lists what you can type."
"""Said in one line where a window was meant and can't be opened."""


class _HelpError(Exception):
    """Help was asked for; carries its text."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving; remembers its options for the close match."""

    def __init__(self, command: str, words: str) -> None:
        self.known: list[str] = []
        super().__init__(prog=f"{PROGRAM} {command}", description=words, allow_abbrev=False)

    def add_argument(self, *names: Any, **kwargs: Any) -> argparse.Action:
        self.known.extend(name for name in names if name.startswith("--"))
        return super().add_argument(*names, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see `{self.prog} --help`)")

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002  argparse hands it in
        raise _HelpError(self.format_help())


def chat_instead(why: str) -> ChatOptions:
    """``chat`` in the place of a window; ``why`` is a sentence."""
    return ChatOptions(note=CHAT_NOTE.format(why=why))


def parse(argv: Sequence[str], stdin: TextIO | None) -> Options:
    """The options in ``argv`` (without the program's name). Raises UsageError for what makes no sense.

    stdin: only looked at, never read, and only when no command is named.
    """
    if not argv:
        return AskOptions(question=None) if is_input(stdin) else GuiOptions(is_default=True)
    first = argv[0]
    if first in ("-h", "--help", "help"):
        return Say(text=_overview())
    if first in ("-V", "--version"):
        return Say(text=f"{PROGRAM} {__version__}\n")
    if first not in _COMMANDS and not first.startswith("-") and first.lower().endswith(".cort"):
        return _gui(_Parser("gui", _COMMANDS["gui"][0]), argv)
    if first not in _COMMANDS:
        kind = "option" if first.startswith("-") else "command"
        hint = did_you_mean(first, (*_COMMANDS, "--help", "--version"))
        raise UsageError(f"unknown {kind} {_short(first)}{hint} (the commands are {', '.join(_COMMANDS)})")
    words, build = _COMMANDS[first]
    try:
        return build(_Parser(first, words), argv[1:])
    except _HelpError as wanted:
        return Say(text=str(wanted))


def _overview() -> str:
    rows = "\n".join(f"  {name:15}{words}" for name, (words, _) in _COMMANDS.items())
    return (
        f"usage: {PROGRAM} COMMAND …   ({PROGRAM} COMMAND --help tells more)\n\n{SUMMARY}\n\n{rows}\n"
        f"  --version      print the version\n\n"
        f"Without a command: what is piped in is one question; else a conversation begins.\n"
    )


def _read(parser: _Parser, argv: Sequence[str]) -> argparse.Namespace:
    """Parse; say what is close to an option that does not exist."""
    found, extra = parser.parse_known_args(argv)
    for word in extra:
        if word.startswith("-") and len(word) > 1 and " " not in word:
            name = word.split("=", 1)[0]
            parser.error(f"unknown option {_short(name)}{did_you_mean(name, parser.known)}")
    if extra:
        parser.error(f"one argument too many: {_short(extra[0])}{_quotes(parser)}")
    return found


def _quotes(parser: _Parser) -> str:
    return "; put the question in quotes" if parser.prog.endswith(" ask") else ""


def _short(word: str) -> str:
    return repr(word if len(word) <= _SHOWN else word[: _SHOWN - 1] + "…")


def _plain_events(argv: Sequence[str]) -> list[str]:
    """``--events`` takes a value only behind ``=``; argparse would take the question that follows."""
    cut = argv.index("--") if "--" in argv else len(argv)
    return ["--events=events" if word == "--events" else word for word in argv[:cut]] + list(argv[cut:])


def _ask(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.usage = f"{parser.prog} [QUESTION | -] [options]"
    parser.add_argument(
        "question", nargs="?", metavar="QUESTION", help="the question; - reads standard input"
    )
    add_run_options(parser)
    add_stream_options(parser)
    found = _read(parser, _plain_events(argv))
    return AskOptions(question=found.question, run=run_options(found), json=found.json, stream=found.events)


def _chat(parser: _Parser, argv: Sequence[str]) -> Options:
    add_run_options(parser)
    return ChatOptions(run=run_options(_read(parser, argv)))


def _resume(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("run", metavar="RUN", help="the run's id, or its beginning")
    add_stream_options(parser)
    found = _read(parser, _plain_events(argv))
    return ResumeOptions(run=found.run, json=found.json, stream=found.events)


def _replay(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("run", metavar="RUN", help="the run's id, or its beginning")
    parser.add_argument("--events", action="store_true", help="the stored events, one JSON object a line")
    found = _read(parser, argv)
    return ReplayOptions(run=found.run, events=found.events)


def _conversations(parser: _Parser, argv: Sequence[str]) -> Options:
    word, rest = _action(parser, argv, ("list", "show", "search", "export", "import", "delete"))
    if word in ("export", "import"):
        from cort_desktop.terminal.exchange_options import export_options, import_options

        build = export_options if word == "export" else import_options
        return build(parser, lambda: _read(parser, rest))
    action = cast("Literal['list', 'show', 'search', 'delete']", word)
    parser.add_argument("--json", action="store_true", help="as JSON")
    if action == "list":
        parser.add_argument("--archived", action="store_true", help="archived ones too")
    elif action in ("show", "delete"):
        parser.add_argument("what", metavar="ID", help="the conversation's id")
    else:
        parser.add_argument("what", nargs="+", metavar="WORDS", help="what to look for")
        parser.add_argument("--limit", type=whole, default=50, metavar="N", help="at most so many places")
    found = vars(_read(parser, rest))
    if action == "search":
        found["what"] = " ".join(found["what"])
    return ConversationsOptions(action=action, **found)


def _models(parser: _Parser, argv: Sequence[str]) -> Options:
    word, rest = _action(parser, argv or ["list"], ("list", "install"))
    action = cast("Literal['list', 'install']", word)
    if action == "install":
        parser.add_argument(
            "name",
            metavar="NAME",
            help="an offline model, ollama/MODEL which Ollama fetches, or a GGUF file, which stays there",
        )
    else:
        parser.add_argument(
            "--search", default="", metavar="WORD", help="models with this in their name or vendor"
        )
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.add_argument(
            "--refresh", action="store_true", help="ask services again that told their list today"
        )
    return ModelsOptions(action=action, **vars(_read(parser, rest)))


def _keys(parser: _Parser, argv: Sequence[str]) -> Options:
    word, rest = _action(parser, argv or ["list"], ("list", "set", "delete"))
    action = cast("Literal['list', 'set', 'delete']", word)
    if action == "list":
        _read(parser, rest)
        return KeysOptions(action=action)
    parser.add_argument("provider", metavar="PROVIDER", help="the provider's name")
    wants_help = any(word in ("-h", "--help") for word in rest)
    if action == "set" and rest and not wants_help and (len(rest) > 1 or _is_like_a_key(rest[0])):
        # The words themselves are never repeated: one of them is most likely a key.
        raise UsageError(
            "a key is never given on the command line, where every program can read it: "
            f"leave it out and type it at the prompt, or pipe it in (see `{parser.prog} --help`)"
        )
    return KeysOptions(action=action, provider=_read(parser, rest).provider)


_CACHE_TAGS = ("model", "conversation", "run", "stage")


def _cache(parser: _Parser, argv: Sequence[str]) -> Options:
    word, rest = _action(parser, argv or ["show"], ("show", "list", "clear"))
    action = cast("Literal['show', 'list', 'clear']", word)
    if action == "clear":
        parser.add_argument("key", nargs="?", default="", metavar="KEY", help="one answer, by its key")
    else:
        parser.add_argument("--json", action="store_true", help="as JSON")
    if action == "list":
        parser.add_argument(
            "--limit", type=whole, default=None, metavar="N", help="at most so many, the latest"
        )
    if action != "show":
        for tag in _CACHE_TAGS:
            parser.add_argument(f"--{tag}", metavar=tag.upper(), help=f"only those of this {tag}")
    found = vars(_read(parser, rest))
    tags = tuple((tag, value) for tag in _CACHE_TAGS if (value := found.pop(tag, None)) is not None)
    if found.get("key") and tags:
        raise UsageError("Name one answer by its key, or several by what they have in common, not both.")
    return CacheOptions(action=action, tags=tags, **found)


def _spending(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("--month", metavar="YYYY-MM", help="another month than this one")
    parser.add_argument("--json", action="store_true", help="as JSON")
    found = _read(parser, argv)
    return SpendingOptions(month=found.month, json=found.json)


def _worth(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("run", metavar="RUN", nargs="?", help="one run, by its id or the beginning of it")
    parser.add_argument("--judge", action="store_true", help="have blind judges compare first and final")
    parser.add_argument("--again", action="store_true", help="with --judge: even if they have done so before")
    parser.add_argument("--json", action="store_true", help="as JSON")
    found = _read(parser, argv)
    if found.again and not found.judge:
        raise UsageError("--again goes with --judge: cort-desktop worth RUN --judge --again.")
    if found.judge and found.run is None:
        raise UsageError("Name the run whose answers are to be compared: cort-desktop worth RUN --judge.")
    return WorthOptions(run=found.run, judge=found.judge, again=found.again, json=found.json)


def _bench(parser: _Parser, argv: Sequence[str]) -> Options:
    from cort_desktop.terminal.bench_arguments import bench_options

    return bench_options(parser, argv, lambda _, words: _read(parser, words))


def _strategies(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="one of them alone")
    parser.add_argument("--json", action="store_true", help="as JSON")
    found = _read(parser, argv)
    return StrategiesOptions(name=found.name, json=found.json)


def _doctor(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("--json", action="store_true", help="as JSON")
    return DoctorOptions(json=_read(parser, argv).json)


def _gui(parser: _Parser, argv: Sequence[str]) -> Options:
    parser.add_argument("files", nargs="*", metavar="FILE", help="files to import and show: NAME.cort")
    parser.add_argument("--open", metavar="CONVERSATION", help="the conversation to show")
    found = _read(parser, argv)
    return GuiOptions(conversation=found.open, files=tuple(found.files))


def _is_like_a_key(word: str) -> bool:
    return len(word) > _SHOWN or word.startswith(("sk-", "gsk_", "xai-", "hf_", "AIza")) or "=" in word


def _action(parser: _Parser, argv: Sequence[str], known: tuple[str, ...]) -> tuple[str, Sequence[str]]:
    """The word after ``conversations``, ``models``, ``keys`` or ``cache``, and what follows it."""
    words = ", ".join(known)
    if not argv:
        parser.error(f"say what to do: {words}")
    if argv[0] in ("-h", "--help"):
        raise _HelpError(f"usage: {parser.prog} {'|'.join(known)} …\n\n{parser.description}\n")
    if argv[0] in known:
        parser.prog += f" {argv[0]}"
        return argv[0], argv[1:]
    return parser.error(
        f"unknown word {_short(argv[0])}{did_you_mean(argv[0], known)} (it is one of {words})"
    )


_SHOWN = 60
_COMMANDS: dict[str, tuple[str, Callable[[_Parser, Sequence[str]], Options]]] = {
    "ask": ("one question, thought through: progress on stderr, the answer on stdout", _ask),
    "chat": ("a conversation in the terminal; /help lists its verbs", _chat),
    "resume": ("go on with a run that was interrupted or stopped", _resume),
    "replay": ("print a stored run", _replay),
    "conversations": ("the library: list, show, search, export, import, delete", _conversations),
    "strategies": ("the ways to think, and what each can be set to", _strategies),
    "models": ("the models of every provider that can be reached; install the offline model", _models),
    "keys": ("API keys: list, set, delete", _keys),
    "cache": ("answers that are kept to be used again: show, list, clear", _cache),
    "spending": ("what was spent this month: by day, provider and model; how far limits are used", _spending),
    "worth": ("whether thinking harder paid: for a run, or over all that were asked about", _worth),
    "bench": ("ways to think, side by side; bench check: does thinking harder pay on a model?", _bench),
    "doctor": ("versions, folders, key store, providers; no secret in it", _doctor),
    "gui": ("the window", _gui),
}
