"""What a person does with a package that is installed: asks, keeps a key, opens the window.

Each step is a sentence and what must be so; a step that isn't is told with what was seen instead. Where the
program's own words matter, they are told too.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devtools.console import say
from devtools.model import OfflineModel
from devtools.smoke import picture
from devtools.smoke.root import HOME, USER, Done, Root

QUESTION = "Why is the sky blue?"
ANOTHER = "Why is grass green?"
"""For the window: the answer to a question that was asked before would come from the cache."""
KEY = "sk-or-v1-made-up-for-the-smoke-test"
DATA = f"{HOME}/.local/share/cort-desktop"
DATABASE = f"{DATA}/cort.db"
LONGEST_WORDS = 400
_SETTINGS = """[defaults]
strategy = "single"
[providers.openrouter]
kind = "openrouter"
"""
_UNLOCKED = 'printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look found: `wrong` is empty when all is as it must be; `words` is what the person was told."""

    wrong: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried."""

    words: str
    seen: Seen
    seconds: float


@dataclass(slots=True, kw_only=True)
class Trial:
    """All steps with one package in one root. `program` is how it is started in there."""

    root: Root
    pictures: Path
    program: str = "cort-desktop"
    steps: list[Step] = field(default_factory=list)

    def step(self, words: str, look: Callable[[], str | Seen]) -> None:
        """Try one thing; `look` says what was wrong, or nothing."""
        started = time.monotonic()
        try:
            found = look()
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            found = f"{type(error).__name__}: {error}"
        seen = found if isinstance(found, Seen) else Seen(wrong=found)
        self.steps.append(Step(words=words, seen=seen, seconds=time.monotonic() - started))
        say(f"  {'NOT' if seen.wrong else 'ok '} {words}{f': {seen.wrong}' if seen.wrong else ''}")
        for line in seen.words.splitlines():
            say(f"        “{line}”")

    def call(self, *arguments: str, text: str = "", **environment: str) -> Done:
        """The program, by the person, in a terminal."""
        return self.root.run(self.program, *arguments, user=USER, text=text, **environment)

    def in_session(self, *command: str, text: str = "", **environment: str) -> Done:
        """A command within a session bus with an unlocked key store."""
        session = ["dbus-run-session", "--", "sh", "-c", _UNLOCKED, "session"]
        return self.root.run(*session, *command, user=USER, text=text, **environment)

    def count(self) -> int:
        """How many conversations the library has."""
        done = self.call("conversations", "list", "--json")
        if done.code:
            raise ValueError(told(done))
        return len(json.loads(done.out))


def starts(trial: Trial) -> str:
    """Whether it tells its version: the least that a frozen program does."""
    done = trial.call("--version")
    return "" if done.out.startswith("cort-desktop ") and done.code == 0 else told(done)


def asks(trial: Trial) -> None:
    """An answer of the built-in model, and a conversation that is kept."""

    def answer() -> str:
        done = trial.call("ask", "-", "--strategy", "single", text=QUESTION)
        return "" if done.code == 0 and done.out.strip() else told(done)

    trial.step("the built-in model answers a question", answer)
    trial.step("the conversation is kept", lambda: kept(trial, 1))


def brings_model(trial: Trial, model: OfflineModel, site_packages: Path) -> None:
    """The variant without a model: it says what is missing, and works once the person brings the file."""

    def missing() -> Seen:
        done = trial.call("ask", "-", "--strategy", "single", "--no-store", text=QUESTION)
        is_told = done.code not in (0, 1) and "models install" in done.err
        return Seen(wrong="" if is_told else told(done), words=last_words(done))

    def brought() -> str:
        source = site_packages / model.member
        trial.root.run("mkdir", "-p", f"{DATA}/models", user=USER)
        shutil.copyfile(source, trial.root.path(f"{DATA}/models/{source.name}"))
        own(trial, f"{DATA}/models")
        done = trial.call("models", "list")
        return "" if done.code == 0 and model.name in done.out else told(done)

    trial.step("without a model it says how one is installed", missing)
    trial.step("the model's file is found where the program keeps models", brought)


def kept(trial: Trial, count: int) -> str:
    """Whether the library has so many conversations."""
    found = trial.count()
    return "" if found == count else f"{found} conversations, {count} expected"


def keeps_keys(trial: Trial) -> None:
    """A key goes into a real key store and is found there, and no file has it."""

    def settings() -> str:
        path = trial.root.path(f"{HOME}/.config/cort-desktop/config.toml")
        trial.in_session("mkdir", "-p", f"{HOME}/.config/cort-desktop")
        path.write_text(_SETTINGS, encoding="utf-8")
        own(trial, f"{HOME}/.config")
        done = trial.in_session(trial.program, "keys", "set", "openrouter", text=KEY)
        return "" if done.code == 0 else told(done)

    def found() -> str:
        done = trial.in_session(trial.program, "keys", "list")
        return "" if done.code == 0 and "key store" in done.out and KEY not in done.out else told(done)

    def in_files() -> str:
        done = trial.root.run("grep", "-rlF", KEY, HOME)
        return "" if done.code == 1 else f"it is in {done.out.strip()}"

    trial.step("a key goes into the system's key store", settings)
    trial.step("it is found there again", found)
    trial.step("no file has it in plain text", in_files)


def window(trial: Trial, name: str, *, second: str = "") -> Seen:
    """The window on a real screen: it comes up, takes a question by keyboard, answers it, closes when asked.

    second: the program that is started meanwhile, when it isn't the same one.
    """
    taken = f"{HOME}/window.xwd"
    script = trial.root.path("/usr/local/bin/smoke-window")
    shutil.copyfile(Path(__file__).with_name("window.sh"), script)
    script.chmod(0o755)
    before = trial.count()
    command = ["/usr/local/bin/smoke-window", trial.program, taken, ANOTHER, second or trial.program]
    done = trial.in_session(*command)
    wrong = "" if done.code == 0 else told(done)
    if trial.root.path(taken).exists():
        wrong = wrong or picture.save(trial.root.path(taken), trial.pictures / f"{name}.png")
    return Seen(wrong=wrong or kept(trial, before + 1), words=last_words(done))


def own(trial: Trial, place: str) -> None:
    """Give a place in the root to the person."""
    trial.root.must("chown", "-R", f"{USER}:{USER}", place)


def told(done: Done) -> str:
    """How a program ended, when that wasn't as it should be."""
    return f"exit code {done.code}, {last_words(done, done.err or done.out).replace(chr(10), ' / ')}"


def last_words(done: Done, text: str | None = None) -> str:
    """The end of what a person read on standard error: three lines at most."""
    words = done.err if text is None else text
    return "\n".join(words.strip().splitlines()[-3:])[:LONGEST_WORDS]
