"""Settings as values, and how they are read out of a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.budget import FREE, Budget
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import BUILTIN_MODEL, BudgetSettings, ContextSettings, Settings
from cort_desktop.domain.settings_reading import Vocabulary, read
from cort_desktop.errors import UsageError

WORDS = Vocabulary(strategies=("single", "best_of_n", "cort"), presets=("quick", "balanced"))


def problems(data: dict[str, Any]) -> list[str]:
    return [str(each) for each in read(data, vocabulary=WORDS).problems]


def warnings(data: dict[str, Any]) -> list[str]:
    return [str(each) for each in read(data, vocabulary=WORDS).warnings]


def test_nothing_configured_is_no_mistake() -> None:
    reading = read({})
    assert reading.settings == Settings()
    assert (reading.problems, reading.warnings) == ((), ())
    assert reading.settings.defaults.model == BUILTIN_MODEL
    assert list(reading.settings.providers) == ["builtin", "anthropic", "ollama", "openai", "openrouter"]


def test_everything_that_may_be_written_is_read() -> None:
    reading = read(
        {
            "defaults": {
                "preset": "mine",
                "strategy": "cort",
                "rounds": 2,
                "alternatives": 3,
                "judges": 1,
                "model": "my-server/big",
                "judge_model": ["openai/a", "openrouter/b/c"],
                "alternative_models": "ollama/llama3.2",
                "temperature": Decimal("0.7"),
                "max_tokens": 100,
                "system": "Be brief.",
            },
            "budget": {"calls": 9, "tokens": 60000, "usd": Decimal("0.25"), "seconds": 600},
            "providers": {
                "my-server": {
                    "kind": "openai",
                    "base_url": "http://127.0.0.1:8080/v1/",
                    "key_env": "MY_SERVER_KEY",
                    "max_concurrency": 8,
                    "context": 8192,
                    "models": ["fast", "big"],
                }
            },
            "prices": {
                "my-server/big": {"input": 3, "output": Decimal("15.0"), "cached_input": Decimal("0.3")}
            },
            "presets": {
                "mine": {"strategy": "best_of_n", "alternatives": 4, "judges": 3, "words": "My own."}
            },
        },
        vocabulary=WORDS,
    )
    assert (reading.problems, reading.warnings) == ((), ())
    settings = reading.settings
    assert settings.defaults.judge_model == ("openai/a", "openrouter/b/c")
    assert settings.defaults.alternative_models == ("ollama/llama3.2",)
    assert settings.defaults.temperature == 0.7
    assert settings.budget.seconds == 600.0
    server = settings.provider("my-server")
    assert (server.base_url, server.origin) == ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080")
    assert server.context == 8192
    assert (server.key_variables, server.models, server.max_concurrency) == (
        ("MY_SERVER_KEY",),
        ("fast", "big"),
        8,
    )
    price = settings.price_of(ModelRef("my-server/big"))
    assert price is not None
    assert (price.output, price.cached_input, price.reasoning) == (Decimal(15), Decimal("0.3"), None)
    assert settings.presets["mine"].alternatives == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"defaults": {"rounds": True}}, "defaults.rounds must be a whole number from 1 to 1000, not true"),
        ({"defaults": {"rounds": Decimal("1.5")}}, "not 1.5"),
        ({"defaults": {"temperature": "hot"}}, 'from 0 to 2, not "hot"'),
        ({"defaults": {"temperature": Decimal("nan")}}, "not NaN"),
        ({"defaults": {"model": "gpt"}}, 'PROVIDER/MODEL, not "gpt"'),
        ({"defaults": {"model": ["openai/a", "openai/b"]}}, "must be one model"),
        ({"defaults": {"model": "opnai/a"}}, 'did you mean "openai"?'),
        ({"defaults": {"model": "antropic/claude"}}, 'did you mean "anthropic"?'),
        ({"defaults": {"judge_model": [3]}}, "list of texts"),
        ({"defaults": {"strategy": "crot"}}, 'did you mean "cort"?'),
        ({"defaults": {"preset": "quik"}}, 'did you mean "quick"?'),
        ({"defaults": 3}, "must be a table, [defaults], not a number"),
        ({"defaults": []}, "not a list"),
        ({"budget": {"usd": Decimal("Infinity")}}, "not Infinity"),
        ({"budget": {"usd": Decimal("1e999999")}}, "from 0 to 1000000"),
        ({"budget": {"usd": -1}}, "not -1"),
        ({"budget": {"tokens": 10**5000}}, "not a very long number"),
        ({"providers": {"x": {"kind": "openia", "base_url": "http://127.0.0.1/"}}}, 'did you mean "openai"?'),
        ({"providers": {"x": {"kind": "builtin"}}}, "named builtin alone"),
        ({"providers": {"builtin": {"kind": "openai"}}}, 'must be "builtin"'),
        ({"providers": {"x": {"kind": "openai"}}}, "providers.x.base_url is missing"),
        ({"providers": {"openai": {"base_url": ""}}}, "is empty"),
        ({"providers": {"a/b": {}}}, 'providers."a/b" is no name'),
        ({"providers": {"ollama": {"max_concurrency": 65}}}, "from 1 to 64"),
        ({"providers": {"ollama": {"context": 100}}}, "from 512 to"),
        ({"providers": {"openai": {"key_env": "my key"}}}, "name of an environment variable"),
        ({"prices": {"openai/gpt": {"input": 1}}}, 'prices."openai/gpt" lacks output'),
        ({"prices": {"gpt": {"input": 1, "output": 1}}}, "PROVIDER/MODEL"),
        ({"presets": {"p": {"rounds": 1}}}, "presets.p.strategy is missing"),
    ],
)
def test_a_wrong_value_is_named(data: dict[str, Any], words: str) -> None:
    found = problems(data)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"defalts": {}}, 'defalts is not known and has no effect (did you mean "defaults"?)'),
        ({"budget": {"dollars": 1}}, "budget.dollars is not known"),
        ({"network": {"nothing": "x"}}, "network.nothing is not known"),
        (
            {"appearance": {"themes": "dark"}},
            "appearance.themes is not known and has no effect (did you mean",
        ),
        ({"providers": {"ollama": {"base_url": "http://10.0.0.9:11434/v1"}}}, "unencrypted"),
        ({"providers": {"openai": {"api_key": "sk-abcdefghijkl"}}}, "enter it as the key of openai"),
    ],
)
def test_a_doubtful_key_is_a_warning(data: dict[str, Any], words: str) -> None:
    assert problems(data) == []
    found = warnings(data)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    "data",
    [
        {"providers": {"openai": {"api_key": "sk-canary0123456789"}}},
        {"providers": {"openai": {"key_env": "sk-canary0123456789"}}},
        {"providers": {"openai": {"key_env": "canary-0123456789"}}},
        {"providers": {"openai": {"kind": "sk-canary0123456789"}}},
        {"providers": {"openai": {"base_url": "https://canary0123456789@api.openai.com/"}}},
        {"defaults": {"strategy": "sk-canary0123456789"}},
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(data: dict[str, Any]) -> None:
    """Row 60: a key pasted where it does not belong appears in no message."""
    said = problems(data) + warnings(data)
    assert said
    assert "canary" not in " ".join(said)


def test_a_provider_with_a_mistake_is_not_asked_as_it_was() -> None:
    settings = read({"providers": {"openai": {"base_url": "gopher://x"}}}).settings
    with pytest.raises(UsageError, match="no provider named"):
        settings.provider("openai")


@pytest.mark.parametrize(
    ("name", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
)
def test_the_vendors_variable_counts_at_the_vendors_address_only(name: str, variable: str) -> None:
    own = read({}).settings.provider(name)
    elsewhere = read({"providers": {name: {"base_url": "https://proxy.example.org/v1"}}}).settings
    assert own.key_variables == (variable,)
    assert own.needs_key
    assert elsewhere.provider(name).key_variables == ()
    assert not elsewhere.provider(name).needs_key


@pytest.mark.parametrize("base_url", [None, "https://api.anthropic.com/v1"])
def test_anthropic_is_a_kind_like_any_other(base_url: str | None) -> None:
    table = {"kind": "anthropic"} | ({"base_url": base_url} if base_url else {})
    reading = read({"providers": {"work": table, "anthropic": table}, "defaults": {"model": "work/claude"}})
    assert (reading.problems, reading.warnings) == ((), ())
    assert reading.settings.provider("work").origin == "https://api.anthropic.com"
    assert reading.settings.provider("anthropic").own_address


def test_who_takes_a_key() -> None:
    settings = read(
        {
            "providers": {
                "far": {"kind": "ollama", "base_url": "https://far.example.org/v1"},
                "near": {"kind": "ollama", "base_url": "http://[::1]:11434/v1"},
                "keyed": {"kind": "ollama", "key_env": "OLLAMA_KEY"},
                "near-openai": {"kind": "openai", "base_url": "http://127.0.0.1:1/v1"},
            }
        }
    ).settings
    takes = {name: provider.takes_key for name, provider in settings.providers.items()}
    assert takes == {
        "builtin": False,
        "anthropic": True,
        "ollama": False,
        "openai": True,
        "openrouter": True,
        "far": True,
        "near": False,
        "keyed": True,
        "near-openai": True,
    }


def test_unknown_providers_are_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match='did you mean "openrouter"'):
        Settings().provider("openroter")


def test_unknown_prices_stay_unknown() -> None:
    assert Settings().price_of(ModelRef("builtin/x")) == FREE
    assert Settings().price_of(ModelRef("ollama/x")) == FREE
    assert Settings().price_of(ModelRef("openai/x")) is None


def test_caps() -> None:
    absent = BudgetSettings()
    assert absent.caps(prices_known=True) == Budget(cost_microusd=500_000)
    assert absent.caps(prices_known=False) == Budget()
    assert not absent.money_cap_is_explicit
    lifted = BudgetSettings(usd=Decimal(0), calls=0, tokens=0, seconds=0)
    assert lifted.caps(prices_known=True) == Budget()
    assert not lifted.money_cap_is_explicit
    said = absent.overridden(BudgetSettings(usd=Decimal("0.0000005"), calls=3))
    assert said.money_cap_is_explicit
    assert said.caps(prices_known=False) == Budget(calls=3, cost_microusd=0)
    assert lifted.overridden(absent) == lifted


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=9) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
_TABLES = st.dictionaries(
    st.sampled_from(["defaults", "budget", "providers", "prices", "presets", "other"]),
    _ANYTHING
    | st.dictionaries(
        st.sampled_from(["model", "usd", "openai", "x", "openai/x", "judge_model", "builtin"]),
        _ANYTHING
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("kind", "base_url", "input", "models"), _ANYTHING)
        ),
    ),
)


@given(_TABLES)
def test_reading_never_raises_and_never_asks_an_unchecked_address(data: dict[str, Any]) -> None:
    settings = read(data, vocabulary=WORDS).settings
    for provider in settings.providers.values():
        assert provider.kind == "builtin" or provider.base_url.startswith(("http://", "https://"))


def test_context_says_what_long_conversations_are_told_of() -> None:
    told = read(
        {"context": {"summary": False, "summary_model": "builtin/smollm2-135m", "retrieved_turns": 0}}
    )
    assert not told.problems
    assert told.settings.context == ContextSettings(
        summary=False, summary_model=ModelRef("builtin/smollm2-135m"), retrieved_turns=0
    )
    wrong = read(
        {"context": {"summary": "no", "summary_model": "nowhere/x", "retrieved_turns": 51, "sumary": 1}}
    )
    assert wrong.settings.context == ContextSettings()
    assert {note.key for note in wrong.problems} == {
        "context.summary",
        "context.summary_model",
        "context.retrieved_turns",
    }
    assert [note.key for note in wrong.warnings] == ["context.sumary"]
