"""What pip's last words mean to a person: one sentence, naming the package where pip names it."""

import re
import sys
from typing import NamedTuple

from devtools.console import Refusal

AGAIN = "run the same command again (details: .venv/dev.log)"


class Cause(NamedTuple):
    """A kind of failure: what pip writes then (a group is the culprit's name), and what a person reads."""

    pattern: str
    words: str


FULL = Cause(
    r"\[Errno 28\]|No space left on device|not enough space on the disk",
    "The disk is full, so {what} could not be installed into .venv: free about 1 GB and {again}.",
)
UNKNOWN = Cause(
    "",
    "pip could not install {what}, and its reason is at the end of .venv/dev.log: mend that and {again}.",
)
CAUSES = (
    FULL,
    Cause(
        r"DO NOT MATCH THE HASHES[\s\S]*?^ +(\S+) from .*\n +Expected sha256",
        "What arrived for {what} does not have the SHA-256 that the lock in packaging/ pins, because it was "
        "cut short on the way or is another file, so it was not installed: {again}, and if that says the "
        "same, check which index pip is set to.",
    ),
    Cause(
        r"IncompleteRead|Connection broken|incomplete-download|Download failed",
        "The download of {what} broke off half-way: check the network and {again}.",
    ),
    Cause(
        r"NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError|SSLError|Read timed out|"
        r"Max retries exceeded|Connection refused|Network is unreachable|(?:Client|Server) Error",
        "The package index could not be reached for {what}: check the network, or pip's index and proxy "
        "settings, and {again}.",
    ),
    Cause(
        r"from versions: none\)[\s\S]*No matching distribution found for (\S+)",
        "The package index could not be reached, or has no {what} for Python {python} here: check the "
        "network, or pip's index and proxy settings, and {again}.",
    ),
    Cause(
        r"No matching distribution found for (\S+)",
        "The package index has no wheel of {what} for Python {python} on this system: check which index pip "
        "is set to, then {again}.",
    ),
)


def explain(output: str, what: str, *, full: bool = False) -> Refusal:
    """The failure that pip's `output` tells of while it installed `what`; `full`: the disk is known to be."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for cause in (FULL,) if full else CAUSES:
        found = re.search(cause.pattern, output, re.MULTILINE)
        if found or full:
            named = found.group(1) if found and found.groups() else what
            return Refusal(cause.words.format(what=named, again=AGAIN, python=python))
    return Refusal(UNKNOWN.words.format(what=what, again=AGAIN))
