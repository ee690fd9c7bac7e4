"""Emergency numbers: what a country's numbering plan says, for a chapter to complete."""

from functools import cache

from django.utils.translation import gettext_lazy as _

EMERGENCY_KINDS = {
    "emergency": _("Emergency: police, ambulance, fire"),
    "non_emergency": _("Police, when nobody is in danger"),
    "mental_health": _("Somebody to talk to (mental health)"),
    "assault": _("Sexual assault hotline"),
    "safeguarding": _("Safeguarding contact, where somebody is under 18"),
    "venue": _("Security at the venue"),
}


@cache
def numbers_for(country: str) -> list[str]:
    """Return the emergency numbers of a country (ISO 3166 letters), shortest first.

    Source: the short-number data of phonenumberslite. It does not say which service answers.
    """
    from phonenumbers.shortnumberinfo import is_emergency_number

    candidates = [f"{n:03d}" for n in range(1000)] + [f"{n:02d}" for n in range(100)]
    return sorted(n for n in candidates if is_emergency_number(n, country))
