from __future__ import annotations

from django.urls import path

from companies.models import LabelKind
from pages.company.settings import labels, request_rules, second_step, sentences, views

urlpatterns = [
    path("mijn-bedrijf/instellingen/", views.settings, name="settings"),
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
            (f"{folder}/", labels.label, labels.URL_NAMES[kind]["list"]),
            (f"{folder}/naam/", labels.change_label, labels.URL_NAMES[kind]["change"]),
            (f"{folder}/toevoegen/", labels.add_label_values, labels.URL_NAMES[kind]["add"]),
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
    path("mijn-bedrijf/instellingen/aanvragen/", request_rules.request_rules, name="request_rules"),
    path("mijn-bedrijf/instellingen/plaatsvervangers/", request_rules.deputies, name="deputies"),
    path("mijn-bedrijf/instellingen/plaatsvervangers/toevoegen/", request_rules.add_deputy, name="add_deputy"),
    path(
        "mijn-bedrijf/instellingen/plaatsvervangers/<int:pk>/beeindigen/",
        request_rules.remove_deputy,
        name="remove_deputy",
    ),
    path("mijn-bedrijf/instellingen/zinnen/", sentences.sentences, name="sentences"),
    path("mijn-bedrijf/instellingen/zinnen/toevoegen/", sentences.add_sentence, name="add_sentence"),
    path("mijn-bedrijf/instellingen/zinnen/<int:pk>/", sentences.change_sentence, name="change_sentence"),
    path(
        "mijn-bedrijf/instellingen/zinnen/<int:pk>/verwijderen/", sentences.delete_sentence, name="delete_sentence"
    ),
]
