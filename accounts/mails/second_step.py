"""Declare the warning at each change of the second step."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.mails.rerouting import person_of
from accounts.models import User
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail

# The change that the mail tells, by the word in its key.
SECOND_STEP_CHANGES = {
    "app_added": _("An authenticator app was added."),
    "app_removed": _("The authenticator app was removed."),
    "passkey_added": _("A passkey was added."),
    "passkey_removed": _("A passkey was removed."),
    "codes_made": _("New recovery codes were made. The old ones no longer work."),
    "code_used": _("A recovery code was used to sign in. It works once; make new ones in time."),
    "taken_away": _(
        "A person who manages your account removed your second step and ended your sessions. You now sign in "
        "with only your password, and can set up a second step again."
    ),
}


def send_second_step_changed(user: User, change: str) -> None:
    queue_mail("second_step_changed", to=user, about=user, once_per=f"{change}:{timezone.now():%Y%m%d%H%M%S%f}")


@mail(
    label=_("Second step changed"),
    to=To.PERSON_TOO,  # an admin who reads along may have made the change
    sample=lambda: mail_cast.about_person() | {"what": SECOND_STEP_CHANGES["taken_away"], "at": timezone.now()},
)
def second_step_changed(mail: OutboxMail) -> Context:
    person = person_of(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    what = next(text for change, text in SECOND_STEP_CHANGES.items() if mail.key_has(change))
    return {"person": person, "what": what, "at": mail.created_at}
