
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_second_step_and_labels'),
        ('licenses', '0001_documents_licenses_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyWideEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'end of company-wide',
                'verbose_name_plural': 'ends of company-wide',
            },
        ),
        migrations.CreateModel(
            name='DocumentImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.FileField(upload_to='imports/%Y', verbose_name='table (CSV or Excel)')),
                ('archive', models.FileField(blank=True, upload_to='imports/%Y', verbose_name='PDFs (zip)')),
                ('state', models.CharField(choices=[('checking', 'being checked'), ('ready', 'ready to load'), ('loading', 'being loaded'), ('done', 'loaded'), ('failed', 'refused')], default='checking', max_length=8, verbose_name='state')),
                ('only_good', models.BooleanField(default=False, verbose_name='load the good lines only')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='lines')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('new', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('problems', models.JSONField(blank=True, default=list, verbose_name='refused lines')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'import of documents',
                'verbose_name_plural': 'imports of documents',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='opened')),
            ],
            options={
                'verbose_name': 'opening',
                'verbose_name_plural': 'openings',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='document',
            options={'ordering': ['sort_key', 'pk'], 'verbose_name': 'document', 'verbose_name_plural': 'documents'},
        ),
        migrations.AddField(
            model_name='document',
            name='bare_number',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.Func(models.F('number'), models.Value('[\\s./_\\u2010-\\u2015-]'), models.Value(''), models.Value('g'), function='regexp_replace')), output_field=models.CharField(max_length=60)),
        ),
        migrations.AddField(
            model_name='document',
            name='sort_key',
            field=models.GeneratedField(db_index=True, db_persist=True, expression=models.Func(models.Func(models.F('number'), models.Value('(\\d+)'), models.Value('0000000\\1'), models.Value('g'), function='regexp_replace'), models.Value('0+(\\d{8})(?!\\d)'), models.Value('\\1'), models.Value('g'), function='regexp_replace'), output_field=models.CharField(max_length=200)),
        ),
        migrations.AddField(
            model_name='grant',
            name='ends_on',
            field=models.DateField(blank=True, null=True, verbose_name='until'),
        ),
        migrations.AddField(
            model_name='grant',
            name='origin',
            field=models.CharField(choices=[('given', 'given by an admin'), ('request', 'request approved'), ('company_wide', 'kept when the licence was no longer company-wide')], default='given', max_length=12, verbose_name='how'),
        ),
        migrations.AddField(
            model_name='license',
            name='allowed_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('NEN', 'NEN'), ('NEN-EN', 'NEN-EN'), ('NEN-EN-ISO', 'NEN-EN-ISO'), ('NEN-ISO', 'NEN-ISO'), ('NPR', 'NPR'), ('NTA', 'NTA')], max_length=12), blank=True, default=list, size=None, verbose_name='kinds of documents'),
        ),
        migrations.AddField(
            model_name='license',
            name='max_documents',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='maximum number of documents'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'custom'), models.Q(('allowed_kinds', []), ('max_documents', None)), _connector='OR'), name='license_only_a_collection_has_limits'),
        ),
        migrations.AddField(
            model_name='companywideend',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='companywideend',
            name='license',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='company_wide_end', to='licenses.license'),
        ),
        migrations.AddField(
            model_name='documentimport',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by'),
        ),
        migrations.AddField(
            model_name='opening',
            name='company',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='openings', to='companies.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='opening',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='licenses.document', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='opening',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='openings', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['company', '-at'], name='opening_of_company'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['user', 'document', '-at'], name='opening_by_user'),
        ),
    ]
