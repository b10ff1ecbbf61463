"""A mail as it goes out: one reader, a text and an HTML part."""

from __future__ import annotations

import re

from django.core.mail import EmailMultiAlternatives

# What stands in our links and gives access is long, and mixes small letters with others: no word of an address.
_ACCESS = re.compile(r"(?<=/)(?=[^/\s]*[0-9A-Z:])[^/\s]{16,}")
_OUR_LINK = re.compile(r"https?://[^/\s]+(/\S*)")


class Letter(EmailMultiAlternatives):
    @property
    def text_to_keep(self) -> str:
        """Return the text for NEN's desk, with "…" where a link gives access to anybody who has it."""
        return _OUR_LINK.sub(lambda link: _ACCESS.sub("…", link[0]), str(self.body))
