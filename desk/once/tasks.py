from __future__ import annotations

from celery import shared_task

from desk.once.actions import forget_sent_forms


@shared_task(name="desk.once.tasks.forget_sent", ignore_result=True)
def forget_sent() -> None:
    """Nobody sends a form of yesterday twice."""
    forget_sent_forms()
