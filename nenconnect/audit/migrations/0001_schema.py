import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('actor_id', models.BigIntegerField(blank=True, null=True, verbose_name='who')),
                ('verb', models.CharField(max_length=60, verbose_name='what')),
                ('company_id', models.BigIntegerField(blank=True, null=True, verbose_name='company')),
                ('subjects', models.JSONField(default=dict, verbose_name='about')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('origin', models.CharField(blank=True, choices=[('page', 'the site'), ('desk', "NEN's desk"), ('import', 'a table that was uploaded'), ('worker', 'the system itself'), ('command', 'a command on the server')], max_length=7, verbose_name='from where')),
                ('network', models.CharField(blank=True, max_length=43, verbose_name='network')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit trail',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['-at', '-id'], name='audit_newest'), models.Index(fields=['company_id', '-at', '-id'], name='audit_of_company'), models.Index(fields=['company_id', 'verb', '-at', '-id'], name='audit_of_company_verb'), models.Index(fields=['actor_id', '-at', '-id'], name='audit_of_actor'), models.Index(django.db.models.fields.json.KeyTransform('user', 'subjects'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='audit_about_user')],
            },
        ),
    ]
