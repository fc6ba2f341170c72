from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import Conversation, Hit
from cort_desktop.gui.library.hit_model import HitListModel
from cort_desktop.gui.library.hits import HitHeading, HitRow, counted, place_of, rows_of_hits
from cort_desktop.gui.library.models import ConversationListModel
from cort_desktop.gui.library.rows import Entry, Heading, Row, Work, local, rows_of, shown_title
from tests.fakes.item_models import under_tester

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = local(NOON).date()
ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)


def conversation(name: str, days: int = 0, *, pinned: bool = False) -> Conversation:
    moment = NOON - timedelta(days=days)
    return Conversation(
        id=ConversationId(name), title=name, created=moment, updated=moment, turns=1, pinned=pinned
    )


def words(rows: list[Row]) -> list[str]:
    return [row.words if isinstance(row, Heading) else row.title for row in rows]


def test_pinned_ones_stand_on_top_whenever_they_were_used() -> None:
    listed = [
        conversation("old", 40, pinned=True),
        conversation("a"),
        conversation("b"),
        conversation("c", 1),
    ]
    rows = rows_of(listed, "all", Work(), TODAY, ENGLISH)
    assert words(rows) == ["Pinned", "old", "Today", "a", "b", "Yesterday", "c"]
    assert words(rows_of(listed[:1], "archived", Work(), TODAY, ENGLISH)) == ["October", "old"]


def test_the_bin_goes_by_the_day_of_deletion() -> None:
    old = replace(conversation("old", 40), deleted=NOON)
    assert words(rows_of([old], "bin", Work(), TODAY, ENGLISH)) == ["Today", "old"]


def test_a_title_is_shown_on_one_line_and_nothing_in_it_acts() -> None:
    assert shown_title("two\nlines\x1b[31m \u202etxt.exe") == "two lines␛[31m <U+202E>txt.exe"
    assert shown_title(" \n ") == "Untitled"
    assert len(shown_title("x" * 1_000_000)) == 301


def accessible(entry: Entry) -> str:
    model = ConversationListModel()
    model.show([entry])
    return str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_rows_state_is_said_in_words(qt_app: QApplication) -> None:
    one = conversation("title")
    assert accessible(Entry(conversation=one)) == "title"
    assert accessible(Entry(conversation=one, condition="working", word="R2")) == "title, working, round 2"
    assert accessible(Entry(conversation=one, condition="working", word="draft")) == "title, working, draft"
    assert accessible(Entry(conversation=one, condition="finished")) == "title, finished, not looked at yet"
    assert accessible(Entry(conversation=replace(one, pinned=True))) == "title, pinned"


def test_headings_are_read_aloud_and_never_chosen(qt_app: QApplication) -> None:
    model = ConversationListModel()
    tester = under_tester(model, ConversationListModel)
    model.show(rows_of([conversation("a")], "all", Work(), TODAY, ENGLISH))
    heading = model.index(0, 0)
    assert heading.data(Qt.ItemDataRole.AccessibleTextRole) == "Today"
    assert not heading.flags() & (Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)
    assert model.index(1, 0).flags() & Qt.ItemFlag.ItemIsEditable
    tester.deleteLater()


def test_a_tooltip_shows_markup_as_it_is(qt_app: QApplication) -> None:
    model = ConversationListModel()
    model.show([Entry(conversation=replace(conversation("a"), title="<img src=file:///etc/passwd>"))])
    assert "&lt;img" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_an_empty_title_is_refused_and_an_unchanged_one_changes_nothing(qt_app: QApplication) -> None:
    model = ConversationListModel()
    model.show([Entry(conversation=conversation("title"))])
    told: list[tuple[str, str]] = []
    model.renamed.connect(lambda name, title: told.append((name, title)))
    assert not model.setData(model.index(0, 0), " \n ")
    assert model.setData(model.index(0, 0), "title")
    assert told == []
    assert model.setData(model.index(0, 0), "  better\ntitle ")
    assert told == [("title", "better title")]
    assert model.index(0, 0).data() == "better title"


def hit(name: str, part: str = "candidate", node: str | None = "R1.A1") -> Hit:
    return Hit(
        conversation=ConversationId(name),
        title=name,
        run=RunId("r"),
        node=None if node is None else NodeName(node),
        part=part,  # type: ignore[arg-type]  # one of the five, below
        excerpt="the word",
        at=NOON,
        marks=((4, 8),),
        turn=TurnId("t"),
    )


def test_a_hit_names_its_place() -> None:
    places = [
        place_of(hit("c", part, node))
        for part, node in [
            ("title", None),
            ("question", None),
            ("answer", "R2.A3"),
            ("answer", None),
            ("candidate", "R2.A1"),
            ("verdict", "R1.J2"),
        ]
    ]
    assert places == ["title", "question", "answer · R2.A3", "answer", "R2.A1", "judge R1.J2"]


@pytest.mark.parametrize(
    ("won", "lost", "words"),
    [
        ((), False, "R1.A1"),
        ((), True, "R1.A1 · lost"),
        ((1,), True, "R1.A1 · won round 1"),
        ((1, 2, 4), False, "R1.A1 · won rounds 1, 2 and 4"),
    ],
)
def test_a_candidate_says_how_it_came_out(won: tuple[int, ...], lost: bool, words: str) -> None:
    assert place_of(replace(hit("c"), won=won, lost=lost)) == words


def test_hits_stand_under_their_conversation_where_its_newest_is(qt_app: QApplication) -> None:
    hits = [hit("one"), hit("two"), hit("one", "question", None), hit("one")]
    rows = rows_of_hits(hits, TODAY, ENGLISH)
    shown = [row.title if isinstance(row, HitHeading) else row.place for row in rows]
    assert shown == ["one", "R1.A1", "question", "R1.A1", "two", "R1.A1"]
    model = HitListModel()
    tester = under_tester(model, HitListModel)
    model.show(rows)  # also those that are equal have keys of their own
    assert model.rowCount() == 6
    assert model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "R1.A1: the word"
    tester.deleteLater()


def test_how_much_was_found_is_said_honestly() -> None:
    assert counted([hit("a")], 60) == "1 place"
    assert counted([hit("a"), hit("a")], 60) == "2 places in 1 conversation"
    assert counted([hit("a"), hit("b")], 60) == "2 places in 2 conversations"
    assert counted([hit("a"), hit("b")], 2) == "The newest 2 places"


def test_hits_have_a_date_or_say_that_they_are_archived() -> None:
    rows = rows_of_hits([replace(hit("a"), archived=True)], date(2026, 11, 20), ENGLISH)
    assert isinstance(rows[0], HitHeading)
    assert rows[0].date == "archived"
    assert isinstance(rows[1], HitRow)
