"""Whether an answer looks like a refusal: a plain look at how a short text begins, in a few languages.

A mark for people, never a judgement: a refusal is a candidate like any other, and judges rank it.
"""

from __future__ import annotations

import re

from cort_desktop.domain.nodes import Node

LONGEST = 800
"""Characters; what is longer gives an answer, whatever it begins with."""
_LOOKED_AT = 240
REFUSED = "looks like a refusal"
_SORRY = (
    r"(?:(?:i(?:['’]m| am)\s+(?:very |so |really )?sorry|sorry|i apologi[sz]e|unfortunately|"
    r"as an ai[^,.]{0,40})"
    r"[,.]?\s+(?:but\s+|for [^.]{0,60}\.\s+)?)?"
)
_REFUSAL = re.compile(
    rf"\W*{_SORRY}(?:i\s+(?:can(?:not|['’]t| not)|won['’]t|will not|must (?:decline|refuse)|have to decline|"
    r"(?:am|['’]m)\s+(?:not able|unable|not allowed))|"
    r"i['’]m\s+(?:not able|unable|not allowed|sorry,? but no))\b"
    r"(?!\s+(?:be (?:sure|certain)|say for (?:sure|certain)|stress|emphasi[sz]e|wait|imagine))"
    r"|\W*(?:es tut mir (?:sehr )?leid|tut mir leid|entschuldigung|leider)\W{1,3}(?:aber\s+)?(?:ich\s+)?"
    r"(?:kann|darf|möchte)\b.{0,60}\bnicht\b"
    r"|\W*(?:lo siento|lamentablemente)\W{1,3}(?:pero\s+)?no (?:puedo|me es posible)\b"
    r"|\W*(?:je suis désolée?|désolée?|malheureusement)\W{1,3}(?:mais\s+)?je ne (?:peux|suis)\b"
    r"|\W*(?:извините|к сожалению|прошу прощения)\W{1,3}(?:но\s+)?я не могу\b"
    r"|\W*(?:对不起|抱歉|很抱歉)[，,]?\s*(?:但)?我?(?:无法|不能)"
    r"|\W*申し訳(?:ありません|ございません)",
    re.IGNORECASE | re.DOTALL,
)


def is_refusal(node: Node) -> bool:
    """Whether a finished candidate looks like a refusal: its service stopped it, or it says so at once."""
    if node.status != "finished" or len(node.text) > LONGEST:
        return False
    return node.finish == "filter" or _REFUSAL.match(node.text[:_LOOKED_AT]) is not None
