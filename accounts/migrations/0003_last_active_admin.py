"""The last active admin of a company never stops being one (R3): the database's own word, at commit.

The company's row is locked first: of two transactions that each take one of two admins away, the second waits
for the first and then sees what it did.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION user_keeps_an_active_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM companies_company WHERE id = OLD.company_id FOR UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM accounts_user WHERE company_id = OLD.company_id AND role = 'admin' AND is_active
    ) THEN
        RAISE EXCEPTION 'company % would lose its last active admin', OLD.company_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_last_active_admin';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER user_last_active_admin_changed
    AFTER UPDATE OF role, company_id, is_blocked, registered_at ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role = 'admin' AND OLD.registered_at IS NOT NULL AND NOT OLD.is_blocked)
    EXECUTE FUNCTION user_keeps_an_active_admin();

CREATE CONSTRAINT TRIGGER user_last_active_admin_deleted
    AFTER DELETE ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role = 'admin' AND OLD.registered_at IS NOT NULL AND NOT OLD.is_blocked)
    EXECUTE FUNCTION user_keeps_an_active_admin();
"""

BACKWARD = """
DROP TRIGGER user_last_active_admin_changed ON accounts_user;
DROP TRIGGER user_last_active_admin_deleted ON accounts_user;
DROP FUNCTION user_keeps_an_active_admin();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people_in_companies")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
