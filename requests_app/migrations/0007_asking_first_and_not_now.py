
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0006_requests'),
        ('licenses', '0007_import_attempts'),
        ('requests_app', '0006_label_of_own_company'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadySentence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='sentence')),
            ],
            options={
                'verbose_name': 'ready-made sentence',
                'verbose_name_plural': 'ready-made sentences',
                'ordering': ['text', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RequestMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_question', models.BooleanField(verbose_name='asked by an admin')),
                ('text', models.CharField(max_length=1000, verbose_name='text')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='written')),
            ],
            options={
                'verbose_name': 'message about a request',
                'verbose_name_plural': 'messages about requests',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='documentrequest',
            name='ask_again_on',
            field=models.DateField(blank=True, null=True, verbose_name='ask again from'),
        ),
        migrations.AddField(
            model_name='documentrequest',
            name='rejection_note',
            field=models.CharField(blank=True, max_length=1000, verbose_name='message to the requester'),
        ),
        migrations.AddField(
            model_name='licenserequest',
            name='ask_again_on',
            field=models.DateField(blank=True, null=True, verbose_name='ask again from'),
        ),
        migrations.AddField(
            model_name='licenserequest',
            name='rejection_note',
            field=models.CharField(blank=True, max_length=1000, verbose_name='message to the requester'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'rejected'), models.Q(('ask_again_on', None), ('rejection_note', '')), _connector='OR'), name='documentrequest_rejected_says'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'rejected'), models.Q(('ask_again_on', None), ('rejection_note', '')), _connector='OR'), name='licenserequest_rejected_says'),
        ),
        migrations.AddField(
            model_name='readysentence',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ready_sentences', to='companies.company'),
        ),
        migrations.AddField(
            model_name='requestmessage',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='request_messages', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='requestmessage',
            name='document_request',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_app.documentrequest'),
        ),
        migrations.AddField(
            model_name='requestmessage',
            name='license_request',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_app.licenserequest'),
        ),
        migrations.AddConstraint(
            model_name='readysentence',
            constraint=models.UniqueConstraint(fields=('company', 'text'), name='readysentence_once_per_company'),
        ),
        migrations.AddConstraint(
            model_name='readysentence',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='readysentence_says_something'),
        ),
        migrations.AddConstraint(
            model_name='requestmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document_request__isnull', False), ('license_request', None)), models.Q(('document_request', None), ('license_request__isnull', False)), _connector='OR'), name='requestmessage_about_one_request'),
        ),
    ]
