from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

TEMPLATE = "to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"


def words_of(*fields):
    return models.Func(
        *fields, arg_joiner=" || ' ' || ", template=TEMPLATE, output_field=SearchVectorField()
    )


class Migration(migrations.Migration):
    dependencies = [("companies", "0006_requests")]

    operations = [
        migrations.AddIndex(
            "company", GinIndex(words_of("name", "department", "contact_email"), name="company_by_words")
        ),
        migrations.RemoveIndex("domain", "domain_name"),
        migrations.AddIndex(
            "domain", models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="domain_by_name")
        ),
    ]
