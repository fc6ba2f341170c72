"""The value an answer comes down to, so that samples can vote, and whether a question has such a value.

Cheap signs in the text only; no model is asked. How numbers are written is ``numbers.py``, counting the
votes is the strategies', when they are clear ``stopping.py``.
"""

from __future__ import annotations

import re

from cort_desktop.engine.numbers import number_value, unfolded

LONGEST_VALUE = 200
SEARCHED_CHARACTERS = 20_000
"""How much of the end of an answer is searched: the value stands at its end."""

_LABELS = (
    r"(?:the\s)?(?:final\s)?(?:answer|result)|(?:endg[üu]ltige\s)?antwort|ergebnis|respuesta(?:\sfinal)?|"
    r"r[ée]ponse(?:\sfinale)?|risposta(?:\sfinale)?|resposta(?:\sfinal)?|antwoord|odpowiedź|ответ|答案|回答|答え|答|"
    r"정답|답"
)
_ANSWER_LINE = re.compile(
    rf"^[\s*_#>`-]{{0,12}}(?:{_LABELS})[\s*_]{{0,6}}[:：][ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
_ANSWER_IS = re.compile(
    rf"\b(?:answer|result|antwort|respuesta|réponse)\s(?:is|ist|es|est)\s?:?\s(.{{1,{LONGEST_VALUE}}})",
    re.IGNORECASE,
)
_END_OF_VALUE = re.compile(r"(?<=[^\W\d])[.;,](?=\s|$)|[.;](?=\s|$)|\s(?:because|since|as)\b|\n")
_BOXED = "\\boxed{"
_CHOICE = re.compile(r"(?:(?:option|choice|answer)\s)?[(\[]?([a-e])(?:[)\].:](?:\s.*)?)?")
_IN_BRACKETS = re.compile(r"\A\[([^\[\],]*)\]\Z")
_MARKUP = re.compile(r"\*\*|__|`|\\?\$|\\[()\[\],;!]|\\(?:text|mathrm|mathbf|boxed)(?=\{)")
_TEX_FRACTION = re.compile(
    r"(\d?)\s?\\[dt]?frac\s?(?:\{(-?)(\d{1,20})\}|()(\d))(?:\{(\d{1,20})\}|(\d)(?!\d))"
)
_TEX_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")
_NUMBER_IN_BRACKETS = re.compile(r"\A\(([^()]{1,60})\)\Z")
_ONLY_A_FENCE = re.compile(r"\A(?:(?:\$\$|\\\[|```[^\n`]*)[ \t]*\n\s*)+")
_NUMBER_IN_TEXT = re.compile(r"(?<![\w.,/])[-+]?[$€£]?\d[\d,.]*(?:/\d+)?(?!\w)")
_YES = frozenset(
    ("yes", "yeah", "yep", "ja", "sí", "si", "oui", "sim", "да", "是", "是的", "对", "はい", "예", "네")
)
_NO = frozenset(("no", "nope", "nein", "non", "não", "nee", "нет", "否", "不", "不是", "いいえ", "아니요"))
_FIRST_WORD = re.compile(r"([^\W\d_]+)(?=[\s,.;:!—–-]|，|。|、|$)")


def answer_value(text: str) -> str | None:
    r"""The canonical value of the answer in ``text``; None where none is found.

    Looked for in turn: the last ``Answer:`` line (in a dozen languages; the line below it when it is
    empty), the last ``\boxed{}``, the last "the answer is …", yes or no at the very beginning, and in the
    last line a choice letter A to E, yes or no, or its last number. Values compare after NFKC with case,
    blanks, emphasis and final stops folded away; numbers as ``number_value`` says (units are dropped, 1/2
    equals 0.5); ``(b) Paris`` is ``B``; yes and no in any of the languages are ``yes`` and ``no``, also
    with a reason behind a comma.
    """
    end = text[-SEARCHED_CHARACTERS:]
    return (
        _from_answer_line(end)
        or _from_box(end)
        or _from_sentence(end)
        or _from_first_line(text[:LONGEST_VALUE])
        or _from_last_line(end)
    )


def answer_text(text: str) -> str:
    r"""The answer in ``text`` as it is written, for whoever knows better how to read it: what stands on the
    last ``Answer:`` line (below it, when it is empty) or in the last ``\boxed{}``, else the last line;
    emphasis taken off. Empty where the text is.
    """
    end = text[-SEARCHED_CHARACTERS:]
    lines = list(_ANSWER_LINE.finditer(end))
    if lines:
        on_it = lines[-1][1].strip(" \t*_`")
        found = on_it or end[lines[-1].end() :].strip(" \t*_`\n")
    else:
        found = end if _BOXED in end else end.strip().rpartition("\n")[2]
    return _unboxed(found).strip().strip("*_`$").strip()


def canonical(value: str) -> str | None:
    """One form for what may be written in many; None for nothing or for what is too long to be a value."""
    if len(value) > 4 * LONGEST_VALUE:
        return None
    plain = _TEX_COMMA.sub(",", value.replace(r"\times", "x").replace(r"\cdot", "·").replace("\\ ", " "))
    folded = unfolded(_MARKUP.sub("", _TEX_FRACTION.sub(_plain_fraction, plain))).casefold()
    folded = _without_quotes(" ".join(folded.split()))
    if not folded or len(folded) > LONGEST_VALUE:
        return None
    folded = _IN_BRACKETS.sub(r"\1", folded)
    choice = _CHOICE.fullmatch(folded)
    if choice is not None:
        return choice[1].upper()
    bare = _NUMBER_IN_BRACKETS.sub(r"\1", folded)
    return number_value(bare) or _yes_or_no(folded) or folded


def _plain_fraction(found: re.Match[str]) -> str:
    r"""``\frac{-1}{2}`` as -1/2; behind a whole number the blank stays that makes it a mixed one."""
    whole, sign, top, bottom = found[1], found[2] or "", found[3] or found[5], found[6] or found[7]
    return f"{whole} {top}/{bottom}" if whole and not sign else f"{whole}{sign}{top}/{bottom}"


def _without_quotes(text: str) -> str:
    """Without quotes, emphasis and stops around it; a brace goes only where it has no partner inside."""
    text = text.strip(" \"'“”‘’«»<>*_")
    if text.count("{") != text.count("}") or (text.startswith("{") and text.endswith("}")):
        text = text.strip(" \"'“”‘’«»<>{}*_")
    return text.rstrip(".。;,").strip(" \"'“”‘’*_")


def _from_answer_line(text: str) -> str | None:
    lines = list(_ANSWER_LINE.finditer(text))
    if not lines:
        return None
    last = lines[-1]
    if last[1].strip(" \t*_`"):
        return canonical(_unboxed(last[1]))
    below = _ONLY_A_FENCE.sub("", text[last.end() :].strip()).partition("\n")[0]
    return canonical(_unboxed(below))


def _from_box(text: str) -> str | None:
    return canonical(_unboxed(text)) if _BOXED in text else None


def _unboxed(text: str) -> str:
    r"""What is inside the last \boxed{}, braces counted; the text itself without one."""
    start = text.rfind(_BOXED)
    if start < 0:
        return text
    inside = text[start + len(_BOXED) :][: 2 * LONGEST_VALUE]
    depth = 1
    for i, character in enumerate(inside):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return inside[:i]
    return inside


def _from_sentence(text: str) -> str | None:
    """After "the answer is", if it is a plain value and not a sentence."""
    found = _ANSWER_IS.findall(text)
    value = canonical(_END_OF_VALUE.split(found[-1])[0]) if found else None
    return value if value is not None and _is_plain(value) else None


def _from_first_line(text: str) -> str | None:
    """Yes or no, said at once."""
    value = canonical(text.strip().partition("\n")[0])
    return value if value in ("yes", "no") else None


def _from_last_line(text: str) -> str | None:
    last = text.strip().rpartition("\n")[2]
    value = canonical(last)
    return value if value is not None and _is_plain(value) else _last_number(last)


def _is_plain(value: str) -> bool:
    """A choice, yes or no, or a number."""
    return value.isupper() or value in ("yes", "no") or number_value(value) == value


def _last_number(line: str) -> str | None:
    found = _NUMBER_IN_TEXT.findall(unfolded(line[-1000:]).casefold())
    return number_value(found[-1].rstrip(".,")) if found else None


def _yes_or_no(folded: str) -> str | None:
    found = _FIRST_WORD.match(folded)
    if found is None or not (found.end() == len(folded) or folded[found.end()] in ",.;:!—–，。、"):
        return None
    return "yes" if found[1] in _YES else "no" if found[1] in _NO else None


MOST_READ_OF_A_QUESTION = 2000
_PROSE = re.compile(
    r"```|\b(?:why|explain|describe|discuss|essay|write|poem|story|summari[sz]e|translate|compare|review|code|"
    r"program|script|opinion|think|feel|recommend|suggest|advice|should|best|better|draft|e-?mail|plan|"
    r"warum|erkläre|schreibe|beschreibe|pourquoi|écris|explique|por\squé|escribe|explica|почему|напиши|"
    r"объясни)\b|为什么|为何|解释|写一|なぜ|説明|書いて",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?:^|\s)[(\[]?([A-Ea-e])[)\].:]\s+(\S+)")
_TASKS = frozenset(
    (
        "explain",
        "describe",
        "why",
        "what",
        "how",
        "write",
        "discuss",
        "compare",
        "give",
        "list",
        "show",
        "prove",
    )
) | frozenset(("find", "calculate", "compute", "solve", "draw", "state", "determine", "define"))
_QUANTITIES = (
    "sum|product|difference|quotient|remainder|value|number|total|average|mean|median|probability|area|volume|"
    "perimeter|length|distance|speed|cost|price|percentage|ratio|root|derivative|integral|date|year|age"
)
_ASKED = re.compile(
    r"\bhow\s(?:many|much|old|far|long|tall|fast|big|heavy|often)\b|\b(?:calculate|compute|evaluate)\b|"
    r"\bsolve\b.{0,80}[=\d]|\b(?:yes\sor\sno|true\sor\sfalse)\b|\bwhich\sof\s(?:the(?:se)?|those)\b|"
    r"\b(?:what|which)\s(?:year|date|day|month|percentage|number|time)\b|\bwhen\s(?:was|were|did)\b|"
    rf"\bwhat(?:\sis|'s|\sare)\sthe\s(?:\w+\s)?(?:{_QUANTITIES})\b|"
    r"\b(?:wie\s?viele?|berechne|cuánt[oa]s?|calcula|combien|calcule[rz]?|quanti|quante|quantos|quantas|"
    r"сколько|вычисли(?:те)?)\b|多少|几个|幾|いくつ|何人|何個|計算|计算|몇",
    re.IGNORECASE,
)
_ARITHMETIC = re.compile(
    r"\d\s?[-+*/×÷^=<>]\s?\(?-?\d|\d\s?(?:plus|minus|times|divided\sby|mod)\s\d|\d\s?[+*×=]\s?[a-z]\b"
)
_TRUTH_WITH_NUMBER = re.compile(
    r"^(?:is|are|does|do|was|were|can|has|have)\s(?!you\b|we\b|i\b).*\d", re.IGNORECASE
)


def is_checkable(question: str) -> bool:
    """Whether the question asks for something samples can agree on to the letter.

    Signs: a number asked for, arithmetic, listed options, "which of these", yes or no, a date; a few
    languages. When in doubt it is not: a request for prose, code or an opinion never is, unless it lists
    options A, B, C.
    """
    seen = question.strip()
    if len(seen) > 2 * MOST_READ_OF_A_QUESTION:
        seen = f"{seen[:MOST_READ_OF_A_QUESTION]}\n{seen[-MOST_READ_OF_A_QUESTION:]}"
    options = {letter.upper(): word for letter, word in _OPTION.findall(seen)}
    if {"A", "B"} <= options.keys():
        return not any(word.casefold().strip(",.:") in _TASKS for word in options.values())
    if _PROSE.search(seen):
        return False
    return any(sign.search(seen) for sign in (_ASKED, _ARITHMETIC, _TRUTH_WITH_NUMBER))
