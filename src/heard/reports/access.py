"""Who can, who could, and who did open a report: read from the record and from the grants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.audit.models import Entry
from heard.community import queries as community
from heard.community.models import Member
from heard.reports import queries
from heard.reports.models import Report
from heard.vault import safes
from heard.vault.models import Exclusion, Grant

# Reports and entries that the page about one member shows, the newest.
MOST = 500
WORDS = {
    "report.arrived": gettext_lazy("sent it"),
    "report.taken-down": gettext_lazy("wrote it down for them"),
    "report.read": gettext_lazy("read it"),
    "report.acknowledged": gettext_lazy("acknowledged it"),
    "reporter.answered": gettext_lazy("wrote to the reporter"),
    "reporter.wrote": gettext_lazy("wrote to us"),
    "consent.asked": gettext_lazy("said that we go ahead unless they object"),
    "report.noted": gettext_lazy("put a note among us"),
    "contact.assigned": gettext_lazy("set who writes to the reporter"),
    "report.put-aside": gettext_lazy("put it aside"),
    "report.brought-back": gettext_lazy("brought it back"),
    "match.confirmed": gettext_lazy("confirmed that somebody of us is meant"),
    "match.lifted": gettext_lazy("let somebody in whose name had only seemed to be meant"),
    "member.recused": gettext_lazy("stood aside"),
    "member.matched": gettext_lazy("put down somebody whose name is a colleague's: they are out until it is looked at"),
    "case.opened": gettext_lazy("opened a case"),
    "member.left-out": gettext_lazy("left a colleague out"),
    "exclusion.confirmed": gettext_lazy("confirmed that a lead stays out"),
    "exclusion.lifted": gettext_lazy("let a lead back in"),
    "member.let-in": gettext_lazy("let a colleague in"),
    "access.given-anew": gettext_lazy("opened it to a colleague's new key"),
    "reporter.confirmed": gettext_lazy("confirmed what was written down for them"),
    "readers.narrowed": gettext_lazy("took somebody out"),
    "key.renewed": gettext_lazy("gave it a new key"),
    "recovery.opened": gettext_lazy("opened it to a colleague with recovery cards"),
    "receipt.replaced": gettext_lazy("took a new code"),
    "receipt.kept": gettext_lazy("checked the code"),
    "reporter.read": gettext_lazy("opened the mailbox"),
}


@dataclass(frozen=True)
class Step:
    """One entry of the record in words; the same thing done again in a row counts once more."""

    when: datetime
    name: str
    what: str
    times: int = 1


@dataclass(frozen=True)
class Out:
    """Somebody for whom it does not exist, since when and why."""

    name: str
    since: datetime
    why: str


def before(user: User) -> QuerySet[Report]:
    """Return the earlier reports of somebody's teams to which they have no key and from which nobody kept them out.

    Their code names are the one thing a newcomer sees of them, to declare conflicts (practice of the PSF and Django).
    """
    held = Grant.objects.filter(safe=OuterRef("safe"), holder_kind=Grant.HolderKind.USER, holder=str(user.pk))
    excluded = Exclusion.objects.filter(safe=OuterRef("safe"), user=user)
    mine = Report.objects.filter(team__in=community.team_ids(user)).exclude(state=Report.State.ASIDE)
    return mine.filter(~Exists(held), ~Exists(excluded)).select_related("team").order_by("team__name", "code_name")


def undeclared(members: Iterable[Member], *, asked_by: User) -> list[Member]:
    """Return who has not said yet in which earlier reports they have a stake, of those that exist for whoever asks."""
    visible = queries.reports_for(asked_by).values("pk")
    return [m for m in members if m.declared_at is None and before(m.user).filter(pk__in=visible).exists()]


def could_let_in(report: Report) -> list[Member]:
    """Return who of the team has declared their conflicts, has none here, and no key yet."""
    out = Exclusion.objects.filter(safe_id=report.safe_id).values("user_id")
    free = [
        m for m in community.readers(report.team) if m.declared_at and m.user_id not in safes.keyholders(report.safe_id)
    ]
    kept_out = set(out.values_list("user_id", flat=True))
    return [member for member in free if member.user_id not in kept_out]


def steps(report: Report) -> list[Step]:
    """Return who did what with a report, newest first."""
    return in_words(audit.entries(f"safe:{report.safe_id}"), _names(report), WORDS)


def in_words(entries: Iterable[Entry], names: Mapping[str, str], words: Mapping[str, object]) -> list[Step]:
    """Return entries of the record in words; the same thing done again in a row counts once more."""
    found: list[Step] = []
    for entry in entries:
        name = names.get(entry.who, _("somebody who left")) if entry.who.startswith("user:") else _others(entry.who)
        what = str(words.get(entry.what, entry.what))
        if found and (found[-1].name, found[-1].what) == (name, what):
            found[-1] = Step(found[-1].when, name, what, found[-1].times + 1)
        else:
            found.append(Step(entry.at, name, what))
    return found


def outs(report: Report) -> list[Out]:
    """Return for whom a report does not exist, for those who may read it."""
    names, kinds = _names(report), _kinds()
    rows = Exclusion.objects.filter(safe_id=report.safe_id).order_by("-since")
    return [
        Out(names[f"user:{row.user_id}"], row.since, kinds[Exclusion.Kind(row.kind)])
        for row in rows
        if f"user:{row.user_id}" in names
    ]


def _kinds() -> dict[Exclusion.Kind, str]:
    return {
        Exclusion.Kind.BY_REPORTER: _("the reporter took them out"),
        Exclusion.Kind.MATCH: _("their name seems to stand in it"),
        Exclusion.Kind.RECUSED: _("they stood aside"),
        Exclusion.Kind.EXCLUDED: _("they were left out"),
        Exclusion.Kind.PROPOSED: _("left out by one of us; a second person has to confirm it"),
        Exclusion.Kind.PARTY: _("they are meant in it"),
        Exclusion.Kind.LEFT: _("they left the team"),
    }


def _names(report: Report) -> dict[str, str]:
    members = Member.objects.filter(team__in={report.team_id, report.chapter_id}).values_list("user_id", "shown_name")
    return {f"user:{user}": name for user, name in members}


def _others(who: str) -> str:
    known = {"reporter": _("the reporter"), "guest": _("somebody with a code")}
    return known.get(who, _("the program"))


@dataclass(frozen=True)
class OfMember:
    """What one member can, could and did read, as far as whoever asks may know of the reports."""

    can: list[Report]
    out: list[tuple[Report, Out]]
    did: list[tuple[Report, Step]]


def of_member(member: Member, *, asked_by: User) -> OfMember:
    """Return the access of one member to the reports that exist for whoever asks; of the others there is no trace."""
    visible = {r.safe_id: r for r in queries.reports_for(asked_by).filter(team=member.team).order_by("-made_at")[:MOST]}
    held = Grant.objects.filter(
        safe__in=visible, holder_kind=Grant.HolderKind.USER, holder=str(member.user_id)
    ).values_list("safe_id", flat=True)
    rows = Exclusion.objects.filter(safe__in=visible, user=member.user).order_by("-since")
    person = f"user:{member.user_id}"
    did = [
        (visible[UUID(entry.chain.partition(":")[2])], Step(entry.at, member.shown_name, _deed(entry, person)))
        for entry in audit.about(person, [f"safe:{safe_id}" for safe_id in visible], MOST)
    ]
    return OfMember(
        [visible[safe_id] for safe_id in held],
        [(visible[row.safe_id], Out(member.shown_name, row.since, str(_kinds()[Exclusion.Kind(row.kind)]))) for row in rows],
        did,
    )  # fmt: skip


def _deed(entry: Entry, person: str) -> str:
    what = str(WORDS.get(entry.what, entry.what))
    return what if entry.who == person else _("a colleague: %(what)s (them)") % {"what": what}
