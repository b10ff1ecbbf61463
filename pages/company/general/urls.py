from __future__ import annotations

from django.urls import path

from pages.company.general import people_outside, views

urlpatterns = [
    path("mijn-bedrijf/", views.company, name="company"),
    path("mijn-bedrijf/buiten-de-domeinen/", people_outside.people_outside, name="people_outside"),
    path("mijn-bedrijf/contact/", views.contact, name="contact"),
    path("mijn-bedrijf/zelfregistratie/", views.self_registration, name="self_registration"),
]
