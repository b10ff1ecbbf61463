"""Choose when an admin gets mails about new requests: at once, together, or never."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import RequestNotices, User
from accounts.verbs import DETAILS_CHANGED
from companies.actions import lock as lock_company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


@transaction.atomic
def choose_notices(user: User, notices: str, *, by: User) -> None:
    """Save the choice. Raises RuleError when no admin would get these mails."""
    if user.company:
        lock_company(user.company)
    user = User.objects.select_for_update().get(pk=user.pk)
    if notices == RequestNotices.NONE and user.must_get_notices():
        raise RuleError(
            _(
                "You are the only admin of %(company)s who gets mails about new requests, and at least one "
                "admin must get them. Ask another admin to choose these mails in My profile, or make a "
                "colleague admin. Then try again."
            )
            % {"company": user.company},
            field="notices",
        )
    if user.request_notices == notices:
        return
    user.request_notices = notices
    user.requests_told_at = timezone.now()  # what came before was told of already
    user.save(update_fields=["request_notices", "requests_told_at"])
    record(DETAILS_CHANGED, by=by, company_id=user.company_id, about=user, fields=["request_notices"])
