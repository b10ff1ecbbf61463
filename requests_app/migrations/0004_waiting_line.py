from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_second_step_and_labels'),
        ('licenses', '0002_reading_and_limits'),
        ('requests_app', '0003_requester_may_go'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='licenserequest',
            name='waiting_since',
            field=models.DateTimeField(blank=True, null=True, verbose_name='in line since'),
        ),
        migrations.AddIndex(
            model_name='licenserequest',
            index=models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['license', 'waiting_since'], name='license_request_in_line'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(('waiting_since', None), ('status', 'open'), _connector='OR'), name='licenserequest_waits_while_open'),
        ),
    ]
