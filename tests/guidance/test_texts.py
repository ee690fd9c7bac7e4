"""The texts as data."""

import re
import string
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heard import guidance

POLICY = guidance.default_policy()
FOLDER = resources.files("heard.guidance") / "data"
TEXTS = tomllib.loads((FOLDER / "en" / "texts.toml").read_text(encoding="utf-8"))
# What the guide says never to write (R41–R43, R63, R76).
NEVER = r"withdraw|take (it|this|your report) back|drop (it|the|your)|what (should|would you like) (we|us)|penalt|punish|apologi[sz]e to|forgive|\bbut\b"


@pytest.mark.requirement("R22")
def test_only_what_happened_is_required() -> None:
    assert [q.name for q in guidance.questions(POLICY, "en") if q.required] == ["what_happened"]


def test_every_text_says_which_lines_it_serves() -> None:
    for question in guidance.questions(POLICY, "en"):
        assert question.serves, question.name
    for kind in TEXTS.values():
        for name, text in kind.items():
            assert all(re.fullmatch(r"R\d+", i) for i in text["serves"]), name


@pytest.mark.requirement("R41", "R42", "R43", "R63", "R76")
@pytest.mark.parametrize("name", TEXTS["letter"])
def test_no_letter_says_what_the_guide_forbids(name: str) -> None:
    assert not re.search(NEVER, TEXTS["letter"][name]["text"], re.IGNORECASE)


@pytest.mark.requirement("R30", "R31")
@pytest.mark.parametrize("name", ["acknowledgement", "acknowledgement_other"])
def test_the_acknowledgement_names_handlers_contact_and_record(name: str) -> None:
    text = guidance.letter(name, "en", handlers="Ada and Bo", contact="Bo", by="Friday")

    for words in ("Ada and Bo", "Bo is the one", "Friday", "written record"):
        assert words in text


def test_a_language_that_is_not_there_falls_back_to_english() -> None:
    assert guidance.letter("consent", "xx", by="Friday") == guidance.letter("consent", "en", by="Friday")
    assert guidance.questions(POLICY, "xx") == guidance.questions(POLICY, "en")


@given(st.text(max_size=300))
def test_markdown_never_lets_script_or_picture_through(text: str) -> None:
    html = guidance.as_html(text + "\n\n<script>x</script> ![a](http://b/c.png) [x](javascript:alert(1))")

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


@pytest.mark.requirement("R1")
@pytest.mark.parametrize(
    ("country", "number"), [("DE", "112"), ("US", "911"), ("NG", "199"), ("JP", "119"), ("GB", "999")]
)
def test_the_emergency_numbers_of_a_country(country: str, number: str) -> None:
    assert number in guidance.numbers_for(country)


def test_a_country_that_does_not_exist_has_none() -> None:
    assert guidance.numbers_for("QQ") == []


@pytest.mark.requirement("R2")
def test_every_clock_and_every_retention_has_a_label_for_the_policy_page() -> None:
    from heard.community.forms import LABELS

    assert set(LABELS) == {*guidance.Clocks.model_fields, *guidance.Retention.model_fields}


def test_the_placeholders_of_the_letters_are_known() -> None:
    for kind in TEXTS.values():
        for text in kind.values():
            fields = {name for _, name, _, _ in string.Formatter().parse(text["text"]) if name}
            assert fields <= {
                "handlers", "contact", "by", "report_months", "set_aside_months", "host", "host_contact", "team", "link", "contacts",
                    "other",
            }  # fmt: skip
