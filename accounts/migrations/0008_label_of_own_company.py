"""A person's label is one of their own company (C24): the database's own word, on both columns at once."""

from django.db import migrations

FORWARD = """
ALTER TABLE companies_labelvalue ADD CONSTRAINT labelvalue_of_company UNIQUE (id, company_id);
ALTER TABLE accounts_user ADD CONSTRAINT user_label_of_own_company
    FOREIGN KEY (label_id, company_id) REFERENCES companies_labelvalue (id, company_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE accounts_user DROP CONSTRAINT user_label_of_own_company;
ALTER TABLE companies_labelvalue DROP CONSTRAINT labelvalue_of_company;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_labels_terms_moves")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
