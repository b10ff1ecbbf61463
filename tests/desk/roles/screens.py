"""List the roles at NEN and what each may do at each screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.staff_roles import StaffRole

CS, AM, CONTENT, ADMINISTRATOR = StaffRole
NOBODY = "no_role"


@dataclass
class Desk:
    browsers: dict[str, Client]
    people: dict[str, User]
    things: dict[type[Any], Any]


def answer(browser: Client, method: str, url: str, data: Any = None) -> HttpResponse:
    # What it changed is undone before the next one asks.
    with transaction.atomic():
        response: HttpResponse = getattr(browser, method)(url, data or {})
        transaction.set_rollback(True)
    return response


def page(model: type[Any], kind: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def is_let_in(response: Any) -> bool:
    # Django answers what the person may not see with 403, and what their list lacks by a way to the index.
    assert response.status_code in {200, 302, 403}, response.status_code
    return bool(response.status_code != 403 and response.headers.get("Location") != reverse("admin:index"))
