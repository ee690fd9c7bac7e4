"""What can be looked up about accounts."""

from allauth.mfa.models import Authenticator


def passkey(user_id: str, number: int) -> Authenticator | None:
    """Return one passkey of somebody who may still sign in."""
    rows = Authenticator.objects.filter(pk=number, user_id=user_id, type=Authenticator.Type.WEBAUTHN)
    return rows.filter(user__is_active=True).select_related("user").first() if user_id else None
