from __future__ import annotations

from django.urls import path

from licenses.views import documents, licenses, opening

app_name = "licenses"
urlpatterns = [
    path("documenten/", documents.documents, name="documents"),
    path("documenten/<int:pk>/", documents.document, name="document"),
    path("documenten/<int:pk>/openen/", opening.open_document, name="open"),
    path("documenten/<int:pk>/lezen/<int:opening_pk>/", opening.file, name="file"),
    path("mijn-bedrijf/licenties/", licenses.licenses, name="licenses"),
    path("mijn-bedrijf/licenties/<int:pk>/", licenses.license, name="license"),
    path("mijn-bedrijf/licenties/<int:pk>/bedrijfsbreed/", licenses.set_company_wide, name="set_company_wide"),
    path("mijn-bedrijf/licenties/<int:pk>/tonen/", licenses.set_shown, name="set_shown"),
    path("mijn-bedrijf/licenties/<int:pk>/geven/", licenses.give, name="give"),
    path("mijn-bedrijf/licenties/<int:pk>/afnemen/", licenses.take_away, name="take_away"),
]
