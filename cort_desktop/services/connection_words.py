"""What a failed test of a connection says: the step it belongs to, what is so, what to do next.

Not here: taking the steps (``connections``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cort_desktop.errors import ErrorKind

if TYPE_CHECKING:
    from cort_desktop.providers.troubles import Trouble

StepName = Literal["address", "connection", "key", "models", "credit"]
Words = tuple[StepName, str, str]
"""The step, what is so, what to do next."""

_OURS = "Nothing was sent."
TROUBLES: dict[Trouble, Words] = {
    "expired": (
        "connection",
        f"Its certificate has expired. {_OURS}",
        "Whoever runs the service must renew it; if this computer's date is wrong, set it right.",
    ),
    "not_yet_valid": (
        "connection",
        f"Its certificate is not valid yet. {_OURS}",
        "Look at this computer's date and time: they are most likely wrong.",
    ),
    "wrong_host": (
        "connection",
        f"Its certificate is for another name. {_OURS}",
        "Look for a slip in the address; a network that asks for a login does this too.",
    ),
    "self_signed": (
        "connection",
        f"Its certificate was signed by nobody but itself. {_OURS}",
        "For a server of your own, name its certificate as ca_file in the network settings.",
    ),
    "unknown_authority": (
        "connection",
        f"Nobody this computer knows vouches for its certificate. {_OURS}",
        "A company's network that reads along does this: name its authority as ca_file in the settings.",
    ),
    "no_tls": (
        "connection",
        f"What answers there does not speak https. {_OURS}",
        "Look at the port; a server on this computer mostly wants http:// instead of https://.",
    ),
    "old_tls": (
        "connection",
        f"It only speaks a version of TLS that is no longer safe. {_OURS}",
        "Whoever runs the service must allow TLS 1.2 or newer.",
    ),
    "page": (
        "models",
        "A web page came instead of an answer: this is no model service, or a login page stands in between.",
        "Open the address in a browser: log in to the network if it asks, else correct address and port.",
    ),
    "redirect": (
        "address",
        "It sends visitors to another address, which is not followed, for the key would go along.",
        "If the address named below is the right one, enter it here.",
    ),
    "proxy_login": (
        "connection",
        "A proxy on the way wants a name and a password.",
        "Put user:password into an environment variable and name it as proxy_env in the network settings.",
    ),
    "network_login": (
        "connection",
        "The network wants a login first.",
        "Open any page in a browser and log in.",
    ),
}
START = {"ollama": "Start it with `ollama serve` (or its app), and test again."}
UNKNOWN: Words = (
    "models",
    "It answered, but not as expected.",
    "Look at what it said below; try again later.",
)
KINDS: dict[ErrorKind, Words] = {
    "offline": (
        "connection",
        "Its name can't be found.",
        "Look for a slip in the address, and whether this computer is online.",
    ),
    "unreachable": (
        "connection",
        "Nothing answers there.",
        "Look for a slip in the address, and whether a firewall stands in between.",
    ),
    "timeout": (
        "connection",
        "It took too long to answer.",
        "Try again; if it goes on, look for a slip in the address.",
    ),
    "tls": (
        "connection",
        "Its certificate is not valid, so nothing was sent.",
        "Look for a slip in the address; a network that reads along (a company's, a hotel's) does this too.",
    ),
    "unavailable": ("connection", "It does not work right now.", "Try again in a while."),
    "throttled": ("connection", "It has too many requests right now.", "Try again in a while."),
    "auth": ("key", "The key is not accepted.", "Copy it again from the service's page, and enter it anew."),
    "no_credit": ("credit", "There is no credit left.", "Add credit there, or use another provider."),
    "not_found": (
        "models",
        "Something answers, but not with a list of models.",
        "Look at the path of the address; most end in /v1.",
    ),
    "not_an_api": (
        "models",
        "What answers there is no model service.",
        "Look at address and port; a login page or a proxy may stand in between.",
    ),
}
