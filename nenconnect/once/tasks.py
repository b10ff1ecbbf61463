from __future__ import annotations

from nenconnect.celery import app
from nenconnect.once.actions import forget_sent_forms


@app.task(name="nenconnect.once.tasks.forget_sent", ignore_result=True)
def forget_sent() -> None:
    """Nobody sends a form of yesterday twice."""
    forget_sent_forms()
