"""A browser and its system, as people call them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from ua_parser import parse

# The library tells the one on a phone from the other; whoever reads the name does not.
_CALLED = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
}


def in_words(user_agent: str) -> str:
    """„Firefox on Windows"; a part that is not known is left out."""
    found = parse(user_agent)
    browser, system = _called(found.user_agent), _called(found.os)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def in_names(user_agent: str) -> str:
    """„Firefox, Windows": to be kept, for readers of any language. Empty for what is not known."""
    found = parse(user_agent)
    return ", ".join(filter(None, (_called(found.user_agent), _called(found.os))))


def _called(part: object) -> str:
    family = str(getattr(part, "family", ""))
    return _CALLED.get(family, family)
