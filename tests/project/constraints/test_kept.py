"""What the database keeps: closed requests, history, and rows that belong to no third party."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from licenses.models import Document, License
from nenconnect.translations import ROOMS
from requests_app.models import AccessRequest
from tests.factories import document, license_for
from tests.project.constraints.changes import (
    OUR_APPS,
    Cast,
    change,
    copy,
    document_request_of,
    refused_by,
    request_of,
)

pytestmark = pytest.mark.django_db


def test_requests_that_are_closed_may_be_many(cast: Cast) -> None:
    """Asking again after a rejection, or after taking it back, is allowed (R26)."""
    for make in (request_of, document_request_of):
        first = make(cast)
        change(first, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
        copy(first, status="withdrawn", decided_by=None, decided_at=timezone.now())
        copy(first, status="open", decided_by=None, decided_at=None)
        assert type(first)._default_manager.count() == 3


def test_things_that_history_hangs_on_are_not_deleted(cast: Cast) -> None:
    license_request, document_request = request_of(cast), document_request_of(cast)
    for thing in (license_request.license, cast.company, document_request.document):
        with pytest.raises(models.ProtectedError):
            thing.delete()


@pytest.mark.parametrize("make", [request_of, document_request_of])
def test_nobody_goes_whose_request_is_open_and_what_was_decided_stays(
    cast: Cast, make: Callable[[Cast], AccessRequest]
) -> None:
    """The action withdraws it first (C27, C42)."""
    asked = make(cast)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        cast.colleague.delete()
    assert refused_by(refused.value) == f"{asked._meta.model_name}_open_has_a_person"

    change(asked, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
    cast.colleague.delete()

    asked.refresh_from_db()
    assert (asked.user, asked.status, asked.decided_by) == (None, "rejected", cast.admin)


def test_each_licence_and_document_is_ours() -> None:
    """The list of apps above is whole: no app of ours is left out of the check."""
    ours = {model._meta.app_label for model in apps.get_models() if not is_third_party(model)}
    assert ours == set(OUR_APPS)


def is_third_party(model: type[models.Model]) -> bool:
    return model.__module__.split(".")[0] not in ROOMS


def test_a_document_and_a_licence_are_what_they_seem(cast: Cast) -> None:
    """The good neighbours of what is refused above are accepted."""
    document(is_plus=True, plus_countries=["NL", "BE"])
    license_for(cast.company, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 1))
    license_for(cast.company, is_company_wide=True)
    assert Document.objects.count() == 1
    assert License.objects.count() == 2
