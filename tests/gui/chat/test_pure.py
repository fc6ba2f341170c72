from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from cort_desktop.domain.ids import ConversationId, ModelRef, RunId, TurnId
from cort_desktop.domain.library import RunRow, Turn, TurnView
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import Defaults, Settings
from cort_desktop.gui.chat.column import Column
from cort_desktop.gui.chat.drafts import Choice, Draft, PerConversation, Thinking
from cort_desktop.gui.chat.hits import Hits, count, words_shown
from cort_desktop.gui.chat.message_edit import local_files
from cort_desktop.gui.chat.offers import TO_SETTINGS, model_options, thinking_in, thinking_options
from cort_desktop.gui.chat.question import preview
from cort_desktop.gui.chat.text_window import shown_text
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.services.presets import BUILT_IN

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONVERSATION = ConversationId("c1")
BUILTIN = ModelRef("builtin/smollm2-135m")


def turn(name: str, question: str = "Why?", answer: str = "Because.") -> TurnView:
    run = RunId(f"run-{name}")
    return TurnView(
        turn=Turn(
            id=TurnId(name),
            conversation=CONVERSATION,
            parent=None,
            question=question,
            created=NOW,
            runs=(run,),
            active=run,
        ),
        runs=(
            RunRow(
                id=run,
                turn=TurnId(name),
                conversation=CONVERSATION,
                strategy="single",
                status="complete",
                answer_node=None,
                answer=answer,
                started=NOW,
                ended=NOW,
                last_seq=4,
            ),
        ),
        siblings=(TurnId(name),),
    )


def test_a_column_keeps_what_it_measured() -> None:
    column = Column()
    column.set_width(600)
    column.show([turn("a"), turn("b"), turn("c")])
    assert column.measured(0, 300)
    assert not column.measured(0, 300)
    assert column.places[1].top == 300
    assert column.height == 300 + column.places[1].height + column.places[2].height
    assert column.show([turn("a"), turn("d")]) == ["b", "c"]
    assert (column.places[0].height, column.places[0].is_measured) == (300, True)
    column.set_width(400)
    assert not column.places[0].is_measured


def test_a_column_knows_what_is_between_two_heights() -> None:
    column = Column()
    column.show([turn(name) for name in "abcde"])
    for index in range(5):
        column.measured(index, 100)
    assert column.within(150, 350) == range(1, 4)
    assert column.within(100, 200) == range(1, 2)
    assert column.within(600, 700) == range(0)
    assert column.index(TurnId("d")) == 3
    assert Column().height == 0


def test_a_long_answer_is_guessed_higher() -> None:
    column = Column()
    column.set_width(600)
    column.show([turn("a"), turn("b", answer="word " * 2_000), turn("c", answer="x" * 5_000_000)])
    short, long, huge = (place.height for place in column.places)
    assert short < long < huge < 10_000


def test_hits_are_counted_where_they_will_be_seen() -> None:
    turns = [turn("a", "An index?", "An **in**dex, an Index."), turn("b", "No.", "index")]
    raw = Hits(turns, "index", {})
    assert raw.total == 3
    answers = [view.runs[0].answer or "" for view in turns]
    shown = Hits(turns, "index", words_shown(answers))
    assert shown.total == 4
    last = shown.at(3)
    assert last is not None
    assert (last.turn, last.part, last.nth) == ("b", "answer", 0)
    assert shown.first_in([TurnId("b")]) == 3
    assert shown.recount(TurnId("a"), "question", 0)
    assert shown.total == 3
    assert shown.at(3) is None
    assert count("Straße und STRASSE", "und") == 1
    assert count("anything", "") == 0


def test_drafts_and_choices_stay_with_their_conversation() -> None:
    kept = PerConversation()
    kept.keep_draft(None, Draft(text="new"))
    kept.keep_draft(CONVERSATION, Draft(text="old", edits=TurnId("a")))
    assert kept.draft(None).text == "new"
    assert kept.draft(CONVERSATION).edits == "a"
    kept.keep_draft(None, Draft(text="  "))
    assert kept.draft(None) == Draft()
    kept.keep_choice(CONVERSATION, Choice(model=BUILTIN))
    assert kept.choice(CONVERSATION) == Choice(model=BUILTIN)
    assert kept.choice(None) is None


def test_what_the_settings_say_is_named() -> None:
    assert thinking_in(Settings(), BUILTIN) == Thinking(preset="quick")
    assert thinking_in(Settings(), ModelRef("openrouter/x")) == Thinking(preset="balanced")
    assert thinking_in(Settings(defaults=Defaults(strategy="single")), BUILTIN) == Thinking(strategy="single")


def test_every_way_to_think_is_offered_once() -> None:
    strategies = [
        StrategyInfo(name=name, summary=f"{name}.", settings=()) for name in ("single", "cort", "best_of_n")
    ]
    options = thinking_options(BUILT_IN, strategies)
    values = [option.value for option in options if option.value is not None]
    assert values[len(BUILT_IN)] == Thinking(strategy="single")
    assert {each.preset for each in values if isinstance(each, Thinking)} >= {"quick", "balanced", "classic"}
    assert len(set(values)) == len(values)


def test_a_strategy_behind_a_preset_of_its_name_is_offered_once() -> None:
    """“balanced” stood there twice, and nothing said which was which."""
    strategies = [
        StrategyInfo(name=name, summary=f"{name}.", settings=()) for name in ("balanced", "single", "cort")
    ]
    options = thinking_options(BUILT_IN, strategies)
    texts = [option.text for option in options]
    titles = [preset.title for preset in BUILT_IN]
    assert texts == ["Presets", *titles, "Strategies", "No contest", "CoRT"]
    assert all(option.words for option in options if option.value is not None)
    chosen = Thinking(strategy="balanced")
    assert chosen in [option.value for option in thinking_options(BUILT_IN, strategies, chosen)]


def test_models_stand_under_their_provider() -> None:
    listed = ProviderModels(
        provider="openrouter", reachable=True, models=(ModelProfile(ref=ModelRef("openrouter/a/b")),)
    )
    options = model_options([listed], [BUILTIN], asking=True)
    words = [option.text for option in options]
    assert words == [
        "builtin",
        "smollm2-135m",
        "openrouter",
        "a/b",
        "Asking the providers…",
        "Providers and models…",
    ]
    assert options[-1].value == TO_SETTINGS
    assert options[0].value is None


def test_a_long_question_is_shown_by_its_beginning() -> None:
    assert preview("Why?") == "Why?"
    assert len(preview("x" * 100_000)) < 4_000
    assert preview("\n".join(map(str, range(1_000)))).count("\n") < 30


def test_a_text_to_read_has_no_endless_line() -> None:
    assert max(map(len, shown_text("x" * 1_000_000).split("\n"))) <= 2_000
    assert shown_text("a\x1b[31mb") == "a␛[31mb"


def test_only_files_of_this_machine_are_taken() -> None:
    data = QMimeData()
    data.setUrls(
        [
            QUrl("file:///tmp/a.txt"),
            QUrl("file://server/share/b.txt"),
            QUrl("https://example.org/c.txt"),
            QUrl("smb://server/d.txt"),
        ]
    )
    assert local_files(data) == [Path("/tmp/a.txt")]
