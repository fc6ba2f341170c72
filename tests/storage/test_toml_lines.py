"""Lines of keys in a TOML text."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.storage.toml_lines import line_in, lines_of

TRICKY = '''\
# a = 1
top = "x = 1" # b = 2
[ a . "b.c" ] # [not.this]
"d = e" = \'\'\'
k = 1
[x]
\'\'\'\'\'
f.g = [ # comment ]
  1, [2, "]"],
  { h = "}", i = { j = 1979-05-27 07:32:00 } },
]
l = """ \\""" \\
m = 1 """"
[[n]]
o = 1
[[n]]
o = 2
\t'p' = 0xff'''


def test_tricky_text() -> None:
    tomllib.loads(TRICKY)
    lines = lines_of(TRICKY)
    assert {path: line for path, line in lines.items() if path != ("a",)} == {
        ("top",): 2,
        ("a", "b.c"): 3,
        ("a", "b.c", "d = e"): 4,
        ("a", "b.c", "f"): 8,
        ("a", "b.c", "f", "g"): 8,
        ("a", "b.c", "f", "g", "h"): 10,
        ("a", "b.c", "f", "g", "i"): 10,
        ("a", "b.c", "f", "g", "i", "j"): 10,
        ("a", "b.c", "l"): 12,
        ("n",): 14,
        ("n", "o"): 15,
        ("n", "p"): 18,
    }


def test_the_nearest_table_speaks_for_a_missing_key() -> None:
    lines = lines_of("x = 1\n[a.b]\nc = 2\n")
    assert line_in(lines, ("a", "b", "missing")) == 2
    assert line_in(lines, ("missing",)) is None


_KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=6)
_VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=12) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def _paths(table: dict[str, Any], outer: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, value in table.items():
        found.append((*outer, name))
        if isinstance(value, dict):
            found.extend(_paths(value, (*outer, name)))
    return found


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_every_key_has_the_line_it_stands_on(data: dict[str, Any]) -> None:
    text = "# first\n\n" + tomlkit.dumps(data)
    read = tomllib.loads(text)
    lines = lines_of(text)
    split = text.split("\n")
    for path in _paths(read):
        assert tomlkit.key(path[-1]).as_string() in split[lines[path] - 1]
