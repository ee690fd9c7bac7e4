"""The texts and rules as data: questions, letters, clocks; validated at start, chosen by language.

Every function that depends on a community's own way takes its `Policy`.
"""

from heard.guidance.emergency import EMERGENCY_KINDS, numbers_for
from heard.guidance.playbooks import LEVELS, DutyText, duties, playbook
from heard.guidance.policy import Clocks, Policy, Retention, default_policy
from heard.guidance.questions import NAMING, Condition, Question, questions
from heard.guidance.texts import as_html, check_texts, letter, page

__all__ = [
    "EMERGENCY_KINDS",
    "LEVELS",
    "NAMING",
    "Clocks",
    "Condition",
    "DutyText",
    "Policy",
    "Question",
    "Retention",
    "as_html",
    "check_texts",
    "default_policy",
    "duties",
    "letter",
    "numbers_for",
    "page",
    "playbook",
    "questions",
]
