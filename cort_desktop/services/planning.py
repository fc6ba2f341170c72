"""A question with its options becomes a frozen plan: strategy, spec, budget, models, before anything is sent.

What is said on the command line beats a preset, a preset named there beats the settings file, and a
preset's numbers hold for its own strategy only. Mistakes are UsageErrors (exit code 2), missing set-up a
SettingsError (3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId, provider_of
from cort_desktop.domain.lineups import RoleModels
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.search import CacheUse, RunSpec
from cort_desktop.domain.settings import BudgetSettings, Settings, closest, shown
from cort_desktop.domain.strategy_settings import NUMBERS, SettingValue
from cort_desktop.domain.texts import clean
from cort_desktop.domain.verifying import declared
from cort_desktop.engine.lineup import Models
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services import lineups, presets
from cort_desktop.services.attachments import AttachmentInfo, read_named_file
from cort_desktop.services.setting_values import (
    refuse_unread,
    saved_values,
    setting_values,
    typed_values,
)
from cort_desktop.services.verifiers import CONSENT

VERIFIER = "verifier"
NO_VERIFIER = "none"
_ABOUT_CHECKS = (VERIFIER, CONSENT)
"""Settings that every strategy takes: what checks its answers, and the agreement to it."""
HOTTEST = 2
"""The highest temperature a service takes; the settings file has the same limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question and what was said with it. None means: not said. A budget of 0 lifts that cap.

    It goes to the end of its conversation, or to the one place that is named: ``again``, another run of that
    turn; ``instead_of``, a new version of that turn's question beside it; ``after``, on from that turn.
    ``role_models`` are those of other roles than answering and judging. ``files`` are read when it is asked;
    what is ``attached`` was read before. ``again`` without any of them
    takes along what went along the first time. Without ``cache`` everything is asked anew, even where an
    equal call was answered before.
    """

    question: str
    conversation: ConversationId | None = None
    again: TurnId | None = None
    instead_of: TurnId | None = None
    after: TurnId | None = None
    preset: str | None = None
    strategy: str | None = None
    rounds: int | None = None
    alternatives: int | None = None
    judges: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    model: ModelRef | None = None
    alternative_models: tuple[ModelRef, ...] = ()
    judge_models: tuple[ModelRef, ...] = ()
    role_models: RoleModels = field(default_factory=dict)
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    system: str | None = None
    files: tuple[Path, ...] = ()
    attached: tuple[AttachmentInfo, ...] = ()
    budget: Mapping[str, float | None] = field(default_factory=dict)
    cache: bool = True
    store: bool = True


def cache_use(ask: Ask) -> CacheUse:
    """What a question does with answers that are kept. One that is asked again, or in other words instead,
    wants a new answer; of one that is not to be stored nothing is kept, and nobody sees that it was asked.
    """
    if not ask.store:
        return "off"
    wants_new = not ask.cache or ask.again is not None or ask.instead_of is not None
    return "renew" if wants_new else "use"


def cleaned(ask: Ask) -> Ask:
    """``ask`` with its texts repaired: bytes of a command line that are no text arrive as lone surrogates."""
    system = None if ask.system is None else clean(ask.system)
    return replace(ask, question=clean(ask.question), system=system)


def files_of(ask: Ask) -> tuple[tuple[str, str], ...]:
    """(name, text) of the files of ``ask``, read from the disk; blocks. Raises UsageError."""
    found = (read_named_file(path) for path in ask.files)
    return tuple((clean(name), clean(text)) for name, text in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is going to do. ``refusal`` says why it may not be done, though it is clear what to do.

    profiles: of all models of the line-up.
    """

    strategy: Strategy
    preset: str | None
    spec: RunSpec
    budget: Budget
    profiles: Mapping[ModelRef, ModelProfile]
    refusal: SettingsError | None = None


def make_plan(
    ask: Ask,
    settings: Settings,
    strategies: Mapping[str, Strategy],
    models: Models,
    new_seed: Callable[[], int],
) -> Plan:
    """``resolve``, and the plan may be carried out. Raises UsageError or SettingsError, naming what to
    change.
    """
    plan = resolve(ask, settings, strategies, models, new_seed)
    if plan.refusal is not None:
        raise plan.refusal
    return plan


def resolve(
    ask: Ask,
    settings: Settings,
    strategies: Mapping[str, Strategy],
    models: Models,
    new_seed: Callable[[], int],
) -> Plan:
    """``ask`` with all that was not said filled in from presets and settings. Raises UsageError or
    SettingsError, naming what to change.
    """
    preset, strategy = _strategy(ask, settings, strategies, main=ask.model or settings.defaults.model)
    lineup = _lineup(ask, settings, preset)
    values = _values(ask, settings, strategy, preset)
    defaults = settings.defaults
    temperature = ask.temperature if ask.temperature is not None else defaults.temperature
    main = models(lineup["proposer"][0]).profile
    if temperature is not None and not 0 <= temperature <= HOTTEST:
        raise UsageError(f"The temperature is {temperature:g}; it goes from 0 to {HOTTEST}.")
    if ask.max_tokens is not None and ask.max_tokens < 1:
        raise UsageError(f"--max-tokens is {ask.max_tokens}; an answer takes at least 1 token.")
    spec = RunSpec(
        rounds=cast("int | None", values.get("rounds")),
        alternatives=cast("int | None", values.get("alternatives")),
        judges=cast("int | None", values.get("judges")),
        lineup=lineup,
        temperature={} if temperature is None else {"proposer": temperature},
        max_tokens=ask.max_tokens or defaults.max_tokens or main.default_max_tokens,
        seed=new_seed() if ask.seed is None else ask.seed,
        verifier=_verifier(ask, preset),
        settings={name: value for name, value in values.items() if name not in NUMBERS},
        cache=cache_use(ask),
    )
    spec = replace(spec, lineup=lineups.needed(strategy, spec, ask.question))
    profiles = {ref: models(ref).profile for refs in spec.lineup.values() for ref in refs}
    unpriced = [ref for ref, profile in profiles.items() if profile.price is None]
    caps = _caps(ask, settings)
    return Plan(
        strategy=strategy,
        preset=None if preset is None else preset.name,
        spec=spec,
        budget=caps.caps(prices_known=not unpriced),
        profiles=profiles,
        refusal=_unpriced(unpriced, caps, settings),
    )


def _lineup(ask: Ask, settings: Settings, preset: presets.Preset | None) -> lineups.Lineup:
    """As said, else as the preset has it that was named, else as saved, else as the preset has it that holds
    anyway.
    """
    said = dict(ask.role_models) | {"proposer": ask.alternative_models, "judge": ask.judge_models}
    own = {} if preset is None else preset.lineup
    saved = (own, settings.defaults.lineup) if ask.preset else (settings.defaults.lineup, own)
    found = lineups.lineup_of(ask.model or settings.defaults.model, (said, *saved))
    lineups.demand_known(found, settings)
    return found


def _strategy(
    ask: Ask, settings: Settings, strategies: Mapping[str, Strategy], *, main: ModelRef
) -> tuple[presets.Preset | None, Strategy]:
    """The preset (when its numbers hold) and the strategy."""
    defaults = settings.defaults
    name = ask.preset or defaults.preset or ("quick" if provider_of(main) == "builtin" else "balanced")
    preset = presets.find(settings, name)
    wanted = ask.strategy or (None if ask.preset else defaults.strategy) or preset.strategy
    if wanted not in strategies:
        raise UsageError(
            f"There is no strategy named {shown(wanted)}{closest(wanted, strategies)}. "
            f"Known are {', '.join(strategies)}."
        )
    return (preset if preset.strategy == wanted else None), strategies[wanted]


def _values(
    ask: Ask, settings: Settings, strategy: Strategy, preset: presets.Preset | None
) -> dict[str, SettingValue | None]:
    """Each setting of the strategy: as said, else as saved, else its own."""
    numbers = {name: getattr(ask, name) for name in NUMBERS if getattr(ask, name) is not None}
    refuse_unread(numbers, strategy)
    said = typed_values(ask.settings, strategy, besides=_ABOUT_CHECKS) | numbers
    saved = saved_values(preset, settings.defaults, preset_first=ask.preset is not None)
    return setting_values(strategy, said, saved)


def _verifier(ask: Ask, preset: presets.Preset | None) -> str | None:
    """What checks the answers, as it is declared: as said, else the preset's. Its file is not read here."""
    text = ask.settings.get(VERIFIER, (preset.verifier if preset is not None else None) or NO_VERIFIER)
    return None if text.strip().casefold() == NO_VERIFIER else str(declared(text))


def _caps(ask: Ask, settings: Settings) -> BudgetSettings:
    said = ask.budget
    usd = said.get("usd")
    calls, tokens = said.get("calls"), said.get("tokens")
    return settings.budget.overridden(
        BudgetSettings(
            calls=None if calls is None else int(calls),
            tokens=None if tokens is None else int(tokens),
            usd=None if usd is None else Decimal(str(usd)),
            seconds=said.get("seconds"),
        )
    )


def _unpriced(unpriced: list[ModelRef], caps: BudgetSettings, settings: Settings) -> SettingsError | None:
    """Why a model of unknown price may not be asked: money that somebody capped can't be told."""
    if unpriced and caps.money_cap_is_explicit:
        return _unpriced_refusal(unpriced[0], "A cap on money", "lift the cap with --budget-usd 0")
    if unpriced and settings.limits.is_any:
        return unpriced_limits(unpriced[0])
    return None


def unpriced_limits(ref: ModelRef) -> SettingsError:
    """That limits on spending can't be held over a model without a price, and what to add."""
    return _unpriced_refusal(ref, "A limit on spending", "take [limits] out there")


def _unpriced_refusal(ref: ModelRef, what: str, way_out: str) -> SettingsError:
    return SettingsError(
        f"{what} can't be held: the price of {ref} is unknown. Add it to config.toml, "
        f'for example [prices."{ref}"] with input = 0.5 and output = 1.5 '
        f"(US dollars per million tokens), or {way_out}."
    )
