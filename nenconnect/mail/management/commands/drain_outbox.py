from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from nenconnect.mail import delivery


class Command(BaseCommand):
    help = "Sends all mail that is due, without Celery or Redis."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delivery.drain()} sent")
