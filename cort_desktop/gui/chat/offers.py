"""What the two pickers offer: presets and strategies, and the models of every provider. Pure.

The first entry of each is what the settings say, by name, so that a picker never stands for something unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import Settings
from cort_desktop.gui.chat.drafts import Thinking
from cort_desktop.gui.chat.pickers import Option
from cort_desktop.services.chat import StrategyInfo
from cort_desktop.services.preferences import ProviderModels
from cort_desktop.services.presets import Preset
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

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


def thinking_options(presets: Sequence[Preset], strategies: Sequence[StrategyInfo]) -> list[Option]:
    """One answer without a contest, every preset, then the strategies with their own numbers."""
    by_name = {each.name: each for each in strategies}
    options = []
    if PLAIN in by_name:
        words = one_line(by_name[PLAIN].summary)
        options.append(
            Option(
                value=Thinking(strategy=PLAIN),
                text=QCoreApplication.translate("Offers", "No contest"),
                words=words,
            )
        )
    for preset in presets:
        value = Thinking(preset=preset.name)
        options.append(Option(value=value, text=one_line(preset.title), words=one_line(preset.words)))
    plain = [each for each in strategies if each.name != PLAIN]
    if plain:
        options.append(Option(value=None, text=QCoreApplication.translate("Offers", "Strategies")))
    for each in plain:
        text = each.name.replace("_", " ")
        options.append(Option(value=Thinking(strategy=each.name), text=text, words=one_line(each.summary)))
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
