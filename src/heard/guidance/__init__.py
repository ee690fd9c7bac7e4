"""The texts and rules as data: questions, letters, clocks; validated at start, chosen by language.

Every function that depends on a community's own way takes its `Policy`.
"""

from heard.guidance.emergency import EMERGENCY_KINDS, numbers_for
from heard.guidance.measures import (
    MeasureText,
    built_in_measures,
    categories,
    measure_title,
    measures,
    suggested,
)
from heard.guidance.notices import ACTED_AS, NoticeText, notices, open_places
from heard.guidance.playbooks import LEVELS, DutyText, duties, playbook
from heard.guidance.policy import Clocks, Policy, Retention, Switches, default_policy
from heard.guidance.questions import NAMING, Condition, Question, questions
from heard.guidance.texts import as_html, check_texts, letter, page

__all__ = [
    "ACTED_AS",
    "EMERGENCY_KINDS",
    "LEVELS",
    "NAMING",
    "Clocks",
    "Condition",
    "DutyText",
    "MeasureText",
    "NoticeText",
    "Policy",
    "Question",
    "Retention",
    "Switches",
    "as_html",
    "built_in_measures",
    "categories",
    "check_texts",
    "default_policy",
    "duties",
    "letter",
    "measure_title",
    "measures",
    "notices",
    "numbers_for",
    "open_places",
    "page",
    "playbook",
    "questions",
    "suggested",
]
