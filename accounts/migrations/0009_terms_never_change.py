"""A published text of the terms of use never changes and is never deleted: people accepted exactly that text.

Who published it may be emptied, when that account goes.
"""

from django.db import migrations

FORWARD = """
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

BACKWARD = """
DROP TRIGGER terms_are_not_changed ON accounts_termsversion;
DROP TRIGGER terms_are_not_deleted ON accounts_termsversion;
DROP FUNCTION terms_never_change();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_label_of_own_company")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
