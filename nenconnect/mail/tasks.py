from __future__ import annotations

from nenconnect.celery import app
from nenconnect.mail import delivery


@app.task(name="nenconnect.mail.tasks.drain", ignore_result=True)
def drain() -> None:
    delivery.drain()
