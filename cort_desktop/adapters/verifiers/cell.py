"""The child process in which a person's unit tests run against an answer: a cell, as closed as the system
allows.

Standard library only, for it is run by itself (``python -I -S cell.py``) with an empty environment. Told by
its standard input what to run, it shuts itself in, says on its standard output what of that really holds
(tried out, not assumed), runs the tests, and says how they went. What tests print goes to standard error.

- Namespaces (Linux): no network, no other processes to see or to signal, a folder in memory of a fixed size.
- Landlock (Linux): writes in its own folder only, reads Python and the system's libraries only, no TCP.
- Limits (POSIX): processor, memory, size and number of files, processes. A superuser becomes ``nobody``
  first, because the limit on processes doesn't hold a superuser.

Last but not least: the answer's code runs in the same process as the tests. It can't get out of the cell, but
code that sets out to deceive the tests it is called by may manage to.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import struct
import sys
import traceback
from typing import Any

ANSWER, TEXT, TESTS = "answer.py", "answer.txt", "tests_of_answer.py"
_NOBODY = 65534
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
_CLONE_NEWPID, _CLONE_NEWNET = 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 2, 4, 0x4000, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION, _PATH_BENEATH = 1, 1
_OF_FILES = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # execute, write, read, truncate, ioctl
_READ = 1 | 1 << 2 | 1 << 3  # execute, read files, read folders
_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_ALL_RIGHTS, _TCP, _SCOPES = 0xFFFF, 3, 3
_ABI_TCP, _ABI_SCOPES = 4, 6
_LOADER = "/etc/ld.so.cache"
_FENCE = re.compile(r"^[ \t]*```([^\n`]*)\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_SHOWN = 300


def main() -> int:
    """Do what standard input tells; 0 when it was told how the tests went."""
    told = json.loads(sys.stdin.buffer.read())
    out = os.dup(1)
    os.dup2(2, 1)  # what tests print must not look like our own words
    holds: dict[str, bool] = {}
    child = _apart(told["folder"], told["limits"], holds)
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code if code >= 0 else 128 - code
    _say(out, told["secret"], {"holds": _shut_in(told["folder"], told["limits"], holds)})
    if told["tests"] is not None:
        _say(out, told["secret"], _tested(told))
    return 0


def _say(out: int, secret: str, words: dict[str, Any]) -> None:
    os.write(out, f"{secret}{json.dumps(words)}\n".encode())


# Shutting in


def _apart(folder: str, limits: dict[str, int], holds: dict[str, bool]) -> int:
    """Leave the common namespaces; the pid of the process within, 0 in it and where there are none."""
    holds.update(network=False, disk=False, alone=False)
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    spaces = _CLONE_NEWNET | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWNS
    if user or libc.unshare(spaces):  # a superuser needs no user namespace, and then can become nobody
        if libc.unshare(spaces | _CLONE_NEWUSER):
            return 0
        _map(f"{user} {user} 1", f"{group} {group} 1")
    holds.update(network=True, alone=True)
    child = os.fork()
    if child:
        return child
    libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    size = f"size={limits['disk_bytes']},nr_inodes=4096,mode=0700".encode()
    holds["disk"] = not libc.mount(b"cell", folder.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, size)
    return 0


def _map(user: str, group: str) -> None:
    """Be in the new namespace who we were outside."""
    for file, words in (("setgroups", "deny"), ("uid_map", user), ("gid_map", group)):
        with contextlib.suppress(OSError), open(f"/proc/self/{file}", "w") as opened:  # noqa: PTH123
            opened.write(words)


def _shut_in(folder: str, limits: dict[str, int], holds: dict[str, bool]) -> dict[str, bool]:
    """Close what can be closed from within; what holds, each by its name."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    libraries = _libraries()
    _become_nobody(folder)
    if holds["alone"]:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    _lock_land(folder, libraries)
    holds["writing"] = _is_refused(lambda: os.open("../probe", os.O_CREAT | os.O_WRONLY, 0o600))
    holds["reading"] = _is_refused(lambda: os.listdir(".."))  # noqa: PTH208  nothing but os here
    return holds | _limit(limits)


def _become_nobody(folder: str) -> None:
    """A superuser lays its powers down, unless Python itself could not be read without them."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    with contextlib.suppress(OSError):
        os.seteuid(_NOBODY)
        try:
            with open(os.__file__, "rb"):  # noqa: PTH123
                pass
        finally:
            os.seteuid(0)
        os.chown(folder, _NOBODY, _NOBODY)
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _libraries() -> list[str]:
    """The folders of the libraries that this process uses, and of the time zones."""
    import zoneinfo

    found = {*zoneinfo.TZPATH, _LOADER}
    with contextlib.suppress(OSError), open("/proc/self/maps") as maps:  # noqa: PTH123
        parts = (line.split(maxsplit=5) for line in maps if ".so" in line)
        found |= {os.path.dirname(part[5].strip()) for part in parts if len(part) > 5}  # noqa: PLR2004, PTH120
    return sorted(found)


def _lock_land(folder: str, libraries: list[str]) -> None:
    """Landlock (docs.kernel.org/userspace-api/landlock.html): only what is named stays open."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION)
    if abi < 1:
        return
    rights = _RIGHTS.get(abi, _ALL_RIGHTS)
    known = (rights, _TCP if abi >= _ABI_TCP else None, _SCOPES if abi >= _ABI_SCOPES else None)
    rules = struct.pack(f"={sum(part is not None for part in known)}Q", *(p for p in known if p is not None))
    handle = libc.syscall(_CREATE_RULESET, rules, len(rules), 0)
    if handle < 0:
        return
    bundle = getattr(sys, "_MEIPASS", None)
    readable = [*libraries, sys.base_prefix, sys.base_exec_prefix, *([bundle] if bundle else [])]
    for path, allowed in [*((p, _READ) for p in readable), (folder, rights), ("/dev/null", _OF_FILES)]:
        with contextlib.suppress(OSError):
            _allow(libc, handle, path, allowed & rights)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, handle, 0)
    os.close(handle)


def _allow(libc: Any, handle: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        libc.syscall(_ADD_RULE, handle, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


def _is_refused(act: Any) -> bool:
    try:
        found = act()
    except PermissionError:
        return True
    except OSError:
        return False
    if isinstance(found, int):
        os.close(found)
        os.unlink("../probe")  # noqa: PTH108
    return False


def _limit(limits: dict[str, int]) -> dict[str, bool]:
    """Limits of this process and of all it starts, that it can't lift again."""
    try:
        import resource
    except ImportError:
        return dict.fromkeys(("processor", "memory", "files", "processes"), False)
    held: dict[str, bool] = {}
    for name, kinds in {
        "processor": (("RLIMIT_CPU", "cpu_seconds"),),
        "memory": (("RLIMIT_AS", "memory_bytes"),),
        "files": (("RLIMIT_FSIZE", "file_bytes"), ("RLIMIT_NOFILE", "open_files")),
        "processes": (("RLIMIT_NPROC", "processes"),),
    }.items():
        held[name] = True
        for kind, limit in kinds:
            try:
                most = limits[limit]
                resource.setrlimit(getattr(resource, kind), (most, most))
            except (AttributeError, OSError, ValueError):
                held[name] = False
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    held["processes"] = held["processes"] and os.getuid() != 0
    return held


# Testing


def _tested(told: dict[str, Any]) -> dict[str, Any]:
    """How the tests went: whether all passed, and in a few words."""
    text = told["answer"]
    for name, content in ((TEXT, text), (ANSWER, _code_of(text)), (TESTS, told["tests"])):
        with open(name, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            file.write(content)
    try:
        return _run(told["name"])
    except BaseException as error:  # noqa: BLE001  the program of somebody else: whatever it raises is told
        return {"passed": False, "detail": _words(error)}


def _code_of(text: str) -> str:
    """The Python in an answer: its blocks fenced as python, else those fenced without a name, else all."""
    blocks = [(kind.strip().split(" ")[0].casefold(), body) for kind, body in _FENCE.findall(text)]
    named = [body for kind, body in blocks if kind in ("python", "py", "python3")]
    return "\n\n".join(named or [body for kind, body in blocks if not kind]) or text


def _run(name: str) -> dict[str, Any]:
    import importlib.util
    import inspect
    import unittest

    spec = importlib.util.spec_from_file_location("tests_of_answer", TESTS)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules["tests_of_answer"] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    for known, function in vars(module).items():
        if known.startswith("test") and inspect.isfunction(function):
            suite.addTest(unittest.FunctionTestCase(function, description=known))
    result = unittest.TestResult()
    suite.run(result)
    broken = [*result.failures, *result.errors]
    ran = result.testsRun
    if not ran:
        return {"passed": True, "detail": f"{name} ran without an error."}
    if not broken and not result.unexpectedSuccesses:
        skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
        everything_skipped = len(result.skipped) == ran
        return {
            "passed": None if everything_skipped else True,
            "detail": f"{ran} {'test' if ran == 1 else 'tests'} passed{skipped}.",
        }
    case, report = broken[0] if broken else (result.unexpectedSuccesses[0], "passed, though it was to fail")
    last = report.strip().rpartition("\n")[2][:_SHOWN]
    failed = len(broken) + len(result.unexpectedSuccesses)
    called = case.shortDescription() or case.id().rpartition(".")[2]
    return {"passed": False, "detail": f"{failed} of {ran} tests failed; {called}: {last}"}


def _words(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "The program was left before its tests had run."
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    of = {ANSWER: "the answer", TESTS: "the tests"}
    known = [(of[os.path.basename(file)], line) for file, line in places if os.path.basename(file) in of]  # noqa: PTH119
    where = f", line {known[-1][1]} of {known[-1][0]}" if known else ""
    said = "".join(traceback.format_exception_only(error)).strip().rpartition("\n")[2]
    return f"{said[:_SHOWN]}{where}"


if __name__ == "__main__":
    sys.exit(main())
