"""Build a company with one row of each kind, and read back what the database holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core import serializers
from django.db.models import Model
from django.test import Client
from django.utils import timezone

TODAY = timezone.localdate


@dataclass
class DeskWorld:
    browser: Client
    rows: dict[str, Any]
    before: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.rows[name]

    def is_as_it_was(self, name: str, *columns: str) -> bool:
        # The row, or these columns of it.
        if not type(self.rows[name])._default_manager.filter(pk=self.rows[name].pk).exists():
            return False
        now, before = stored(self.rows[name]), self.before[name]
        return all(now[column] == before[column] for column in columns or before)


def stored(row: Model) -> dict[str, Any]:
    row.refresh_from_db()
    fields: dict[str, Any] = serializers.serialize("python", [row])[0]["fields"]
    return fields


Posted = dict[str, Any]


def new_person(email: str, company: str = "company") -> Callable[[DeskWorld], Posted]:
    # As a new user, and as the admin of a company that is added or changed.
    def posted(world: DeskWorld) -> Posted:
        address = world.rows[email].email if email in world.rows else email
        return {
            "company": world.rows[company].pk,
            "role": "admin",
            "email": address,
            "name": "Iemand",
            "admin_name": "Iemand",
            "admin_email": address,
        }

    return posted


def a_term(**values: Any) -> Callable[[DeskWorld], Posted]:
    return lambda world: (
        {
            "starts_on": f"{TODAY():%Y-%m-%d}",
            "ends_on": f"{TODAY() + timedelta(days=9):%Y-%m-%d}",
        }
        | values
    )
