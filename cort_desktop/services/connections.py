"""Whether a provider can be used, step by step: address, connection, key, models, credit, each told apart.

Asks for nothing that costs: the list of models, and where there is one the page about the key. Not here: how
those are asked (passed in), and asking a model itself (``PreferencesService.try_model``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from cort_desktop.domain.addresses import check_address, origin_of
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.key_owners import foreign_owner
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, closest
from cort_desktop.errors import ProviderError
from cort_desktop.services.connection_words import KINDS, START, TROUBLES, UNKNOWN, StepName

if TYPE_CHECKING:
    from cort_desktop.providers.account import Account

StepState = Literal["good", "doubt", "bad", "unasked"]
_CLOCK_S = 300.0
"""More than this is no slow answer but a wrong clock."""
_TAILS = ("/chat/completions", "/completions", "/messages", "/models", "/api/chat", "/api")
STEPS: tuple[StepName, ...] = ("address", "connection", "key", "models", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How one step went. ``words`` say what is so, ``advice`` what to do next, ``detail`` who said what."""

    name: StepName
    state: StepState
    words: str
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReport:
    """All steps in order; those after a failure were not taken.

    better_address: where the service answered when it didn't at the address that was tested.
    """

    provider: str
    steps: tuple[Step, ...]
    models: tuple[ModelProfile, ...] = ()
    better_address: str = ""

    @property
    def works(self) -> bool:
        """Whether nothing that was asked went wrong."""
        return all(step.state != "bad" for step in self.steps)

    @property
    def trouble(self) -> Step | None:
        """The first step that went wrong."""
        return next((step for step in self.steps if step.state == "bad"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a provider is asked.

    models, account: raise ProviderError; a key of None means the stored one, "" none. behind_s: the seconds
    that this computer's clock is behind a service's, by its last answer; None when that is unknown. proxies:
    the environment variables that name a proxy, which this program does not use.
    """

    models: Callable[[ProviderSettings, str | None], Awaitable[tuple[ModelProfile, ...]]]
    account: Callable[[ProviderSettings, str | None], Awaitable[Account | None]]
    behind_s: Callable[[ProviderSettings], float | None] = lambda _provider: None
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The key of a test. given: is tried in place of the stored one. text: whichever it is, never shown."""

    given: str | None = None
    text: str | None = field(default=None, repr=False)


async def test(
    provider: ProviderSettings, asking: Asking, *, key: Credentials, named: Collection[str]
) -> ConnectionReport:
    """Go through all steps. ``named``: the models that the settings name, which it should have."""
    trial = _Trial(provider, asking, key, named)
    try:
        await trial.run()
    except ProviderError as error:
        trial.fail(error)
    return trial.report()


class _Trial:
    """One test. Steps are noted as they are taken; what is not noted was not asked."""

    def __init__(
        self, provider: ProviderSettings, asking: Asking, key: Credentials, named: Collection[str]
    ) -> None:
        self._provider = provider
        self._asking = asking
        self._key = key.given
        self._key_text = key.text
        self._has_key = key.text is not None
        self._named = named
        self._steps: dict[StepName, Step] = {}
        self._models: tuple[ModelProfile, ...] = ()
        self._better = ""

    async def run(self) -> None:
        """Raises the ProviderError of the step that failed."""
        if self._provider.kind == "builtin":
            self._models = await self._asking.models(self._provider, None)
            self._note("address", "good", "On this computer, in a process of its own.")
            self._note("models", "good", _count(self._models))
            return
        if not self._address() or not self._may_ask():
            return
        try:
            self._models = await self._asking.models(self._provider, self._key)
        except ProviderError as error:
            if not await self._elsewhere(error):
                raise
            return
        self._note_connection()
        self._note_models()
        await self._check_key()

    def fail(self, error: ProviderError) -> None:
        """Put a failure where it belongs."""
        from cort_desktop.providers.troubles import trouble_of

        trouble = trouble_of(error)
        step, words, advice = KINDS.get(error.kind, UNKNOWN) if trouble is None else TROUBLES[trouble]
        if step != "connection" and "connection" not in self._steps:
            self._note_connection()
        if error.kind == "auth" and not self._has_key:
            words, advice = "It wants a key, and there is none.", "Enter the key of this service."
        if error.kind in ("unreachable", "timeout", "offline"):
            advice = self._way_in(advice)
        self._note(step, "bad", words, advice, str(error))

    def _way_in(self, advice: str) -> str:
        """What to do about a service that can't be reached."""
        if self._provider.is_local:
            return START.get(self._provider.kind, "Start the server, look at its port, and test again.")
        if self._asking.proxies:
            names = " and ".join(self._asking.proxies)
            return f"{advice} {names} names a proxy: enter it in the network settings to use it."
        return advice

    async def _elsewhere(self, error: ProviderError) -> bool:
        """Whether the service is found at a likelier address of the same origin; the key may go there too."""
        if error.kind not in ("not_found", "not_an_api"):
            return False
        for address in likely_addresses(self._provider.base_url):
            try:
                found = await self._asking.models(replace(self._provider, base_url=address), self._key)
            except ProviderError:
                continue
            self._better = address
            self._note_connection()
            words = f"The service is not at this address but at {address}, with {_count(found)[:-1]}."
            self._note("address", "bad", words, "Enter that address.", str(error))
            return True
        return False

    def _note_connection(self) -> None:
        behind_s = self._asking.behind_s(self._provider)
        if behind_s is not None and abs(behind_s) > _CLOCK_S:
            words = f"{self._provider.origin} answers{self._how}, but its clock and this computer's differ by"
            advice = "Look at this computer's date and time: keys and certificates are good for a time only."
            self._note("connection", "doubt", f"{words} {_span(abs(behind_s))}.", advice)
        else:
            self._note("connection", "good", f"{self._provider.origin} answers{self._how}.")

    def _note_models(self) -> None:
        there = {model_of(profile.ref) for profile in self._models}
        missing = [
            name for name in self._named if name not in there and name.removesuffix(":latest") not in there
        ]
        if not self._models:
            advice = "Load a model there, or pull one, and test again."
            self._note("models", "doubt", "It answers, but has no model.", advice)
        elif missing:
            names = ", ".join(f"“{name}”{closest(name, there)}" for name in missing)
            words = f"{_count(self._models)[:-1]}, but not {names}, which the settings name."
            self._note("models", "doubt", words, "Choose one of those it has, or load that one there.")
        else:
            self._note("models", "good", _count(self._models))

    def report(self) -> ConnectionReport:
        """What was found, in order."""
        rest = {name: Step(name=name, state="unasked", words="Not asked.") for name in STEPS}
        steps = tuple((rest | self._steps)[name] for name in STEPS)
        return ConnectionReport(
            provider=self._provider.name, steps=steps, models=self._models, better_address=self._better
        )

    def _address(self) -> bool:
        check = check_address(self._provider.base_url)
        if check.problem:
            self._note("address", "bad", f"The address {check.problem}.", "Correct it and test again.")
            return False
        if check.warning:
            self._note("address", "doubt", f"The address {check.warning}.")
        else:
            self._note("address", "good", f"{check.url} is an address that may be used.")
        return True

    def _may_ask(self) -> bool:
        if self._provider.needs_key and not self._has_key:
            advice = "Enter the key of this service; nothing is sent there without one."
            self._note("key", "bad", "There is no key.", advice)
            return False
        foreign = foreign_owner(self._key_text or "", self._provider.base_url)
        if foreign is not None:
            words = f"The key looks like one of {foreign[0]}, and this is {foreign[1]}; it was not sent."
            self._note("key", "bad", words, f"Enter a key of {foreign[1]}.")
            return False
        return True

    async def _check_key(self) -> None:
        """Whether the key is right. A list of models that is open to everybody says nothing about it."""
        if not self._provider.takes_key:
            self._note("key", "good", "It needs none.")
            return
        account = await self._asking.account(self._provider, self._key) if self._has_key else None
        if account is not None:
            self._note("key", "good", "The key is accepted.")
            self._credit(account)
        elif not self._has_key:
            self._note("key", "good", "It answers without one.")
        elif await self._is_open():
            advice = "Try one of its models to know; that costs a few tokens."
            self._note("key", "doubt", "Not tested: it lists its models without asking for a key.", advice)
        else:
            self._note("key", "good", "The key is accepted.")

    async def _is_open(self) -> bool:
        try:
            await self._asking.models(self._provider, "")
        except ProviderError:
            return False
        return True

    def _credit(self, account: Account) -> None:
        left = account.left_usd
        if left is not None and left <= 0:
            words = f"The limit of this key is used up ({_usd(account.limit_usd)})."
            self._note("credit", "bad", words, "Raise the limit there, or use another key.")
        elif left is not None:
            self._note("credit", "good", f"{_usd(left)} are left on this key.")
        elif account.is_free_tier:
            words = "No credit was ever bought: only free models will answer."
            self._note("credit", "doubt", words, "Buy credit there, or choose models marked free.")
        else:
            used = "" if account.used_usd is None else f" {_usd(account.used_usd)} were used so far."
            words = f"This key has no limit of its own.{used}"
            self._note("credit", "good", words)

    @property
    def _how(self) -> str:
        secure = self._provider.origin.startswith("https:")
        return ", with a valid certificate" if secure else ""

    def _note(self, name: StepName, state: StepState, words: str, advice: str = "", detail: str = "") -> None:
        self._steps[name] = Step(name=name, state=state, words=words, advice=advice, detail=detail)


def likely_addresses(base_url: str) -> tuple[str, ...]:
    """Where else below the same origin the interface of such a service mostly is."""
    plain = base_url.rstrip("/")
    for tail in _TAILS:
        plain = plain.removesuffix(tail)
    origin = origin_of(base_url)
    guesses = (
        plain,
        f"{plain}/v1",
        f"{plain}/api/v1",
        f"{origin}/v1",
        f"{origin}/api/v1",
        f"{origin}/openai/v1",
    )
    return tuple(dict.fromkeys(guess for guess in guesses if guess != base_url.rstrip("/")))


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def _count(models: tuple[ModelProfile, ...]) -> str:
    return "1 model." if len(models) == 1 else f"{len(models)} models."


def _usd(amount: Decimal | None) -> str:
    return f"{amount:.2f} US dollars" if amount is not None else "no limit told"
