"""Where a provider may live."""

from __future__ import annotations

import ipaddress

import pytest

from cort_desktop.domain.addresses import address_of, check_address, is_forbidden, is_loopback, origin_of


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0XA9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.16689662",
        "169.254.43518",
        "169.254.169.254.",
        "１６９.２５４.１６９.２５４",
        "169。254。169。254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[::169.254.169.254]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "224.0.0.1",
        "[ff02::1]",
    ],
)
def test_link_local_and_metadata_addresses_are_refused_in_every_spelling(host: str) -> None:
    check = check_address(f"http://{host}/v1")
    assert check.url == ""
    assert check.problem is not None
    assert "nothing is ever sent there" in check.problem


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "[::]", "[::ffff:0.0.0.0]"])  # noqa: S104 - refused, never bound
def test_any_address_is_refused_with_the_address_to_write(host: str) -> None:
    assert "127.0.0.1" in (check_address(f"http://{host}:8080/v1").problem or "")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.org/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("example.org/v1", "https://"),
        ("http://", "https://"),
        ("https://me:secret@example.org/v1", "name or password"),
        ("https://me@example.org/v1", "name or password"),
        ("https://example.org/v1?key=abc", "end before"),
        ("https://example.org/v1#x", "end before"),
        ("https://exa mple.org/", "blank"),
        ("https://example.org/\x00", "control"),
        ("https://example.org:99999/", "no address"),
        ("https://[::1/", "no address"),
        ("https://%31%36%39.254.169.254/", "%"),
        ("https://a<b>/", "looked up"),
    ],
)
def test_what_is_no_address_says_why(url: str, words: str) -> None:
    check = check_address(url)
    assert check.url == ""
    assert words in (check.problem or "")
    assert "secret" not in (check.problem or "")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("HTTPS://API.OpenAI.com:443/v1", "https://api.openai.com/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:80/v1", "http://localhost/v1"),
    ],
)
def test_good_addresses_are_kept_in_one_spelling(url: str, kept: str) -> None:
    check = check_address(url)
    assert (check.url, check.problem, check.warning) == (kept, None, None)


def test_plain_http_beyond_this_computer_is_a_warning() -> None:
    check = check_address("http://192.168.1.5:8080/v1")
    assert check.url == "http://192.168.1.5:8080/v1"
    assert "unencrypted" in (check.warning or "")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("2130706433", True),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("10.0.0.1", False),
        ("::2", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.1.1.1", "1.2.3.256", "4294967296", "09.1.1.1", "a.b", "1..2", ""]
)
def test_what_is_not_an_ip_address_is_a_name(host: str) -> None:
    assert address_of(host) is None


def test_a_resolved_address_is_judged_like_a_written_one() -> None:
    assert is_forbidden(ipaddress.ip_address("169.254.169.254"))
    assert is_forbidden(ipaddress.ip_address("::ffff:169.254.169.254"))
    assert not is_forbidden(ipaddress.ip_address("192.168.1.5"))
    assert not is_forbidden(ipaddress.ip_address("2606:4700::1111"))
    assert not is_forbidden(ipaddress.ip_address("::1"))


def test_origin() -> None:
    assert origin_of(check_address("https://API.example.org:443/v1/").url) == "https://api.example.org"
    assert origin_of(check_address("http://[::1]:8080/v1").url) == "http://[::1]:8080"
