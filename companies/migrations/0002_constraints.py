"""Let other tables refer to a label value together with its company (C24)."""

from django.db import migrations

FORWARD = "ALTER TABLE companies_labelvalue ADD CONSTRAINT labelvalue_of_company UNIQUE (id, company_id)"
BACKWARD = "ALTER TABLE companies_labelvalue DROP CONSTRAINT labelvalue_of_company"


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_schema")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
