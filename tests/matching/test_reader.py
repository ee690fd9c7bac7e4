"""Finding people in running text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heard.matching import Mention, Person, find

pytestmark = pytest.mark.requirement("R44", "R71")
PEOPLE = [
    Person(["May Grant"], emails=["may.g@x.org"], handles=["@mgrant"]),
    Person(["Aleksandr Kuznetsov"], handles=["https://github.com/sashak99"]),
    Person(["José María Fernández Young"]),
    Person(["Ольга Кулагина"]),
    Person(["李小龙"]),
    Person(["Timo van der Berg"]),
]


def named(text: str) -> list[tuple[str, int, str]]:
    return [(text[m.start : m.end], m.person, m.how[0]) for m in find(text, PEOPLE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Then Aleksandr Kuznetsov came.", ("Aleksandr Kuznetsov", 1, "full")),
        ("Then Aleksandr came.", ("Aleksandr", 1, "first")),
        ("Mr Kuznetsov came.", ("Kuznetsov", 1, "last")),
        ("Then Sasha came.", ("Sasha", 1, "first")),
        ("I saw A. Kuznetsov there.", ("Kuznetsov", 1, "last")),
        ("It was A.K. again.", ("A.K.", 1, "initials")),
        ("It was A. K. again.", ("A. K.", 1, "initials")),
        ("It was A*** again.", ("A***", 1, "masked")),
        ("Kuznetsov's friend", ("Kuznetsov", 1, "last")),
        ("Then Kuznetsow came.", ("Kuznetsow", 1, "last")),
        ("Then Aleksandr Kuzentsov came.", ("Aleksandr Kuzentsov", 1, "full")),
        ("Then Кузнецов came.", ("Кузнецов", 1, "last")),
        ("ask @sashak99", ("@sashak99", 1, "handle")),
        ("ask sashak99", ("sashak99", 1, "handle")),
        ("see github.com/sashak99.", ("github.com/sashak99", 1, "handle")),
        ("write to may.g+talks@x.org.", ("may.g+talks@x.org", 0, "address")),
        ("May Grant's slides", ("May Grant", 0, "full")),
        ("I told May about it.", ("May", 0, "first")),
        ("Ms. May was there.", ("May", 0, "first")),
        ("Olga Kulagina sat there.", ("Olga Kulagina", 3, "full")),
        ("Тогда Кулагина ушла.", ("Кулагина", 3, "last")),
        ("那是李小龙说的", ("李小龙", 4, "full")),
        ("那是小龙说的", ("小龙", 4, "part")),
        ("Xiaolong Li said it.", ("Xiaolong Li", 4, "full")),
        ("Ask Timo van der Berg.", ("Timo van der Berg", 5, "full")),
        ("Then Mr van der Berg left.", ("Berg", 5, "last")),
        ("i met aleksandr kuznetsov yesterday and we talked", ("aleksandr kuznetsov", 1, "full")),
        ("Mr Young spoke.", ("Young", 2, "last")),
    ],
)
def test_how_somebody_is_named(text: str, expected: tuple[str, int, str]) -> None:
    assert expected in named(text)


@pytest.mark.parametrize(
    "text",
    [
        "The conference is in May.",
        "It starts on May 3.",
        "You may ask for a grant.",
        "May I ask something?",
        "The Grant was paid.",
        "Young people came.",
        "She is young.",
        "The iceberg melts.",
        "Our masks are in the alexandria room.",
        "",
    ],
)
def test_an_ordinary_word_is_nobody(text: str) -> None:
    assert named(text) == []


def test_offsets_point_into_the_text() -> None:
    text = "Später sah José Fernández, dass Kulagina’s Freundin ging."

    assert [text[m.start : m.end] for m in find(text, PEOPLE)] == ["José Fernández", "Kulagina"]
    assert find(text, PEOPLE)[1] == Mention(text.index("Kulagina"), text.index("’s"), 3, ("last", "possessive"))


@given(st.text(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    for mention in find(text, PEOPLE):
        assert 0 <= mention.start < mention.end <= len(text)


@pytest.mark.parametrize("piece", ["A.", "@", "a*", "May ", "Kuz", "x@x.", "’s", "(", "李"])
def test_a_long_text_takes_bounded_time(piece: str) -> None:
    begun = time.process_time()
    find(piece * (200_000 // len(piece)), PEOPLE)

    assert time.process_time() - begun < 20
