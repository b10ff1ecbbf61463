from __future__ import annotations

from datetime import timedelta

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@register.simple_tag(takes_context=True)
def request_url(context: template.Context, name: str, *args: int) -> str:
    """Return the address of a page that both kinds have; `{}` in its name is the kind."""
    return reverse(f"requests:{name.format(context['kind'])}", args=args)


@register.filter
def waited(time: timedelta | None) -> str:
    """Describe a time in whole hours up to two days, then in whole days."""
    if time is None:
        return "–"
    if time < HOUR:
        return _("less than an hour")
    if time < 2 * DAY:
        hours = round(time / HOUR)
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = round(time / DAY)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
