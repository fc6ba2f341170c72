"""Which addresses are links at all, and when the real host is said."""

from __future__ import annotations

import pytest

from cort_desktop.gui.markdown.assembly import read_all
from cort_desktop.gui.markdown.links import host_to_say, link, written_addresses
from cort_desktop.gui.markdown.values import Mark, Paragraph, Span


def spans(text: str) -> tuple[Span, ...]:
    (paragraph,) = read_all(text)
    assert isinstance(paragraph, Paragraph)
    return paragraph.spans


@pytest.mark.reliability(54)
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "file:///etc/passwd", "smb://host/share",
        "ms-msdt:/id", "data:text/html,x",
        "vbscript:x", "custom:thing", "//host/share", "/etc/passwd", "C:\\x", "page.html", "#here", "",
        "http://", "https:///x",
        "java\nscript:alert(1)", " http://a.example", "http://a.example\x00", "mailto:", "qrc:/x",
        "about:blank", "blob:http://a",
        "view-source:http://a", "http:\\\\a", "mailto:b\u0430nk@example.com",
    ],
)  # fmt: skip
def test_other_addresses_are_no_links(address: str) -> None:
    assert link(address) is None


@pytest.mark.reliability(54)
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "smb://h/s", "data:text/html,x", "x:y"]
)
def test_such_a_link_is_words_with_its_address(address: str) -> None:
    made = spans(f"[click here]({address})")
    assert "".join(span.text for span in made) == f"click here ({address})"
    assert not any(span.href for span in made)


@pytest.mark.reliability(52)
@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "/etc/x",
        "C:\\x",
        "//host/share",
        "http://a.example/?d=1",
        "data:image/svg+xml,x",
        "qrc:/x",
    ],
)
def test_an_image_is_a_label(address: str) -> None:
    (span,) = spans(f"![a cat]({address})")
    assert span.text == f"image not shown: a cat ({address})"
    assert Mark.BLOCKED in span.marks
    assert span.copied == f"![a cat]({address})"
    assert not span.href


@pytest.mark.reliability(55)
def test_foreign_letters_in_a_host_are_said() -> None:
    made = spans("[paypal.com](https://p\u0430ypal.com/login)")
    assert "".join(span.text for span in made) == "paypal.com (xn--pypal-4ve.com)"
    found = link("https://p\u0430ypal.com/login")
    assert found
    assert found.encoded == "https://xn--pypal-4ve.com/login"


@pytest.mark.parametrize(
    ("words", "address", "said"),
    [
        ("click", "https://a.example/", ""),
        ("a.example", "https://a.example/x", ""),
        ("https://www.a.example/x", "https://a.example/x", ""),
        ("bank.example", "https://evil.example/", "evil.example"),
        ("https://bank.example/login", "https://evil.example/", "evil.example"),
        ("here", "https://bank.example@evil.example/", "evil.example"),
        ("write", "mailto:a@b.example", ""),
    ],
)
def test_the_host_is_said_when_the_words_say_another(words: str, address: str, said: str) -> None:
    found = link(address)
    assert found
    assert host_to_say(words, found) == said


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x_(y))", ["https://a.example/x_(y)"]),
        ("https://a.example/?a=1&b=2, then", ["https://a.example/?a=1&b=2"]),
        ("http:// and https://", []),
        ("ftp://a.example", []),
        ("“https://a.example”", ["https://a.example"]),
    ],
)
def test_addresses_in_running_text(text: str, addresses: list[str]) -> None:
    assert [text[start:end] for start, end in written_addresses(text)] == addresses


def test_hidden_letters_in_an_address_are_shown() -> None:
    made = spans("[x](https://a.example/\u202egnp.exe)")
    assert any(span.href for span in made)
    made = spans("https://a.example/\u202egnp")
    assert any(Mark.SIGN in span.marks for span in made)
