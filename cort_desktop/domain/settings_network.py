"""The ``[network]`` table: the proxy, and whose certificates are trusted."""

from __future__ import annotations

from cort_desktop.domain.addresses import check_address
from cort_desktop.domain.network import TRUSTS, Network, Trust
from cort_desktop.domain.settings_values import Table

_NETWORK = ("proxy", "proxy_env", "direct", "trust", "ca_file")
_SOCKS = ("socks:", "socks4:", "socks4a:", "socks5:", "socks5h:")


def read_network(table: Table) -> Network:
    """The network's settings, with the defaults for what is wrong or not there."""
    table.doubt_unknown(_NETWORK)
    trust = table.word("trust", TRUSTS)
    return Network(
        proxy=_proxy(table),
        proxy_env=table.variable("proxy_env") or "",
        direct=tuple(name.lower().strip(".") for name in table.texts("direct")),
        trust=_trust(trust),
        ca_file=table.text("ca_file", 4_000) or "",
    )


def _trust(word: str | None) -> Trust:
    return "system" if word == "system" else "bundled"


def _proxy(table: Table) -> str:
    """The proxy's checked address; "" without one."""
    written = table.text("proxy", 2_000)
    if not written:
        return ""
    if written.lower().startswith(_SOCKS):
        table.wrong(
            "proxy", "is a SOCKS proxy; only HTTP proxies are spoken to, like http://proxy.example:3128"
        )
        return ""
    check = check_address(written)
    if check.problem:
        words = check.problem
        if "name or password" in words:
            words = "has a name or password in it; put user:password into a variable and name it in proxy_env"
        table.wrong("proxy", words)
    return check.url
