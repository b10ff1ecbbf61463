"""Explain the switches and fields of a licence in its form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LICENSE_HELP = {
    "ends_on": _("The last day on which it gives access."),
    "seats": _("How many people may have it. Empty: no maximum."),
    "is_company_wide_approved": _("The company's admins may then switch it on and off for everybody."),
    "is_company_wide": _("Everybody at the company can read with it, without asking. Not with seats."),
    "is_shown": _("Users see it, and can ask for it."),
    "documents": _("Type a number or a word of the title."),
}
