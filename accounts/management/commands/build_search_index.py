"""Build the search index on a server that got pg_trgm after the migrations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from accounts.trigram_index import build_index


class Command(BaseCommand):
    help = "Builds the index for the search in lists of users, where the database server has pg_trgm."

    def handle(self, *args: Any, **options: Any) -> None:
        if build_index(connection, concurrently=True):
            self.stdout.write("The index is there.")
        else:
            self.stdout.write("There is no pg_trgm, or no right to install it: the search goes on without.")
