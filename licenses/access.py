"""Who may read what (R25): one definition, which every page, list, download and reason asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from licenses.models import Document, DocumentQuerySet, License, LicenseQuerySet


@dataclass(frozen=True)
class _Reader:
    """Who reads: somebody known, or the person of each row, whose facts are then columns of that row."""

    pk: int | OuterRef
    company: int | OuterRef | None
    country: str | F
    is_active: Q


def _may_open(reader: _Reader, *, document: str = "", only: int | None = None, today: date | None = None) -> Q:
    """R25: the one definition. `document` is where rows have theirs; documents themselves are it.

    `only` is the one document of the query where there is one: it is looked for in the licences at once, and not
    only after all their documents were listed.
    """
    theirs = License.objects.open_to_person(reader.pk, reader.company, today)
    held = theirs.filter(documents=only or OuterRef(document or "pk"))
    field = f"{document}__" if document else ""
    is_free = Q((f"{field}is_free", True))
    return reader.is_active & (is_free | _covers(reader.country, field) & Q(Exists(held)))


def _covers(country: str | F, field: str = "") -> Q:
    """No Plus document, or one for this country."""
    return Q((f"{field}is_plus", False)) | Q((f"{field}plus_countries__contains", [country]))


def _known(user: User | AnonymousUser) -> _Reader:
    if not _is_active(user):
        return _Reader(pk=0, company=None, country="", is_active=Q(pk__in=[]))
    return _Reader(pk=user.pk, company=user.company_id, country=str(user.country), is_active=Q())


def _is_active(user: User | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active


def readable_by(user: User | AnonymousUser) -> DocumentQuerySet:
    """The documents that the person may open, looked up anew on every request (C26)."""
    return Document.objects.filter(_may_open(_known(user)))


def list_with_can_open(user: User, *, only_readable: bool = False) -> DocumentQuerySet:
    """All documents, or those alone that the person may open; `can_open` says it of each, in the same query.

    For a list of its own: the compiled rule can't stand inside another query, as that of `readable_by` can.
    """
    rule = _compiled_for(user)
    if only_readable:
        return Document.objects.filter(rule).annotate(can_open=Value(True))
    return Document.objects.annotate(can_open=rule)


def readers_can_open() -> Q:
    """For rows of a person (`user`) and a `document`: whether that person may open it."""
    reader = _Reader(
        pk=OuterRef("user"),
        company=OuterRef("user__company"),
        country=F("user__country"),
        is_active=Q(user__is_active=True),
    )
    return _may_open(reader, document="document")


def can_open(user: User | AnonymousUser, document: Document) -> bool:
    """One query, the same as `readable_by`, but compiled once: building it takes longer than its answer."""
    if not _is_active(user):
        return False
    sql, parameters = _compiled()
    with connection.cursor() as cursor:
        cursor.execute(sql, _with_facts(parameters, user, document))
        return cursor.fetchone() is not None


def _compiled_for(user: User) -> Value | RawSQL:
    if not _is_active(user):
        return Value(False)
    sql, parameters = _compiled_condition()
    return RawSQL(f"({sql})", _with_facts(parameters, user), BooleanField())  # noqa: S611 - Django's own SQL


def _with_facts(parameters: Iterable[Any], user: User, document: Document | None = None) -> list[Any]:
    facts: dict[Any, Any] = {
        _ANYBODY.pk: user.pk,
        _ANYBODY.company: user.company_id,
        _ANYBODY.country: str(user.country),
        _ANY_DOCUMENT: document and document.pk,
        _ANY_DAY: timezone.localdate(),
    }
    return [facts.get(parameter, parameter) for parameter in parameters]


def who_have_a_license(people: Iterable[int]) -> set[int]:
    """Who of them has a licence that works today; compiled once too, for a page of people."""
    sql, parameters = _compiled_holders()
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(today if one == _ANY_DAY else one for one in parameters), list(people)])
        return {pk for (pk,) in cursor.fetchall()}


# Stand in what is compiled for what differs from one decision to the next; no row has them.
_ANYBODY = _Reader(pk=-1, company=-2, country="--", is_active=Q())
_ANY_DOCUMENT = -3
_ANY_DAY = date.min


@cache
def _compiled() -> tuple[str, tuple[Any, ...]]:
    rule = _may_open(_ANYBODY, only=_ANY_DOCUMENT, today=_ANY_DAY)
    rows = Document.objects.filter(rule, pk=_ANY_DOCUMENT)
    return rows.order_by().values("pk")[:1].query.sql_with_params()


@cache
def _compiled_condition() -> tuple[str, tuple[Any, ...]]:
    """The rule alone, about each document of a list."""
    query = Document.objects.filter(_may_open(_ANYBODY, today=_ANY_DAY)).query
    sql, parameters = query.get_compiler(connection=connection).compile(query.where)
    return sql, tuple(parameters)


@cache
def _compiled_holders() -> tuple[str, tuple[Any, ...]]:
    holds = Exists(License.objects.open_to_person(OuterRef("pk"), OuterRef("company"), _ANY_DAY))
    sql, parameters = User.objects.filter(holds).order_by().values("pk").query.sql_with_params()
    return f"SELECT * FROM ({sql}) holders(id) WHERE id = ANY(%s)", parameters  # noqa: S608 -- Django's own


def is_covered(user: User, document: Document) -> bool:
    """Whether a licence would be enough: a Plus document also asks for one of its countries."""
    return Document.objects.filter(_covers(str(user.country)), pk=document.pk).exists()


def has_active_license() -> Q:
    """For `User.objects.with_status(…)`: who has a licence that works today."""
    return Q(Exists(_open_to_them()))


def active_license_count() -> Combinable:
    """For an annotation on people: how many licences work for them today, company-wide ones among them."""
    counted = _open_to_them().order_by().values("company").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _open_to_them() -> LicenseQuerySet:
    return License.objects.open_to_person(OuterRef("pk"), OuterRef("company"))
