"""How the network is reached: through which proxy, trusting whose certificates. Values; the doing is
``providers``'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Trust = Literal["bundled", "system"]
TRUSTS: tuple[Trust, ...] = ("bundled", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What holds for all providers.

    proxy: the address of an HTTP proxy, "" for none; the environment's is never taken. proxy_env: the
    environment variable that holds ``user:password`` for it. direct: hosts asked without it, each with
    those below it; this computer always is. trust: the list of certificate authorities that comes along, or
    the system's own. ca_file: a file of further ones (PEM), like a company's.
    """

    proxy: str = ""
    proxy_env: str = ""
    direct: tuple[str, ...] = ()
    trust: Trust = "bundled"
    ca_file: str = ""

    def proxy_for(self, url: str) -> str:
        """The proxy to ask ``url`` through; "" for directly."""
        from cort_desktop.domain.addresses import host_of, is_loopback

        host = host_of(url)
        if not self.proxy or is_loopback(host):
            return ""
        below = any(host == name or host.endswith(f".{name}") for name in self.direct)
        return "" if below else self.proxy
