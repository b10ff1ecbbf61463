"""Create people of every kind for scripts that measure whether a page reveals who has an account."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import django
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils import timezone

PASSWORD = "fietsen-door-de-polder-12"
KINDS = ("known", "unknown", "pending", "blocked")


def people_of_every_kind(number: int) -> dict[str, list[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")
    django.setup()
    run = secrets.token_hex(3)
    addresses = {kind: [f"{kind}{index}@{run}.example" for index in range(number)] for kind in KINDS}
    for kind, fields in _fields_by_kind().items():
        _insert_people(addresses[kind], fields)
    return addresses


def _fields_by_kind() -> dict[str, dict[str, Any]]:
    now, password = timezone.now(), make_password(PASSWORD)
    registered = {"registered_at": now, "password": password, "first_signed_in_at": now}
    return {
        "known": registered,
        "blocked": registered | {"is_blocked": True},
        "pending": {
            "registration_deadline": timezone.localdate() + timedelta(days=20),
            "registration_sent_at": now - timedelta(days=5),
            "registration_round": 1,
            "password": make_password(None),
        },
    }


def _insert_people(addresses: Iterable[str], fields: dict[str, Any]) -> None:
    model = get_user_model()
    model._default_manager.bulk_create([model(email=address, name="Iemand", **fields) for address in addresses])


def admin_with_company() -> tuple[str, str]:
    company_model = apps.get_model("companies", "Company")
    domain = f"bedrijf-{secrets.token_hex(3)}.example"
    company = company_model.objects.create(name="Bedrijf BV", customer_number=domain[:20])
    company.domains.create(name=domain)
    admin = f"beheerder@{domain}"
    _insert_people([admin], _fields_by_kind()["known"] | {"company": company, "role": "admin"})
    return admin, domain
