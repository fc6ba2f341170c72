"""What a person does with a package: installs it, asks, keeps a key, moves to a newer version, takes it away.

Each step is a sentence and what must be so; a step that isn't is told with what was seen instead.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devtools.console import say
from devtools.smoke.root import HOME, USER, Done, Root

QUESTION = "Why is the sky blue?"
KEY = "sk-or-v1-made-up-for-the-smoke-test"
DATABASE = f"{HOME}/.local/share/cort-desktop/cort.db"
_SETTINGS = """[defaults]
strategy = "single"
[providers.openrouter]
kind = "openrouter"
"""
_UNLOCKED = 'printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried. `seen` is empty when it was as it must be."""

    words: str
    seen: str
    seconds: float


@dataclass(slots=True, kw_only=True)
class Trial:
    """All steps with one package in one root. `program` is how it is started in there."""

    root: Root
    pictures: Path
    program: str = "cort-desktop"
    steps: list[Step] = field(default_factory=list)

    def step(self, words: str, look: Callable[[], str]) -> None:
        """Try one thing; `look` says what was wrong, or nothing."""
        started = time.monotonic()
        try:
            seen = look()
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            seen = f"{type(error).__name__}: {error}"
        self.steps.append(Step(words=words, seen=seen, seconds=time.monotonic() - started))
        say(f"  {'ok ' if not seen else 'NOT'} {words}{f': {seen}' if seen else ''}")

    def call(self, *arguments: str, text: str = "", **environment: str) -> Done:
        """The program, by the person, in a terminal."""
        return self.root.run(self.program, *arguments, user=USER, text=text, **environment)

    def in_session(self, *command: str, text: str = "", **environment: str) -> Done:
        """A command within a session bus with an unlocked key store."""
        session = ["dbus-run-session", "--", "sh", "-c", _UNLOCKED, "session"]
        return self.root.run(*session, *command, user=USER, text=text, **environment)


def asks(trial: Trial) -> None:
    """Version, an answer of the built-in model, a conversation that is kept."""

    def version() -> str:
        done = trial.call("--version")
        return "" if done.out.startswith("cort-desktop ") and done.code == 0 else _told(done)

    def answer() -> str:
        done = trial.call("ask", "-", "--strategy", "single", text=QUESTION)
        return "" if done.code == 0 and done.out.strip() else _told(done)

    trial.step("it starts without any Python on the system", version)
    trial.step("the built-in model answers a question", answer)
    trial.step("the conversation is kept", lambda: kept(trial, 1))


def kept(trial: Trial, count: int) -> str:
    """Whether the library has so many conversations."""
    done = trial.call("conversations", "list", "--json")
    found = json.loads(done.out) if done.code == 0 else []
    return "" if len(found) == count else f"{len(found)} conversations, {count} expected; {_told(done)}"


def keeps_keys(trial: Trial) -> None:
    """A key goes into a real key store and is found there, and no file has it."""

    def settings() -> str:
        path = trial.root.path(f"{HOME}/.config/cort-desktop/config.toml")
        trial.in_session("mkdir", "-p", f"{HOME}/.config/cort-desktop")
        path.write_text(_SETTINGS, encoding="utf-8")
        _own(trial, f"{HOME}/.config")
        done = trial.in_session(trial.program, "keys", "set", "openrouter", text=KEY)
        return "" if done.code == 0 else _told(done)

    def found() -> str:
        done = trial.in_session(trial.program, "keys", "list")
        return "" if done.code == 0 and "key store" in done.out and KEY not in done.out else _told(done)

    def in_files() -> str:
        done = trial.root.run("grep", "-rlF", KEY, HOME)
        return "" if done.code == 1 else f"it is in {done.out.strip()}"

    trial.step("a key goes into the system's key store", settings)
    trial.step("it is found there again", found)
    trial.step("no file has it in plain text", in_files)


def opens_window(trial: Trial, name: str) -> None:
    """The window on a real screen: it comes up, takes a question by keyboard, closes when asked."""
    picture = trial.root.path(f"{HOME}/window.xwd")

    def window() -> str:
        script = trial.root.path("/usr/local/bin/smoke-window")
        shutil.copyfile(Path(__file__).with_name("window.sh"), script)
        script.chmod(0o755)
        done = trial.in_session("/usr/local/bin/smoke-window", trial.program, f"{HOME}/window.xwd", QUESTION)
        if picture.exists():
            shutil.move(picture, trial.pictures / f"{name}.xwd")
        return "" if done.code == 0 else _told(done)

    trial.step("the window opens, takes a question by keyboard, answers it and closes", window)


def bad_input(trial: Trial, home_of_program: str) -> None:
    """What the world may do to it: each gets a clear word, and nothing is lost."""

    def read_only() -> str:
        place = str(trial.root.path(HOME))
        subprocess.run(["mount", "--bind", place, place], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
            done = trial.call("ask", "Hello?", "--strategy", "single")
        finally:
            subprocess.run(["umount", place], check=True)
        plain = done.code in (0, 6) and "Traceback" not in done.err
        return "" if plain and (done.code == 0 or "read" in done.err) else _told(done)

    def other_locale() -> str:
        done = trial.call("ask", "Grüße?", "--strategy", "single", "--no-store", LC_ALL="POSIX", LANG="")
        return "" if done.code == 0 and done.out.strip() else _told(done)

    def no_library() -> str:
        place = trial.root.path(f"{home_of_program}/_internal/libxcb-cursor.so.0")
        away = place.with_suffix(".away")
        place.rename(away)
        try:
            done = trial.call("gui", DISPLAY=":7")
        finally:
            away.rename(place)
        return "" if done.code == 3 and "libxcb-cursor0" in done.err else _told(done)  # noqa: PLR2004  CONTRACT 1

    def no_screen() -> str:
        done = trial.call("gui")
        return "" if done.code == 3 and "no screen" in done.err else _told(done)  # noqa: PLR2004  CONTRACT 1

    trial.step("a read-only home gets a clear word", read_only)
    trial.step("a locale that isn't UTF-8 takes and gives letters", other_locale)
    trial.step("a missing libxcb-cursor is named with its package", no_library)
    trial.step("without a screen the terminal is named", no_screen)


def _own(trial: Trial, place: str) -> None:
    trial.root.must("chown", "-R", f"{USER}:{USER}", place)


def _told(done: Done) -> str:
    words = (done.err or done.out).strip().splitlines()
    return f"exit code {done.code}, {' / '.join(words[-3:])[:400]}"
