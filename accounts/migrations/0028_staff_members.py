from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0027_staff_roles")]
    operations = [
        migrations.CreateModel(
            name="StaffMember",
            fields=[],
            options={
                "verbose_name": "member of NEN staff",
                "verbose_name_plural": "NEN staff",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user",),
        ),
    ]
