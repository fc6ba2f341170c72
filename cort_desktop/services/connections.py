"""Whether a provider can be used, step by step: address, connection, key, models, credit, each told apart.

Asks for nothing that costs: the list of models, and where there is one the page about the key. Not here: how
those are asked (passed in), and asking a model itself (``PreferencesService.try_model``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from cort_desktop.domain.addresses import check_address
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ErrorKind, ProviderError

if TYPE_CHECKING:
    from cort_desktop.providers.account import Account

StepName = Literal["address", "connection", "key", "models", "credit"]
StepState = Literal["good", "doubt", "bad", "unasked"]
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
    """All steps in order; those after a failure were not taken."""

    provider: str
    steps: tuple[Step, ...]
    models: tuple[ModelProfile, ...] = ()

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
    """How a provider is asked; both raise ProviderError. A key of None means the stored one, "" none."""

    models: Callable[[ProviderSettings, str | None], Awaitable[tuple[ModelProfile, ...]]]
    account: Callable[[ProviderSettings, str | None], Awaitable[Account | None]]


async def test(
    provider: ProviderSettings, asking: Asking, *, key: str | None, has_key: bool
) -> ConnectionReport:
    """Go through all steps. ``key`` is tried in place of the stored one; ``has_key``: there is either."""
    trial = _Trial(provider, asking, key, has_key=has_key)
    try:
        await trial.run()
    except ProviderError as error:
        trial.fail(error)
    return trial.report()


class _Trial:
    """One test. Steps are noted as they are taken; what is not noted was not asked."""

    def __init__(self, provider: ProviderSettings, asking: Asking, key: str | None, *, has_key: bool) -> None:
        self._provider = provider
        self._asking = asking
        self._key = key
        self._has_key = has_key
        self._steps: dict[StepName, Step] = {}
        self._models: tuple[ModelProfile, ...] = ()

    async def run(self) -> None:
        """Raises the ProviderError of the step that failed."""
        if self._provider.kind == "builtin":
            self._models = await self._asking.models(self._provider, None)
            self._note("address", "good", "On this computer, in a process of its own.")
            self._note("models", "good", _count(self._models))
            return
        if not self._address() or not self._may_ask():
            return
        self._models = await self._asking.models(self._provider, self._key)
        self._note("connection", "good", f"{self._provider.origin} answers{self._how}.")
        if self._models:
            self._note("models", "good", _count(self._models))
        else:
            advice = "Load a model there, or pull one, and test again."
            self._note("models", "doubt", "It answers, but has no model.", advice)
        await self._check_key()

    def fail(self, error: ProviderError) -> None:
        """Put a failure where it belongs."""
        step, words, advice = _TROUBLE.get(error.kind, _UNKNOWN)
        if step != "connection" and "connection" not in self._steps:
            self._note("connection", "good", f"{self._provider.origin} answers{self._how}.")
        if error.kind == "auth" and not self._has_key:
            words, advice = "It wants a key, and there is none.", "Enter the key of this service."
        if error.kind in ("unreachable", "timeout") and self._provider.is_local:
            advice = _START.get(self._provider.kind, "Start the server, look at its port, and test again.")
        self._note(step, "bad", words, advice, str(error))

    def report(self) -> ConnectionReport:
        """What was found, in order."""
        rest = {name: Step(name=name, state="unasked", words="Not asked.") for name in STEPS}
        steps = tuple((rest | self._steps)[name] for name in STEPS)
        return ConnectionReport(provider=self._provider.name, steps=steps, models=self._models)

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


def _count(models: tuple[ModelProfile, ...]) -> str:
    return "1 model." if len(models) == 1 else f"{len(models)} models."


def _usd(amount: Decimal | None) -> str:
    return f"{amount:.2f} US dollars" if amount is not None else "no limit told"


_START = {"ollama": "Start it with `ollama serve` (or its app), and test again."}
_UNKNOWN: tuple[StepName, str, str] = (
    "models",
    "It answered, but not as expected.",
    "Look at what it said below; try again later.",
)
_TROUBLE: dict[ErrorKind, tuple[StepName, str, str]] = {
    "offline": (
        "connection",
        "Its name can't be found.",
        "Look for a slip in the address, and whether this computer is online.",
    ),
    "unreachable": (
        "connection",
        "Nothing answers there.",
        "Look for a slip in the address, and whether a firewall stands in between.",
    ),
    "timeout": (
        "connection",
        "It took too long to answer.",
        "Try again; if it goes on, look for a slip in the address.",
    ),
    "tls": (
        "connection",
        "Its certificate is not valid, so nothing was sent.",
        "Look for a slip in the address; a network that reads along (a company's, a hotel's) does this too.",
    ),
    "unavailable": ("connection", "It does not work right now.", "Try again in a while."),
    "throttled": ("connection", "It has too many requests right now.", "Try again in a while."),
    "auth": ("key", "The key is not accepted.", "Copy it again from the service's page, and enter it anew."),
    "no_credit": ("credit", "There is no credit left.", "Add credit there, or use another provider."),
    "not_found": (
        "models",
        "Something answers, but not with a list of models.",
        "Look at the path of the address; most end in /v1.",
    ),
    "not_an_api": (
        "models",
        "What answers there is no model service.",
        "Look at address and port; a login page or a proxy may stand in between.",
    ),
}
