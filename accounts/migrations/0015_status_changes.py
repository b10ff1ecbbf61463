"""Whatever changes on which statuses depend leaves a row for the company, in the same transaction.

By statement, not by row: an import of ten thousand people leaves one.
"""

from django.db import migrations

SAME = "new_rows.{0} IS NOT DISTINCT FROM old_rows.{0}"
COMPANIES = {  # where a table's rows have their company
    "accounts_user": ("company_id", ""),
    "licenses_license": ("company_id", ""),
    "licenses_grant": ("license.company_id", "JOIN licenses_license license ON license.id = license_id"),
}
WATCHED = {
    "accounts_user": ["company_id", "role", "is_blocked", "registered_at", "registration_deadline"],
    "licenses_license": ["company_id", "starts_on", "ends_on", "is_company_wide"],
    "licenses_grant": ["license_id", "user_id", "ends_on"],
}


def _function(table: str) -> str:
    company, join = COMPANIES[table]

    def companies_of(rows: str) -> str:
        return f"SELECT {company} FROM {rows} {join}"

    same = " AND ".join(SAME.format(column) for column in WATCHED[table])
    old_and_new = f"old_rows JOIN new_rows USING (id) WHERE NOT ({same})"
    return f"""
CREATE FUNCTION {table}_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM ({companies_of("new_rows")}) rows WHERE company_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM ({companies_of("old_rows")}) rows WHERE company_id IS NOT NULL;
    ELSE
        INSERT INTO accounts_statuschange (company_id)
            SELECT DISTINCT company_id FROM (
                {companies_of(f"(SELECT old_rows.* FROM {old_and_new}) changed")}
                UNION {companies_of(f"(SELECT new_rows.* FROM {old_and_new}) changed")}
            ) rows WHERE company_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_inserted_status AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_status_change();
CREATE TRIGGER {table}_updated_status AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_status_change();
CREATE TRIGGER {table}_deleted_status AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_status_change();
"""


FORWARD = "".join(_function(table) for table in COMPANIES)
BACKWARD = "".join(
    f"DROP TRIGGER {table}_{event}_status ON {table};"
    for table in COMPANIES
    for event in ("inserted", "updated", "deleted")
) + "".join(f"DROP FUNCTION {table}_status_change();" for table in COMPANIES)
EVERY_COMPANY = "INSERT INTO accounts_statuschange (company_id) SELECT id FROM companies_company"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_status_counts"),
        ("licenses", "0007_import_attempts"),
    ]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(EVERY_COMPANY, migrations.RunSQL.noop),
    ]
