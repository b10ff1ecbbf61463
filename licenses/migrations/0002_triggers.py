"""Let the database hold what must be true of licences, whatever code writes to it.

- A custom collection never holds more documents than NEN allowed (R20).
- A change on which a person's status depends leaves one row for the company, per statement and not per row.
"""

from django.db import migrations

COLLECTION_LIMITS = """
CREATE FUNCTION license_holds_no_more_than_allowed(license bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    allowed integer;
BEGIN
    SELECT max_documents INTO allowed FROM licenses_license WHERE id = license FOR UPDATE;
    IF allowed IS NOT NULL
        AND (SELECT count(*) FROM licenses_license_documents WHERE license_id = license) > allowed
    THEN
        RAISE EXCEPTION 'licence % holds more than % documents', license, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'license_max_documents';
    END IF;
END $$;

CREATE FUNCTION license_documents_within_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM license_holds_no_more_than_allowed(license_id) FROM (SELECT DISTINCT license_id FROM added) AS touched;
    RETURN NULL;
END $$;

CREATE FUNCTION license_limit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM license_holds_no_more_than_allowed(NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER license_max_documents_added AFTER INSERT ON licenses_license_documents
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION license_documents_within_limits();

CREATE TRIGGER license_max_documents_changed AFTER UPDATE OF max_documents ON licenses_license
    FOR EACH ROW WHEN (NEW.max_documents IS NOT NULL AND NEW.max_documents IS DISTINCT FROM OLD.max_documents)
    EXECUTE FUNCTION license_limit_is_kept();
"""

COLLECTION_LIMITS_BACKWARD = """
DROP TRIGGER license_max_documents_added ON licenses_license_documents;
DROP TRIGGER license_max_documents_changed ON licenses_license;
DROP FUNCTION license_limit_is_kept();
DROP FUNCTION license_documents_within_limits();
DROP FUNCTION license_holds_no_more_than_allowed(bigint);
"""

STATUS_CHANGES = """
CREATE FUNCTION licenses_license_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
                SELECT company_id FROM (SELECT old_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.company_id IS NOT DISTINCT FROM old_rows.company_id AND new_rows.starts_on IS NOT DISTINCT FROM old_rows.starts_on AND new_rows.ends_on IS NOT DISTINCT FROM old_rows.ends_on AND new_rows.is_company_wide IS NOT DISTINCT FROM old_rows.is_company_wide)) changed 
                UNION SELECT company_id FROM (SELECT new_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.company_id IS NOT DISTINCT FROM old_rows.company_id AND new_rows.starts_on IS NOT DISTINCT FROM old_rows.starts_on AND new_rows.ends_on IS NOT DISTINCT FROM old_rows.ends_on AND new_rows.is_company_wide IS NOT DISTINCT FROM old_rows.is_company_wide)) changed 
            ) rows WHERE company_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER licenses_license_inserted_status AFTER INSERT ON licenses_license
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_license_status_change();
CREATE TRIGGER licenses_license_updated_status AFTER UPDATE ON licenses_license
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_license_status_change();
CREATE TRIGGER licenses_license_deleted_status AFTER DELETE ON licenses_license
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_license_status_change();
CREATE FUNCTION licenses_grant_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (SELECT license.company_id FROM new_rows JOIN licenses_license license ON license.id = license_id) rows WHERE company_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (SELECT license.company_id FROM old_rows JOIN licenses_license license ON license.id = license_id) rows WHERE company_id IS NOT NULL;
    ELSE
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (
                SELECT license.company_id FROM (SELECT old_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.license_id IS NOT DISTINCT FROM old_rows.license_id AND new_rows.user_id IS NOT DISTINCT FROM old_rows.user_id AND new_rows.ends_on IS NOT DISTINCT FROM old_rows.ends_on)) changed JOIN licenses_license license ON license.id = license_id
                UNION SELECT license.company_id FROM (SELECT new_rows.* FROM old_rows JOIN new_rows USING (id) WHERE NOT (new_rows.license_id IS NOT DISTINCT FROM old_rows.license_id AND new_rows.user_id IS NOT DISTINCT FROM old_rows.user_id AND new_rows.ends_on IS NOT DISTINCT FROM old_rows.ends_on)) changed JOIN licenses_license license ON license.id = license_id
            ) rows WHERE company_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER licenses_grant_inserted_status AFTER INSERT ON licenses_grant
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_grant_status_change();
CREATE TRIGGER licenses_grant_updated_status AFTER UPDATE ON licenses_grant
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_grant_status_change();
CREATE TRIGGER licenses_grant_deleted_status AFTER DELETE ON licenses_grant
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION licenses_grant_status_change();
"""

STATUS_CHANGES_BACKWARD = """
DROP TRIGGER licenses_license_inserted_status ON licenses_license;
DROP TRIGGER licenses_license_updated_status ON licenses_license;
DROP TRIGGER licenses_license_deleted_status ON licenses_license;
DROP FUNCTION licenses_license_status_change();
DROP TRIGGER licenses_grant_inserted_status ON licenses_grant;
DROP TRIGGER licenses_grant_updated_status ON licenses_grant;
DROP TRIGGER licenses_grant_deleted_status ON licenses_grant;
DROP FUNCTION licenses_grant_status_change();
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0001_schema"), ("accounts", "0002_schema")]
    operations = [
        migrations.RunSQL(COLLECTION_LIMITS, COLLECTION_LIMITS_BACKWARD),
        migrations.RunSQL(STATUS_CHANGES, STATUS_CHANGES_BACKWARD),
    ]
