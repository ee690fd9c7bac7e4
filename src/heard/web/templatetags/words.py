"""Times and sizes in words."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


def span(length: timedelta) -> str:
    """Return a length of time in one rough unit, as in "3 hours"."""
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def clock(when: datetime | None) -> SafeString | str:
    """Return a moment as "in 3 hours" or "2 days ago", with the exact time behind it."""
    if when is None:
        return ""
    now = timezone.now()
    words = (
        _("in %(span)s") % {"span": span(when - now)} if when > now else _("%(span)s ago") % {"span": span(now - when)}
    )
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        local.strftime("%Y-%m-%d %H:%M %Z"),
        words,
    )


@register.filter
def megabytes(size: int) -> str:
    """Return a size in bytes as people say it."""
    if size < 100_000:
        return _("%(n)s kB") % {"n": max(1, round(size / 1000))}
    return _("%(n)s MB") % {"n": f"{size / 1_000_000:.1f}"}
