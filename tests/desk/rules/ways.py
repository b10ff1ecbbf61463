"""List the ways to change a row at NEN's desk."""

from __future__ import annotations

from django.contrib import admin as django_admin
from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from companies.models import Company, Domain
from licenses.models import Document, License
from tests.desk.desk_form import filled_in
from tests.desk.rules.world import DeskWorld, Posted, a_term, new_person


def page(row: Model, kind: str) -> str:
    arguments = [row.pk] if kind in {"change", "delete", "history"} else []
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{kind}", args=arguments)


def changed(form: Posted, posted: Posted) -> Posted:
    # The form, with these fields filled in otherwise: their names with any row's prefix before them too.
    boxes = {name for name, value in posted.items() if value is None}
    return {name: value for name, value in (form | posted).items() if name not in boxes}


def a_new_one(world: DeskWorld, row: Model) -> Posted:
    # Return what a new row needs beside the fields that the test tries.
    term = a_term(name="Erbij", kind="package", is_shown="on")(world)
    needs: dict[type[Model], Posted] = {
        User: new_person("erbij@voorbeeld.example")(world) | {"language": "nl", "country": "NL"},
        Domain: {"company": world.company.pk, "name": "erbij.example"},
        License: {"company": world.company.pk, **term},
        Document: {
            "number": "NEN 9:2020",
            "title_nl": "X",
            "kind": "NEN",
            "published_on": "2020-01-01",
            "status": "current",
        },
        Company: company_needs(world),
    }
    return needs.get(type(row), {})


def company_needs(world: DeskWorld) -> Posted:
    person = {"contact_person": "Els", "contact_phone": "015 1", "contact_email": "els@erbij.example"}
    admin = {"admin_name": "Ada", "admin_email": "ada@erbij.example"}
    return {"name": "Erbij BV", "customer_number": "K-ERBIJ", **person, **admin}


def save(world: DeskWorld, row: Model, posted: Posted) -> None:
    for kind, needed in (("change", {}), ("add", a_new_one(world, row))):
        form = filled_in(world.browser, page(row, kind))
        answer = world.browser.post(page(row, kind), changed(form | needed, posted))
        if noticed := answer.status_code == 200 and answer.context.get("noticed"):  # shown first, then saved
            world.browser.post(page(row, kind), changed(form | needed, posted | {"_told": noticed.digest}))


def inline(world: DeskWorld, row: Model, posted: Posted) -> None:
    # A new row, and the row itself ticked to be deleted, among the rows of its company and of a new one.
    for kind, needed in (("change", {}), ("add", company_needs(world))):
        form = filled_in(world.browser, page(world.company, kind)) | needed
        for prefix in [name.removesuffix("-TOTAL_FORMS") for name in form if name.endswith("-TOTAL_FORMS")]:
            rows = [changed(a_row(world, prefix), posted)]
            rows += [changed({"id": row.pk, "DELETE": "on"}, posted)] if posted else []
            form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": "0"}
            form |= {f"{prefix}-{n}-{name}": value for n, item in enumerate(rows) for name, value in item.items()}
        world.browser.post(page(world.company, kind), changed(form, posted if isinstance(row, Company) else {}))


def a_row(world: DeskWorld, prefix: str) -> Posted:
    needed = a_new_one(world, world.license if "licenses" in prefix else world.domain)
    return {name: value for name, value in needed.items() if name != "company"}


def bulk(world: DeskWorld, row: Model, posted: Posted, but: frozenset[str] = frozenset()) -> None:
    desk = django_admin.site._registry[type(row)]
    for action in {"delete_selected", *(getattr(item, "__name__", item) for item in desk.actions or ())} - but:
        chosen = {"action": action, "_selected_action": [row.pk], "select_across": "1", "post": "yes"}
        answer = world.browser.post(page(row, "changelist"), changed(chosen, posted))
        if answer.status_code == 302 and answer["Location"].split("?")[0] != page(row, "changelist"):
            world.browser.post(answer["Location"], {"post": "yes"})  # a page that asks once more


def delete(world: DeskWorld, row: Model, posted: Posted) -> None:
    world.browser.post(page(row, "delete"), {"post": "yes"})


def look_at_history(world: DeskWorld, row: Model, posted: Posted) -> None:
    assert world.browser.get(page(row, "history")).status_code == 200
    world.browser.post(page(row, "history"), {k: v for k, v in posted.items() if v is not None})
