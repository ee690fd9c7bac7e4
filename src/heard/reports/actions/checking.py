"""The send check on what goes to a reporter: marked words leave only with a reason, and a name that may not be seen never."""

from collections.abc import Callable

from heard import sendcheck
from heard.reports.models import Report
from heard.sendcheck import Checked, Hidden
from heard.vault.keyring import Keyring

_others: list[Callable[[Report, Keyring], list[Hidden]]] = []
_told: list[Callable[[Report, Keyring], list[str]]] = []


class Marked(Exception):
    """The check marked words of a letter; with a reason on record it leaves, unless it shows somebody."""

    def __init__(self, found: Checked) -> None:
        super().__init__(found.flags)
        self.found = found


def hide_also(others: Callable[[Report, Keyring], list[Hidden]], told: Callable[[Report, Keyring], list[str]]) -> None:
    """Have the people of a report's case looked for, and their words; called at start-up by those who keep cases."""
    _others.append(others)
    _told.append(told)


def checked(report: Report, keyring: Keyring, text: str) -> Checked:
    """Return what the check says to a letter to the reporter."""
    switches = report.policy_version.policy.switches.model_dump()
    relaxed = [flag for flag, rule in sendcheck.rules().items() if switches.get(rule.switch)]
    hidden = [each for others in _others for each in others(report, keyring)]
    told = [words for those in _told for words in those(report, keyring)]
    return sendcheck.check(text, to="reporter", hidden=hidden, told=told, relaxed=relaxed)


def require_fair(report: Report, keyring: Keyring, text: str, reason: str) -> None:
    """Raise Marked where words are marked and no reason is given, or somebody is shown who may not be seen."""
    found = checked(report, keyring, text)
    if found.shows_somebody or (found.findings and not reason.strip()):
        raise Marked(found)
