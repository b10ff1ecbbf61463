"""The trail is only ever added to (R38)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER trail_is_append_only BEFORE UPDATE OR DELETE ON trail_trailentry
    FOR EACH ROW EXECUTE FUNCTION trail_is_append_only();
"""

BACKWARD = """
DROP TRIGGER trail_is_append_only ON trail_trailentry;
DROP FUNCTION trail_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_trail")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
