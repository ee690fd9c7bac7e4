"""What reporters were promised, and by when: the clocks of reports beside those of cases."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from heard.accounts.models import User
from heard.reports.models import Report
from heard.reports.queries import reports_for


@dataclass(frozen=True)
class Promise:
    """Something that is due to whoever told."""

    report: Report
    what: Words
    due_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether its time has passed."""
        return self.due_at < timezone.now()


def promises(user: User, most: int) -> list[Promise]:
    """Return what is due in the reports somebody may read, the most urgent first."""
    new, known = Report.State.NEW, Report.State.ACKNOWLEDGED
    rows = reports_for(user).filter(Q(state=new) | Q(state=known, next_word_at__isnull=False), suspected=False)
    found = []
    for report in rows.order_by(Coalesce("next_word_at", "due_at"))[:most]:
        if report.state == new:
            found.append(Promise(report, _("to be acknowledged"), report.due_at))
        elif report.consent_by and report.consent_by == report.next_word_at:
            found.append(
                Promise(report, _("the time to object ends; then they hear how it goes on"), report.consent_by)
            )
        elif report.next_word_at:
            found.append(Promise(report, _("the reporter expects word"), report.next_word_at))
    return found
