from __future__ import annotations

from django.urls import path

from pages.requests import (
    asking_first,
    document_requests,
    export_requests,
    license_choice,
    license_requests,
    requester_pages,
    statistics,
    together,
)
from pages.requests.kinds import DOCUMENTS, LICENSES

app_name = "requests"

urlpatterns = [
    path("welkom/", license_choice.license_choice, name="license_choice"),
    path("aanvragen/licenties/", license_requests.license_requests, name="license_requests"),
    path("aanvragen/licenties/nieuw/", license_requests.request_license, name="request_license"),
    path("aanvragen/licenties/<int:pk>/", license_requests.license_request, name="license_request"),
    path("aanvragen/licenties/<int:pk>/goedkeuren/", license_requests.approve_license, name="approve_license"),
    path("aanvragen/licenties/<int:pk>/afkeuren/", license_requests.reject_license, name="reject_license"),
    path("aanvragen/licenties/<int:pk>/wachtrij/", license_requests.put_in_line, name="put_in_line"),
    path("aanvragen/licenties/<int:pk>/intrekken/", license_requests.withdraw_license, name="withdraw_license"),
    *(
        path(f"aanvragen/{folder}/<int:pk>/{where}/", view, {"kind": kind}, name=f"{name}_{kind}")
        for folder, kind in (("licenties", "license"), ("normen", "document"))
        for where, view, name in (
            ("aanvullen", requester_pages.add_word, "add_word"),
            ("herinneren", requester_pages.nudge, "nudge"),
        )
    ),
    path("aanvragen/normen/", document_requests.document_requests, name="document_requests"),
    path("aanvragen/normen/nieuw/<int:pk>/", document_requests.request_document, name="request_document"),
    path("aanvragen/normen/<int:pk>/", document_requests.document_request, name="document_request"),
    path("aanvragen/normen/<int:pk>/goedkeuren/", document_requests.approve_document, name="approve_document"),
    path("aanvragen/normen/<int:pk>/afkeuren/", document_requests.reject_document, name="reject_document"),
    path("aanvragen/normen/<int:pk>/intrekken/", document_requests.withdraw_document, name="withdraw_document"),
    path("aanvragen/licenties/samen/goedkeuren/", together.approve, {"kind": LICENSES}, name="approve_licenses"),
    path("aanvragen/licenties/samen/afkeuren/", together.reject, {"kind": LICENSES}, name="reject_licenses"),
    path(
        "aanvragen/licenties/exporteren/",
        export_requests.export_requests,
        {"kind": LICENSES},
        name="export_license_requests",
    ),
    path("aanvragen/licenties/<int:pk>/vragen/", asking_first.ask_first, {"kind": LICENSES}, name="ask_license"),
    path(
        "aanvragen/licenties/<int:pk>/antwoorden/", asking_first.answer, {"kind": LICENSES}, name="answer_license"
    ),
    path("aanvragen/normen/samen/goedkeuren/", together.approve, {"kind": DOCUMENTS}, name="approve_documents"),
    path("aanvragen/normen/samen/afkeuren/", together.reject, {"kind": DOCUMENTS}, name="reject_documents"),
    path(
        "aanvragen/normen/exporteren/",
        export_requests.export_requests,
        {"kind": DOCUMENTS},
        name="export_document_requests",
    ),
    path("aanvragen/normen/<int:pk>/vragen/", asking_first.ask_first, {"kind": DOCUMENTS}, name="ask_document"),
    path(
        "aanvragen/normen/<int:pk>/antwoorden/", asking_first.answer, {"kind": DOCUMENTS}, name="answer_document"
    ),
    path("aanvragen/cijfers/", statistics.figures, name="figures"),
]
