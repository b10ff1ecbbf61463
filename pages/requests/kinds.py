"""The two kinds of requests, for the views that both share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from requests_app.actions import document_requests, license_requests
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestQuerySet


@dataclass(frozen=True)
class RequestKind:
    model: type[AccessRequest]
    name: str  # in the names of URLs
    about: tuple[str, ...]
    approve: Callable[..., None]
    reject: Callable[..., None]

    def rows(self, user: User) -> RequestQuerySet:
        return self.model.objects.visible_to(user).select_related(*self.about, "label")

    def visible(self, user: User, pk: int) -> Any:
        return get_object_or_404(self.rows(user), pk=pk)

    def to_list(self) -> HttpResponse:
        return redirect(f"requests:{self.name}_requests")

    def to_page(self, pk: int) -> HttpResponse:
        return redirect(f"requests:{self.name}_request", pk)


LICENSES = RequestKind(LicenseRequest, "license", ("license",), license_requests.approve, license_requests.reject)
DOCUMENTS = RequestKind(
    DocumentRequest, "document", ("document", "license"), document_requests.approve, document_requests.reject
)
