from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0001_requests"),
    ]

    operations = [
        operation
        for kind in ("license", "document")
        for operation in (
            migrations.AddField(
                model_name=f"{kind}request",
                name="reminded_on",
                field=models.DateField(
                    blank=True, editable=False, null=True, verbose_name="admins reminded on"
                ),
            ),
            migrations.AddIndex(
                model_name=f"{kind}request",
                index=models.Index(
                    condition=models.Q(("status", "open")), fields=["company"], name=f"{kind}_request_open"
                ),
            ),
        )
    ]
