"""Joining a team by invitation, beginning anew after a lost key, and opening to a new key what was theirs."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from heard.accounts import actions as accounts
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import actions
from heard.community.actions import team_chain, who
from heard.community.models import Invitation, Member, Team
from heard.vault import crypto, receipts, safes
from heard.vault.keyring import Keyring, NoGrant

GOOD_FOR = timedelta(days=7)


class NotInvited(Exception):
    """Code and address do not belong together, the code was used, or it ran out."""


class NotTheirPassword(Exception):
    """There is an account with this address; joining another team needs its password."""


@transaction.atomic
def invite(team: Team, *, by: User | None, email: str, shown_name: str, role: str) -> str:
    """Return a code for one address, good once and for a week. Raises NameTaken."""
    actions.require_free(shown_name, None)
    return _invitation(team, by, email=email, shown_name=shown_name, role=role)


@transaction.atomic
def let_begin_anew(member: Member, *, by: User) -> str:
    """Return a code with which a member who lost password and recovery code begins with a new key."""
    return _invitation(
        member.team, by, email=member.user.email, shown_name=member.shown_name, role=member.role, user=member.user
    )


def _invitation(team: Team, by: User | None, **facts: object) -> str:
    code = receipts.new()
    Invitation.objects.filter(team=team, email=facts["email"], used_at=None).delete()
    Invitation.objects.create(team=team, by=by, lookup=code.lookup, expires_at=timezone.now() + GOOD_FOR, **facts)
    audit.record("member.invited", chain=team_chain(team), who=who(by))
    return code.spelled


def join(*, code: str, email: str, password: str) -> User:
    """Use an invitation. Raises NotInvited, NotTheirPassword. Slow derivations run outside the transaction."""
    invitation = _open_invitation(code, email)
    user = User.objects.filter(email__iexact=invitation.email).first()
    if invitation.user_id:
        assert user is not None
        _use(invitation)
        accounts.begin_anew(user, password=password)
        return user
    if user is not None and not accounts.is_password(user, password):
        raise NotTheirPassword
    _use(invitation)
    user = user or accounts.create_user(email=invitation.email, password=password)
    actions.add_member(invitation.team, user, shown_name=invitation.shown_name, role=invitation.role, by=invitation.by)
    return user


def _open_invitation(code: str, email: str) -> Invitation:
    try:
        lookup = receipts.read(code).lookup
    except receipts.Mistyped:
        raise NotInvited from None
    found = Invitation.objects.filter(lookup=lookup, used_at=None, expires_at__gt=timezone.now(), email__iexact=email)
    invitation = found.select_related("team", "by").first()
    if invitation is None:
        raise NotInvited
    return invitation


def _use(invitation: Invitation) -> None:
    """Use it up. Raises NotInvited when somebody was faster."""
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=timezone.now()):
        raise NotInvited


@transaction.atomic
def withdraw(team: Team, *, by: User) -> None:
    """Take back every invitation of a team that nobody used yet."""
    team.invitations.filter(used_at=None).delete()
    audit.record("invitations.withdrawn", chain=team_chain(team), who=who(by))


def grant_anew(member: Member, keyring: Keyring, *, by: User) -> int:
    """Open to a member's new key what they could read before, as far as I hold it; return how many."""
    holder = safes.user_holders([member.user_id]).get(member.user_id)
    opened = 0
    for safe_id in safes.stale_for(member.user_id) if holder and member.user_id != by.pk else ():
        try:
            with transaction.atomic():
                safes.regrant(keyring.sealer(safe_id), holder)  # type: ignore[arg-type]
                audit.record("access.given-anew", chain=f"safe:{safe_id}", who=who(by), thing=f"user:{member.user_id}")
        except (NoGrant, crypto.CannotOpen):
            continue
        opened += 1
    return opened
