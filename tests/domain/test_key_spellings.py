"""Keys as they turn up in texts: what hides them finds what looking for them finds."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.key_spellings import KNOWN_KEYS, written_forms
from cort_desktop.domain.key_text import LONGEST, problem_of
from cort_desktop.logs import Redactor

KEYS = st.text("abcXYZ019+/=-_.~!%&\"'\\", min_size=8, max_size=60)


@pytest.mark.reliability(60)
@given(KEYS)
def test_whatever_gives_a_key_away_is_hidden(key: str) -> None:
    """Row 60: every written form but the ones no log has (hexadecimal, UTF-16) is taken out of a text."""
    redactor = Redactor()
    redactor.add(key)
    for form, how in written_forms(key).items():
        if how not in ("in hexadecimal", "in UTF-16"):
            clean = redactor.clean(f"before {form.decode()} after")
            assert form.decode() not in clean, how


@pytest.mark.reliability(60)
@given(KEYS, st.binary(max_size=7), st.binary(max_size=7))
def test_base64_gives_a_key_away_at_every_offset(key: str, before: bytes, after: bytes) -> None:
    """Row 60: with anything before and after it, in both alphabets."""
    forms = [form for form, how in written_forms(key).items() if how == "in base64"]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(before + key.encode() + after)
        assert any(form in coded for form in forms)


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    "text",
    [
        "pplx-0123456789abcdef0123",
        "nvapi-0123456789abcdef0123",
        "csk-0123456789abcdef0123",
        "fw_0123456789abcdef0123",
        "tgp_v1_0123456789abcdef0123",
        "Authorization: Basic dXNlcjpjYW5hcnk=",
        "x-api-key: canary",
        "X-API-Key: canary",
        "{'x-api-key': 'canary'}",
        '{"x-api-key": "canary"}',
    ],
)
def test_keys_nobody_told_of_are_known_by_their_looks(text: str) -> None:
    """Row 60: by how they begin, and by the header they stand in."""
    clean = KNOWN_KEYS.sub("-", text)
    assert "canary" not in clean
    assert "0123456789" not in clean
    assert "dXNl" not in clean


@pytest.mark.parametrize(
    "text", ["fw_update", "basic idea of it", "a basic needs test", "csk-short", "the bearer of it"]
)
def test_ordinary_words_stay(text: str) -> None:
    assert KNOWN_KEYS.sub("-", text) == text


@given(st.text())
def test_a_key_is_a_line_of_plain_signs(text: str) -> None:
    """Row 59's other side: what is taken can be sent in a header as it is."""
    if problem_of(text) is None:
        assert 0 < len(text) <= LONGEST
        assert all("!" <= ch <= "~" for ch in text)


@pytest.mark.parametrize(
    "key", ["x", "sk-a.b_c-d+e/f==", "none", "EMPTY", "k'ey", "BASE64ABC=", "bearerless"]
)
def test_what_can_be_a_key(key: str) -> None:
    assert problem_of(key) is None
