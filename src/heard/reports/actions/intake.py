"""A report that one of us writes down for somebody (R20)."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Event, Team
from heard.reports import queries
from heard.reports.actions.submit import Incoming, chain, submit
from heard.reports.actions.submit import NobodyLeft as NobodyLeft
from heard.reports.models import Report
from heard.vault.receipts import FormToken


def take_down(
    team: Team,
    token: FormToken,
    answers: Mapping[str, Any],
    *,
    by: User,
    how: str,
    out: Collection[uuid.UUID] = (),
    event: Event | None = None,
) -> Report:
    """Store what somebody said like any other report, with the clocks of an event that is on; its code is for them.

    `out` never read it. Raises NobodyLeft, Replaced.
    """
    is_new = not queries.has_come(token.name)
    report = submit(
        Incoming(
            team=team, event=event, token=token, version=community.policy(team), readers=queries.readers(team),
            answers=answers, out=frozenset(out),
        )
    )  # fmt: skip
    if is_new:
        Report.objects.filter(pk=report.pk).update(taken_down=True)
        audit.record("report.taken-down", chain=chain(report), who=who(by), thing=how)
    return report
