from __future__ import annotations

from nenconnect.celery import app
from nenconnect.mail import delivery

# The last batch may take as long as its lease; the time limit must not cut off a mail halfway. Beat goes on.
SECONDS = 30


@app.task(name="nenconnect.mail.tasks.drain", ignore_result=True)
def drain() -> None:
    delivery.drain(SECONDS)
