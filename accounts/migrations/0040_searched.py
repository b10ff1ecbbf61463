"""What a search among people looks through: one column, kept as the search compares it.

The indexes of pg_trgm on name and address, where an earlier version built them, make way for one.
"""

from django.db import migrations, models
from django.db.models.functions import Concat, Lower, Upper

from accounts.trigrams import build_index, drop_index


def build(apps, schema_editor):
    build_index(schema_editor.connection)


def drop(apps, schema_editor):
    drop_index(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_personal_accounts_on_domain")]

    operations = [
        migrations.AddField(
            "user",
            "searched",
            models.GeneratedField(
                db_persist=True,
                expression=Lower(Upper(Concat("name", models.Value("\n"), "email", output_field=models.TextField()))),
                output_field=models.TextField(),
            ),
        ),
        migrations.RemoveIndex("user", "user_of_company_by_name"),
        migrations.AddIndex(
            "user",
            models.Index(
                "company", Lower("name"), "id", include=["name", "searched"], name="user_of_company_by_name"
            ),
        ),
        migrations.RemoveIndex("user", "user_admin_of_company"),
        migrations.AddIndex(
            "user",
            models.Index(
                "company", Lower("name"), "id", condition=models.Q(role="admin"), name="user_admin_by_name"
            ),
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS user_name_trigrams; DROP INDEX IF EXISTS user_email_trigrams",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(build, drop),
    ]
