from __future__ import annotations

from celery import shared_task

from members.actions import bulk_changes, departures, people_import


@shared_task(name=people_import.TASK, ignore_result=True)
def run_people_imports() -> None:
    """Check and load the tables of company admins; beat asks every minute, in case a wake-up was lost."""
    people_import.run_imports()


@shared_task(name=departures.TASK, ignore_result=True)
def run_departures() -> None:
    departures.run_departures()


@shared_task(name=bulk_changes.TASK, ignore_result=True)
def run_people_changes() -> None:
    bulk_changes.run_changes()


@shared_task(name="members.tasks.forget_people_work", ignore_result=True)
def forget_people_work() -> None:
    people_import.forget_imports()
    departures.forget_departures()
    bulk_changes.forget_changes()
