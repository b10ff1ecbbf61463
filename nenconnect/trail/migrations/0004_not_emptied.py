"""TRUNCATE fires no trigger of rows: a trigger of its own refuses it."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER trail_is_not_emptied BEFORE TRUNCATE ON trail_trailentry
    FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only();
"""

BACKWARD = "DROP TRIGGER trail_is_not_emptied ON trail_trailentry;"


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_from_where")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
