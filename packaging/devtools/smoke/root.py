"""A whole Debian in a folder, with no Python in it: made by debootstrap once, copied for each try.

Programs in it run under chroot, with a /proc, /dev and /tmp of their own; nothing of it is left mounted.
"""

import contextlib
import fcntl
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devtools.console import Refusal, say

RELEASE = "bookworm"
TOOLS = ("xvfb", "xauth", "dbus", "dbus-x11", "gnome-keyring", "xdotool", "x11-apps", "jwm", "locales")
"""What a desktop would have: a screen, a session bus, a key store; and a hand at the keyboard."""
OLD_LOCALE = "de_DE.ISO-8859-1"
"""A locale whose letters are not UTF-8."""
USER = "tester"
HOME = "/home/Jürgen Müller"
"""With a space and letters beyond ASCII, on purpose."""
_PATIENCE_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a program in the root ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One system. `log` takes every command with what it said."""

    folder: Path
    log: Path

    def run(self, *command: str, text: str = "", user: str = "root", **environment: str) -> Done:
        """Run a program in it to its end; as `USER`, in that person's home."""
        home = HOME if user == USER else "/root"
        plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8", "TERM": "dumb"}
        who = [f"--userspec={user}:{user}"] if user != "root" else []
        begin = ["chroot", *who, str(self.folder), "env", "--chdir", home]
        code, out, err = _ended([*begin, *command], text, {**plain, **environment})
        result = Done(code=code, out=out.decode("utf-8", "replace"), err=err.decode("utf-8", "replace"))
        self.note(command, result)
        return result

    def must(self, *command: str, **environment: str) -> str:
        """As root; what it said. Refuses when it fails."""
        done = self.run(*command, DEBIAN_FRONTEND="noninteractive", **environment)
        if done.code:
            raise Refusal(
                f"`{' '.join(command)}` failed in the clean root: {(done.err or done.out).strip()[-500:]}"
            )
        return done.out

    def path(self, inside: str) -> Path:
        """Where a path of the root is in this system."""
        return self.folder / inside.lstrip("/")

    def note(self, command: Sequence[str], done: Done) -> None:
        """Write a command and what it said to the log."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(command)}\n{done.out}{done.err}[{done.code}]\n")


def base(folder: Path, log: Path) -> Path:
    """The system that is copied, made when it isn't there: small, with `TOOLS`, without Python."""
    made = folder / "base"
    if made.is_dir():
        return made
    draft = folder / "base.new"
    shutil.rmtree(draft, ignore_errors=True)
    say(f"Making a clean Debian ({RELEASE}) …")
    with log.open("ab") as words:
        command = ["debootstrap", "--variant=minbase", RELEASE, str(draft)]
        if subprocess.run(command, stdout=words, stderr=words, check=False).returncode:
            raise Refusal(f"debootstrap failed; what it said is in {log.name}.")
    updates = ("sources.list", "sources.list.d") if _is_same_release() else ()
    for name in updates:  # those of this system hold for that one too
        source, target = Path("/etc/apt") / name, draft / "etc" / "apt" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copyfile(source, target)
    root = Root(folder=draft, log=log)
    with mounted(root):
        root.must("apt-get", "update")
        root.must("apt-get", "install", "-y", "--no-install-recommends", *TOOLS)
        root.must("localedef", "-i", "de_DE", "-f", "ISO-8859-1", OLD_LOCALE)
        root.must("useradd", "--create-home", "--home-dir", HOME, "--shell", "/bin/sh", USER)
        if root.run("sh", "-c", "command -v python3 || ls /usr/bin/python*").code == 0:
            raise Refusal("The clean root has a Python, so it can't show that none is needed.")
    draft.rename(made)
    return made


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse while another smoke test uses the same folder: each would delete the other's root."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("Another smoke test of this checkout is at work: wait until it is done.") from None
        yield


@contextlib.contextmanager
def fresh(folder: Path, log: Path) -> Iterator[Root]:
    """A copy of the base for one try, mounted; gone afterwards."""
    source, target = base(folder, log), folder / "try"
    _drop(target)
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)
    root = Root(folder=target, log=log)
    try:
        with mounted(root):
            yield root
    finally:
        _end_all(target)
        _drop(target)


@contextlib.contextmanager
def mounted(root: Root) -> Iterator[None]:
    """/proc and the parts of /dev that programs expect; all taken away in the end."""
    mounts = [
        (["-t", "proc", "proc"], "/proc"),
        (["-t", "devpts", "devpts"], "/dev/pts"),
        (["-t", "tmpfs", "-o", "mode=1777", "tmpfs"], "/dev/shm"),  # noqa: S108 - of the root
        (["-t", "tmpfs", "-o", "mode=1777", "tmpfs"], "/tmp"),  # noqa: S108 - same
    ]
    held: list[str] = []
    try:
        for options, place in mounts:
            root.path(place).mkdir(exist_ok=True)
            subprocess.run(["mount", *options, str(root.path(place))], check=True)
            held.append(place)
        yield
    finally:
        for place in reversed(held):
            subprocess.run(["umount", "--lazy", str(root.path(place))], check=False)


def _is_same_release() -> bool:
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME") == RELEASE
    except OSError:
        return False


def _end_all(folder: Path) -> None:
    """End what was started in the root and went on by itself, as a key store's daemon does."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if entry.name.isdigit() and (entry / "root").readlink().is_relative_to(folder):
                os.kill(int(entry.name), signal.SIGKILL)


def _ended(command: list[str], text: str, environment: dict[str, str]) -> tuple[int, bytes, bytes]:
    """Run it with all that it starts; what takes too long is ended with all of that."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(text.encode(), timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise
    return child.returncode, out, err


def _drop(folder: Path) -> None:
    """Delete a root, but never through something that is mounted in it."""
    if not folder.exists():
        return
    if any(str(folder) in line for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()):
        raise Refusal(f"Something is still mounted in {folder.name}, so it isn't deleted: unmount it.")
    shutil.rmtree(folder)


def demand_root() -> None:
    """A chroot is for the superuser."""
    if os.geteuid() != 0:
        raise Refusal("The smoke test installs packages in a root of its own, so it must be run as root.")
