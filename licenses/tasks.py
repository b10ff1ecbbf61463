from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from licenses import mails
from licenses.actions import document_import, status_counts, switches
from licenses.models import Grant, License


@shared_task(name="licenses.tasks.remind_of_ending_licenses", ignore_result=True)
def remind_of_ending_licenses() -> None:
    for notice in mails.ENDING_NOTICES:
        window = notice.window(timezone.localdate())
        licenses = License.objects.filter(ends_on__range=window).select_related("company").order_by("pk")
        mails.send_license_ending(licenses, notice)


@shared_task(name="licenses.tasks.remind_of_ending_grants", ignore_result=True)
def remind_of_ending_grants() -> None:
    first, last = mails.GRANT_NOTICE.window(timezone.localdate())
    mails.send_grant_ending(
        Grant.objects.ending(first=first, last=last).select_related("license__company").order_by("pk"),
        mails.GRANT_NOTICE,
    )


# Beat runs the next two each minute too, for a change whose call to the worker was lost.
@shared_task(name=document_import.TASK, ignore_result=True)
def run_document_imports() -> None:
    document_import.run_imports()


@shared_task(name=switches.TASK, ignore_result=True)
def end_company_wide() -> None:
    switches.end_company_wide()


@shared_task(name="licenses.tasks.count_statuses", ignore_result=True)
def count_statuses() -> None:
    status_counts.recount_all()
