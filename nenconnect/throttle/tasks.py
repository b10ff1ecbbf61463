"""Delete old counts."""

from __future__ import annotations

from celery import shared_task

from nenconnect.throttle.actions import forget_old_counts


@shared_task(name="nenconnect.throttle.tasks.forget_old", ignore_result=True)
def forget_old() -> None:
    forget_old_counts()
