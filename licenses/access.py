"""Who may read what (R25): one condition on documents, that every page, list, download and reason uses."""

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


def _may_open(licenses: LicenseQuerySet, country: str | F, *, document: str = "") -> Q:
    """Return the rule for an active person with these licences; `document` names the rows' field for it."""
    field = f"{document}__" if document else ""
    holding = licenses.filter(documents=OuterRef(document or "pk"))
    return Q((f"{field}is_free", True)) | _covers(country, field) & Q(Exists(holding))


def _covers(country: str | F, field: str = "") -> Q:
    """No Plus document, or one for this country."""
    return Q((f"{field}is_plus", False)) | Q((f"{field}plus_countries__contains", [country]))


def _is_active(user: User | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active


def _rule_for(user: User) -> Q:
    return _may_open(License.objects.open_to(user), str(user.country))


def readable_by(user: User | AnonymousUser) -> DocumentQuerySet:
    """Return the documents that the person may open today (C26)."""
    return Document.objects.filter(_rule_for(user)) if _is_active(user) else Document.objects.none()


def can_open(user: User | AnonymousUser, document: Document) -> bool:
    return readable_by(user).filter(pk=document.pk).exists()


def list_with_can_open(user: User, *, only_readable: bool = False) -> DocumentQuerySet:
    """Return all documents, or only the readable ones, each with `can_open`."""
    if only_readable:
        return readable_by(user).annotate(can_open=Value(True))
    rule = ExpressionWrapper(_rule_for(user), BooleanField()) if _is_active(user) else Value(False)
    return Document.objects.annotate(can_open=rule)


def readers_can_open() -> Q:
    """For rows with a `user` and a `document`: whether that person may open it."""
    licenses = License.objects.open_to_person(OuterRef("user"), OuterRef("user__company"))
    return Q(user__is_active=True) & _may_open(licenses, F("user__country"), document="document")


def is_covered(user: User, document: Document) -> bool:
    """Whether a licence would be enough: a Plus document also asks for one of its countries."""
    return Document.objects.filter(_covers(str(user.country)), pk=document.pk).exists()


def who_have_a_license(people: Iterable[int]) -> set[int]:
    """Return the ids of those with a licence that works today."""
    return set(User.objects.filter(has_active_license(), pk__in=people).values_list("pk", flat=True))


def has_active_license() -> Q:
    """For `User.objects.with_status(…)`: who has a licence that works today."""
    return Q(Exists(_open_to_them()))


def active_license_count() -> Combinable:
    """For an annotation on people: how many licences work for them today, company-wide ones among them."""
    counted = _open_to_them().order_by().values("company").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _open_to_them() -> LicenseQuerySet:
    return License.objects.open_to_person(OuterRef("pk"), OuterRef("company"))
