"""Let the database hold that the label of a request belongs to its company (C24)."""

from django.db import migrations

FORWARD = """
ALTER TABLE requests_app_{table} ADD CONSTRAINT {table}_label_of_own_company
    FOREIGN KEY (label_id, company_id) REFERENCES companies_labelvalue (id, company_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = "ALTER TABLE requests_app_{table} DROP CONSTRAINT {table}_label_of_own_company;"

TABLES = ("licenserequest", "documentrequest")


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0001_schema"), ("companies", "0002_constraints")]
    operations = [migrations.RunSQL(FORWARD.format(table=table), BACKWARD.format(table=table)) for table in TABLES]
