from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.models import Deputy
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.events import Context, Unwanted, mail
from nenconnect.mail.models import OutboxMail


def send_deputy_named(deputy: Deputy) -> None:
    queue_mail("deputy_named", to=deputy.user, about=deputy)


@mail(label=_("Named as deputy"), sample=mail_cast.about_deputy)
def deputy_named(mail: OutboxMail) -> Context:
    deputy = row_of(mail, Deputy.objects.select_related("user", "admin", "company"))
    if deputy is None or deputy.last_day < timezone.localdate():
        raise Unwanted("the time of the deputy is over")
    return {"deputy": deputy}
