"""What was spent, as sums that stay exact, and the limits on it: of a conversation, a day, a month.

A cost is known, unknown, or known in part; an unknown part is counted by what had been reserved for it and is
never taken for nothing. Days and months are those of the calendar on the wall (``calendar.py``). Not here:
the caps of one run (``budget.py``), where bookings are kept (``storage/spending.py``), and the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from cort_desktop.domain.budget import MICRO, LimitName, Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId

LIMIT_NAMES: tuple[LimitName, ...] = ("conversation", "day", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """A sum of calls. Plus is exact in any order: every field is a whole number.

    known_microusd: what is known to have been billed. unknown: attempts of which nobody knows the price.
    booked_microusd: what counts against limits, with the reservation in the place of each unknown price.
    kept: answers from the cache in place of a call; saved_microusd: what those had cost, as far as it is
    known, which it is not for saved_unknown of them.
    """

    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    known_microusd: int = 0
    unknown: int = 0
    booked_microusd: int = 0
    kept: int = 0
    saved_microusd: int = 0
    saved_unknown: int = 0

    @property
    def cost_microusd(self) -> int | None:
        """The cost, None when any part of it is unknown."""
        return None if self.unknown else self.known_microusd

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing in it at all."""
        return self == Spend()

    @property
    def counted_microusd(self) -> int:
        """What is counted in the place of the unknown prices."""
        return self.booked_microusd - self.known_microusd

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What one event of a run adds: a request that left, or the end of one. ``model`` is who was asked."""

    run: RunId
    conversation: ConversationId
    seq: int
    at: datetime
    model: ModelRef | None
    spend: Spend


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard limits in micro-dollars; None: none. warn_at: the share of one from which on a person is told."""

    conversation: int | None = None
    day: int | None = None
    month: int | None = None
    warn_at: Decimal = Decimal("0.8")

    def of(self, name: LimitName) -> int | None:
        """The limit of that name."""
        found: int | None = getattr(self, name)
        return found

    @property
    def is_any(self) -> bool:
        """Whether there is a limit at all."""
        return any(self.of(name) is not None for name in LIMIT_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a limit is used. held_microusd: what runs at work may still spend of it, and what those that
    were cut off may have spent. resets: when it starts anew; None for a conversation's, which never does.
    """

    name: LimitName
    limit_microusd: int
    spend: Spend
    held_microusd: int = 0
    resets: datetime | None = None

    @property
    def left_microusd(self) -> int:
        """What a new run may spend."""
        return max(0, self.limit_microusd - self.spend.booked_microusd - self.held_microusd)

    def is_near(self, warn_at: Decimal) -> bool:
        """Whether so much of it is spent that a person should know."""
        return warn_at > 0 and self.spend.booked_microusd >= warn_at * self.limit_microusd


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitNotice:
    """A limit that is nearly spent, told once for its day, month or conversation. ``text`` is a sentence."""

    standing: Standing
    text: str


def tightest(standings: tuple[Standing, ...]) -> Standing | None:
    """The limit that leaves the least; None without any."""
    return min(standings, key=lambda each: each.left_microusd, default=None)


def microusd_of(usd: Decimal) -> int:
    """US dollars in micro-dollars."""
    return int((usd * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))
