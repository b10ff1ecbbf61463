"""The roles at NEN are groups (nenconnect/staff_roles.py). Whoever works at the desk already goes on there."""

from django.db import migrations

ROLES = ("customer_service", "account_manager", "content", "administrator")


def make_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    User = apps.get_model("accounts", "User")
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    for user in User._base_manager.filter(is_staff=True):
        user.groups.add(groups["administrator" if user.is_superuser else "customer_service"])


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_deputies_and_notices"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make_groups, remove_groups)]
