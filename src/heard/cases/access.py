"""Who did what with a case: read from its record, in words."""

from django.utils.translation import gettext_lazy

from heard.audit import chain as audit
from heard.cases.models import Case
from heard.community.models import Member
from heard.reports.access import WORDS as OF_REPORTS
from heard.reports.access import Step, in_words

WORDS = OF_REPORTS | {
    "case.read": gettext_lazy("read it"),
    "case.opened": gettext_lazy("opened it"),
    "drill.opened": gettext_lazy("opened it, to practise"),
    "case.linked": gettext_lazy("linked a report"),
    "case.split": gettext_lazy("split a report off"),
    "case.merged": gettext_lazy("made two cases one"),
    "case.unmerged": gettext_lazy("took two cases apart again"),
    "case.safety": gettext_lazy("said whether everybody is safe"),
    "case.wishes": gettext_lazy("noted what the person harmed wishes"),
    "measure.ran-out": gettext_lazy("a measure came to its end"),
    "case.objected": gettext_lazy("objected in the mailbox"),
    "case.agreed": gettext_lazy("agreed in the mailbox"),
    "case.noted": gettext_lazy("put a note or a call down"),
    "case.acted-alone": gettext_lazy("noted what they did alone"),
    "case.given-up": gettext_lazy("began another case, because nobody could open this one"),
    "case.moved-up": gettext_lazy("handed it to the global team"),
    "party.added": gettext_lazy("put a person down"),
    "duty.done": gettext_lazy("did a step"),
    "duty.waived": gettext_lazy("left a step out, with a reason"),
    "duty.assigned": gettext_lazy("handed a step over"),
    "meeting.asked": gettext_lazy("asked for a time to meet"),
    "meeting.called": gettext_lazy("called the meeting"),
    "meeting.party-invited": gettext_lazy("let a party come to the meeting"),
    "meeting.held": gettext_lazy("wrote the meeting down"),
    "meeting.failed": gettext_lazy("noted that too few came"),
    "guest.told": gettext_lazy("made a code for somebody"),
    "guest.wrote": gettext_lazy("answered with a code"),
    "side.written-down": gettext_lazy("wrote down what the person reported said"),
    "reported.not-found": gettext_lazy("noted that the person reported could not be found"),
}
MOST = 500


def steps(case: Case) -> list[Step]:
    """Return who did what with a case, newest first."""
    members = Member.objects.filter(team__in={case.team_id, case.chapter_id}).values_list("user_id", "shown_name")
    names = {f"user:{user}": name for user, name in members}
    return in_words(audit.entries(f"safe:{case.safe_id}")[:MOST], names, WORDS)
