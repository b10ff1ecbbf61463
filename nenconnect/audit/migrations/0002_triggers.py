"""Refuse every change of an audit entry, and emptying the table: entries are only ever added (R38)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

-- TRUNCATE fires no trigger of rows.
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""

BACKWARD = """
DROP TRIGGER audit_is_append_only ON audit_auditentry;
DROP TRIGGER audit_is_not_emptied ON audit_auditentry;
DROP FUNCTION audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_schema")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
