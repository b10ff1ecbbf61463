"""Each constraint, unique field and trigger of the database refuses without help of the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from tests.project.constraints.changes import OUR_APPS, Cast, refused_by
from tests.project.constraints.refused import REFUSED

pytestmark = pytest.mark.django_db

# What a trigger calls itself when it refuses.
TRIGGER_SAYS = {
    "user_last_active_admin_changed": "user_last_active_admin",
    "user_last_active_admin_deleted": "user_last_active_admin",
    "license_max_documents_added": "license_max_documents",
    "license_max_documents_changed": "license_max_documents",
    "audit_is_append_only": None,
    "audit_is_not_emptied": None,
    "terms_are_not_changed": None,
    "terms_are_not_deleted": None,
}
EVERY_WAY = [
    pytest.param(name, act, id=f"{name}-{number}")
    for name, acts in REFUSED.items()
    for number, act in enumerate(acts)
]


@pytest.mark.parametrize(("name", "act"), EVERY_WAY)
def test_the_database_refuses(cast: Cast, name: str, act: Callable[[Cast], object]) -> None:
    with pytest.raises(IntegrityError) as refused:
        do_and_check(act, cast)

    assert refused_by(refused.value) == TRIGGER_SAYS.get(name, constraint_of(name))


@transaction.atomic
def do_and_check(act: Callable[[Cast], object], cast: Cast) -> None:
    act(cast)
    connection.check_constraints()  # the deferred ones speak now instead of at the commit


def test_every_constraint_unique_field_and_trigger_stands_above() -> None:
    assert set(REFUSED) == {*constraints(), *unique_fields(), *foreign_keys_on_two_columns(), *triggers()}


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
    """Django knows none: a migration has written them in SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) > 1")
        return [name for (name,) in cursor.fetchall()]


def triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgname NOT LIKE '%\\_status'"  # these refuse nothing: they tell that numbers changed
        )
        return [name for (name,) in cursor.fetchall()]


def constraint_of(name: str) -> str:
    """The database's own name for a unique field; a constraint has the name that the model gives it."""
    if "." not in name:
        return name
    model_name, field = name.split(".")
    model = next(model for model in our_models() if model._meta.model_name == model_name)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    column = next(one.column for one in model._meta.local_fields if one.name == field)
    return next(key for key, facts in found.items() if facts["unique"] and facts["columns"] == [column])
