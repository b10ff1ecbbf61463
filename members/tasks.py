from __future__ import annotations

from celery import shared_task

from members.actions import bulk_changes, departures, people_import


@shared_task(name=people_import.TASK, ignore_result=True)
def run_people_imports() -> None:
    """Checks and loads the tables of company admins; beat asks every minute, for what no nudge reached."""
    people_import.run_imports()


@shared_task(name=departures.TASK, ignore_result=True)
def run_departures() -> None:
    """Colleagues who left, and those who come back; beat asks every minute, for what no nudge reached."""
    departures.run_departures()


@shared_task(name=bulk_changes.TASK, ignore_result=True)
def run_people_changes() -> None:
    """Changes for several colleagues at once; beat asks every minute, for what no nudge reached."""
    bulk_changes.run_changes()


@shared_task(name="members.tasks.forget_people_work", ignore_result=True)
def forget_people_work() -> None:
    """Imports and departures past their time (privacy)."""
    people_import.forget_imports()
    departures.forget_departures()
    bulk_changes.forget_changes()
