from __future__ import annotations

from django.urls import path

from pages.company.licenses import collection, people, switches, views

urlpatterns = [
    path("mijn-bedrijf/licenties/", views.licenses, name="licenses"),
    path("mijn-bedrijf/licenties/<int:pk>/", views.license, name="license"),
    path("mijn-bedrijf/licenties/<int:pk>/bedrijfsbreed/", switches.set_company_wide, name="set_company_wide"),
    path("mijn-bedrijf/licenties/<int:pk>/tonen/", switches.set_shown, name="set_shown"),
    path("mijn-bedrijf/licenties/<int:pk>/geven/", people.give, name="give"),
    path("mijn-bedrijf/licenties/<int:pk>/lijst/", people.give_list, name="give_list"),
    path("mijn-bedrijf/licenties/<int:pk>/einddatum/", people.set_end, name="set_end"),
    path("mijn-bedrijf/licenties/<int:pk>/afnemen/", people.take_away, name="take_away"),
    path("mijn-bedrijf/licenties/<int:pk>/toevoegen/", collection.add, name="add_document"),
    path("mijn-bedrijf/licenties/<int:pk>/weghalen/", collection.remove, name="remove_document"),
]
