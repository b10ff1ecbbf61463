"""Forgets the counts that are over."""

from __future__ import annotations

from nenconnect.celery import app
from nenconnect.throttle.actions import forget_old_counts


@app.task(name="nenconnect.throttle.tasks.forget_old", ignore_result=True)
def forget_old() -> None:
    """Counts that say nothing any more: a network is personal data, and not kept longer than it is of use."""
    forget_old_counts()
