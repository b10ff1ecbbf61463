from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from requests_app.actions.asking import request_license
from requests_app.models import LicenseRequest
from tests.factories import make_license


def license_request_by(user: User, **fields: Any) -> LicenseRequest:
    assert user.company
    return request_license(make_license(user.company, **fields), by=user, reason="Voor de Zuidas")


def page_of(license_request: LicenseRequest) -> str:
    return reverse("requests:license_request", args=[license_request.pk])
