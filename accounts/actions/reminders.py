"""Switch reminders on and off (R30)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.verbs import DETAILS_CHANGED
from companies.actions import lock as lock_company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


@transaction.atomic
def switch_reminders(user: User, is_wanted: bool, *, by: User) -> None:
    """Save the choice. Raises RuleError when no admin would get reminders of open requests."""
    if user.company:
        lock_company(user.company)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not is_wanted and user.must_get_reminders():
        raise RuleError(
            _(
                "You are the only admin of %(company)s who gets reminders, and at least one admin must get "
                "them. Ask another admin to switch them on in My profile, or make a colleague admin. Then try "
                "again."
            )
            % {"company": user.company}
        )
    if user.gets_reminders == is_wanted:
        return
    user.gets_reminders = is_wanted
    user.save(update_fields=["gets_reminders"])
    record(
        DETAILS_CHANGED,
        by=by,
        company_id=user.company_id,
        about=user,
        fields=["gets_reminders"],
        changes={"gets_reminders": (not is_wanted, is_wanted)},
    )
