"""Test that each constraint, unique field and trigger refuses by itself, without the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from tests.project.constraints.changes import OUR_APPS, ConstraintCast, violated_constraint
from tests.project.constraints.refused import REFUSED_CHANGES

pytestmark = pytest.mark.django_db

# The constraint name that a trigger reports, when it is not the trigger's own name.
REPORTED_NAMES = {
    "user_last_active_admin_changed": "user_last_active_admin",
    "user_last_active_admin_deleted": "user_last_active_admin",
    "license_max_documents_added": "license_max_documents",
    "license_max_documents_changed": "license_max_documents",
    "audit_is_append_only": None,
    "audit_is_not_emptied": None,
    "terms_are_not_changed": None,
    "terms_are_not_deleted": None,
}
EVERY_CHANGE = [
    pytest.param(name, change, id=f"{name}-{number}")
    for name, changes in REFUSED_CHANGES.items()
    for number, change in enumerate(changes)
]


@pytest.mark.parametrize(("name", "change"), EVERY_CHANGE)
def test_the_constraint_or_trigger_refuses_the_change(
    cast: ConstraintCast, name: str, change: Callable[[ConstraintCast], object]
) -> None:
    with pytest.raises(IntegrityError) as error:
        change_and_check(change, cast)

    assert violated_constraint(error.value) == REPORTED_NAMES.get(name, constraint_of(name))


@transaction.atomic
def change_and_check(change: Callable[[ConstraintCast], object], cast: ConstraintCast) -> None:
    change(cast)
    connection.check_constraints()  # check the deferred ones now instead of at the commit


def test_every_constraint_unique_field_and_trigger_has_a_refused_change() -> None:
    assert set(REFUSED_CHANGES) == {*constraints(), *unique_fields(), *foreign_keys_on_two_columns(), *triggers()}


def our_models() -> list[type[models.Model]]:
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def constraints() -> list[str]:
    return [constraint.name for model in our_models() for constraint in model._meta.constraints]


def unique_fields() -> list[str]:
    return [
        f"{model._meta.model_name}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    ]


def foreign_keys_on_two_columns() -> list[str]:
    # Django has no such constraint; a migration creates them with SQL.
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) > 1")
        return [name for (name,) in cursor.fetchall()]


def triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgname NOT LIKE '%\\_status'"  # these refuse nothing: they record that a count changed
        )
        return [name for (name,) in cursor.fetchall()]


def constraint_of(name: str) -> str:
    """Return the name that the database gave to a unique field; a constraint keeps the name from its model."""
    if "." not in name:
        return name
    model_name, field = name.split(".")
    model = next(model for model in our_models() if model._meta.model_name == model_name)
    with connection.cursor() as cursor:
        constraints_by_name = connection.introspection.get_constraints(cursor, model._meta.db_table)
    column = next(local.column for local in model._meta.local_fields if local.name == field)
    return next(
        key for key, details in constraints_by_name.items() if details["unique"] and details["columns"] == [column]
    )
