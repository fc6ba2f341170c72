"""What the world may do to an installed program: each gets a clear word, and nothing of the person's is lost.

Not here: what a package says when an older one is to go over a newer one (`ways`).
"""

import hashlib
import json
import sqlite3
import subprocess
from pathlib import Path

from devtools.smoke.root import HOME, OLD_LOCALE, USER
from devtools.smoke.trial import DATABASE, Seen, Trial, last_words, own, told, window

_CANT_BE_SAVED, _NO_WINDOW = 6, 3
"""Exit codes of CONTRACT 1."""
_FROM_THE_FUTURE = 9999
_IN_LATIN_1 = r"printf 'Gr\374\337e?' | %s ask - --strategy single"


def all_of_it(trial: Trial, program: str, *, other: str) -> None:
    """Every step. `program`: the folder of what is installed; `other`: how a second copy of it is started."""
    trial.step("a home with a space and letters beyond ASCII is used as it is", lambda: _home(trial))
    trial.step("a read-only home gets a clear word", lambda: _read_only(trial))
    trial.step("data of a newer version is read, not touched, and that is said", lambda: _newer_data(trial))
    trial.step(
        "two copies at once: the second window hands over to the first",
        lambda: window(trial, "two-copies", second=other),
    )
    trial.step("the window opens on a system without any font", lambda: _no_fonts(trial))
    trial.step("a locale without any letters beyond ASCII takes and gives them", lambda: _no_locale(trial))
    trial.step("a locale that isn't UTF-8 takes and gives its letters", lambda: _old_locale(trial))
    trial.step("a missing libxcb-cursor is named with its package", lambda: _no_library(trial, program))
    trial.step("without a screen the terminal is named", lambda: _no_screen(trial))


def _home(trial: Trial) -> str:
    done = trial.call("doctor", "--json")
    folder = json.loads(done.out)["folders"]["data"]["path"]
    return "" if Path(folder) == Path(DATABASE).parent else f"the data is in {folder}"


def _read_only(trial: Trial) -> Seen:
    place = str(trial.root.path(HOME))
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        done = trial.call("ask", "Hello?", "--strategy", "single")
        read = trial.call("conversations", "list", "--json")
    finally:
        subprocess.run(["umount", place], check=True)
    plain = done.code in (0, _CANT_BE_SAVED) and "read" in done.err and "Traceback" not in done.err
    wrong = "" if plain else told(done)
    return Seen(wrong=wrong or ("" if read.code == 0 else told(read)), words=last_words(done))


def _newer_data(trial: Trial) -> Seen:
    """The number that says of which version a database is, set higher than any program knows, and back."""
    path = trial.root.path(DATABASE)
    before = _format(path, _FROM_THE_FUTURE)
    own(trial, str(Path(DATABASE).parent))
    try:
        content = hashlib.sha256(path.read_bytes()).digest()
        read = trial.call("conversations", "list", "--json")
        done = trial.call("ask", "Hello?", "--strategy", "single")
        is_same = hashlib.sha256(path.read_bytes()).digest() == content
    finally:
        _format(path, before)
        own(trial, str(Path(DATABASE).parent))
    if not is_same:
        return Seen(wrong="the database was written to", words=last_words(done))
    wrong = "" if "newer version" in done.err and done.code in (0, _CANT_BE_SAVED) else told(done)
    return Seen(
        wrong=wrong or ("" if read.code == 0 and json.loads(read.out) else told(read)), words=last_words(done)
    )


def _format(path: Path, number: int) -> int:
    """Give a database another format number; the one it had."""
    connection = sqlite3.connect(path)
    try:
        before = int(connection.execute("PRAGMA user_version").fetchone()[0])
        connection.execute(f"PRAGMA user_version = {number}")
    finally:
        connection.close()
    return before


def _no_fonts(trial: Trial) -> Seen:
    place = trial.root.path("/usr/share/fonts")
    away = place.with_name("fonts.away")
    if place.exists():
        place.rename(away)
    try:
        return window(trial, "no-fonts")
    finally:
        if away.exists():
            away.rename(place)


def _no_locale(trial: Trial) -> str:
    done = trial.call("ask", "Grüße?", "--strategy", "single", "--no-store", LC_ALL="POSIX", LANG="")
    return "" if done.code == 0 and done.out.strip() else told(done)


def _old_locale(trial: Trial) -> str:
    """What is typed there arrives as the letters it means, whatever bytes stand for them."""
    script = _IN_LATIN_1 % f'"{trial.program}"'
    done = trial.root.run("sh", "-c", script, user=USER, LC_ALL=OLD_LOCALE, LANG=OLD_LOCALE)
    if done.code or not done.out.strip():
        return told(done)
    listed = trial.call("conversations", "list", "--json")
    titles = [each["title"] for each in json.loads(listed.out)]
    return "" if "Grüße?" in titles else f"the question arrived as {titles[0]}"


def _no_library(trial: Trial, program: str) -> Seen:
    place = trial.root.path(f"{program}/_internal/libxcb-cursor.so.0")
    away = place.with_suffix(".away")
    place.rename(away)
    try:
        done = trial.call("gui", DISPLAY=":7")
    finally:
        away.rename(place)
    is_named = done.code == _NO_WINDOW and "libxcb-cursor0" in done.err
    return Seen(wrong="" if is_named else told(done), words=last_words(done))


def _no_screen(trial: Trial) -> Seen:
    done = trial.call("gui")
    is_named = done.code == _NO_WINDOW and "no screen" in done.err
    return Seen(wrong="" if is_named else told(done), words=last_words(done))
