from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mail_cast import reminder
from accounts.mails.reminders import hours_of_reminder, look_at_reminder
from accounts.models import User
from companies.working_hours import Notice, next_hours
from licenses import mail_cast
from licenses.models import Document, Grant, License
from nenconnect.mail.actions import new_mail, queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail

GRANT_NOTICE = Notice(days=7, grace=3)
ENDING_NOTICES = [Notice(days=60, grace=7), Notice(days=14, grace=7)]  # R30


def send_license_ending(licenses: Iterable[License], notice: Notice) -> None:
    # Once for each last day and notice. Licences need select_related("company").
    queue_mails(_license_ending_mails(list(licenses), notice))


def _license_ending_mails(licenses: list[License], notice: Notice) -> Iterator[OutboxMail]:
    now = timezone.now()
    admins: dict[int | None, list[User]] = {}
    companies = {license.company_id for license in licenses}
    for admin in User.objects.active_admins().filter(company__in=companies).reminded():
        admins.setdefault(admin.company_id, []).append(admin)
    for license in licenses:
        for admin in admins.get(license.company_id, []):
            yield new_mail(
                "license_ending",
                to_id=admin.pk,
                about=license,
                once_per=f"{license.ends_on:%Y%m%d}:{notice.days}days",
                due_at=next_hours(now, license.company.time_zone),
                expires_at=notice.ends(license.ends_on),
            )


@mail(
    label=_("Reminder: licence about to end"),
    to=To.ADMINS,
    hours=hours_of_reminder,
    sample=lambda: {"license": mail_cast.license(), "people": 1234, **reminder()},
)
def license_ending(mail: OutboxMail) -> Context:
    license = License.objects.select_related("company").filter(pk=mail.id_of(License)).first()
    if license is None:
        raise Unwanted("the licence is gone")
    if not mail.key_has(f"{license.ends_on:%Y%m%d}"):
        raise Unwanted("the licence has another last day")
    if mail.recipient not in User.objects.active_admins_of(license.company):
        raise Unwanted("the reader is no admin any more")
    return {
        "license": license,
        "people": Grant.objects.lasting().filter(license=license).count(),
        **look_at_reminder(mail),
    }


def send_grant_ending(grants: Iterable[Grant], notice: Notice) -> None:
    queue_mails(_grant_ending_mail(grant, notice) for grant in grants)


def _grant_ending_mail(grant: Grant, notice: Notice) -> OutboxMail:
    assert grant.ends_on is not None
    return new_mail(
        "grant_ending",
        to_id=grant.user_id,
        about=grant,
        once_per=f"{grant.ends_on:%Y%m%d}",
        due_at=next_hours(timezone.now(), grant.license.company.time_zone),
        expires_at=notice.ends(grant.ends_on),
    )


@mail(
    label=_("Reminder: licence about to end for this person"),
    hours=hours_of_reminder,
    sample=lambda: {"license": mail_cast.license(), "ends_on": timezone.localdate(), **reminder()},
)
def grant_ending(mail: OutboxMail) -> Context:
    grant = row_of(mail, Grant.objects.select_related("license__company", "user"))
    if grant is None or grant.ends_on is None:
        raise Unwanted("the licence was taken away, or has no last day of its own any more")
    if not mail.key_has(f"{grant.ends_on:%Y%m%d}"):
        raise Unwanted("the person has the licence until another day")
    if grant.license.is_company_wide or not grant.user.is_active:
        raise Unwanted("the person loses nothing by it")
    return {"license": grant.license, "ends_on": grant.ends_on, **look_at_reminder(mail)}


def send_file_missing() -> None:
    for staff in User.objects.active().filter(is_staff=True, is_superuser=True):
        queue_mail("file_missing", to=staff, once_per=f"{timezone.localdate():%Y%m%d}")


@mail(label=_("File of a document missing"), sample=lambda: {"document": mail_cast.document()})
def file_missing(mail: OutboxMail) -> Context:
    missing = Document.objects.filter(file_missing_since__isnull=False)
    document = missing.order_by("-file_missing_since", "pk").first()
    if document is None:
        raise Unwanted("the file is there again")
    if not (mail.recipient and mail.recipient.is_active and mail.recipient.is_staff):
        raise Unwanted("the reader is no staff any more")
    return {"document": document}
