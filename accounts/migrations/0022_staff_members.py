from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_staff_roles")]
    operations = [
        migrations.CreateModel(
            name="StaffMember",
            fields=[],
            options={
                "verbose_name": "member of NEN staff",
                "verbose_name_plural": "members of NEN staff",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user",),
        ),
    ]
