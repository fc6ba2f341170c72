"""The options that ``ask`` and ``chat`` share (CONTRACT 1): declared once, read into ``RunOptions``.

Shapes are checked here: a number is a number and not negative. Whether a model, a strategy or a setting
exists, and which values it takes, the services know.
"""

from __future__ import annotations

import argparse
import math
from typing import Protocol, cast

from cort_desktop.terminal.options import RunOptions, Stream

_MOST_DIGITS = 15
_SHORTEST_ID = 4
CAPS = ("calls", "tokens", "usd", "seconds")
_ROLES = {
    "synthesizer": "model of the chairman or aggregator; a second one stands in for it",
    "critic": "models of those who criticise",
    "router": "model that chooses how to think, or how many rounds",
}
"""Further roles that models can be named for."""


class Parser(Protocol):
    """What this module needs of an ArgumentParser."""

    def add_argument(self, *names: str, **kwargs: object) -> argparse.Action:
        """Declare one option."""
        ...


def whole(text: str) -> int:
    """A whole number, 0 or more."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number of 0 or more")
    if len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is too large; give at most {_MOST_DIGITS} digits")
    return number


def number(text: str) -> float:
    """A finite number, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of 0 or more")
    return value


def setting(text: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not of the form SETTING=VALUE")
    return name.strip(), value.strip()


def names(text: str) -> tuple[str, ...]:
    """``A,B``: at least one name."""
    return tuple(model(part) for part in text.split(","))


def model(text: str) -> str:
    """One model's name."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty name is no model; name one as PROVIDER/MODEL")
    return text.strip()


def conversation(text: str) -> str:
    """A conversation's id, or enough of its beginning to mean one."""
    if len(text.strip()) < _SHORTEST_ID:
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is too short to name a conversation; give at least {_SHORTEST_ID} characters"
        )
    return text.strip()


def stream(text: str) -> Stream:
    """The value of ``--events``; its default comes through here too."""
    if text not in ("off", "events", "full"):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not known; it is --events or --events=full")
    return cast("Stream", text)


def add_run_options(parser: Parser) -> None:
    """Declare every option of a thinking run."""
    add = parser.add_argument
    add(
        "--preset",
        metavar="NAME",
        help="a preset: quick, balanced, deep, max, council, classic, or one of yours",
    )
    add("--strategy", metavar="NAME", help="how to think, instead of a preset")
    add("--rounds", type=whole, metavar="N", help="rounds")
    add("--alternatives", type=whole, metavar="N", help="alternatives of a round, or samples")
    add("--judges", type=whole, metavar="N", help="verdicts of a round")
    add(
        "--set",
        type=setting,
        action="append",
        default=[],
        metavar="SETTING=VALUE",
        help="a strategy's setting (`cort-desktop strategies` tells them), or what checks the answers: "
        "verifier=exact:42, json:FILE, arithmetic, python:FILE",
    )
    _add_models(parser)
    add("--temperature", type=number, metavar="X", help="of the proposers")
    add(
        "--seed",
        type=whole,
        metavar="N",
        help="makes orders, and where the model takes it answers, repeatable",
    )
    add("--max-tokens", type=whole, metavar="N", help="the longest answer of one candidate")
    add("--system", metavar="TEXT", help="instructions for the whole conversation")
    add("--file", action="append", default=[], metavar="PATH", help="a text file to go with the question")
    add("--conversation", type=conversation, metavar="ID", help="go on with a conversation")
    add("--budget-calls", type=whole, metavar="N", help="at most so many calls; 0 lifts a cap")
    add("--budget-tokens", type=whole, metavar="N", help="at most so many tokens")
    add("--budget-usd", type=number, metavar="X", help="at most so much money")
    add("--budget-seconds", type=number, metavar="N", help="at most so long")
    add("--no-cache", action="store_true", help="ask anew even where an equal call was answered before")
    add("--no-store", action="store_true", help="keep nothing of this run")


def _add_models(parser: Parser) -> None:
    """Declare who does what."""
    add = parser.add_argument
    add("--model", type=model, metavar="REF", help="the model, as PROVIDER/MODEL")
    add("--alternative-models", type=names, default=(), metavar="REF,REF", help="models of the alternatives")
    add("--judge-model", type=names, default=(), metavar="REF,REF", help="models of the judges")
    for role, words in _ROLES.items():
        add(f"--{role}-model", type=names, default=(), metavar="REF,REF", help=words)


def add_stream_options(parser: Parser) -> None:
    """Declare what may go to standard output instead of the answer."""
    parser.add_argument(
        "--json", action="store_true", help="print the run.finished event instead of the answer"
    )
    parser.add_argument(
        "--events",
        type=stream,
        default="off",
        metavar="events|full",
        help="print every event, one JSON object a line; --events=full with the text as it streams",
    )


def run_options(found: argparse.Namespace) -> RunOptions:
    """What ``add_run_options`` declared, as it was given."""
    caps = {name: getattr(found, f"budget_{name}") for name in CAPS}
    return RunOptions(
        preset=found.preset,
        strategy=found.strategy,
        rounds=found.rounds,
        alternatives=found.alternatives,
        judges=found.judges,
        settings=tuple(found.set),
        model=found.model,
        alternative_models=found.alternative_models,
        judge_models=found.judge_model,
        role_models=tuple((role, refs) for role in _ROLES if (refs := getattr(found, f"{role}_model"))),
        temperature=found.temperature,
        seed=found.seed,
        max_tokens=found.max_tokens,
        system=found.system,
        files=tuple(found.file),
        conversation=found.conversation,
        budget=tuple((name, value) for name, value in caps.items() if value is not None),
        cache=not found.no_cache,
        store=not found.no_store,
    )
