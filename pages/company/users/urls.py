from __future__ import annotations

from django.urls import path

from pages.company.users import (
    address_change,
    bulk_changes,
    export_users,
    import_users,
    leavers,
    moves,
    person,
    second_step,
    views,
    why_access,
)

urlpatterns = [
    path("mijn-bedrijf/gebruikers/", views.users, name="users"),
    path("mijn-bedrijf/gebruikers/toevoegen/", views.add_user, name="add_user"),
    path("mijn-bedrijf/gebruikers/exporteren/", export_users.export_users, name="export_users"),
    path("mijn-bedrijf/gebruikers/importeren/", import_users.import_users, name="import_users"),
    path("mijn-bedrijf/gebruikers/importeren/voorbeeld/", import_users.template, name="import_template"),
    path("mijn-bedrijf/gebruikers/importeren/<int:pk>/", import_users.people_import, name="people_import"),
    path("mijn-bedrijf/gebruikers/importeren/<int:pk>/laden/", import_users.load, name="load_import"),
    path("mijn-bedrijf/gebruikers/importeren/<int:pk>/weggooien/", import_users.discard, name="discard_import"),
    path("mijn-bedrijf/gebruikers/importeren/<int:pk>/verslag/", import_users.report, name="import_report"),
    path("mijn-bedrijf/gebruikers/vertrokken/", leavers.leavers, name="leavers"),
    path("mijn-bedrijf/gebruikers/vertrokken/uitvoeren/", leavers.leave, name="leave"),
    path("mijn-bedrijf/gebruikers/vertrokken/<int:pk>/", leavers.departure, name="departure"),
    path("mijn-bedrijf/gebruikers/vertrokken/<int:pk>/ongedaan/", leavers.undo, name="undo_departure"),
    path("mijn-bedrijf/gebruikers/samen/", bulk_changes.choose_people, name="choose_people"),
    path("mijn-bedrijf/gebruikers/samen/<int:pk>/", bulk_changes.people_change, name="people_change"),
    path("mijn-bedrijf/gebruikers/samen/<int:pk>/wat/", bulk_changes.complete_change, name="complete_change"),
    path("mijn-bedrijf/gebruikers/samen/<int:pk>/uitvoeren/", bulk_changes.start_change, name="start_change"),
    path("mijn-bedrijf/gebruikers/samen/<int:pk>/verslag/", bulk_changes.change_report, name="change_report"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/", moves.move_request, name="move_request"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/toelaten/", moves.accept, name="accept_move"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/afwijzen/", moves.decline, name="decline_move"),
    path("mijn-bedrijf/gebruikers/<int:pk>/", person.user, name="user"),
    path("mijn-bedrijf/gebruikers/<int:pk>/toegang/", why_access.why_access, name="why_access"),
    path("mijn-bedrijf/gebruikers/<int:pk>/wijzigen/", person.edit_user, name="edit_user"),
    path("mijn-bedrijf/gebruikers/<int:pk>/gebruikersnaam/", address_change.change_address, name="change_address"),
    path(
        "mijn-bedrijf/gebruikers/<int:pk>/gebruikersnaam/opnieuw/",
        address_change.send_address_change_again,
        name="send_address_change_again",
    ),
    path(
        "mijn-bedrijf/gebruikers/<int:pk>/gebruikersnaam/intrekken/",
        address_change.cancel_address_change,
        name="cancel_address_change",
    ),
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
