"""Rules of our own for markdown-it: tables by their lines, formulas, and lists nested too deep.

Each decides about a line when that line and the next are complete, as streaming needs it (``stream``): no
rule may look for an end that could still come.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from cort_desktop.gui.markdown.limits import DEPTH, RUN
from cort_desktop.gui.markdown.tables import aligns_of, cells_of

_ENVIRONMENT = re.compile(
    r"\\begin\{((?:equation|align|alignat|gather|multline|eqnarray|displaymath|math)\*?)\}"
)
_OTHER_BLOCK = re.compile(r"[>#]|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)")
_FENCE = ("```", "~~~")
_INLINE = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))
_DEEPEST_LONG = 8  # each level looks at the whole line again
_BEFORE_TEXT = ["paragraph", "reference", "blockquote", "list"]


def install(reader: MarkdownIt) -> None:
    """Put the rules into ``reader``."""
    block = reader.block.ruler
    block.at("table", _table, {"alt": ["paragraph", "reference"]})
    block.before("table", "deep", _deep)
    block.before("fence", "formula", _formula, {"alt": _BEFORE_TEXT})
    reader.inline.ruler.before("escape", "math_inline", _inline_formula)


def keep_addresses(reader: MarkdownIt) -> None:
    """Addresses stay as they are written: ``links`` decides about them, with Qt's own reading of each."""

    def same(address: str) -> str:
        return address

    vars(reader).update(validateLink=lambda _address: True, normalizeLink=same, normalizeLinkText=same)


def line_of(state: StateBlock, line: int) -> str:
    """A line without its indentation and the marks of its containers."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Deeper than anyone nests: the lines as they are, so that no text is swallowed."""
    most = DEPTH if state.eMarks[start] - state.bMarks[start] <= RUN else _DEEPEST_LONG
    if state.level < most:
        return False
    if silent:
        return True
    line = start + 1
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    token = state.push("deep", "", 0)
    token.content = "\n".join(line_of(state, each) for each in range(start, line)).rstrip("\n")
    token.map = [start, line]
    state.line = line
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent:
        return False
    if state.is_code_block(start) or state.is_code_block(start + 1):
        return False
    aligns = aligns_of(line_of(state, start + 1))
    head = line_of(state, start).strip()
    if aligns is None or "|" not in head or _OTHER_BLOCK.match(head) or len(cells_of(head)) != len(aligns):
        return False
    if silent:
        return True
    parent, state.parentType = state.parentType, "table"
    terminators = state.md.block.ruler.getRules("blockquote")
    rows: list[str] = []
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent and not state.is_code_block(line):
        row = line_of(state, line).strip()
        if not row:
            break
        if row[0] != "|" and any(rule(state, line, end, True) for rule in terminators):
            break
        rows.append(row)
        line += 1
    token = state.push("table", "table", 0)
    token.map = [start, line]
    token.meta = {"head": cells_of(head), "aligns": aligns, "rows": rows}
    state.parentType = parent
    state.line = line
    return True


def _formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula goes on to its end mark or to an empty line, where it turns out to be words."""
    if state.is_code_block(start):
        return False
    first = line_of(state, start)
    opening, closing, keeps = _delimiters(first)
    if not opening:
        return False
    rest = first[len(opening) :]
    if closing in rest and rest[rest.index(closing) + len(closing) :].strip(" \t.,;"):
        return False
    if silent:
        return True
    line, lines, is_closed = start + 1, [first], closing in rest
    while not is_closed and line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        text = line_of(state, line)
        if text.startswith(_FENCE):
            break
        lines.append(text)
        is_closed = closing in text
        line += 1
    source = "\n".join(lines)
    _push_formula(
        state, (start, line), source, source.strip(" \t.,;") if is_closed else "", (opening, closing, keeps)
    )
    state.line = line
    return True


def _push_formula(
    state: StateBlock, lines: tuple[int, int], source: str, whole: str, marks: tuple[str, str, bool]
) -> None:
    """A formula token when it is whole or can still become so, else a paragraph."""
    opening, closing, keeps = marks
    is_open = not whole and lines[1] >= state.lineMax
    if whole.endswith(closing) if whole else is_open:
        token = state.push("formula", "math", 0)
        token.content = whole if keeps else whole[len(opening) : len(whole) - len(closing)].strip()
        token.meta = {"source": source, "is_closed": bool(whole)}
        token.map = list(lines)
        return
    token = state.push("paragraph_open", "p", 1)
    token.map = list(lines)
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = source, list(lines), []
    state.push("paragraph_close", "p", -1)


def _delimiters(line: str) -> tuple[str, str, bool]:
    """The opening and closing mark of a formula that begins ``line``, and whether they are TeX themselves."""
    if line.startswith("$$"):
        return "$$", "$$", False
    if line.startswith("\\["):
        return "\\[", "\\]", False
    found = _ENVIRONMENT.match(line)
    return (found[0], f"\\end{{{found[1]}}}", True) if found else ("", "", False)


def _inline_formula(state: StateInline, silent: bool) -> bool:
    src, at = state.src, state.pos
    marks = next((each for each in _INLINE if src.startswith(each[0], at)), None)
    if marks is None:
        return False
    opening, closing = marks
    begin = at + len(opening)
    end = src.find(closing, begin)
    while opening[0] == "$" and end > 0 and src[end - 1] == "\\":
        end = src.find(closing, end + 1)
    inner = src[begin:end] if end > 0 else ""
    if not inner.strip() or (opening == "$" and not _is_money_free(src, begin, end)):
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = inner.strip()
        token.meta = {"source": src[at : end + len(closing)]}
    state.pos = end + len(closing)
    return True


def _is_money_free(src: str, begin: int, end: int) -> bool:
    """One dollar sign opens before a letter and closes after one: `$5 and $10` are sums of money."""
    after = src[end + 1 : end + 2]
    before = src[begin - 2 : begin - 1] if begin > 1 else ""
    return not (
        src[begin].isspace()
        or src[end - 1].isspace()
        or after.isalnum()
        or before.isalnum()
        or before == "\\"
    )
