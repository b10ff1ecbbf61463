"""Who may read what (R25). The queryset says it; every page, list and download asks here."""

from __future__ import annotations

from dataclasses import dataclass

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
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import User
from licenses.models import Document, DocumentQuerySet, Grant, License


@dataclass(frozen=True)
class _Reader:
    """Who reads: somebody known, or the person of each row, whose facts are then columns of that row."""

    pk: int | F
    company: int | None | F
    country: str | F
    is_active: Q


def _may_open(reader: _Reader, *, document: str = "") -> Q:
    """R25: the one definition. `document` is where rows have theirs; documents themselves are it."""
    held = License.objects.open_to_person(reader.pk, reader.company).filter(documents=OuterRef(document or "pk"))
    field = f"{document}__" if document else ""
    is_free = Q((f"{field}is_free", True))
    is_covered = Q((f"{field}is_plus", False)) | Q((f"{field}plus_countries__contains", [reader.country]))
    return reader.is_active & (is_free | is_covered & Q(Exists(held)))


def _known(user: User | AnonymousUser) -> _Reader:
    is_active = isinstance(user, User) and user.is_active
    if not (isinstance(user, User) and is_active):
        return _Reader(pk=0, company=None, country="", is_active=Q(pk__in=[]))
    return _Reader(pk=user.pk, company=user.company_id, country=str(user.country), is_active=Q())


def readable_by(user: User | AnonymousUser) -> DocumentQuerySet:
    """The documents that the person may open, looked up anew on every request (C26)."""
    return Document.objects.filter(_may_open(_known(user)))


def can_open(user: User | AnonymousUser, document: Document) -> bool:
    return readable_by(user).filter(pk=document.pk).exists()


def with_can_open(user: User) -> DocumentQuerySet:
    """All documents; `can_open` says of each whether the person may open it, in the same query."""
    return Document.objects.annotate(can_open=ExpressionWrapper(_may_open(_known(user)), BooleanField()))


def readers_can_open() -> Q:
    """For rows of a person (`user`) and a `document`: whether that person may open it."""
    reader = _Reader(
        pk=OuterRef("user"),
        company=OuterRef("user__company"),
        country=F("user__country"),
        is_active=Q(user__is_active=True),
    )
    return _may_open(reader, document="document")


def is_covered(user: User, document: Document) -> bool:
    """Whether a licence would be enough: a Plus document also asks for one of its countries."""
    return document.is_free or not document.is_plus or str(user.country) in document.plus_countries


def why(user: User, document: Document) -> str:
    """„Waarom heb ik (geen) toegang?" in one sentence."""
    if can_open(user, document):
        return _why_open(user, document)
    if not user.company:
        return _("You have a personal account: it gives access to free documents only.")
    holding = License.objects.of(user.company).filter(documents=document)
    if not is_covered(user, document):
        return _why_not_plus(user, has_license=License.objects.open_to(user).filter(documents=document).exists())
    if holding.in_term().requestable_by(user).exists():
        return _("A licence of %(company)s holds this document. You can request it.") % {"company": user.company}
    if holding.in_term().exists():
        return _("You do not have the licence that holds this document. An admin of %(company)s can give it.") % {
            "company": user.company
        }
    if holding.exists():
        return _("The licence of %(company)s that holds this document is not valid today.") % {
            "company": user.company
        }
    return _("No licence of %(company)s holds this document.") % {"company": user.company}


def _why_open(user: User, document: Document) -> str:
    if document.is_free:
        return _("This document is free: everyone with an account can read it.")
    license = License.objects.open_to(user).filter(documents=document).order_by("-is_company_wide").first()
    if license and license.is_company_wide:
        return _("“%(license)s” is a company-wide licence: everyone at %(company)s can read it.") % {
            "license": license,
            "company": user.company,
        }
    return _("You have the licence “%(license)s”.") % {"license": license}


def _why_not_plus(user: User, *, has_license: bool) -> str:
    if not user.country and not has_license:
        return _(
            "This is a Plus document, and two things are missing: your country, and a licence that holds it. "
            "Fill in your country in My profile first; then you see here whether you can request the licence."
        )
    if not user.country:
        return _("This is a Plus document. Fill in your country in My profile to see whether you can read it.")
    return _("This Plus document is not available in %(country)s.") % {
        "country": dict(countries)[str(user.country)]
    }


def has_active_license() -> Q:
    """For `User.objects.with_status(…)`: who has a licence that works today."""
    granted = Grant.objects.in_force().filter(user=OuterRef("pk"))
    company_wide = License.objects.in_term().filter(company=OuterRef("company"), is_company_wide=True)
    return Q(Exists(granted)) | Q(Exists(company_wide))


def active_license_count() -> Combinable:
    """For an annotation on people: how many licences work for them today, company-wide ones among them."""
    theirs = License.objects.in_term().filter(company=OuterRef("company"))
    granted = Grant.objects.filter(license=OuterRef("pk"), user=OuterRef(OuterRef("pk")))
    open_to_them = theirs.filter(Q(is_company_wide=True) | Exists(granted)).order_by()
    counted = open_to_them.values("company").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
