from __future__ import annotations

from django.urls import path

from licenses.views import collection, documents, licenses, opening, people, switches

app_name = "licenses"
urlpatterns = [
    path("documenten/", documents.documents, name="documents"),
    path("documenten/<int:pk>/", documents.document, name="document"),
    path("documenten/<int:pk>/openen/", opening.open_document, name="open"),
    path("documenten/<int:pk>/lezen/<int:opening_pk>/", opening.file, name="file"),
    path("mijn-bedrijf/licenties/", licenses.licenses, name="licenses"),
    path("mijn-bedrijf/licenties/<int:pk>/", licenses.license, name="license"),
    path("mijn-bedrijf/licenties/<int:pk>/bedrijfsbreed/", switches.set_company_wide, name="set_company_wide"),
    path("mijn-bedrijf/licenties/<int:pk>/tonen/", switches.set_shown, name="set_shown"),
    path("mijn-bedrijf/licenties/<int:pk>/geven/", people.give, name="give"),
    path("mijn-bedrijf/licenties/<int:pk>/lijst/", people.give_list, name="give_list"),
    path("mijn-bedrijf/licenties/<int:pk>/einddatum/", people.set_end, name="set_end"),
    path("mijn-bedrijf/licenties/<int:pk>/afnemen/", people.take_away, name="take_away"),
    path("mijn-bedrijf/licenties/<int:pk>/toevoegen/", collection.add, name="add_document"),
    path("mijn-bedrijf/licenties/<int:pk>/weghalen/", collection.remove, name="remove_document"),
]
