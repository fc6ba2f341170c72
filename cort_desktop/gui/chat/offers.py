"""What the two pickers offer: presets and strategies, and the models of every provider. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import Settings
from cort_desktop.gui.chat.drafts import Thinking
from cort_desktop.gui.chat.pickers import Option
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.services.presets import Preset
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.strategies import strategy_title

PLAIN = "single"
"""The strategy without a contest."""
TO_SETTINGS = "settings"
"""The value of the entry that leads to the providers."""


def thinking_in(settings: Settings, model: ModelRef) -> Thinking:
    """What the settings say, resolved: the preset or strategy a question would get with this model."""
    defaults = settings.defaults
    if defaults.strategy is not None:
        return Thinking(strategy=defaults.strategy)
    return Thinking(preset=defaults.preset or ("quick" if provider_of(model) == "builtin" else "balanced"))


def thinking_options(
    presets: Sequence[Preset], strategies: Sequence[StrategyInfo], chosen: Thinking | None = None
) -> list[Option]:
    """Every preset, then every strategy with its own numbers, each group under its name.

    A strategy that only stands behind a preset of the same name is not offered twice; ``chosen`` is there in
    any case.
    """
    taken = {preset.name for preset in presets if preset.name == preset.strategy}
    options = [Option(value=None, text=QCoreApplication.translate("Offers", "Presets"))]
    for preset in presets:
        value = Thinking(preset=preset.name)
        options.append(Option(value=value, text=one_line(preset.title), words=one_line(preset.words)))
    plain = [each for each in strategies if each.name == PLAIN]
    others = [each for each in strategies if each.name != PLAIN]
    offered = [
        each for each in (*plain, *others) if each.name not in taken or chosen == Thinking(strategy=each.name)
    ]
    if offered:
        options.append(Option(value=None, text=QCoreApplication.translate("Offers", "Strategies")))
    options += [
        Option(
            value=Thinking(strategy=each.name), text=strategy_title(each.name), words=one_line(each.summary)
        )
        for each in offered
    ]
    return options


def model_options(
    found: Sequence[ProviderModels], known: Sequence[ModelRef], *, asking: bool
) -> list[Option]:
    """The models of each provider under its name; ``known`` are those that must be there in any case."""
    profiles = {profile.ref: profile for each in found for profile in each.models}
    listed: dict[str, list[ModelRef]] = {provider_of(ref): [] for ref in known}
    listed |= {each.provider: [profile.ref for profile in each.models] for each in found if each.models}
    for ref in known:
        models = listed.setdefault(provider_of(ref), [])
        if ref not in models:
            models.insert(0, ref)
    options: list[Option] = []
    for provider, models in listed.items():
        options.append(Option(value=None, text=provider))
        options += [_model_option(ref, profiles.get(ref)) for ref in models]
    if asking:
        options.append(Option(value=None, text=QCoreApplication.translate("Offers", "Asking the providers…")))
    options.append(
        Option(value=TO_SETTINGS, text=QCoreApplication.translate("Offers", "Providers and models…"))
    )
    return options


def _model_option(ref: ModelRef, profile: ModelProfile | None) -> Option:
    words: list[str] = [ref]
    if profile is not None and profile.context_tokens:
        words.append(
            QCoreApplication.translate("Offers", "{count} tokens of context").format(
                count=figures.tokens(profile.context_tokens)
            )
        )
    if profile is not None and profile.price is not None:
        price = profile.price
        money = QCoreApplication.translate("Offers", "${input} in, ${output} out for a million tokens")
        free = QCoreApplication.translate("Offers", "free of charge")
        words.append(free if price.is_free else money.format(input=price.input, output=price.output))
    return Option(value=ref, text=one_line(model_of(ref)), words=" · ".join(map(one_line, words)))
