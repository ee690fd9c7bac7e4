"""A year of cases: members who forget, holidays, time zones, daylight saving. No clock ever runs out unannounced."""

from datetime import timedelta

import pytest

from heard.cases.models import Case
from heard.operating.simulation import Simulation, start_of_year


def simulate(*, cases: int, days: int, chapters: int) -> None:
    world = Simulation(chapters=chapters, start=start_of_year(2027))
    found = world.run(days=days, cases=cases)

    assert found["reports"] == cases
    assert world.unannounced == []
    # Every case is closed in the end, or somebody is called about it, louder each time.
    running = Case.objects.filter(state__in=Case.RUNNING)
    assert found["case closed"] > cases * 0.4, found
    assert Case.objects.filter(state=Case.State.CLOSED).count() + running.count() == Case.objects.count()
    for case in running:
        late = case.duties.filter(state="open", due_at__lt=world.now - timedelta(days=2))
        assert not late.filter(nudged_at=None).exists(), case.code_name
        assert not late.filter(nudges=0).exists(), case.code_name


@pytest.mark.requirement("R45", "R46")
def test_two_months_in_two_chapters(db: None) -> None:
    simulate(cases=6, days=45, chapters=2)


@pytest.mark.slow
@pytest.mark.requirement("R45", "R46")
def test_a_year_in_six_time_zones(db: None) -> None:
    simulate(cases=30, days=365, chapters=6)
