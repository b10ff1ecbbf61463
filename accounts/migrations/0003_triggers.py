"""Let the database hold what must be true of people, whatever code writes to it.

- A company keeps its last active admin (R3). The company's row is locked first: of two transactions that each
  take one of two admins away, the second waits for the first and then sees what it did (C23).
- A label, a deputy and the admin they replace belong to the person's own company (C24).
- A published text of the terms of use never changes and is never deleted; only its author may be emptied.
- A change on which a status depends leaves one row for the company, per statement and not per row.
"""

from django.db import migrations

LAST_ACTIVE_ADMIN = """
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

LAST_ACTIVE_ADMIN_BACKWARD = """
DROP TRIGGER user_last_active_admin_changed ON accounts_user;
DROP TRIGGER user_last_active_admin_deleted ON accounts_user;
DROP FUNCTION user_keeps_an_active_admin();
"""

OWN_COMPANY = """
ALTER TABLE accounts_user ADD CONSTRAINT user_label_of_own_company
    FOREIGN KEY (label_id, company_id) REFERENCES companies_labelvalue (id, company_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_user ADD CONSTRAINT user_of_company_once UNIQUE (id, company_id);
ALTER TABLE accounts_deputy ADD CONSTRAINT deputy_user_of_own_company
    FOREIGN KEY (user_id, company_id) REFERENCES accounts_user (id, company_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_deputy ADD CONSTRAINT deputy_admin_of_own_company
    FOREIGN KEY (admin_id, company_id) REFERENCES accounts_user (id, company_id) DEFERRABLE INITIALLY DEFERRED;
"""

OWN_COMPANY_BACKWARD = """
ALTER TABLE accounts_deputy DROP CONSTRAINT deputy_user_of_own_company;
ALTER TABLE accounts_deputy DROP CONSTRAINT deputy_admin_of_own_company;
ALTER TABLE accounts_user DROP CONSTRAINT user_of_company_once;
ALTER TABLE accounts_user DROP CONSTRAINT user_label_of_own_company;
"""

TERMS = """
CREATE FUNCTION terms_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'terms of use never change once they are published' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER terms_are_not_changed BEFORE UPDATE ON accounts_termsversion FOR EACH ROW
    WHEN (ROW(NEW.id, NEW.published_at, NEW.text_nl, NEW.text_en)
          IS DISTINCT FROM ROW(OLD.id, OLD.published_at, OLD.text_nl, OLD.text_en)
          OR NEW.published_by_id IS NOT NULL AND NEW.published_by_id IS DISTINCT FROM OLD.published_by_id)
    EXECUTE FUNCTION terms_never_change();

CREATE TRIGGER terms_are_not_deleted BEFORE DELETE ON accounts_termsversion FOR EACH ROW
    EXECUTE FUNCTION terms_never_change();
"""

TERMS_BACKWARD = """
DROP TRIGGER terms_are_not_changed ON accounts_termsversion;
DROP TRIGGER terms_are_not_deleted ON accounts_termsversion;
DROP FUNCTION terms_never_change();
"""

STATUS_CHANGES = """
CREATE FUNCTION accounts_user_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (SELECT company_id FROM new_rows ) rows WHERE company_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (SELECT company_id FROM old_rows ) rows WHERE company_id IS NOT NULL;
    ELSE
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (
                SELECT company_id FROM (SELECT old_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.company_id IS NOT DISTINCT FROM old_rows.company_id AND new_rows.role IS NOT DISTINCT FROM old_rows.role AND new_rows.is_blocked IS NOT DISTINCT FROM old_rows.is_blocked AND new_rows.registered_at IS NOT DISTINCT FROM old_rows.registered_at AND new_rows.registration_deadline IS NOT DISTINCT FROM old_rows.registration_deadline)) changed 
                UNION SELECT company_id FROM (SELECT new_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.company_id IS NOT DISTINCT FROM old_rows.company_id AND new_rows.role IS NOT DISTINCT FROM old_rows.role AND new_rows.is_blocked IS NOT DISTINCT FROM old_rows.is_blocked AND new_rows.registered_at IS NOT DISTINCT FROM old_rows.registered_at AND new_rows.registration_deadline IS NOT DISTINCT FROM old_rows.registration_deadline)) changed 
            ) rows WHERE company_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_user_inserted_status AFTER INSERT ON accounts_user
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_user_status_change();
CREATE TRIGGER accounts_user_updated_status AFTER UPDATE ON accounts_user
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_user_status_change();
CREATE TRIGGER accounts_user_deleted_status AFTER DELETE ON accounts_user
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_user_status_change();
"""

STATUS_CHANGES_BACKWARD = """
DROP TRIGGER accounts_user_inserted_status ON accounts_user;
DROP TRIGGER accounts_user_updated_status ON accounts_user;
DROP TRIGGER accounts_user_deleted_status ON accounts_user;
DROP FUNCTION accounts_user_status_change();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_schema"), ("companies", "0002_constraints")]
    operations = [
        migrations.RunSQL(LAST_ACTIVE_ADMIN, LAST_ACTIVE_ADMIN_BACKWARD),
        migrations.RunSQL(OWN_COMPANY, OWN_COMPANY_BACKWARD),
        migrations.RunSQL(TERMS, TERMS_BACKWARD),
        migrations.RunSQL(STATUS_CHANGES, STATUS_CHANGES_BACKWARD),
    ]
