"""The command line of CONTRACT 1: every command and option, and what is said about wrong words."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from cort_desktop import __version__
from cort_desktop.errors import UsageError
from cort_desktop.startup import is_input
from cort_desktop.terminal.arguments import chat_instead, parse
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
    RunOptions,
    Say,
    goes_on_with_defaults,
)
from cort_desktop.terminal.window_options import GuiOptions

ALL_RUN_WORDS = (
    "--preset deep --strategy cort --rounds 2 --alternatives 3 --judges 1 --set a=b --set c=d=e "
    "--model my-server/big --alternative-models x/a,x/b --judge-model x/j --synthesizer-model x/s,x/t "
    "--critic-model x/c --router-model x/r --temperature 0.5 --seed 7 "
    "--max-tokens 99 --system Brief --file a.txt --file b.txt --conversation c1d2 --budget-calls 5 "
    "--budget-tokens 0 --budget-usd 0.25 --budget-seconds 60 --no-cache --no-store"
)
ALL_RUN_OPTIONS = ALL_RUN_WORDS.split()
ALL_RUN_VALUES = RunOptions(
    preset="deep",
    strategy="cort",
    rounds=2,
    alternatives=3,
    judges=1,
    settings=(("a", "b"), ("c", "d=e")),
    model="my-server/big",
    alternative_models=("x/a", "x/b"),
    judge_models=("x/j",),
    role_models=(("synthesizer", ("x/s", "x/t")), ("critic", ("x/c",)), ("router", ("x/r",))),
    temperature=0.5,
    seed=7,
    max_tokens=99,
    system="Brief",
    files=("a.txt", "b.txt"),
    conversation="c1d2",
    budget=(("calls", 5), ("tokens", 0), ("usd", 0.25), ("seconds", 60)),
    cache=False,
    store=False,
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ask", "Why?"], AskOptions(question="Why?")),
        (["ask"], AskOptions(question=None)),
        (["ask", "-"], AskOptions(question="-")),
        (["ask", "-5 + 3?"], AskOptions(question="-5 + 3?")),
        (["ask", "--", "--model"], AskOptions(question="--model")),
        (["ask", "Why?", *ALL_RUN_OPTIONS], AskOptions(question="Why?", run=ALL_RUN_VALUES)),
        (["ask", "--json", "Why?"], AskOptions(question="Why?", json=True)),
        (["ask", "--events", "Why?"], AskOptions(question="Why?", stream="events")),
        (["ask", "--events=full", "Why?"], AskOptions(question="Why?", stream="full")),
        (["ask", "--", "--events"], AskOptions(question="--events")),
        (["chat", *ALL_RUN_OPTIONS], ChatOptions(run=ALL_RUN_VALUES)),
        (
            ["resume", "01abc", "--json", "--events=full"],
            ResumeOptions(run="01abc", json=True, stream="full"),
        ),
        (["replay", "01abc", "--events"], ReplayOptions(run="01abc", events=True)),
        (["conversations", "list", "--json"], ConversationsOptions(action="list", json=True)),
        (["conversations", "list", "--archived"], ConversationsOptions(action="list", archived=True)),
        (
            ["conversations", "show", "c1d2", "--json"],
            ConversationsOptions(action="show", what="c1d2", json=True),
        ),
        (["conversations", "search", "sky blue"], ConversationsOptions(action="search", what="sky blue")),
        (["conversations", "delete", "c1d2"], ConversationsOptions(action="delete", what="c1d2")),
        (["models"], ModelsOptions()),
        (["models", "list"], ModelsOptions()),
        (["models", "install", "smollm2-135m"], ModelsOptions(action="install", name="smollm2-135m")),
        (["keys"], KeysOptions()),
        (["keys", "set", "openai"], KeysOptions(action="set", provider="openai")),
        (["keys", "delete", "openai"], KeysOptions(action="delete", provider="openai")),
        (["doctor", "--json"], DoctorOptions(json=True)),
        (["gui", "--open", "c1d2"], GuiOptions(conversation="c1d2")),
        (["gui", "a.cort", "b"], GuiOptions(files=("a.cort", "b"))),
        (["My talk.CORT", "b.cort"], GuiOptions(files=("My talk.CORT", "b.cort"))),
        (
            ["conversations", "export", "c1", "c2", "--out", "x.cort", "--force"],
            ExportOptions(conversations=("c1", "c2"), out="x.cort", replace=True),
        ),
        (
            ["conversations", "export", "--all", "--out", "-", "--format", "json"],
            ExportOptions(conversations=(), out="-", form="json", everything=True),
        ),
        (["conversations", "import", "a", "b", "--json"], ImportOptions(files=("a", "b"), json=True)),
        (["--version"], Say(text=f"cort-desktop {__version__}\n")),
    ],
)
def test_reads(words: list[str], expected: Options) -> None:
    assert parse(words, None) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["aks"], "unknown command 'aks'; did you mean ask?"),
        (["--verson"], "unknown option '--verson'; did you mean --version?"),
        (["bunch"], "unknown command 'bunch'"),
        (["conversations", "exprot"], "did you mean export?"),
        (["conversations", "export"], "Name the conversations to export by their ids, or all of them"),
        (["conversations", "export", "c1", "--all", "--out", "-"], "Name the conversations to export"),
        (["conversations", "export", "c1d2"], "Say where to: --out NAME.cort"),
        (["conversations", "export", "c1", "--out", "x", "--format", "docx"], "invalid choice: 'docx'"),
        (["conversations", "import"], "required: FILE"),
        (["conversations", "serch"], "did you mean search?"),
        (["conversations"], "say what to do: list, show, search, export, import, delete"),
        (["ask", "--modle", "x"], "unknown option '--modle'; did you mean --model?"),
        (["ask", "--mod", "x", "Why?"], "unknown option '--mod'"),
        (["ask", "Why", "is", "this?"], "put the question in quotes"),
        (["ask", "--rounds", "two", "Why?"], "'two' is not a whole number of 0 or more"),
        (["ask", "--rounds", "-1", "Why?"], "'-1' is not a whole number"),
        (["ask", "--rounds", "9" * 5000, "Why?"], "is not a whole number"),
        (["ask", "--temperature", "nan", "Why?"], "'nan' is not a number"),
        (["ask", "--budget-usd", "inf", "Why?"], "'inf' is not a number"),
        (["ask", "--set", "rounds", "Why?"], "SETTING=VALUE"),
        (["ask", "--judge-model", ",", "Why?"], "an empty name is no model"),
        (["ask", "--events=ful", "Why?"], "it is --events or --events=full"),
        (["ask", "--model"], "expected one argument"),
        (["resume"], "required: RUN"),
        (["doctor", "x" * 500], "one argument too many: '" + "x" * 59 + "…'"),
    ],
)
def test_says_what_is_wrong(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(words, None)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    "words",
    [
        ["openai", "sk-canary123"],
        ["sk-canary123"],
        ["openai=sk-canary123"],
        ["openai", "--sk-canary123"],
        ["--key", "sk-canary123", "openai"],
    ],
)
def test_a_key_on_the_command_line_is_refused_and_not_repeated(words: list[str]) -> None:
    """Row 60: a key never gets into a message."""
    with pytest.raises(UsageError, match="never given on the command line") as error:
        parse(["keys", "set", *words], None)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("command", ["", "ask", "keys set", "conversations", "resume", "doctor"])
def test_help_is_a_text_not_an_exit(command: str) -> None:
    found = parse([*command.split(), "--help"], None)
    assert isinstance(found, Say)
    assert found.text.startswith(f"usage: cort-desktop {command}".rstrip())


def test_help_names_the_presets_there_are() -> None:
    from cort_desktop.services.presets import BUILT_IN

    found = parse(["ask", "--help"], None)
    assert isinstance(found, Say)
    assert f"a preset: {', '.join(preset.name for preset in BUILT_IN)}," in " ".join(found.text.split())


def test_chat_and_gui_go_on_when_the_settings_are_wrong() -> None:
    assert goes_on_with_defaults(parse(["chat"], None))
    assert goes_on_with_defaults(parse(["gui"], None))
    assert not goes_on_with_defaults(parse(["ask", "x"], None))


class TestWithoutACommand:
    def test_a_pipe_is_one_question(self) -> None:
        read, write = os.pipe()
        with os.fdopen(read) as stdin, os.fdopen(write, "w"):
            assert parse([], stdin) == AskOptions(question=None)

    def test_a_file_is_one_question(self, tmp_path: object) -> None:
        with open(f"{tmp_path}/q.txt", "w+") as stdin:  # noqa: PTH123  a real file descriptor
            assert is_input(stdin)

    def test_dev_null_is_no_input(self) -> None:
        with open(os.devnull) as stdin:  # noqa: PTH123
            found = parse([], stdin)
        assert found == GuiOptions(is_default=True)

    def test_no_standard_input_at_all(self) -> None:
        assert parse([], None) == GuiOptions(is_default=True)

    def test_where_there_is_no_screen_it_is_a_chat_that_says_why(self) -> None:
        assert chat_instead("There is no screen.") == ChatOptions(
            note="There is no screen. So this is `chat`; /help lists what you can type."
        )

    def test_an_input_without_a_file_is_no_pipe(self) -> None:
        assert not is_input(io.StringIO("x"))


def test_parsing_imports_nothing_slow() -> None:
    """The time to the first request is measured: the terminal's libraries come when they are needed."""
    program = (
        "import sys; from cort_desktop.terminal.arguments import parse; parse(['ask', 'x'], None);"
        "import cort_desktop.terminal.main;"
        "slow = 'rich prompt_toolkit difflib httpx apsw cort_desktop.services';"
        "print([name for name in slow.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "--model", "", "Why?"],
        ["ask", "--model", "  ", "Why?"],
        ["ask", "--judge-model", "x/j,", "Why?"],
        ["chat", "--alternative-models", "x/a,,x/b"],
    ],
)
def test_an_empty_name_is_no_model(words: list[str]) -> None:
    with pytest.raises(UsageError, match="empty name is no model"):
        parse(words, None)


@pytest.mark.parametrize("given", ["", " ", "c1d", "   c1   "])
def test_a_conversation_is_named_by_four_characters_at_least(given: str) -> None:
    with pytest.raises(UsageError, match="at least 4 characters"):
        parse(["chat", "--conversation", given], None)


def test_search_takes_all_words() -> None:
    found = parse(["conversations", "search", "why", "is", "sky", "--limit", "3"], None)
    assert found == ConversationsOptions(action="search", what="why is sky", limit=3)
    with pytest.raises(UsageError):
        parse(["conversations", "search"], None)


CACHE: list[tuple[str, CacheOptions]] = [
    ("cache", CacheOptions(action="show")),
    ("cache show --json", CacheOptions(action="show", json=True)),
    ("cache list --limit 3", CacheOptions(action="list", limit=3)),
    (
        "cache list --stage judge --model a/b",
        CacheOptions(action="list", tags=(("model", "a/b"), ("stage", "judge"))),
    ),
    ("cache clear", CacheOptions(action="clear")),
    ("cache clear 12ab", CacheOptions(action="clear", key="12ab")),
    (
        "cache clear --run r --conversation c",
        CacheOptions(action="clear", tags=(("conversation", "c"), ("run", "r"))),
    ),
]


@pytest.mark.parametrize(("line", "expected"), CACHE, ids=[line for line, _ in CACHE])
def test_reads_cache(line: str, expected: CacheOptions) -> None:
    assert parse(line.split(), None) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cache clera", "did you mean clear"),
        ("cache clear --stag judge", "did you mean"),
        ("cache clear 12ab --run r", "not both"),
        ("cache list extra", "one argument too many"),
        ("cache list --limit x", "--limit"),
    ],
)
def test_says_what_is_wrong_with_cache(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(line.split(), None)
