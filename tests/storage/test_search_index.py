from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, RunId
from tests.fakes.library import (
    CONVERSATION,
    DRAFT,
    RUN,
    TURN,
    Shelf,
    event,
    node_finished,
    node_started,
    run_finished,
    shelf,
    started,
)

RIVAL = NodeName("R1.A1")
JUDGE = NodeName("R1.J1")
OTHER = NodeName("R2.A1")
PIECES = ['"', "*", "NEAR(", "AND", "sky", "中", "^", ":", "-", "\0"]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        yield opened


def judged_run(books: Shelf, *, answer: NodeName = DRAFT) -> None:
    books.begin(question="Why is the evening sky crimson?").result()
    verdict = ev.Verdict(
        node=JUDGE,
        round=1,
        purpose="panel",
        order=(DRAFT, RIVAL),
        labels={"kqz": DRAFT, "bcd": RIVAL},
        ranking=((DRAFT,), (RIVAL,)),
        reason="The first names the wavelength.",
        critique="It lacks an everyday example.",
        flaws={RIVAL: "confuses dust with haze"},
        parsed_by="json",
    )
    bodies: list[ev.Body] = [
        started(),
        node_started(DRAFT),
        node_started(RIVAL),
        node_finished(DRAFT, "Rayleigh scattering removes the azure."),
        node_finished(RIVAL, "Volcanic particles, mostly."),
        node_started(JUDGE, "judge"),
        node_finished(JUDGE, '{"ranking": "jsonword"}'),
        verdict,
        run_finished("Rayleigh scattering removes the azure.", answer),
    ]
    books.log.append([event(seq, body) for seq, body in enumerate(bodies, 1)]).result()


@pytest.mark.parametrize(
    ("query", "part", "node"),
    [
        ("crimson", "question", None),
        ("azure", "answer", DRAFT),
        ("volcanic", "candidate", RIVAL),
        ("wavelength", "verdict", JUDGE),
        ("everyday", "verdict", JUDGE),
        ("confuses haze", "verdict", JUDGE),
    ],
)
def test_everything_said_is_found(books: Shelf, query: str, part: str, node: NodeName | None) -> None:
    judged_run(books)
    (hit,) = books.index.search(query)
    assert (hit.part, hit.node, hit.run, hit.conversation) == (part, node, RUN, CONVERSATION)
    assert hit.title == "Why is the evening sky crimson?"
    assert query.partition(" ")[0] in hit.excerpt.lower()


def test_a_judges_raw_reply_is_not_found_unless_it_could_not_be_read(books: Shelf) -> None:
    judged_run(books)
    assert books.index.search("jsonword") == []
    abstained = ev.Verdict(
        node=NodeName("R1.J2"),
        round=1,
        purpose="panel",
        order=(),
        labels={},
        parsed_by="abstained",
        raw="Mumbling.",
    )
    books.log.append([event(10, abstained)]).result()
    assert [hit.excerpt for hit in books.index.search("mumbling")] == ["Mumbling."]


def test_the_answer_of_a_reopened_run_is_the_last_one(books: Shelf) -> None:
    judged_run(books)
    books.log.append(
        [event(10, ev.RunReopened(why="a person")), event(11, run_finished("x", RIVAL))]
    ).result()
    assert [hit.part for hit in books.index.search("azure")] == ["candidate"]
    assert [hit.part for hit in books.index.search("volcanic")] == ["answer"]


def contested(number: int, winner: NodeName, method: str | None, **scores: float) -> ev.RoundFinished:
    names = {"draft": DRAFT, "rival": RIVAL, "other": OTHER}
    told = {names[name]: score for name, score in scores.items()}
    return ev.RoundFinished(round=number, winner=winner, scores=told, method=method)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rounds", "won", "lost"),
    [
        ([], (), False),
        ([contested(1, DRAFT, "borda", draft=1, rival=0)], (), True),
        ([contested(1, RIVAL, "borda", draft=0, rival=1)], (1,), False),
        (
            [
                contested(1, RIVAL, "borda", draft=0, rival=1),
                contested(2, OTHER, "borda", rival=0.4, other=0.6),
            ],
            (1,),
            True,
        ),
        ([contested(1, OTHER, "vote", rival=0.6, other=0.6, draft=0.4)], (), False),
        ([contested(1, OTHER, "vote", rival=0.4, other=0.6)], (), True),
        ([contested(1, OTHER, "consensus")], (), False),
        ([contested(1, RIVAL, "consensus")], (), False),
        ([contested(1, DRAFT, None)], (), False),
    ],
)
def test_a_candidate_is_told_how_it_came_out_of_its_rounds(
    books: Shelf, rounds: list[ev.RoundFinished], won: tuple[int, ...], lost: bool
) -> None:
    """It once said "lost" of whoever is not the answer: of the winner of a round too."""
    books.begin().result()
    bodies: list[ev.Body] = [
        started(),
        node_started(DRAFT),
        node_started(RIVAL),
        node_finished(DRAFT, "Rayleigh scattering."),
        node_finished(RIVAL, "Volcanic particles."),
        *rounds,
        run_finished("Rayleigh scattering.", DRAFT),
    ]
    books.log.append([event(seq, body) for seq, body in enumerate(bodies, 1)]).result()
    (hit,) = books.index.search("volcanic")
    assert (hit.part, hit.won, hit.lost) == ("candidate", won, lost)
    (answer,) = books.index.search("rayleigh")
    assert (answer.part, answer.won, answer.lost) == ("answer", (), False)


def test_an_answer_that_is_no_candidates_text_is_found_by_itself(books: Shelf) -> None:
    books.begin().result()
    books.log.append([event(1, started()), event(2, run_finished("Extracted.", None))]).result()
    assert [(hit.part, hit.excerpt) for hit in books.index.search("extracted")] == [("answer", "Extracted.")]


@pytest.mark.parametrize(
    ("text", "found", "missed"),
    [
        ("The colour of scattering", ["scatter", "SCATTERING", "sca", "col"], ["sc", "attering"]),
        ("Colours of the sky", ['"colours of"', '"the sky" of'], ['"of colours"', '"colours sky"']),
        ("Crème brûlée à la carte", ["creme", "brulee", "CRÈME", "la"], ["cremes"]),
        ("我爱中国人民银行。", ["中国", "国人", "银行", "行", "中国人民", "爱"], ["国中", "银河", "民人"]),
        ("東京タワーと서울의 밤", ["東京", "タワー", "서울", "밤"], ["京東"]),
        ("C++ and C# (2026) e-mail", ["2026", "e-mail", "c++"], ["2027"]),
        ("before\0after", ["before", "after"], ["beforeafter"]),
        ("\U00020000\U00020001 rare", ["\U00020000\U00020001", "rare"], []),
    ],
)  # fmt: skip
def test_words_prefixes_and_chinese(books: Shelf, text: str, found: list[str], missed: list[str]) -> None:
    books.begin(question=text).result()
    for query in found:
        assert len(books.index.search(query)) == 1, query
    for query in missed:
        assert books.index.search(query) == [], query


def test_newest_first_and_no_more_than_asked_for(books: Shelf) -> None:
    for number in range(5):
        books.begin(RunId(f"r{number}"), turn=f"t{number}", question=f"question number {number}").result()
    hits = books.index.search("number", limit=3)
    assert [hit.excerpt for hit in hits] == [f"question number {number}" for number in (4, 3, 2)]


def test_a_question_is_found_once_however_often_it_is_asked_again(books: Shelf) -> None:
    books.begin().result()
    books.begin(RunId("again")).result()
    assert len(books.index.search("sky")) == 1
    assert books.conversations.turns(CONVERSATION)[0].id == TURN


def test_a_title_is_found_by_its_newest_words(books: Shelf) -> None:
    books.begin(title="Optics").result()
    assert [(hit.part, hit.excerpt) for hit in books.index.search("optics")] == [("title", "Optics")]
    books.conversations.rename(CONVERSATION, "Light and air").result()
    assert books.index.search("optics") == []
    assert [(hit.part, hit.title) for hit in books.index.search("light")] == [("title", "Light and air")]


def test_a_hit_says_where_it_is_and_what_to_mark(books: Shelf) -> None:
    judged_run(books)
    (hit,) = books.index.search("volcanic part")
    assert (hit.turn, hit.run, hit.node, hit.archived) == (TURN, RUN, RIVAL, False)
    assert [hit.excerpt[start:end] for start, end in hit.marks] == ["Volcanic", "part"]
    books.conversations.archive(CONVERSATION).result()
    assert books.index.search("volcanic")[0].archived
    books.conversations.rename(CONVERSATION, "Dusk colours").result()
    (title,) = books.index.search("dusk")
    assert (title.part, title.turn, title.run, title.marks) == ("title", None, None, ((0, 4),))


def test_what_is_deleted_is_not_found_until_it_is_back(books: Shelf) -> None:
    judged_run(books)
    books.conversations.delete(CONVERSATION).result()
    assert books.index.search("azure") == []
    books.conversations.undelete(CONVERSATION).result()
    assert len(books.index.search("azure")) == 1


def test_any_query_is_fine(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        judged_run(books)

        @settings(max_examples=200, deadline=None)
        @given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
        def search(query: str) -> None:
            books.index.search(query)

        search()
