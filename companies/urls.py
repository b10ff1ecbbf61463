from __future__ import annotations

from django.urls import path

from companies.views import company, labels, moves, person, second_step, settings, users

app_name = "companies"

urlpatterns = [
    path("mijn-bedrijf/", company.company, name="company"),
    path("mijn-bedrijf/contact/", company.contact, name="contact"),
    path("mijn-bedrijf/zelfregistratie/", company.self_registration, name="self_registration"),
    path("mijn-bedrijf/instellingen/", settings.settings, name="settings"),
    path("mijn-bedrijf/instellingen/tweede-stap/", second_step.set_second_step, name="set_second_step"),
    path(
        "mijn-bedrijf/instellingen/tweede-stap/gebruikers/",
        second_step.second_step_people,
        name="second_step_people",
    ),
    path("mijn-bedrijf/instellingen/label/", labels.label, name="label"),
    path("mijn-bedrijf/instellingen/label/naam/", labels.change_label, name="change_label"),
    path("mijn-bedrijf/instellingen/label/toevoegen/", labels.add_label_values, name="add_label_values"),
    path("mijn-bedrijf/instellingen/label/<int:pk>/naam/", labels.rename_label_value, name="rename_label_value"),
    path(
        "mijn-bedrijf/instellingen/label/<int:pk>/samenvoegen/",
        labels.merge_label_value,
        name="merge_label_value",
    ),
    path(
        "mijn-bedrijf/instellingen/label/<int:pk>/verwijderen/",
        labels.delete_label_value,
        name="delete_label_value",
    ),
    path("mijn-bedrijf/gebruikers/", users.users, name="users"),
    path("mijn-bedrijf/gebruikers/toevoegen/", users.add_user, name="add_user"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/", moves.move_request, name="move_request"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/toelaten/", moves.accept, name="accept_move"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/afwijzen/", moves.decline, name="decline_move"),
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
    path(
        "mijn-bedrijf/gebruikers/<int:pk>/tweede-stap/", second_step.remove_second_step, name="remove_second_step"
    ),
    path("mijn-bedrijf/gebruikers/<int:pk>/verwijderen/", person.remove_user, name="remove_user"),
]
