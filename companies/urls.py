from __future__ import annotations

from django.urls import path

from companies.models import LabelKind
from companies.views import (
    company,
    export_users,
    import_users,
    labels,
    leavers,
    moves,
    person,
    requests,
    second_step,
    settings,
    users,
    why_access,
)

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
    *(
        path(f"mijn-bedrijf/instellingen/{where}", view, {"kind": str(kind)}, name=name)
        for kind, folder in ((LabelKind.USERS, "label"), (LabelKind.REQUESTS, "aanvraaglabel"))
        for where, view, name in (
            (f"{folder}/", labels.label, labels.NAMES[kind]["list"]),
            (f"{folder}/naam/", labels.change_label, labels.NAMES[kind]["change"]),
            (f"{folder}/toevoegen/", labels.add_label_values, labels.NAMES[kind]["add"]),
        )
    ),
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
    path("mijn-bedrijf/instellingen/aanvragen/", requests.request_rules, name="request_rules"),
    path("mijn-bedrijf/instellingen/plaatsvervangers/", requests.deputies, name="deputies"),
    path("mijn-bedrijf/instellingen/plaatsvervangers/toevoegen/", requests.add_deputy, name="add_deputy"),
    path(
        "mijn-bedrijf/instellingen/plaatsvervangers/<int:pk>/beeindigen/",
        requests.remove_deputy,
        name="remove_deputy",
    ),
    path("mijn-bedrijf/gebruikers/", users.users, name="users"),
    path("mijn-bedrijf/gebruikers/toevoegen/", users.add_user, name="add_user"),
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
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/", moves.move_request, name="move_request"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/toelaten/", moves.accept, name="accept_move"),
    path("mijn-bedrijf/gebruikers/overstap/<int:pk>/afwijzen/", moves.decline, name="decline_move"),
    path("mijn-bedrijf/gebruikers/<int:pk>/", person.user, name="user"),
    path("mijn-bedrijf/gebruikers/<int:pk>/toegang/", why_access.why_access, name="why_access"),
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
