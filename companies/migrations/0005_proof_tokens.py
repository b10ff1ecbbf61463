from django.db import migrations


class Migration(migrations.Migration):
    """Each domain that was there already gets a token of its own: a default would give all of them the same."""

    dependencies = [("companies", "0004_proof_fan_out_closed")]

    operations = [
        migrations.RunSQL(
            "UPDATE companies_domain SET proof_token = replace(gen_random_uuid()::text, '-', '')",
            migrations.RunSQL.noop,
        ),
    ]
