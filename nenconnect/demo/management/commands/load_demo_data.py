from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from nenconnect.demo import data


class Command(BaseCommand):
    help = "Loads made-up companies, people, documents and requests; a second time changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--even-without-debug",
            action="store_true",
            help="load it although DEBUG is off: everybody knows the password of these accounts",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or options["even_without_debug"]):
            raise CommandError(
                "Demo data stays out of a real site: DEBUG is off. Add --even-without-debug to load it anyway."
            )
        data.load_demo_data()
        if options["verbosity"] > 0:
            self.stdout.write("Demo data is there.")
