from __future__ import annotations

from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from pages.requests import (
    asking,
    asking_first,
    deciding,
    license_choice,
    requester_pages,
    several_at_once,
    statistics,
)
from pages.requests.export_requests import export_requests
from pages.requests.forms import (
    ApproveDocumentForm,
    ApproveLicenseForm,
    RequestDocumentForm,
    RequestLicenseForm,
)
from pages.requests.lists import request_list
from pages.requests.request_page import request_page
from pages.requests.several_at_once import ApproveDocumentsForm, ApproveLicensesForm
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest

app_name = "requests"


def _paths_of_kind(kind: type[AccessRequest], folder: str) -> list[URLPattern]:
    name, about = kind.url_name, {"kind": kind}
    return [
        path(f"{folder}/", request_list, about, name=f"{name}_requests"),
        path(f"{folder}/exporteren/", export_requests, about, name=f"export_{name}_requests"),
        path(f"{folder}/samen/afkeuren/", several_at_once.reject, about, name=f"reject_{name}s"),
        path(f"{folder}/<int:pk>/", request_page, about, name=f"{name}_request"),
        path(f"{folder}/<int:pk>/afkeuren/", deciding.reject, about, name=f"reject_{name}"),
        path(f"{folder}/<int:pk>/vragen/", asking_first.ask_first, about, name=f"ask_{name}"),
        path(f"{folder}/<int:pk>/antwoorden/", asking_first.answer, about, name=f"answer_{name}"),
        path(f"{folder}/<int:pk>/aanvullen/", requester_pages.add_word, about, name=f"add_word_{name}"),
        path(f"{folder}/<int:pk>/herinneren/", requester_pages.nudge, about, name=f"nudge_{name}"),
        path(f"{folder}/<int:pk>/intrekken/", requester_pages.withdraw, about, name=f"withdraw_{name}"),
    ]


urlpatterns = [
    path("welkom/", license_choice.license_choice, name="license_choice"),
    path(
        "aanvragen/licenties/nieuw/",
        asking.ask,
        {"form_class": RequestLicenseForm},
        name="request_license",
    ),
    path(
        "aanvragen/licenties/<int:pk>/goedkeuren/",
        require_POST(deciding.approve),
        {"kind": LicenseRequest, "form_class": ApproveLicenseForm},
        name="approve_license",
    ),
    path(
        "aanvragen/licenties/samen/goedkeuren/",
        several_at_once.approve,
        {"kind": LicenseRequest, "form_class": ApproveLicensesForm},
        name="approve_licenses",
    ),
    path("aanvragen/licenties/<int:pk>/wachtrij/", deciding.put_in_line, name="put_in_line"),
    *_paths_of_kind(LicenseRequest, "aanvragen/licenties"),
    path(
        "aanvragen/normen/nieuw/<int:pk>/",
        asking.ask,
        {"form_class": RequestDocumentForm},
        name="request_document",
    ),
    path(
        "aanvragen/normen/<int:pk>/goedkeuren/",
        deciding.approve,
        {"kind": DocumentRequest, "form_class": ApproveDocumentForm},
        name="approve_document",
    ),
    path(
        "aanvragen/normen/samen/goedkeuren/",
        several_at_once.approve,
        {"kind": DocumentRequest, "form_class": ApproveDocumentsForm},
        name="approve_documents",
    ),
    *_paths_of_kind(DocumentRequest, "aanvragen/normen"),
    path("aanvragen/cijfers/", statistics.figures, name="figures"),
]
