"""Seeded chance: the same seed gives the same choice on every Python and machine.

Seeds are texts made of the run's seed and what is drawn. There is no global generator here, and only
``Random.random()`` is used, the one method whose sequence Python promises to keep.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from random import Random
from typing import TypeVar

T = TypeVar("T")


def shuffled(items: Iterable[T], seed: str) -> list[T]:
    """The items in an order drawn with ``seed``."""
    draw = Random(seed).random
    return sorted(items, key=lambda _item: draw())


def call_seed(seed: int, name: str) -> int:
    """The seed sent with one call: from 0 to 2³¹-1, another one for each job's name."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
