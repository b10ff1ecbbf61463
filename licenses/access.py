"""Decide who may open which document (R25).

An active person may open a free document, and each document in a licence that works for this person today. A Plus
document must also cover the person's country. Pages, lists, downloads and explanations all use this condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import User
from licenses.models import Document, DocumentQuerySet, License, LicenseQuerySet


def readable_by(user: User | AnonymousUser) -> DocumentQuerySet:
    """Return the documents that the person may open today; none for a visitor (C26)."""
    return Document.objects.filter(_opens_for(user)) if _is_active(user) else Document.objects.none()


def can_open(user: User | AnonymousUser, document: Document) -> bool:
    return readable_by(user).filter(pk=document.pk).exists()


def list_with_can_open(user: User, *, only_readable: bool = False) -> DocumentQuerySet:
    if only_readable:
        return readable_by(user).annotate(can_open=Value(True))
    condition = ExpressionWrapper(_opens_for(user), BooleanField()) if _is_active(user) else Value(False)
    return Document.objects.annotate(can_open=condition)


def readers_can_open() -> Q:
    """Return the condition for rows with a `user` and a `document` that this user may open today."""
    licenses = License.objects.open_to_person(OuterRef("user"), OuterRef("user__company"))
    return Q(user__is_active=True) & _opens_with(licenses, F("user__country"), document_field="document")


def is_covered(user: User, document: Document) -> bool:
    """Return whether a licence is enough for this person to open the document.

    It is not for a Plus document of other countries.
    """
    return Document.objects.filter(_plus_allows(str(user.country)), pk=document.pk).exists()


def who_have_a_license(people: Iterable[int]) -> set[int]:
    return set(User.objects.filter(has_active_license(), pk__in=people).values_list("pk", flat=True))


def has_active_license() -> Q:
    return Q(Exists(_licenses_of_each_person()))


def active_license_count() -> Combinable:
    counts = _licenses_of_each_person().order_by().values("company").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


def _is_active(user: User | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active


def _opens_for(active_user: User) -> Q:
    return _opens_with(License.objects.open_to(active_user), str(active_user.country))


def _opens_with(licenses: LicenseQuerySet, country: str | F, *, document_field: str = "") -> Q:
    """Return the condition of R25 for an active person with these licences and this country.

    The condition is for documents, or for rows that point to a document with `document_field`.
    """
    prefix = f"{document_field}__" if document_field else ""
    licenses_with_document = licenses.filter(documents=OuterRef(document_field or "pk"))
    return Q((f"{prefix}is_free", True)) | _plus_allows(country, prefix) & Q(Exists(licenses_with_document))


def _plus_allows(country: str | F, prefix: str = "") -> Q:
    return Q((f"{prefix}is_plus", False)) | Q((f"{prefix}plus_countries__contains", [country]))


def _licenses_of_each_person() -> LicenseQuerySet:
    return License.objects.open_to_person(OuterRef("pk"), OuterRef("company"))
