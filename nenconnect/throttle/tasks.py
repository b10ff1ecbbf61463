"""Forgets the counts that are over."""

from __future__ import annotations

from celery import shared_task

from nenconnect.throttle.actions import forget_old_counts


@shared_task(name="nenconnect.throttle.tasks.forget_old", ignore_result=True)
def forget_old() -> None:
    """Counts that say nothing any more: a network is personal data, and not kept longer than it is of use."""
    forget_old_counts()
