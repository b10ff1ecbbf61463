"""Build the index for searches within names and addresses, where the server has pg_trgm."""

from django.db import migrations

from accounts.trigram_index import build_index, drop_index


def build(apps, schema_editor):
    build_index(schema_editor.connection)


def drop(apps, schema_editor):
    drop_index(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_staff_roles")]
    operations = [migrations.RunPython(build, drop)]
