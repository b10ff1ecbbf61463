from __future__ import annotations

from django.urls import path

from pages.documents import opening, views

app_name = "documents"

urlpatterns = [
    path("documenten/", views.documents, name="documents"),
    path("documenten/<int:pk>/", views.document, name="document"),
    path("documenten/<int:pk>/openen/", opening.open_document, name="open"),
    path("documenten/<int:pk>/lezen/<int:opening_pk>/", opening.file, name="file"),
]
