"""The label of a request is one of its own company (C24): the database's own word, on both columns at once."""

from django.db import migrations

FORWARD = """
ALTER TABLE requests_app_{table} ADD CONSTRAINT {table}_label_of_own_company
    FOREIGN KEY (label_id, company_id) REFERENCES companies_labelvalue (id, company_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = "ALTER TABLE requests_app_{table} DROP CONSTRAINT {table}_label_of_own_company;"

TABLES = ("licenserequest", "documentrequest")


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0005_label_and_promise"), ("accounts", "0008_label_of_own_company")]
    operations = [
        migrations.RunSQL(FORWARD.format(table=table), BACKWARD.format(table=table)) for table in TABLES
    ]
