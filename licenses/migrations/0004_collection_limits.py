"""A custom collection never holds more than NEN allowed (R20): the database's own word, however it is filled."""

from django.db import migrations

FORWARD = """
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

BACKWARD = """
DROP TRIGGER license_max_documents_added ON licenses_license_documents;
DROP TRIGGER license_max_documents_changed ON licenses_license;
DROP FUNCTION license_limit_is_kept();
DROP FUNCTION license_documents_within_limits();
DROP FUNCTION license_holds_no_more_than_allowed(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("licenses", "0003_missing_file")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
