"""Is this the same person?"""

import doctest
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heard.matching
from heard.matching import Answer, Person, Register, compare, identifiers

pytestmark = pytest.mark.requirement("R70")
NAMES = st.sampled_from(
    [
        "Katherine Brzezicka",
        "José María Fernández",
        "Ольга Кулагина",
        "Nguyễn Thị Minh",
        "김민호",
        "Timo van der Berg",
        "نوح حسن",
        "李小龙",
    ]
)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Kate Brzezicka", "Katherine Brzezicka", "short form"),
        ("Brzezicka, Katherine", "Katherine Brzezicka", "another order"),
        ("Katharine Brzezica", "Katherine Brzezicka", "differ"),
        ("K. Brzezicka", "Katherine Brzezicka", "initial"),
        ("Dr. Katherine BRZEZICKA (she/her)", "katherine brzezicka", "the same"),
        ("Jose Maria Fernandez", "José María Fernández", "the same"),
        ("Rudi Groettner", "Rudi Gröttner", "written another way"),
        ("Olga Kulagina", "Ольга Кулагина", "in another script"),
        ("Xiaolong Qiao", "乔小龙", "the same"),
        ("Timo Vanderberg", "Timo van der Berg", "joined"),
        ("Реtеr Нübschmаnn", "Peter Hübschmann", "the same"),
        ("Nuh Hasan", "نوح حسن", "the same"),
        ("Ikuko Ikeda", "池田幾子", "the same"),
        ("Gamal Chakibov", "Jamal Chakibov", "differ"),
    ],
)
def test_one_name_in_two_ways(one: str, other: str, reason: str) -> None:
    hit = compare(Person([one]), Person([other]))

    assert hit.score > 0.2, hit
    assert reason in "; ".join(hit.why)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "Grace Hopper"),
        ("Sam Foriwaa", "Howard Foriwaa"),
        ("Li Wei", "Nguyen Anh"),
        ("", ""),
        ("—", "?!"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert compare(Person([one]), Person([other])).answer is Answer.CLEAR


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("ada+conf@x.org", "ada@x.org", "plus tag"),
        ("a.da@googlemail.com", "ada@gmail.com", "another name of the same provider"),
        ("ADA@X.org", "ada@x.org", "capitals"),
        ("ada-shop@yahoo.com", "ada@yahoo.com", "the provider takes for the same"),
        ("ada@pm.me", "ada@proton.me", "same provider"),
    ],
)
def test_one_mailbox_in_two_ways(one: str, other: str, reason: str) -> None:
    hit = compare(Person(["Ada Byron"], emails=[one]), Person(["Ada Byron"], emails=[other]))

    assert hit.answer is Answer.LOOK
    assert reason in hit.why[0]


def test_an_office_is_no_person() -> None:
    box = identifiers.mailbox("info@acme.org")

    assert box is not None and box.is_role
    assert (
        compare(Person(["Ada Byron"], emails=["info@acme.org"]), Person(["Bo Li"], emails=["info@acme.org"])).score
        < 0.5
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("https://github.com/Quiet-Fern/", "quiet-fern"), ("@quiet-fern", "quiet-fern"), ("QUIET-FERN", "quiet-fern"),
        ("https://mastodon.social/@ada", "ada"), ("ada@mastodon.social", "ada"), ("https://example.org", ""), ("", ""),
    ],
)  # fmt: skip
def test_handles_out_of_addresses(typed: str, name: str) -> None:
    assert identifiers.handle(typed) == name


def test_a_phone_is_the_same_with_and_without_its_country() -> None:
    assert (
        identifiers.phone("+1 (617) 717-7605")
        == identifiers.phone("001617 717 7605")
        == identifiers.phone("617.717.7605")
    )
    assert identifiers.same_phone("+1 617 717 7605", "0016177177605")


def test_nothing_is_ever_certain() -> None:
    person = Person(["Xquzby Vrombautzek"], ["x@y.org"], ["@xquzby"], ["+49 30 1234567"], "Reykjavík", "IS")

    assert 0.5 < compare(person, person).score < 0.95
    assert compare(Person(person.names), Person(person.names)).score < 0.95


@pytest.mark.parametrize(("one", "other"), [("Jim Byron Jr.", "Jim Byron Sr."), ("Ada Byron", "Ada Byron")])
def test_namesakes_are_for_a_person_to_look_at(one: str, other: str) -> None:
    hit = compare(Person([one], city="Graz"), Person([other], city="Graz"))

    assert hit.score > 0.1
    assert hit.strangers > 0


def test_a_rare_name_says_more_than_a_common_one() -> None:
    people = {n: Person([f"Somebody Number{n}"]) for n in range(300)}
    register = Register(people | {"common": Person(["John Smith"]), "rare": Person(["Ottokar Wurzelbacher"])})  # type: ignore[arg-type]
    [common] = register.ask(Person(["John Smith"]))
    [rare] = register.ask(Person(["Ottokar Wurzelbacher"]))

    assert common.score < rare.score
    assert common.strangers > rare.strangers
    assert any("common" in reason for reason in common.why)


def test_a_register_changes_in_place() -> None:
    register: Register[str] = Register()
    assert register.ask(Person(["Ada Byron"])) == []

    for number in range(20):
        register.add(f"B{number}", Person([f"Ottokar{chr(97 + number) * 3} Wurzel{chr(97 + number) * 3}"]))
    assert len(register) == 20
    assert register.ask(Person(["Ottokarccc Wurzelccc"]))[0].key == "B2"

    register.add("B2", Person(["Ada Byron"]))
    assert "B2" not in [hit.key for hit in register.ask(Person(["Ottokarccc Wurzelccc"]), floor=0.5)]
    assert register.ask(Person(["Ada Byron"]))[0].key == "B2"

    register.remove("B2")
    assert "B2" not in register
    assert register.ask(Person(["Ada Byron"])) == []


@given(NAMES, NAMES)
@settings(max_examples=40, deadline=None)
def test_it_does_not_matter_who_is_asked(one: str, other: str) -> None:
    there, back = compare(Person([one]), Person([other])), compare(Person([other]), Person([one]))

    assert there.answer == back.answer
    assert abs(there.score - back.score) < 0.35


@given(NAMES)
@settings(max_examples=20, deadline=None)
def test_case_accents_and_order_do_not_matter(name: str) -> None:
    plain = compare(Person([name]), Person([name]))
    assert plain.answer is Answer.LOOK
    for other in (name.upper(), name.lower(), f"  {name} "):
        assert compare(Person([other]), Person([name])).score == pytest.approx(plain.score, abs=0.02)
    if " " in name:
        assert compare(Person([" ".join(reversed(name.split()))]), Person([name])).score > 0.3


@given(st.text(max_size=400), st.text(max_size=400))
@settings(max_examples=120, deadline=None)
def test_any_text_is_taken_in_bounded_time(one: str, other: str) -> None:
    begun = time.process_time()
    hit = compare(
        Person([one, other], [one], [other], [one], one, other), Person([other], [other], [one], [other], other, one)
    )

    assert 0 <= hit.score < 0.95
    assert time.process_time() - begun < 5


def test_the_examples_of_the_package_hold() -> None:
    done = doctest.testmod(heard.matching)

    assert done.attempted and not done.failed


def test_a_misspelt_city_is_the_same_city() -> None:
    banned = Person(["Iveta Marková"], city="Melbourne")

    near = compare(Person(["Iveta Markova"], city="Melborune"), banned)
    far = compare(Person(["Iveta Markova"], city="Brisbane"), banned)

    assert "the same city" in near.why
    assert "the same city" not in far.why
    assert near.score >= far.score


def test_half_a_name_in_the_same_city_is_found() -> None:
    register = Register({"ban": Person(["Drahomíra Brzezicka"], city="Gdynia")})

    assert [hit.key for hit in register.ask(Person(["Brzezicka"], city="Gdynia"))] == ["ban"]
    assert not register.ask(Person(["Brzezicka"], city="Boston"))
