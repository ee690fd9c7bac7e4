"""Cases whose report went to another team without them."""

from django.db.models import Exists, OuterRef, QuerySet

from heard.accounts.models import User
from heard.cases.models import Case
from heard.cases.queries.case import able, cases_for
from heard.community.models import Team
from heard.reports.models import Report
from heard.vault import safes


def left_behind(user: User) -> QuerySet[Case]:
    """Return the cases somebody holds whose report went up without them: the reporter's code opens no case."""
    gone = Report.objects.filter(case_safe=OuterRef("safe"), team__kind=Team.Kind.GLOBAL)
    return cases_for(user).filter(Exists(gone)).exclude(team__kind=Team.Kind.GLOBAL)


def waiting_case(report: Report) -> Case | None:
    """Return the case of a report that went up without it."""
    if report.case_safe_id is None:
        return None
    return Case.objects.filter(safe=report.case_safe_id).exclude(team=report.team).first()


def lost_case(report: Report) -> Case | None:
    """Return the case of a report that went up without it, where nobody who is left can open it."""
    found = waiting_case(report)
    if found is None:
        return None
    left = {member.user_id for member in able(found)} | {user.pk for user in found.lent.filter(is_active=True)}
    return None if left & safes.able(found.safe_id) else found
