"""Deputy and admin belong to the company where the one stands in for the other: the database's own word (C24).

Whoever leaves is no deputy any more, so that coming back within the days revives no rights.
"""

from django.db import migrations

FORWARD = """
DELETE FROM accounts_deputy deputy USING accounts_user person
    WHERE person.id IN (deputy.user_id, deputy.admin_id) AND person.company_id IS DISTINCT FROM deputy.company_id;
ALTER TABLE accounts_user ADD CONSTRAINT user_of_company_once UNIQUE (id, company_id);
ALTER TABLE accounts_deputy ADD CONSTRAINT deputy_user_of_own_company
    FOREIGN KEY (user_id, company_id) REFERENCES accounts_user (id, company_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_deputy ADD CONSTRAINT deputy_admin_of_own_company
    FOREIGN KEY (admin_id, company_id) REFERENCES accounts_user (id, company_id) DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE accounts_deputy DROP CONSTRAINT deputy_user_of_own_company;
ALTER TABLE accounts_deputy DROP CONSTRAINT deputy_admin_of_own_company;
ALTER TABLE accounts_user DROP CONSTRAINT user_of_company_once;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_personal_accounts_on_domain")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
