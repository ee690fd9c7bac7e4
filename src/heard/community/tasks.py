"""What the worker does for teams."""

from heard.community import actions


def look_at_rosters() -> None:
    """Tell of teams that nobody looks after."""
    actions.look_at_rosters()
