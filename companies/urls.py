from __future__ import annotations

from django.urls import path

from companies.views import company, person, users

app_name = "companies"

urlpatterns = [
    path("mijn-bedrijf/", company.company, name="company"),
    path("mijn-bedrijf/contact/", company.contact, name="contact"),
    path("mijn-bedrijf/zelfregistratie/", company.self_registration, name="self_registration"),
    path("mijn-bedrijf/gebruikers/", users.users, name="users"),
    path("mijn-bedrijf/gebruikers/toevoegen/", users.add_user, name="add_user"),
    path("mijn-bedrijf/gebruikers/<int:pk>/", person.user, name="user"),
    path("mijn-bedrijf/gebruikers/<int:pk>/wijzigen/", person.edit_user, name="edit_user"),
    path(
        "mijn-bedrijf/gebruikers/<int:pk>/registratiemail/",
        person.send_registration_again,
        name="send_registration_again",
    ),
    path("mijn-bedrijf/gebruikers/<int:pk>/rol/", person.change_role, name="change_role"),
    path("mijn-bedrijf/gebruikers/<int:pk>/blokkeren/", person.block, name="block"),
    path("mijn-bedrijf/gebruikers/<int:pk>/deblokkeren/", person.unblock, name="unblock"),
    path("mijn-bedrijf/gebruikers/<int:pk>/slot/", person.end_lock, name="end_lock"),
    path("mijn-bedrijf/gebruikers/<int:pk>/licentie-geven/", person.give_license, name="give_license"),
    path("mijn-bedrijf/gebruikers/<int:pk>/licentie-afnemen/", person.take_license, name="take_license"),
    path("mijn-bedrijf/gebruikers/<int:pk>/verwijderen/", person.remove_user, name="remove_user"),
]
