"""Makes the table of Django's database cache, which holds sign-in rate limits."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("accounts", "0001_first_tables")]
    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(
            'CREATE TABLE cache (cache_key varchar(255) PRIMARY KEY, "value" text NOT NULL,'
            " expires timestamp with time zone NOT NULL); CREATE INDEX cache_expires ON cache (expires);",
            "DROP TABLE cache",
        )
    ]
