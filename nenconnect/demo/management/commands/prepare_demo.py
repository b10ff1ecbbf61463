from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import OperationalError
from kombu.exceptions import OperationalError as BrokerError

from nenconnect.celery import app


class Command(BaseCommand):
    help = "Tables, style sheets and demo data, in one go: what the demo does at every start."
    requires_system_checks = []  # migrate checks

    def handle(self, *args: Any, **options: Any) -> None:
        _check_database()
        _check_broker()
        call_command("migrate", interactive=False, verbosity=1)
        _collect_static_files_if_changed()
        call_command("load_demo_data", even_without_debug=True)


def _check_database() -> None:
    try:
        connections[DEFAULT_DB_ALIAS].ensure_connection()
    except OperationalError as error:
        raise CommandError(f"DATABASE_URL: no Postgres to work with: {_one_line(error)}") from None


def _check_broker() -> None:
    with app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=5)
        except BrokerError as error:
            raise CommandError(f"REDIS_URL: no Redis to work with: {_one_line(error)}") from None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _collect_static_files_if_changed() -> None:
    # Collecting takes longer than the rest of a start.
    stamp = Path(settings.STATIC_ROOT).with_suffix(".fingerprint")
    fingerprint = _hash_static_files()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=1)
    stamp.write_text(fingerprint)


def _hash_static_files() -> str:
    words = [version("django"), version("whitenoise"), str(settings.STORAGES)]
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            words.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
