"""Name a browser and its system."""

from __future__ import annotations

from django.utils.translation import gettext as _
from ua_parser import parse

# The library has separate names for phones; people do not.
_CALLED = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
}


def browser_in_words(user_agent: str) -> str:
    client = parse(user_agent)
    browser, system = _family_name(client.user_agent), _family_name(client.os)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def browser_names(user_agent: str) -> str:
    """Return "Firefox, Windows", to keep for readers of any language; empty when unknown."""
    client = parse(user_agent)
    return ", ".join(filter(None, (_family_name(client.user_agent), _family_name(client.os))))


def _family_name(part: object) -> str:
    family = str(getattr(part, "family", ""))
    return _CALLED.get(family, family)
