"""A demo network, made through the real actions."""

import json
import secrets
import tomllib
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from heard import guidance
from heard.accounts import factors
from heard.accounts.actions import create_user
from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.community import actions as community
from heard.community import queries
from heard.community.models import Event, Member, Team
from heard.config import WrongSetting
from heard.operating import serving, setting_up
from heard.reports import queries as report_queries
from heard.reports.actions import handling
from heard.reports.actions import mailbox as reporter
from heard.reports.actions.submit import Incoming, submit
from heard.reports.models import Alarm, Report
from heard.vault import members, receipts, safes
from heard.vault.keyring import Keyring

WORDS = [
    "apple",
    "barn",
    "candle",
    "drum",
    "ember",
    "fern",
    "glove",
    "harp",
    "iron",
    "jelly",
    "kite",
    "lamp",
    "moss",
    "nest",
    "oven",
    "pearl",
    "quilt",
    "rope",
    "sail",
    "tent",
    "umber",
    "vase",
    "wheel",
    "yarn",
]
LOGINS = "demo-logins.json"
BESIDES = {"team", "event", "hours", "state", "by", "danger", "about_organiser"}
THANKS = "Thank you for writing to us. We have talked with the people who run the venue, and will tell you on Friday what comes of it."


def make() -> list[dict[str, str]]:
    """Make the demo network where there is none yet, and return its logins."""
    logins: Path = settings.DATA / LOGINS
    setting_up.make_keys()
    serving.prepare()
    if queries.network() is None:
        logins.unlink(missing_ok=True)
        people = _make_network()
        logins.touch(mode=0o600)
        logins.write_text(json.dumps(people))
    known: list[dict[str, str]] = json.loads(logins.read_text()) if logins.exists() else []
    return known


def code(what: list[str]) -> str:
    """Return the six digits of a demo login by name: `demo code ada`. Raises WrongSetting."""
    logins: Path = settings.DATA / LOGINS
    if len(what) != 2 or what[0] != "code":
        raise WrongSetting("Say: heard demo code NAME")
    known = [p["email"] for p in json.loads(logins.read_text())] if logins.exists() else []
    email = next((email for email in known if email.partition("@")[0] == what[1].lower()), None)
    user = User.objects.filter(email=email).first() if email else None
    if user is None:
        names = ", ".join(email.partition("@")[0] for email in known)
        raise WrongSetting(f"There is no demo login {what[1]} in {settings.DATA}. There are: {names or 'none'}.")
    return factors.code_now(user)


def _make_network() -> list[dict[str, str]]:
    data = tomllib.loads((resources.files("heard.operating") / "demo.toml").read_text(encoding="utf-8"))
    community.set_up_network(name="Lantern Network")
    teams = {
        t["slug"]: community.make_team(code_of_conduct="https://lantern.example/conduct", **t) for t in data["team"]
    }
    event = _event(teams["berlin"])
    people, keyrings = _members(data["member"], teams)
    for number in data["number"]:
        place = event if number.pop("event", "") else None
        community.add_number(teams[number.pop("team")], by=None, event=place, checked_on=timezone.localdate(), **number)
    for contact in data["contact"]:
        community.add_contact(teams[contact.pop("team")], by=None, **contact)
    _rota(teams["berlin"], event)
    for report in data["report"]:
        _report(report, teams[report["team"]], event if report.get("event") else None, keyrings)
    return people


def _event(team: Team) -> Event:
    now = timezone.now()
    return community.save_event(
        team,
        by=None,
        slug="lantern-conf",
        name="Lantern Conf",
        venue="Old tram depot, Berlin",
        time_zone="Europe/Berlin",
        duty_phone="+49 30 5550 7777",
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=6),
    )


def _members(cast: list[dict[str, Any]], teams: dict[str, Team]) -> tuple[list[dict[str, str]], dict[str, Keyring]]:
    people, keyrings = [], {}
    for person in cast:
        password = "-".join(secrets.choice(WORDS) for _ in range(5))
        user = create_user(email=person["email"], password=password)
        team = teams[person["team"]]
        member = community.add_member(team, user, shown_name=person["name"], role=Member.Role(person["role"]))
        community.describe(user, by=None, **person["known_as"])
        secret, _sealed = factors.new_secret(user)
        factors.adopt(user, secret)
        keyrings[user.email] = _keyring(user, password)
        people.append({"email": user.email, "password": password, "role": f"{member.get_role_display()}, {team.name}"})
    return people, keyrings


def _keyring(user: User, password: str) -> Keyring:
    key = wrapping_key(password, user.password)
    assert key is not None
    return members.keyring(user.pk, members.unlock(user.pk, key))


def _rota(team: Team, event: Event) -> None:
    for member in team.members.filter(shown_name__in=["Ada", "Bo"]):
        for place in (event, None):
            community.add_shift(
                team, by=None, member=member, event=place, starts_at=event.starts_at, ends_at=event.ends_at
            )


def _report(facts: dict[str, Any], team: Team, event: Event | None, keyrings: dict[str, Keyring]) -> None:
    state = facts["state"]
    token = receipts.new_form()
    report = submit(
        Incoming(
            team=team,
            event=event,
            token=token,
            version=queries.policy(team),
            readers=report_queries.readers(team),
            answers={name: value for name, value in facts.items() if name not in BESIDES},
            about_organiser=bool(facts.get("about_organiser")),
            danger=bool(facts.get("danger")),
            suspected=state == "junk",
        )
    )
    _backdate(report, timedelta(hours=facts["hours"]))
    if "by" in facts:
        _handle(report, state, User.objects.get(email=facts["by"]), keyrings[facts["by"]], token)


def _handle(report: Report, state: str, by: User, keyring: Keyring, token: receipts.FormToken) -> None:
    def key() -> str:
        return secrets.token_hex(16)

    if state == "spam":
        handling.put_aside(report, by=by, why=Report.Aside.SPAM)
        return
    letter = guidance.letter(
        "acknowledgement", "en", handlers="the team", contact=by.memberships.get().shown_name, by="tomorrow"
    )
    handling.acknowledge(report, keyring, by=by, text=letter, key=key())
    if state == "answered":
        handling.answer(report, keyring, by=by, text=THANKS, key=key())
        handling.note(report, keyring, by=by, text="Talked to the venue on the phone; they call back.", key=key())
    if state in {"asked", "objected"}:
        text = guidance.letter("consent", "en", by="the day after tomorrow")
        handling.ask_consent(report, keyring, by=by, text=text, key=key())
    if state == "objected":
        own = safes.receipt_keyring(token.receipt)
        reporter.write(report, own, text="", key=key(), consent="no")


def _backdate(report: Report, age: timedelta) -> None:
    """Let the report have come earlier; a demo has a past."""
    report.refresh_from_db()
    Report.objects.filter(pk=report.pk).update(made_at=report.made_at - age, due_at=report.due_at - age)
    Alarm.objects.filter(report=report).update(raised_at=timezone.now() - age)
