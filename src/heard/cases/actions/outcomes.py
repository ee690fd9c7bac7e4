"""What stays of a case for comparison and statistics, apart from everything that was said (R79)."""

from django.utils import timezone

from heard.cases import queries
from heard.cases.models import Case, Measure, Outcome


def keep_outcome(case: Case, *, appealed: str = "") -> None:
    """Keep what was decided and is in force; of a case in which deciding was left out, that nothing was."""
    if case.is_drill:
        return
    decision = queries.standing(case)
    in_force = case.measures.filter(state__in=[Measure.State.IN_FORCE, Measure.State.WAITS, Measure.State.RUN_OUT])
    facts = {
        "team": case.chapter, "event": case.event, "level": case.level,
        "category": decision.category if decision else "", "finding": decision.finding if decision else "",
        "impact": decision.impact if decision else "", "risk": decision.risk if decision else "",
        "measures": sorted(set(in_force.values_list("kind", flat=True))), "month": timezone.localdate().replace(day=1),
    }  # fmt: skip
    Outcome.objects.update_or_create(case=case, defaults=facts | ({"appealed": appealed} if appealed else {}))
