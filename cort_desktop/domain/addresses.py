"""Where a provider lives: which addresses may be used at all, and the origin a key belongs to.

Looks at the text alone, so it also sees through decimal, hexadecimal and IPv4-in-IPv6 spellings. What a name
resolves to is not known here: whoever connects asks ``is_forbidden`` again about the address it got.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"http": 80, "https": 443}
_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCheck:
    """What is to be said about a base address. ``url`` ends without a slash; it is empty with a problem."""

    url: str = ""
    problem: str | None = None
    warning: str | None = None


def check_address(text: str) -> AddressCheck:
    """Judge a ``base_url``; problem and warning are half sentences that follow the setting's name."""
    parts, port, problem = _split(text)
    if parts is None or problem:
        return AddressCheck(problem=problem or "is no address")
    host = _plain_host(parts)
    problem = _host_problem(host)
    if problem:
        return AddressCheck(problem=problem)
    warning = None
    if parts.scheme == "http" and not is_loopback(host):
        warning = (
            f"uses http to {host}: questions, answers and the key travel unencrypted; use https if you can"
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    return AddressCheck(url=f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", warning=warning)


def origin_of(url: str) -> str:
    """``scheme://host:port`` of a checked address, without the port where it is the scheme's own."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    """The host of an address, in lower case and without brackets; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host, given as a name or an address in any spelling, is this very computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = address_of(host)
    return address is not None and all(each.is_loopback for each in _meant(address))


def is_forbidden(address: IPAddress) -> bool:
    """Whether nothing may ever be sent there: link-local, cloud metadata, multicast, "any address"."""
    return any(
        each.is_link_local or each.is_multicast or each.is_unspecified or each in _METADATA_ADDRESSES
        for each in (address, *_meant(address))
    )


def address_of(host: str) -> IPAddress | None:
    """The IP address a host spells, also as ``2852039166`` or ``0xa9fea9fe``; None for a name."""
    if ":" in host:
        try:
            return ipaddress.ip_address(host)
        except ValueError:
            return None
    parts = host.removesuffix(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):  # noqa: PLR2004 - an IPv4 address
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *first, last = numbers
    if any(number > 0xFF for number in first) or last >= 256 ** (4 - len(first)):  # noqa: PLR2004 - one byte
        return None
    return ipaddress.IPv4Address(sum(n << (24 - 8 * i) for i, n in enumerate(first)) + last)


def _number(part: str) -> int:
    """One part of an IPv4 address as C libraries read it: 0x for 16, a leading 0 for 8."""
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part.startswith("0") else int(part)


def _meant(address: IPAddress) -> list[IPAddress]:
    """The address, or the IPv4 addresses an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 0xFFFF):  # noqa: PLR2004 - ::1 is itself
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    found: list[IPAddress] = [each for each in inner if each is not None]
    return found or [address]


def _split(text: str) -> tuple[SplitResult | None, int | None, str | None]:
    """Take an address apart; the last item says what is wrong with its outer form."""
    if any(ch.isspace() or unicodedata.category(ch) == "Cc" for ch in text):
        return None, None, "has a blank or a control character in it"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None, None, "is no address; write it like http://127.0.0.1:8080/v1"
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None, None, "must begin with https:// or http:// and a host, like http://127.0.0.1:8080/v1"
    if "@" in parts.netloc:
        words = "has a name or password in it; take that out and enter the key by itself"
        return None, None, words
    if "?" in text or "#" in text:
        return None, None, "must end before any ? or #"
    return parts, port, None


def _plain_host(parts: SplitResult) -> str:
    """The host in lower case, with look-alike digits and dots made plain, the way resolvers do it."""
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("。", ".").lower()
    return host.removesuffix(".")


def _host_problem(host: str) -> str | None:
    if "%" in host:
        return "has a % in its host; write the host plainly"
    address = address_of(host)
    if address is None and not _NAME.fullmatch(host):
        return "has no host that could be looked up"
    if address is not None and any(each.is_unspecified for each in (address, *_meant(address))):
        return f"points to {host}, which is every address and none; write 127.0.0.1 for this computer"
    if host in _METADATA_NAMES or (address is not None and is_forbidden(address)):
        return f"points to {host}, a link-local or metadata address; nothing is ever sent there"
    return None
