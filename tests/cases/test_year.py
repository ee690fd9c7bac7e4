"""A year of cases: members who forget, holidays, time zones, daylight saving. No clock ever runs out unannounced."""

import pytest

from heard.cases.models import Case
from heard.operating.simulation import Simulation, start_of_year


def simulate(*, cases: int, days: int, chapters: int) -> None:
    world = Simulation(chapters=chapters, start=start_of_year(2027))
    found = world.run(days=days, cases=cases)

    assert found["reports"] == cases
    assert world.unannounced == []
    assert found["case met"] > cases * 0.6, found
    # What is not done is called for, or the case went to the global team.
    assert Case.objects.filter(state=Case.State.MET).count() + found["case open"] == Case.objects.count()


@pytest.mark.requirement("R45", "R46")
def test_two_months_in_two_chapters(db: None) -> None:
    simulate(cases=6, days=45, chapters=2)


@pytest.mark.slow
@pytest.mark.requirement("R45", "R46")
def test_a_year_in_six_time_zones(db: None) -> None:
    simulate(cases=60, days=365, chapters=6)
